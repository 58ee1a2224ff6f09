"""What a price panel says of its funds on a day: how long, how complete, how lively."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.market import Market

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class PriceRecord:
    """The record of each fund of a catalog up to a day; all arrays of shape (funds,), in catalog order.

    Attributes
    ----------
    sessions
        Trading days up to the day, the last being the day itself.
    closes
        Days with a close, not counted on beyond the history asked for; 0 for a fund that was not asked for.
    sessions_since
        Sessions since the last close: 0 if there is one on the day.
    missing
        Sessions without a close within the window asked for.
    recent
        Prices of the history asked for, shape (days, funds with prices that were asked for).
    recent_of
        The fund of each column of `recent`.
    """

    sessions: pd.DatetimeIndex
    closes: NDArray[np.int64]
    sessions_since: NDArray[np.int64]
    missing: NDArray[np.int64]
    recent: NDArray[np.float64]
    recent_of: NDArray[np.intp]

    @cached_property
    def unchanged_share(self) -> NDArray[np.float64]:
        """Share of daily changes that are exactly zero, within the history asked for; NaN without a change."""
        there = ~np.isnan(self.recent)
        changes = (there[1:] & there[:-1]).sum(axis=0)
        unchanged = (self.recent[1:] == self.recent[:-1]).sum(axis=0)
        share = np.full(len(self.recent_of), np.nan)
        np.divide(unchanged, changes, out=share, where=changes > 0)
        return _of_all(len(self.closes), self.recent_of, share, np.nan)

    def last_close(self, fund: int) -> pd.Timestamp:
        """The day of the last close of the fund at this position."""
        return self.sessions[len(self.sessions) - 1 - int(self.sessions_since[fund])]


def price_record(
    market: Market, asof: pd.Timestamp, asked: NDArray[np.bool_], window_sessions: int, history_days: int
) -> PriceRecord:
    """The price record of some funds of the catalog at the close of a day.

    Parameters
    ----------
    market
        Prices and catalog.
    asof
        The day; later prices are not looked at.
    asked
        Which funds of the catalog, shape (funds,).
    window_sessions
        Length of the window that has to be complete.
    history_days
        Length of history that has to be there.
    """
    prices = market.prices
    sessions = pd.DatetimeIndex(prices.index[: int(prices.index.searchsorted(asof, side="right"))])
    funds = np.flatnonzero(asked)
    column = market.roster.price_column[funds]
    funds, column = funds[column >= 0], column[column >= 0]
    first_close = market.roster.first_close[funds]
    panel = prices.to_numpy()[: len(sessions)]

    tail = panel[-max(window_sessions, history_days) :, column]
    there = ~np.isnan(tail)
    since = np.argmax(there[::-1], axis=0)
    closes = there[-history_days:].sum(axis=0)
    # Whoever lacks a close within the history may have older ones; few do, so only their columns are read in full.
    older = (closes < history_days) & (first_close < len(sessions) - history_days)
    there_in_full = ~np.isnan(panel[:, column[older]])
    closes[older] = there_in_full.sum(axis=0)
    since[older] = np.argmax(there_in_full[::-1], axis=0)

    size, since = len(market.roster), np.where(closes > 0, since, len(sessions))
    return PriceRecord(
        sessions=sessions,
        closes=_of_all(size, funds, closes, 0),
        sessions_since=_of_all(size, funds, since, len(sessions)),
        missing=_of_all(size, funds, window_sessions - there[-window_sessions:].sum(axis=0), window_sessions),
        recent=tail[-history_days:],
        recent_of=funds,
    )


def _of_all(size: int, funds: NDArray[np.intp], values: NDArray[Number], otherwise: float) -> NDArray[Number]:
    """Values of some funds as an array over all, shape (size,)."""
    whole = np.full(size, otherwise, dtype=values.dtype)
    whole[funds] = values
    return whole
