"""The deepest fall from a high, and the way back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Drawdown:
    """A fall from a high.

    Parameters
    ----------
    depth : float
        Loss from the high to the lowest close, a fraction below 0.
    start : date
        Day of the high; the first day of the record when it fell from the start.
    trough : date
        Day of the lowest close.
    recovery : date or None
        First day at the high again; None when the record ends below it.
    """

    depth: float
    start: dt.date
    trough: dt.date
    recovery: dt.date | None


def underwater(record: pd.Series) -> pd.Series:
    """Loss from the highest close so far, day by day; 0 at a high. The close before the first day counts as one.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    growth = (1.0 + record).cumprod()
    return growth / growth.cummax().clip(lower=1.0) - 1.0


def deepest_drawdown(record: pd.Series) -> Drawdown | None:
    """The deepest fall from a high, the first of them when several are as deep; None for a record that never fell.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    below = underwater(record).to_numpy(dtype=float)
    trough = int(np.argmin(below))
    if below[trough] >= 0.0:
        return None
    days = record.index
    highs = np.flatnonzero(below >= 0.0)
    before, after = highs[highs < trough], highs[highs > trough]
    return Drawdown(
        depth=float(below[trough]),
        start=days[before[-1] if len(before) else 0].date(),
        trough=days[trough].date(),
        recovery=days[after[0]].date() if len(after) else None,
    )
