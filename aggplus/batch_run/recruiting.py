"""From what the user asks for to a crew."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from aggplus.batch_run.cluster import cluster_at
from aggplus.batch_run.crew import Alone, Crew, Processes


def crew_of(workers: int = 1, cluster: str | None = None) -> AbstractContextManager[Crew]:
    """The crew for a number of processes, or behind the address of a Dask scheduler.

    Parameters
    ----------
    workers : int
        Processes of this machine.
    cluster : str, optional
        Address of a scheduler, in their place.

    Raises
    ------
    CrewError
        On entering, when the cluster cannot be had.
    """
    if cluster is not None:
        return cluster_at(cluster)
    return nullcontext(Alone() if workers == 1 else Processes(workers))
