"""What a price panel says of its funds on a day: how long, how complete, how lively."""

from __future__ import annotations

from dataclasses import dataclass
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
    unchanged_share
        Share of daily changes that are exactly zero, within the history asked for; NaN without a change.
    """

    sessions: pd.DatetimeIndex
    closes: NDArray[np.int64]
    sessions_since: NDArray[np.int64]
    missing: NDArray[np.int64]
    unchanged_share: NDArray[np.float64]

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
    column = prices.columns.get_indexer(market.catalog.index[funds])
    funds, column = funds[column >= 0], column[column >= 0]
    panel = prices.to_numpy()[: len(sessions)]

    tail = panel[-max(window_sessions, history_days) :, column]
    there = ~np.isnan(tail)
    since = np.argmax(there[::-1], axis=0)
    closes = there[-history_days:].sum(axis=0)
    # Whoever lacks a close within the history may have older ones; few do, so only their columns are read in full.
    short = closes < history_days
    there_in_full = ~np.isnan(panel[:, column[short]])
    closes[short] = there_in_full.sum(axis=0)
    since[short] = np.argmax(there_in_full[::-1], axis=0)

    recent, recent_there = tail[-history_days:], there[-history_days:]
    changes = (recent_there[1:] & recent_there[:-1]).sum(axis=0)
    unchanged = (recent[1:] == recent[:-1]).sum(axis=0)

    share = np.full(len(funds), np.nan)
    np.divide(unchanged, changes, out=share, where=changes > 0)

    def of_all(values: NDArray[Number], otherwise: float) -> NDArray[Number]:
        whole = np.full(len(market.catalog), otherwise, dtype=values.dtype)
        whole[funds] = values
        return whole

    return PriceRecord(
        sessions=sessions,
        closes=of_all(closes, 0),
        sessions_since=of_all(np.where(closes > 0, since, len(sessions)), len(sessions)),
        missing=of_all(window_sessions - there[-window_sessions:].sum(axis=0), window_sessions),
        unchanged_share=of_all(share, np.nan),
    )
