"""Which figures of a walk are shown, in which order, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from aggplus.performance import PUBLISHED, Statistics, beside_published

if TYPE_CHECKING:
    from aggplus.walks.track_record import TrackRecord

_PERCENTS = (
    ("month", "last month"),
    ("year_to_date", "year to date"),
    ("trailing_year", "trailing year"),
    ("cumulative", "cumulative"),
    ("annual_return", "return a year"),
    ("alpha", "alpha a year"),
    ("volatility", "volatility a year"),
    ("tracking_error", "tracking error a year"),
    ("positive_months", "positive months"),
)
_RATIOS = (
    ("relative_volatility", "volatility / benchmark's"),
    ("beta", "beta, long-run"),
    ("correlation", "correlation, long-run"),
    ("trailing_beta", "beta, 12 months"),
    ("trailing_correlation", "correlation, 12 months"),
    ("sharpe", "Sharpe ratio"),
    ("information_ratio", "information ratio"),
    ("skewness", "skewness"),
)
_PUBLISHED_PERCENTS = (
    "month",
    "year_to_date",
    "trailing_year",
    "year_2023",
    "cumulative",
    "alpha",
    "positive_months",
)

Rows = dict[str, list[str]]


def percent(value: float | None, decimals: int = 2) -> str:
    """A fraction as a percentage; empty where there is none."""
    return "" if value is None or pd.isna(value) else f"{100.0 * value:.{decimals}f} %"


def ratio(value: float | None) -> str:
    """A plain number; empty where there is none."""
    return "" if value is None or pd.isna(value) else f"{round(value, 2) + 0.0:.2f}"


def benchmarks_of(tracks: Sequence[TrackRecord]) -> dict[str, Statistics]:
    """Figures of the benchmarks by ticker.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    """
    return {track.model.benchmark: track.benchmark_statistics for track in tracks}


def statistics_rows(tracks: Sequence[TrackRecord]) -> Rows:
    """Each figure in words, a model a column and then the benchmarks.

    Parameters
    ----------
    tracks : sequence of TrackRecord
        Over the same days.
    """
    benchmarks = list(benchmarks_of(tracks).values())
    columns = [track.statistics for track in tracks] + benchmarks
    rows = {words: [percent(getattr(figures, name)) for figures in columns] for name, words in _PERCENTS}
    rows["deepest drawdown"] = [percent(f.drawdown.depth if f.drawdown else None) for f in columns]
    rows |= {words: [ratio(getattr(figures, name)) for figures in columns] for name, words in _RATIOS}
    blank = [""] * len(benchmarks)
    rows["beta ex ante, mean"] = [ratio(track.mean_ex_ante_beta) for track in tracks] + blank
    rows["volatility ex ante, mean"] = [percent(track.mean_ex_ante_volatility) for track in tracks] + blank
    years = sorted({year for figures in columns for year in figures.calendar_years})
    rows |= {str(year): [percent(figures.calendar_years.get(year)) for figures in columns] for year in years}
    rows["turnover a year"] = [ratio(track.turnover_per_year) for track in tracks] + blank
    rows["costs a year"] = [percent(track.cost_per_year, 3) for track in tracks] + blank
    rows["rebalances"] = [str(len(track.rebalances)) for track in tracks] + blank
    rows["holdings, mean"] = [ratio(track.statistics.holdings) for track in tracks] + blank
    if any(track.misses for track in tracks):
        rows["days without an answer"] = [str(len(track.misses)) for track in tracks] + blank
    return rows


def published_table(tracks: Sequence[TrackRecord]) -> pd.DataFrame | None:
    """Figures of the published period beside the published ones; None where no record covers it.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    """
    covering = [(track.model, track.published_period) for track in tracks if track.model.id in PUBLISHED]
    both = [(model, period) for model, period in covering if period is not None]
    if not both:
        return None
    own = {model.id: period[0] for model, period in both}
    return beside_published(own | {model.benchmark: period[1] for model, period in both})


def published_rows(table: pd.DataFrame) -> Rows:
    """The same in words, a pair of columns a model.

    Parameters
    ----------
    table : DataFrame
        Of `published_table`.
    """
    rows: Rows = {}
    words: Mapping[str, str] = dict((*_PERCENTS, *_RATIOS))
    for name in table.columns:
        shown = percent if name in _PUBLISHED_PERCENTS else ratio
        rows[words.get(name, name.replace("_", " "))] = [shown(value) for value in table[name]]
    return rows
