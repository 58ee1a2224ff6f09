"""What a check starts from, the last solve, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aggplus.model import Model
from aggplus.walks.track_record import TrackRecord
from optimizer.scheduling import Decision

Day = str | dt.date | pd.Timestamp


@dataclass(frozen=True, eq=False)
class LastSolve:
    """The last solve whose portfolio was taken.

    Parameters
    ----------
    solved : date
        Close of the solve.
    weights : mapping of ticker to weight
        Traded to, as fractions; what is missing to 1 is cash.
    disarmed : frozenset of str, or None
        `Decision.disarmed_after_solve` of the solve. None where it is not known: what the new portfolio itself would
        call for on that day counts as known to the solve.
    scaled_by : float or None
        The correlation that its target was scaled by, for risk scaling without a year of its own record. None where it
        is not known: it is solved again for it.
    before : mapping of ticker to weight, or None
        What was held at the solve, where it has to be solved again.
    traded : date or None
        Close of the trade; None for the one that the model's delay makes of the solve's.
    """

    solved: Day
    weights: Mapping[str, float]
    disarmed: frozenset[str] | None = None
    scaled_by: float | None = None
    before: Mapping[str, float] | None = None
    traded: Day | None = None


@dataclass(frozen=True, eq=False)
class CheckRequest:
    """A model to be checked.

    Parameters
    ----------
    model : Model
    last : LastSolve or None
        None where there is no portfolio yet.
    record : Series or None
        The model's own daily net returns so far, as fractions by date; days that it lacks after the last trade are
        worked out from the weights.
    """

    model: Model
    last: LastSolve | None = None
    record: pd.Series | None = None


@dataclass(frozen=True, eq=False)
class Check:
    """Whether a model needs a solve, and where it stands.

    Parameters
    ----------
    model : Model
    day : Timestamp
    decision : Decision
        Its action is "hold" or "resolve".
    solved : Timestamp or None
        Close of the last solve.
    holdings : dict of ticker to weight, or None
        Drifted to the day; what `solve` takes as holdings.
    record : Series or None
        Own daily net returns up to the day, where the target asks for them; what `solve` takes as record.
    """

    model: Model
    day: pd.Timestamp
    decision: Decision
    solved: pd.Timestamp | None
    holdings: dict[str, float] | None
    record: pd.Series | None

    @property
    def needs_solve(self) -> bool:
        """Whether to solve again."""
        return self.decision.action == "resolve"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        decided = self.decision.to_dict()
        return {
            "model": self.model.id,
            "name": self.model.name,
            "asof": f"{self.day:%Y-%m-%d}",
            "needs_solve": self.needs_solve,
            "reasons": decided["reasons"],
            "readings": decided["readings"],
            "last_solved": None if self.solved is None else f"{self.solved:%Y-%m-%d}",
            "sessions_since_solve": self.decision.state.sessions_since_solve,
            "holdings": self.holdings,
        }

    def __repr__(self) -> str:
        verdict = "solve" if self.needs_solve else "hold"
        return f"<Check {self.model.id} {self.day:%Y-%m-%d}: {verdict}: {'; '.join(self.decision.reasons)}>"


def last_solve_of(track: TrackRecord, day: Day) -> LastSolve | None:
    """The last solve of a walk before a day.

    Parameters
    ----------
    track : TrackRecord
    day : date
    """
    before = [made for made in track.rebalances if made.date < pd.Timestamp(day)]
    if not before:
        return None
    last = before[-1]
    disarmed = last.decision.disarmed_after_solve
    return LastSolve(last.date, last.after, disarmed, last.scaled_by, last.before, last.traded)
