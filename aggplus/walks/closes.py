"""A market's closes as arrays, and what a holding has been worth since it was bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe import Market

Floats = NDArray[np.float64]

CLOSED_AFTER = 5
"""Sessions in a row without a close, after which a fund is taken for closed. A gap of a thin fund is shorter."""


@dataclass(frozen=True, eq=False)
class Closes:
    """Closes of a market by session and fund.

    Parameters
    ----------
    market : Market
    """

    market: Market

    @cached_property
    def sessions(self) -> pd.DatetimeIndex:
        """Days with closes, T of them."""
        return pd.DatetimeIndex(self.market.prices.index)

    @cached_property
    def column(self) -> dict[str, int]:
        """Column of each fund with prices."""
        return {str(ticker): place for place, ticker in enumerate(self.market.prices.columns)}

    @cached_property
    def last_known(self) -> Floats:
        """The last close on or before each session, shape (T, funds); NaN before the first.

        A fund that has closed keeps its last price: that is what its holders were paid, and what they have as cash.
        """
        return np.asarray(self.market.prices.ffill().to_numpy())

    @cached_property
    def silent_for(self) -> NDArray[np.int32]:
        """Sessions since the last close of each fund, shape (T, funds): 0 on a day with a close."""
        there = ~np.isnan(self.market.prices.to_numpy())
        rows = np.arange(len(there), dtype=np.int32)[:, None]
        # Before its first close a fund is silent since ever.
        last = np.maximum.accumulate(np.where(there, rows, np.int32(-len(there))), axis=0)
        return np.asarray(rows - last, dtype=np.int32)

    def columns_of(self, tickers: tuple[str, ...]) -> NDArray[np.intp]:
        """Columns of some funds.

        Parameters
        ----------
        tickers : tuple of str
        """
        return np.array([self.column[ticker] for ticker in tickers], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Path:
    """What a portfolio is worth from the close at which it was traded to, if nobody touches it.

    Parameters
    ----------
    start : int
        Session of the trade.
    tickers : tuple of str, length k
    worth : ndarray, shape (S, k)
        Of each holding, session by session from the trade on, in units of the portfolio's worth at the trade; what a
        closed fund paid stays there.
    paid_out : ndarray of int, shape (k,)
        The row of `worth` from which on a holding is cash, because its fund has closed; S where it never is.
    cash : ndarray, shape (S,)
        What is not invested, which earns nothing.
    total : ndarray, shape (S,)
        Worth of the portfolio; 1 at the trade.
    """

    start: int
    tickers: tuple[str, ...]
    worth: Floats
    paid_out: NDArray[np.intp]
    cash: Floats
    total: Floats

    def weights(self, session: int) -> Floats:
        """Weights at the close of a session, shape (k,); 0 for a fund that has paid out.

        Parameters
        ----------
        session : int
        """
        at = session - self.start
        return np.where(self.paid_out > at, self.worth[at] / self.total[at], 0.0)

    @property
    def count(self) -> NDArray[np.intp]:
        """Number of funds held, by session, shape (S,)."""
        return np.asarray((self.paid_out > np.arange(len(self.total))[:, None]).sum(axis=1))

    @cached_property
    def drift(self) -> Floats:
        """One-way distance of the weights from those traded to, by session, shape (S,)."""
        still = self.paid_out > np.arange(len(self.total))[:, None]
        weights = np.where(still, self.worth / self.total[:, None], 0.0)
        return np.asarray(0.5 * np.abs(weights - self.worth[0]).sum(axis=1))


def path_of(closes: Closes, weights: dict[str, float], start: int, end: int) -> Path:
    """Follow a portfolio from a trade to the end.

    Parameters
    ----------
    closes : Closes
    weights : dict of ticker to fraction
        Traded to at the close of `start`; what is missing to 1 is cash.
    start, end : int
        Sessions, both included.
    """
    tickers = tuple(weights)
    held = np.array([weights[ticker] for ticker in tickers])
    columns = closes.columns_of(tickers)
    prices = closes.last_known[start : end + 1, columns]
    worth = prices / prices[0] * held
    gone = closes.silent_for[start : end + 1, columns] >= CLOSED_AFTER
    # Bought at a price that old, it was bought knowingly.
    gone[0] = False
    paid_out = np.where(gone.any(axis=0), gone.argmax(axis=0), len(worth))
    cash = np.full(len(worth), 1.0 - float(held.sum()))
    for place in np.flatnonzero(paid_out < len(worth)):
        # Should it trade again, its holders of then have been paid.
        worth[paid_out[place] :, place] = worth[paid_out[place], place]
        cash[paid_out[place] :] += worth[paid_out[place], place]
    total = worth.sum(axis=1) + (1.0 - float(held.sum()))
    return Path(start, tickers, worth, paid_out, cash, total)
