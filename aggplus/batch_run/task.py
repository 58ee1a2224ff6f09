"""What is done with every model of a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from aggplus.batch import solve_many
from aggplus.batch_run.outcome import Finished, Outcome
from aggplus.errors import BAD_INPUT
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.walks import walk_together
from aggplus.walks.period import require_days
from universe import Market, close_on

Watch = Callable[[int, int], None]
"""Is told how much is done, of how much."""

_PERCENT = 100.0
_OWN_COLUMNS = ("calendar_years", "drawdown", "start", "end")


class Task(Protocol):
    """Something to do with models; the outcome of each is the same whatever is done beside it."""

    @property
    def words(self) -> str:
        """The task with its dates, such as "solve on 2024-01-31"."""

    @property
    def known_until(self) -> pd.Timestamp:
        """The last day of the market that it looks at."""

    def __call__(self, models: Sequence[Model], market: Market, watch: Watch) -> tuple[Outcome, ...]:
        """The outcome of each model, in their order."""

    def row(self, record: dict[str, Any]) -> dict[str, Any]:
        """The figures of a record that stand in a table."""


@dataclass(frozen=True)
class SolveOn:
    """Build each model's portfolio on a day.

    Parameters
    ----------
    day : Timestamp
        Of a close.
    """

    day: pd.Timestamp

    @classmethod
    def of(cls, market: Market, asof: str | dt.date | pd.Timestamp | None) -> SolveOn:
        """The task for a day, by default the market's last close.

        Raises
        ------
        MarketError
            When the day cannot be read or is not covered.
        """
        return cls(close_on(market, asof).date)

    @property
    def words(self) -> str:
        """The task with its day."""
        return f"solve on {self.day:%Y-%m-%d}"

    @property
    def known_until(self) -> pd.Timestamp:
        """The day."""
        return self.day

    def __call__(self, models: Sequence[Model], market: Market, watch: Watch) -> tuple[Outcome, ...]:
        """The portfolio of each model."""
        solved = solve_many(models, market, [self.day])
        portfolios = {portfolio.setting.model.id: portfolio for portfolio in solved}
        refusals = {refusal.model: refusal for refusal in solved.refusals}
        return tuple(
            refusals[model.id]
            if model.id in refusals
            else Finished(model.id, model.name, _repeatable(portfolios[model.id].to_dict()), None)
            for model in models
        )

    def row(self, record: dict[str, Any]) -> dict[str, Any]:
        """Status, and where it is solved return and volatility as fractions, beta, names and the gap."""
        row: dict[str, Any] = {"status": record["status"]}
        if record["certificate"] is None:
            return row
        return {
            **row,
            "expected_return": record["expected_return"] / _PERCENT,
            "volatility": record["risk"]["volatility"] / _PERCENT,
            "beta": record["risk"]["beta"],
            "names": len(record["weights"]),
            "gap_bp": record["certificate"]["gap_bp"],
        }


@dataclass(frozen=True)
class WalkThrough:
    """Walk each model through history.

    Parameters
    ----------
    start, end : Timestamp
        Days of closes.
    """

    start: pd.Timestamp
    end: pd.Timestamp

    @classmethod
    def between(
        cls, market: Market, start: str | dt.date | pd.Timestamp, end: str | dt.date | pd.Timestamp | None
    ) -> WalkThrough:
        """The task from one day to another, by default to the market's last close.

        Raises
        ------
        MarketError
            When a day cannot be read or is not covered, or the end is not after the start.
        """
        first, last = close_on(market, start).date, close_on(market, end).date
        require_days(first, last)
        return cls(first, last)

    @property
    def words(self) -> str:
        """The task with its days."""
        return f"walk from {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"

    @property
    def known_until(self) -> pd.Timestamp:
        """The last day."""
        return self.end

    def __call__(self, models: Sequence[Model], market: Market, watch: Watch) -> tuple[Outcome, ...]:
        """The track record of each model."""
        try:
            walked = walk_together(models, market, self.start, self.end, watch)
        except BAD_INPUT as error:
            return tuple(Refusal(model.id, f"{self.start:%Y-%m-%d}", str(error)) for model in models)
        return tuple(
            track if isinstance(track, Refusal) else Finished(model.id, model.name, track.to_dict(), track.net)
            for model, track in zip(models, walked, strict=True)
        )

    def row(self, record: dict[str, Any]) -> dict[str, Any]:
        """The statistics that are single figures, the depth of the deepest drawdown, turnover, and solves."""
        statistics = record["statistics"]
        fall = statistics.get("drawdown")
        figures = {name: value for name, value in statistics.items() if name not in _OWN_COLUMNS}
        return {
            "status": "walked",
            **figures,
            "drawdown": None if fall is None else fall["depth"],
            "turnover_per_year": record["turnover_per_year"],
            "rebalances": len(record["rebalances"]),
        }


def _repeatable(record: dict[str, Any]) -> dict[str, Any]:
    """A record without the time that it took, which is another one every time."""
    return {key: value for key, value in record.items() if key != "seconds"}
