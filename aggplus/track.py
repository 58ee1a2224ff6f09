"""A model's own record so far, and how it went along with the benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd

from constraints import MandateError
from optimizer import Correlation

LEAST_DAYS = 252
"""A record shorter than a year says too little about correlation."""


def realised_correlation(record: pd.Series, benchmark_prices: pd.Series) -> Correlation | None:
    """Correlation of a model's daily returns with the benchmark's, or None when the record is too short.

    Parameters
    ----------
    record : Series
        Daily net returns of the model as fractions, by date; days after the last price are not looked at.
    benchmark_prices : Series
        Total-return prices of the benchmark up to the as-of date.

    Raises
    ------
    MandateError
        When the record is not one finite return a day; a day without a return may be missing or NaN.
    """
    record = by_day(record)
    benchmark = benchmark_prices.dropna().pct_change()
    both = pd.concat([record, benchmark], axis=1, join="inner").dropna().to_numpy()
    if len(both) < LEAST_DAYS or not np.all(both.std(axis=0) > 0.0):
        return None
    return Correlation(float(np.corrcoef(both.T)[0, 1]), f"realised over {len(both)} days of its own record")


def by_day(record: pd.Series) -> pd.Series:
    """The record by plain calendar days; anything else would share no day with the benchmark and be silently unused.

    Parameters
    ----------
    record : Series
        Daily net returns as fractions.

    Raises
    ------
    MandateError
        When it is not one finite return a day; a day without a return may be missing or NaN.
    """
    if not isinstance(record.index, pd.DatetimeIndex):
        raise MandateError(f"record: indexed by {record.index.dtype}; expected daily returns indexed by date")
    days = record.index.tz_localize(None).normalize()
    if days.has_duplicates:
        raise MandateError(f"record: {days[days.duplicated()][0]:%Y-%m-%d} is there twice; expected one return a day")
    if np.isinf(record.to_numpy(dtype=float)).any():
        raise MandateError("record: a return is infinite; expected fractions such as 0.0012")
    return record.set_axis(days)
