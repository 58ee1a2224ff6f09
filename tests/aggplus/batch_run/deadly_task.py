"""Tasks that go wrong on purpose, in a module of its own so that workers can import it."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggplus.batch_run import Outcome, WalkThrough
from aggplus.batch_run.task import Watch
from aggplus.model import Model
from universe import Market


@dataclass(frozen=True)
class DeadlyWalk(WalkThrough):
    """A walk on which the worker that has a certain model is killed, as often as asked."""

    victim: str
    marks: Path
    times: int

    def __call__(self, models: Sequence[Model], market: Market, watch: Watch) -> tuple[Outcome, ...]:
        deaths = len(list(self.marks.iterdir()))
        if deaths < self.times and self.victim in {model.id for model in models}:
            (self.marks / str(deaths)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(models, market, watch)


@dataclass(frozen=True)
class FaultyWalk(WalkThrough):
    """A walk on which the program fails when it meets a certain model."""

    victim: str

    def __call__(self, models: Sequence[Model], market: Market, watch: Watch) -> tuple[Outcome, ...]:
        if self.victim in {model.id for model in models}:
            raise ZeroDivisionError("float division\nby zero")
        return super().__call__(models, market, watch)
