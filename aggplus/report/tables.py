"""The tables of a monthly report as text: results, published figures, and returns by month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from aggplus.performance import Statistics, calendar_years, monthly_returns
from aggplus.performance.months import MONTHS_A_YEAR, month_to_date
from aggplus.report.contents import MonthlyReport
from aggplus.report.model_month import ModelMonth
from aggplus.report.numbers import day_of, percent, plain
from aggplus.walks import TrackRecord
from aggplus.walks.figures import benchmarks_of

_STRONG = 0.04
"""A month's return that is coloured in full."""

_DEEPEST_COLOUR = 0.42
_UP, _DOWN = "0,114,178", "213,94,0"

_PUBLISHED_TITLES = {
    "month": "Month",
    "year_to_date": "Year to date",
    "trailing_year": "Trailing year",
    "year_2023": "2023",
    "cumulative": "Since the end of 2015",
    "trailing_beta": "Beta, 12 months",
    "trailing_correlation": "Correlation, 12 months",
    "beta": "Beta, long-run",
    "correlation": "Correlation, long-run",
    "alpha": "Alpha a year",
    "positive_months": "Positive months",
}
_PLAIN = frozenset({"trailing_beta", "trailing_correlation", "beta", "correlation"})
_DECIMALS = {"month": 2, "year_to_date": 2, "positive_months": 0}
"""As they are published; others have one."""


@dataclass(frozen=True)
class Group:
    """Rows of a table under one heading: what they say, and a cell a column."""

    title: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Cell:
    """A return with the colour behind it; an empty text where there is none."""

    text: str
    colour: str


@dataclass(frozen=True)
class Year:
    """A year of monthly returns, its total and the benchmark's; a star where part of it is missing."""

    year: str
    months: tuple[Cell, ...]
    total: str
    benchmark: str


def results(report: MonthlyReport) -> tuple[Group, ...]:
    """Figures of the models and then of the benchmarks, a column each.

    Parameters
    ----------
    report : MonthlyReport
    """
    tracks = report.tracks
    columns = [track.statistics for track in tracks]
    benchmarks = list(benchmarks_of(tracks).values())
    every = columns + benchmarks
    year = report.month.month.year - 1
    whole = report.start < pd.Timestamp(year, 1, 1)

    def row(title: str, figure: Callable[[Statistics], float | None], show: Callable[[float | None], str]) -> _Row:
        return title, tuple(show(figure(one)) for one in every)

    def own(title: str, cells: list[str]) -> _Row:
        return title, (*cells, *[""] * len(benchmarks))

    month = report.month.name if report.month.whole else f"{report.month.name}, to the {report.month.last.day}."
    returns = [
        row(month, lambda one: one.month, percent),
        row("Year to date", lambda one: one.year_to_date, percent),
        row("Trailing year", lambda one: one.trailing_year, percent),
        row(f"{year}", lambda one: one.calendar_years.get(year) if whole else None, percent),
        row(f"Since {day_of(report.start)}", lambda one: one.cumulative, percent),
        row("Per year since then", lambda one: one.annual_return, percent),
    ]
    risks = [
        row("Volatility a year", lambda one: one.volatility, percent),
        row("Deepest drawdown", lambda one: one.drawdown.depth if one.drawdown else None, percent),
        row("Sharpe ratio", lambda one: one.sharpe, plain),
        row("Positive months", lambda one: one.positive_months, lambda value: percent(value, 0)),
    ]
    against = [
        row("Beta, 12 months", lambda one: one.trailing_beta, plain),
        row("Correlation, 12 months", lambda one: one.trailing_correlation, plain),
        row("Beta, long-run", lambda one: one.beta, plain),
        row("Correlation, long-run", lambda one: one.correlation, plain),
        own("Alpha a year", [percent(one.alpha) for one in columns]),
    ]
    trading = [
        own("Turnover a year, one way", [percent(track.turnover_per_year, 0) for track in tracks]),
        own("Costs a year", [percent(_costs_a_year(track), 3) for track in tracks]),
        own("Rebalances", [str(len(track.rebalances)) for track in tracks]),
    ]
    return (
        Group("Return", tuple(returns)),
        Group("Risk", tuple(risks)),
        Group("Against the benchmark", tuple(against)),
        Group("Trading", tuple(trading)),
    )


_Row = tuple[str, tuple[str, ...]]


def _costs_a_year(track: TrackRecord) -> float | None:
    """None below a year: the first purchase alone would look like many."""
    return None if track.turnover_per_year is None else track.cost_per_year


def published(report: MonthlyReport) -> tuple[tuple[str, ...], tuple[_Row, ...]] | None:
    """Names of the columns, each for a pair, and the rows; None where nothing published covers the record.

    Parameters
    ----------
    report : MonthlyReport
    """
    table = report.published
    if table is None:
        return None
    labels = {one.id: one.label for one in report.models}
    names = tuple(labels.get(name, name) for name in dict.fromkeys(table.index.get_level_values("model")))
    rows = tuple(
        (_PUBLISHED_TITLES.get(name, name), tuple(_as_published(name, value) for value in table[name]))
        for name in table.columns
    )
    return names, rows


def _as_published(name: str, value: float) -> str:
    return plain(value) if name in _PLAIN else percent(value, _DECIMALS.get(name, 1))


def months(report: MonthlyReport, one: ModelMonth) -> tuple[Year, ...]:
    """Returns of a model by month, a year a row, the latest year first.

    Parameters
    ----------
    report : MonthlyReport
    one : ModelMonth
    """
    track: TrackRecord = one.track
    net = monthly_returns(track.daily["net"])
    values = {int(number): float(value) for number, value in zip(net.index, net, strict=True)}
    last = report.month.month
    unfinished = last.year * MONTHS_A_YEAR + last.month - 1 if not report.month.whole else None
    if unfinished is not None and (value := month_to_date(track.daily["net"])) is not None:
        values[unfinished] = value
    totals, benchmark = calendar_years(track.daily["net"]), calendar_years(track.daily["benchmark"])
    rows = []
    for year in sorted(totals, reverse=True):
        numbers = range(year * MONTHS_A_YEAR, (year + 1) * MONTHS_A_YEAR)
        star = "" if all(number in values and number != unfinished for number in numbers) else "*"
        cells = tuple(_cell(values.get(number), number == unfinished) for number in numbers)
        rows.append(Year(str(year), cells, percent(totals[year], 1) + star, percent(benchmark[year], 1) + star))
    return tuple(rows)


def _cell(value: float | None, unfinished: bool) -> Cell:
    if value is None:
        return Cell("", "transparent")
    strength = _DEEPEST_COLOUR * min(abs(value) / _STRONG, 1.0)
    colour = f"rgba({_UP if value >= 0.0 else _DOWN},{strength:.2f})"
    return Cell(plain(100.0 * value, 1) + ("*" if unfinished else ""), colour)
