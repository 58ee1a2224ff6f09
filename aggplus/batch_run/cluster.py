"""A Dask cluster as the crew of a batch, through joblib's dask backend."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from joblib import delayed
from joblib.parallel import ParallelBackendBase

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
            # What is scattered is gone for good with the last worker that had it, and joblib would wait for ever. The
            # result of a call is made again where it is lost, and goes to each worker once all the same.
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
                there = self.client.submit(_itself, market, pure=False)
            calls = [delayed(_do)(number, task, chunk, there) for number, chunk in left.items()]
            yield from unordered(calls, backend=_backend_of(self.client))

        from distributed import KilledWorker

        try:
            yield from until_done(chunks, attempt, (CancelledError,), say)
        except KilledWorker:
            raise CrewError(
                "a chunk of variants ended every worker of the cluster that it was given to (out of memory?)"
            ) from None


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
    with _quiet():
        try:
            client = Client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
        except Exception as error:  # whatever it makes of an address that is none
            raise CrewError(
                f"--cluster {address}: no Dask scheduler answers there within {PATIENCE_SECONDS} seconds "
                f"({_first_line(error)}); start one with `dask scheduler`, or check the address"
            ) from None
        with client:
            _require_workers(client, address)
            yield Cluster(client)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask keeps to itself what the user is told in one line: connections that fail, results that are made again."""
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


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


def _backend_of(client: Client) -> ParallelBackendBase:
    """The dask backend of joblib, with two gaps closed.

    For a cluster of one worker joblib would do the work in this process; and of a call that dask gives up, because its
    workers die, joblib is never told and waits for ever.
    """
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: object, callback: Callable[[object], None]) -> Future[object]:
            future: Future[object] = super().submit(func, callback)
            future.add_done_callback(lambda ended: callback(ended.exception()) if ended.exception() else None)
            return future

        def retrieve_result_callback(self, out: object) -> object:
            if isinstance(out, BaseException):
                raise out
            return super().retrieve_result_callback(out)

    return Backend(client=client, pure=False)


def _itself(market: Market) -> Market:
    return market


def _do(number: int, task: Task, chunk: Chunk, market: Market) -> Numbered:
    """A chunk on a worker of the cluster."""
    return number, do_chunk(task, chunk, market)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
