"""The track record of walks: statistics, months and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields

import pandas as pd

from aggplus.performance import Statistics, monthly_returns
from aggplus.walks import TrackRecord
from aggplus.workbook.sheet import Column, Form, Sheet, Shown, Value

_FIGURES: Mapping[str, Form] = {
    **dict.fromkeys(("days", "months"), "count"),
    **dict.fromkeys(
        (
            "relative_volatility",
            "trailing_beta",
            "trailing_correlation",
            "trailing_beta_daily",
            "trailing_correlation_daily",
            "beta",
            "correlation",
            "beta_daily",
            "correlation_daily",
            "sharpe",
            "information_ratio",
            "skewness",
            "skewness_daily",
            "holdings",
        ),
        "figure",
    ),
    **dict.fromkeys(("start", "end", "cash"), "text"),
}
"""How statistics read; the others are percent."""


def statistics_sheet(tracks: Sequence[TrackRecord]) -> Sheet:
    """One figure a row, one model a column, and each benchmark once.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    """
    benchmarks = {track.model.benchmark: track.benchmark_statistics for track in tracks}
    # A model may bear its benchmark's name.
    names = [track.model.id for track in tracks]
    names += [f"{name} (benchmark)" if name in names else name for name in benchmarks]
    judged = [*(track.statistics for track in tracks), *benchmarks.values()]
    rows: list[tuple[Value | Shown, ...]] = []
    for field in fields(Statistics):
        values = [getattr(statistics, field.name) for statistics in judged]
        if field.name == "drawdown":
            rows += _drawdowns(judged)
        elif field.name == "calendar_years":
            years = sorted({year for by_year in values for year in by_year})
            rows += [(f"year {year}", *(Shown(by_year.get(year), "percent") for by_year in values)) for year in years]
        else:
            form = _FIGURES.get(field.name, "percent")
            shown = [Shown(value, "date") if isinstance(value, dt.date) else Shown(value, form) for value in values]
            rows.append((field.name.replace("_", " "), *shown))
    rows.append(
        ("cost per year", *(Shown(track.cost_per_year, "percent") for track in tracks), *[None] * len(benchmarks))
    )
    return Sheet("Statistics", (Column("figure"), *(Column(name) for name in names)), rows)


def _drawdowns(judged: Sequence[Statistics]) -> list[tuple[Value | Shown, ...]]:
    deepest = [statistics.drawdown for statistics in judged]
    names = (
        [field.name for field in fields(next(found for found in deepest if found is not None))] if any(deepest) else []
    )
    rows: list[tuple[Value | Shown, ...]] = []
    for name in names:
        values = [None if found is None else getattr(found, name) for found in deepest]
        shown = [
            Shown(value, "date" if isinstance(value, dt.date) else "count" if isinstance(value, int) else "percent")
            for value in values
        ]
        rows.append((f"drawdown: {name.replace('_', ' ')}", *shown))
    return rows


def monthly_sheet(tracks: Sequence[TrackRecord]) -> Sheet:
    """Net returns of whole calendar months beside the benchmark's, by the month's last day.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    """
    columns = (
        Column("model"),
        Column("month", "date"),
        Column("net", "percent"),
        Column("benchmark", "percent"),
        Column("difference", "percent"),
    )
    rows = []
    for track in tracks:
        own, benchmark = (monthly_returns(track.daily[name]) for name in ("net", "benchmark"))
        for number, net, other in zip(own.index.tolist(), own.tolist(), benchmark.tolist(), strict=True):
            month = pd.Period(year=number // 12, month=number % 12 + 1, freq="M").end_time.date()
            rows.append((track.model.id, month, net, other, net - other))
    return Sheet("Monthly", columns, rows)


def daily_sheet(tracks: Sequence[TrackRecord]) -> Sheet:
    """Every day's returns, costs, turnover, cash, number of holdings, and the risk that the last solve expected.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    """
    shown: dict[str, Form] = {
        "net": "percent",
        "gross": "percent",
        "benchmark": "percent",
        "cost": "percent",
        "turnover": "percent",
        "cash": "percent",
        "holdings": "count",
        "volatility": "percent_of",
        "beta": "figure",
    }
    titles = {"volatility": "ex-ante volatility", "beta": "ex-ante beta"}
    columns = [Column("model"), Column("date", "date")]
    columns += [Column(titles.get(name, name), form) for name, form in shown.items()]
    rows = []
    for track in tracks:
        # A day before anything is held has no ex-ante risk: it is missing, not a number that is none.
        figures = track.daily[list(shown)].astype(object).where(track.daily[list(shown)].notna(), None)
        days = pd.DatetimeIndex(figures.index)
        rows += [
            (track.model.id, day.date(), *values)
            for day, values in zip(days, figures.itertuples(index=False, name=None), strict=True)
        ]
    return Sheet("Daily", tuple(columns), rows)
