"""A Dask cluster as the crew of a batch, through joblib's dask backend."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from joblib import delayed

from aggplus.batch_run.chunks import Chunk
from aggplus.batch_run.crew import InHand, Numbered, Say, unordered, until_done
from aggplus.batch_run.outcome import Outcome
from aggplus.batch_run.task import Task
from aggplus.batch_run.work import do_chunk
from aggplus.errors import CrewError
from universe import Market

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 5
"""How long a scheduler may take to answer, and to have a worker."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """Workers of a cluster that runs already.

    Parameters
    ----------
    client : distributed.Client
        Connected to its scheduler.
    """

    client: Client

    @property
    def workers(self) -> int:
        """Threads of all workers."""
        threads: int = sum(self.client.ncores().values())
        return max(1, threads)

    def do(
        self, task: Task, chunks: Sequence[Chunk], market: Market, in_hand: InHand, say: Say
    ) -> Generator[tuple[Outcome, ...]]:
        """The outcomes of each chunk, the first done first; Dask gives the chunks of a lost worker to others."""

        def attempt(left: Mapping[int, Chunk]) -> Generator[Numbered]:
            calls = [delayed(_do)(number, task, chunk, market) for number, chunk in left.items()]
            return unordered(calls, backend="dask", client=self.client, scatter=[market], pure=False)

        yield from until_done(chunks, attempt, (CancelledError,), say)


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """The cluster behind the address of its scheduler, until it is let go.

    Parameters
    ----------
    address : str
        Such as "tcp://10.0.0.7:8786".

    Raises
    ------
    CrewError
        When distributed is not installed, nobody answers at the address, there is no worker, or the workers do not
        have this version of aggplus.
    """
    try:
        from distributed import Client
    except ImportError:
        raise CrewError("a cluster needs dask and distributed: pip install 'aggplus[cluster]'") from None
    # What it has to say of a connection that fails is said by the error.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CrewError(
            f"--cluster {address}: no Dask scheduler answers there within {PATIENCE_SECONDS} seconds "
            f"({_first_line(error)}); start one with `dask scheduler`, or check the address"
        ) from None
    with client:
        _require_workers(client, address)
        yield Cluster(client)


def _require_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
    except TimeoutError:
        raise CrewError(
            f"--cluster {address}: the scheduler has no worker; start some with `dask worker {address} --nthreads 1`"
        ) from None
    own = version("aggplus")
    try:
        others = set(client.run(_version).values())
    except Exception as error:  # whatever a machine without aggplus, or with another Python, makes of the call
        raise CrewError(
            f"--cluster {address}: a worker cannot run aggplus ({_first_line(error)}); install aggplus {own} there"
        ) from None
    if others != {own}:
        found = ", ".join(sorted(others))
        raise CrewError(f"--cluster {address}: workers have aggplus {found}, here it is {own}; install the same")


def _version() -> str:
    return version("aggplus")


def _do(number: int, task: Task, chunk: Chunk, market: Market) -> Numbered:
    """A chunk on a worker of the cluster."""
    return number, do_chunk(task, chunk, market)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
