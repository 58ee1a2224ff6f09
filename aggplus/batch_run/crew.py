"""Who does the chunks of a batch: this process, or several of this machine."""

from __future__ import annotations

import pickle
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol, cast

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from aggplus.batch_run.chunks import Chunk
from aggplus.batch_run.outcome import Outcome
from aggplus.batch_run.task import Task
from aggplus.batch_run.work import do_chunk
from aggplus.errors import CrewError
from universe import Market

MOST_RETRIES = 2
"""Times that chunks are done again because a worker died."""

Say = Callable[[str], None]
"""Is told what a user should know, in one sentence."""

InHand = Callable[[float], None]
"""Is told how many variants of the chunk in hand are done."""

Numbered = tuple[int, tuple[Outcome, ...]]
"""The number of a chunk and its outcomes."""


class Crew(Protocol):
    """Workers that chunks are shared out among."""

    @property
    def workers(self) -> int:
        """How many chunks are done at a time."""

    def do(
        self, task: Task, chunks: Sequence[Chunk], market: Market, in_hand: InHand, say: Say
    ) -> Generator[tuple[Outcome, ...]]:
        """The outcomes of each chunk, as they come.

        Parameters
        ----------
        task : Task
        chunks : sequence of Chunk
        market : Market
        in_hand : callable
            Is told how many variants of the chunk in hand are done, where that is known.
        say : callable

        Raises
        ------
        CrewError
            When workers die again and again.
        """


@dataclass(frozen=True)
class Alone:
    """The process itself, one chunk after the other."""

    workers: int = 1

    def do(
        self, task: Task, chunks: Sequence[Chunk], market: Market, in_hand: InHand, say: Say
    ) -> Generator[tuple[Outcome, ...]]:
        """The outcomes of each chunk, in their order."""
        for chunk in chunks:
            yield do_chunk(task, chunk, market, partial(_in_part, in_hand, len(chunk)))


@dataclass(frozen=True)
class Processes:
    """Processes of this machine: joblib's loky backend.

    Parameters
    ----------
    workers : int
    """

    workers: int

    def do(
        self, task: Task, chunks: Sequence[Chunk], market: Market, in_hand: InHand, say: Say
    ) -> Generator[tuple[Outcome, ...]]:
        """The outcomes of each chunk, the first done first."""
        with tempfile.TemporaryDirectory(prefix="aggplus-") as folder:
            # Each worker reads the market once, from here; with the chunks it would be sent once a chunk.
            file = Path(folder) / "market.pickle"
            file.write_bytes(pickle.dumps(market, protocol=pickle.HIGHEST_PROTOCOL))

            def attempt(left: Mapping[int, Chunk]) -> Generator[Numbered]:
                calls = [delayed(_do_with_market_of)(number, task, chunk, file) for number, chunk in left.items()]
                return unordered(calls, backend="loky", n_jobs=self.workers, inner_max_num_threads=1)

            yield from until_done(chunks, attempt, (TerminatedWorkerError,), say)


def unordered(calls: Iterable[object], **backend: object) -> Generator[Numbered]:
    """The results of calls by a backend of joblib, the first done first.

    Parameters
    ----------
    calls : iterable
        Made by joblib's `delayed`.
    **backend
        As `joblib.parallel_config` takes it.
    """
    with parallel_config(**backend):
        results = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")(calls)
    try:
        for result in results:
            yield cast(Numbered, result)
    finally:
        with warnings.catch_warnings():
            # That calls are cancelled is what a user who stops them means.
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def until_done(
    chunks: Sequence[Chunk],
    attempt: Callable[[Mapping[int, Chunk]], Generator[Numbered]],
    lost: tuple[type[BaseException], ...],
    say: Say,
) -> Generator[tuple[Outcome, ...]]:
    """The outcomes of all chunks; those that a dead worker had in hand, or never came to, are done again.

    Parameters
    ----------
    chunks : sequence of Chunk
    attempt : callable
        Does the chunks that are left, by number, and gives each number with its outcomes.
    lost : tuple of exception types
        What tells that a worker died.
    say : callable

    Raises
    ------
    CrewError
        When one dies in the last attempt, too.
    """
    left = dict(enumerate(chunks))
    for retry in range(MOST_RETRIES + 1):
        try:
            with closing(attempt(left)) as results:
                for number, outcomes in results:
                    # A chunk may be done twice when a machine is lost while its result is under way.
                    if left.pop(number, None) is not None:
                        yield outcomes
        except lost as error:
            variants = sum(map(len, left.values()))
            if retry == MOST_RETRIES:
                raise CrewError(
                    f"workers died {retry + 1} times, {variants} variants are left ({type(error).__name__}; out of "
                    "memory?): try fewer workers"
                ) from None
            say(f"a worker died on the way; the {variants} variants that are left are done again")
        else:
            return


def _in_part(in_hand: InHand, variants: int, done: int, of: int) -> None:
    """All variants of a chunk come on together."""
    in_hand(variants * done / max(1, of))


def _do_with_market_of(number: int, task: Task, chunk: Chunk, file: Path) -> Numbered:
    """A chunk in a process of its own."""
    return number, do_chunk(task, chunk, _market_of(file))


@lru_cache(maxsize=1)
def _market_of(file: Path) -> Market:
    """The market that a process works on, read once."""
    return cast(Market, pickle.loads(file.read_bytes()))
