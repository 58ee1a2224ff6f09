"""Changes between closes, as the checks look at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Changes:
    """Logarithmic changes of each close over the last one before it; arrays of shape (sessions, funds).

    Attributes
    ----------
    sessions
        Days with closes.
    tickers
        Funds with prices.
    change
        Logarithm of a close over the one before; NaN on a day without a close and on the first.
    span
        Sessions that the change covers: 1 where there is no gap; 0 where there is no change.
    """

    sessions: pd.DatetimeIndex
    tickers: pd.Index
    change: Floats
    span: Ints

    @property
    def daily(self) -> Floats:
        """Changes over one session; NaN elsewhere."""
        return np.where(self.span == 1, self.change, np.nan)


def changes_of(prices: pd.DataFrame) -> Changes:
    """Take the changes out of a panel of closes.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds); NaN where a fund has none.
    """
    closes = prices.to_numpy(dtype=np.float64)
    there = ~np.isnan(closes)
    rows = np.arange(len(closes))[:, None]
    last = np.maximum.accumulate(np.where(there, rows, -1), axis=0)
    before = np.vstack([np.full((1, closes.shape[1]), -1), last[:-1]])
    has = there & (before >= 0)
    logs = np.log(closes)
    change = np.where(has, logs - np.take_along_axis(logs, np.maximum(before, 0), axis=0), np.nan)
    span = np.where(has, rows - before, 0).astype(np.intp)
    return Changes(pd.DatetimeIndex(prices.index), prices.columns, change, span)
