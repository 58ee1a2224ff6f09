"""Figures published in January 2024 by a firm that runs this strategy by hand, to stand beside a model's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields

import pandas as pd

from aggplus.performance.months import begins_month
from aggplus.performance.statistics import Statistics

FIRST_MONTH = dt.date(2016, 1, 1)
"""Published cumulative returns begin with this month."""

ASOF = dt.date(2024, 1, 31)
"""Published figures end with this day."""


@dataclass(frozen=True)
class PublishedFigures:
    """What is published of a model portfolio or of the benchmark, net of costs; None is not published.

    Names mean what they mean in `Statistics`, as far as is known: whether betas and correlations are of daily or
    of monthly returns is not published.

    Parameters
    ----------
    month, year_to_date, trailing_year, year_2023, cumulative : float
        Returns of January 2024, of 2024 so far, of the last twelve months, of 2023, and since the beginning of 2016.
    trailing_beta, trailing_correlation : float
        To the AGG, over twelve months.
    beta, correlation, alpha : float or None
        Long-run, to the AGG; alpha a year.
    positive_months : float
        Share of months with a positive return.
    """

    month: float
    year_to_date: float
    trailing_year: float
    year_2023: float
    cumulative: float
    trailing_beta: float
    trailing_correlation: float
    beta: float | None
    correlation: float | None
    alpha: float | None
    positive_months: float


PUBLISHED: dict[str, PublishedFigures] = {
    "ModelPort20": PublishedFigures(0.0039, 0.0039, 0.094, 0.115, 0.331, 0.29, 0.77, 0.60, 0.54, 0.029, 0.67),
    "ModelPort55": PublishedFigures(0.0037, 0.0037, 0.083, 0.113, 0.499, 0.43, 0.84, 0.94, 0.59, 0.040, 0.67),
    "ModelPort91": PublishedFigures(0.0093, 0.0093, 0.081, 0.103, 0.241, 0.22, 0.47, 0.70, 0.61, 0.017, 0.67),
    "AGG": PublishedFigures(-0.0015, -0.0015, 0.021, 0.057, 0.130, 1.0, 1.0, None, None, None, 0.53),
}
"""By model id, and the AGG itself. Its cumulative 13.0 % is not the AGG's total return, which was about 11.5 %."""


def beside_published(models: Mapping[str, Statistics]) -> pd.DataFrame:
    """Figures of models beside the published ones of the same id, as fractions.

    Parameters
    ----------
    models : mapping of model id to Statistics
        Ids that nothing is published of are left out.

    Returns
    -------
    DataFrame
        Rows (model, "ours" or "published"), columns the fields of `PublishedFigures`; what either lacks is missing.
        Comparable only where `covers_published_period` is true.
    """
    both = {name: (models[name], PUBLISHED[name]) for name in models if name in PUBLISHED}
    rows = {}
    for name, (own, published) in both.items():
        rows[name, "ours"] = {field.name: _own(own, field.name) for field in fields(PublishedFigures)}
        rows[name, "published"] = {field.name: getattr(published, field.name) for field in fields(PublishedFigures)}
    index = pd.MultiIndex.from_tuples(list(rows), names=["model", "source"]) if rows else None
    columns = [field.name for field in fields(PublishedFigures)]
    return pd.DataFrame(list(rows.values()), index=index, columns=columns, dtype=float)


def covers_published_period(statistics: Statistics) -> bool:
    """Whether a record runs from the first session of January 2016 to 2024-01-31, as the published figures do.

    Parameters
    ----------
    statistics : Statistics
    """
    start = pd.Timestamp(statistics.start)
    first = (start.year, start.month) == (FIRST_MONTH.year, FIRST_MONTH.month) and begins_month(start)
    return first and statistics.end == ASOF


def _own(statistics: Statistics, figure: str) -> float | None:
    if figure == "year_2023":
        return statistics.calendar_years.get(2023)
    value: float | None = getattr(statistics, figure)
    return value
