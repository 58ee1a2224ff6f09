"""A batch from beginning to end: what is done already, what is left, and who does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing

from aggplus.batch_run.chunks import chunks_of
from aggplus.batch_run.crew import Crew, Say
from aggplus.batch_run.folder import ResultsFolder
from aggplus.batch_run.identity import PARTS, Identity, identities_of
from aggplus.batch_run.outcome import Finished, Outcome
from aggplus.batch_run.result import BatchResult
from aggplus.batch_run.task import Task
from aggplus.model import Model
from aggplus.variants.grid_document import repeated
from constraints import MandateError
from universe import Market

Advance = Callable[[float, int], None]
"""Is told how many models are done (the one in hand in part), of how many."""


class BatchStopped(KeyboardInterrupt):
    """A batch that the user stopped.

    Parameters
    ----------
    done, of : int
        Models.
    """

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"{done} of {of} variants are done")
        self.done, self.of = done, of


def _unsaid(sentence: str) -> None:
    """Keep it to oneself."""


def _unwatched(done: float, of: int) -> None:
    """Let nobody know."""


def run_batch(
    models: Sequence[Model],
    market: Market,
    task: Task,
    crew: Crew,
    folder: ResultsFolder | None = None,
    advance: Advance = _unwatched,
    say: Say = _unsaid,
) -> BatchResult:
    """Do a task with every model.

    Parameters
    ----------
    models : sequence of Model
        Their ids differ.
    market : Market
    task : Task
    crew : Crew
        Who does it has no part in the results.
    folder : ResultsFolder, optional
        Keeps every result as it is done. What it has of an earlier run, computed from the same, is not done again.
    advance : callable
    say : callable
        Is told what a user should know: what was done before, what is done anew and why, workers that died.

    Returns
    -------
    BatchResult
        In the order of the models. A model that cannot be asked is a refusal with its reason; so is one on which the
        program fails.

    Raises
    ------
    BatchStopped
        When the user interrupts; what is done is in the folder.
    MandateError
        When two models have one id.
    OutputError
        When a result cannot be written.
    CrewError
        When workers die again and again.
    """
    twice = repeated([model.id for model in models])
    if twice is not None:
        raise MandateError(f"two models have the id {twice!r}: results go by id, so give each its own")
    identities = {} if folder is None else identities_of(models, market, task)
    outcomes: dict[str, Outcome] = {}
    try:
        if folder is not None:
            outcomes |= _kept(folder, models, identities, say)
        left = [model for model in models if model.id not in outcomes]
        advance(len(outcomes), len(models))

        def in_hand(variants: float) -> None:
            advance(len(outcomes) + variants, len(models))

        with closing(crew.do(task, chunks_of(left, crew.workers), market, in_hand, say)) as results:
            for chunk_outcomes in results:
                for outcome in chunk_outcomes:
                    if folder is not None:
                        folder.keep(outcome, identities[outcome.model])
                    outcomes[outcome.model] = outcome
                advance(len(outcomes), len(models))
        result = BatchResult(task, tuple(models), tuple(outcomes[model.id] for model in models))
        if folder is not None:
            folder.finish(result)
    except KeyboardInterrupt:
        raise BatchStopped(len(outcomes), len(models)) from None
    return result


def _kept(
    folder: ResultsFolder, models: Sequence[Model], identities: dict[str, Identity], say: Say
) -> dict[str, Finished]:
    """The results of an earlier run that hold, by id; of those that do not, a word why."""
    kept: dict[str, Finished] = {}
    changes: Counter[frozenset[str]] = Counter()
    for model in models:
        found = folder.kept(model.id, model.name, identities[model.id])
        if isinstance(found, Finished):
            kept[model.id] = found
        elif found is not None:
            changes[found] += 1
    if kept:
        say(f"{len(kept)} of {len(models)} variants are done already, in {folder.path}")
    for parts, count in changes.items():
        words = " and ".join(words for part, words in PARTS.items() if part in parts)
        say(f"{count} of {len(models)} variants are computed anew: changed since is {words}")
    return kept
