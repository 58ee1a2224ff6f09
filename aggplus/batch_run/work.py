"""One chunk of a batch, in whatever process or on whatever machine it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from aggplus.batch_run.outcome import Fault, Outcome
from aggplus.batch_run.task import Task, Watch
from aggplus.model import Model
from aggplus.one_thread import one_thread
from universe import Market

# How many threads linear algebra has is a setting of the process: of two chunks in threads of one process, the first to
# end would give the other its threads back.
_one_at_a_time = threading.Lock()


def unwatched(done: int, of: int) -> None:
    """Let nobody know."""


def do_chunk(task: Task, models: Sequence[Model], market: Market, watch: Watch = unwatched) -> tuple[Outcome, ...]:
    """The outcome of each model, in their order; a model on which the program fails costs the others nothing.

    Parameters
    ----------
    task : Task
    models : sequence of Model
    market : Market
    watch : callable
        Is told how much of the chunk is done.
    """
    with _one_at_a_time, one_thread():
        return _isolated(lambda some: task(some, market, watch), models)


def _isolated(do: Callable[[Sequence[Model]], tuple[Outcome, ...]], models: Sequence[Model]) -> tuple[Outcome, ...]:
    try:
        return do(models)
    except Exception as error:
        if len(models) > 1:
            return tuple(outcome for model in models for outcome in _isolated(do, [model]))
        words = " ".join(f"{type(error).__name__}: {error}".splitlines())
        return (Fault(models[0].id, "", f"a fault of aggplus, not of the model: {words}"),)
