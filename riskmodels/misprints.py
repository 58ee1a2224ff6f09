"""Prices that may be misprints, but might be true: told to the user, and left as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodels.factor_form import Floats

_LARGE = 0.25
"""A day's return beyond this is asked about. Of 579 US bond funds from 2007 to June 2024 six returns were larger, in
October 2008 and March 2020, of high yield and preferred funds: each beside others of its sector."""

_SHARE = 1.0 / 3.0
"""A fund of the same sector that moves this much of it, the same way on the same day, makes it a day of the market."""


def lone_moves(returns: Floats, groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Large moves of a day that no other fund of the same group shows.

    Parameters
    ----------
    returns : ndarray, shape (days, n)
        Simple returns; NaN where a fund has none.
    groups : ndarray of int, shape (n,)
        Group of each fund.

    Returns
    -------
    ndarray of int, shape (moves, 2)
        Day and fund of each, by day.
    """
    large = np.argwhere(np.abs(returns) > _LARGE)
    if not len(large):
        return large
    days, funds = large.T
    sizes = returns[days, funds]
    peers = groups[funds][:, None] == groups[None, :]
    peers[np.arange(len(large)), funds] = False
    beside = np.where(peers, returns[days] * np.sign(sizes)[:, None], 0.0)
    return large[~(beside >= _SHARE * np.abs(sizes)[:, None]).any(axis=1)]


def suspected_misprints(returns: pd.DataFrame, sectors: pd.Series | None) -> tuple[str, ...]:
    """One sentence for each fund with a return that looks like a misprint.

    Parameters
    ----------
    returns : DataFrame, shape (days, n)
        Simple returns by day and ticker; NaN where a fund has none.
    sectors : Series or None
        By ticker; without them all funds stand beside each other.
    """
    values = returns.to_numpy(dtype=float)
    if not (np.abs(values) > _LARGE).any():
        return ()
    mine = pd.Series("", index=returns.columns) if sectors is None else sectors.reindex(returns.columns)
    lone = lone_moves(values, np.asarray(pd.factorize(mine)[0], dtype=np.intp))
    funds, first, counts = np.unique(lone[:, 1], return_index=True, return_counts=True)
    return tuple(
        f"{returns.columns[fund]} returns {100.0 * values[lone[at, 0], fund]:.0f} % on "
        f"{returns.index[lone[at, 0]]:%Y-%m-%d}{_more(int(count) - 1)} and no other fund"
        f"{'' if sectors is None else ' of its sector'} moves like it: a misprint? It stays as it is and raises the "
        "volatility of the fund; correct the price, or exclude the fund"
        for fund, at, count in zip(funds, first, counts, strict=True)
    )


def _more(days: int) -> str:
    return f" (and as oddly on {days} more day{'s' if days > 1 else ''})" if days else ""
