"""A forecast report: how good each risk model's forecasts were, by period, and which one the rule chooses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from aggplus.forecasts.choice import Choice, choose
from aggplus.forecasts.judgement import betas, by_kind, by_year, judge
from aggplus.forecasts.record import ForecastRecord

DECIDED_BY = pd.Timestamp("2015-12-31")
"""The default is chosen on forecasts whose month was over by this day."""


@dataclass(frozen=True, eq=False)
class ForecastReport:
    """Forecasts of a market's past, judged.

    Parameters
    ----------
    market : str
        Its name.
    benchmark : str
    record : ForecastRecord
    default : str
        Name of the candidate that the models stand on.
    """

    market: str
    benchmark: str
    record: ForecastRecord
    default: str

    @cached_property
    def periods(self) -> Mapping[str, pd.DataFrame]:
        """Rows of the record by period: those that decide, and those that came later; an empty one is left out.

        Both are called by the months that were forecast.
        """
        table = self.record.table
        month = table["date"] + pd.offsets.MonthBegin(1)
        parts = (table[month <= DECIDED_BY], table[month > DECIDED_BY])
        return {_named(part): part for part in parts if not part.empty}

    @cached_property
    def judged(self) -> Mapping[str, pd.DataFrame]:
        """`judge` of each period."""
        return {name: judge(part) for name, part in self.periods.items()}

    @cached_property
    def kinds(self) -> Mapping[str, pd.DataFrame]:
        """`by_kind` of each period."""
        return {name: by_kind(judged) for name, judged in self.judged.items()}

    @cached_property
    def betas(self) -> Mapping[str, pd.DataFrame]:
        """Ex-ante and realised betas of the model portfolios in each period."""
        return {name: betas(part, self.benchmark) for name, part in self.periods.items()}

    @cached_property
    def years(self) -> pd.DataFrame:
        """`by_year` of the default candidate, benchmark and model portfolios."""
        table = self.record.table
        return by_year(table[(table["estimator"] == self.default) & table["kind"].isin(["benchmark", "model"])])

    @cached_property
    def choice(self) -> Choice | None:
        """What the rule chooses on the first period; None where it has no months."""
        decides = self.record.table[self.record.table["date"] + pd.offsets.MonthBegin(1) <= DECIDED_BY]
        return None if decides["date"].nunique() < 2 else choose(decides)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the single forecasts as plain Python values; what cannot be computed is null."""
        choice = self.choice
        return {
            "market": self.market,
            "benchmark": self.benchmark,
            "default": self.default,
            "chosen": None if choice is None else choice.estimator,
            "choice": [] if choice is None else _records(choice.table.rename_axis("estimator")),
            "periods": {
                name: {"portfolios": _records(self.judged[name]), "betas": _records(self.betas[name])}
                for name in self.periods
            },
            "years": _records(self.years),
            "failures": list(self.record.failures),
            "units": {
                "daily_bias, monthly_bias, ratio": "1 is perfect; above, risk was forecast too low",
                "daily_qlike, monthly_qlike": "of percent a year and percent a month; the less, the better",
            },
        }


def _named(part: pd.DataFrame) -> str:
    months = part["date"] + pd.offsets.MonthBegin(1)
    return f"{months.min():%B %Y} to {months.max():%B %Y}"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.reset_index().to_dict("records")]


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
