"""What a fund paid, by its adjusted and its plain closes side by side.

An adjusted close goes back from the plain close of the last day by one factor a distribution: on the day a fund goes
ex a distribution D, every earlier close is multiplied by 1 - D / close[t-1]. So

    adj[t] / adj[t-1] = (close[t] / close[t-1]) / (1 - d[t]),    d[t] = D / close[t-1],

and d[t] = 1 - (close[t] / close[t-1]) / (adj[t] / adj[t-1]) is what the source counted on the day, without any noise
of the market: zero but for rounding on a day without a distribution. No level of either series matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.checks.returns import Floats

UNDONE_WITHIN = 5
"""Sessions after which a step between the two series counts as one that stays."""
_LEAST = 1e-4
"""A basis point: nothing smaller is taken for a distribution."""
_LARGEST = 0.10
"""No distribution of a bond fund; one series has jumped."""
_TIMES_NOISE = 6.0
_FLOOR = 1e-6
_FIRST = 40
_MEMORY = 42.0
_OUTLIER = 4.0
_UNDONE = 0.5


@dataclass(frozen=True, eq=False)
class Implied:
    """Distributions that two price series imply; arrays of shape (sessions, funds).

    Attributes
    ----------
    rate
        Implied distribution of the day, a fraction of the close before; NaN where a close is missing on it or on all
        days before it.
    bound
        What a step must exceed to be more than rounding: six times the fund's usual distance from zero, and at least
        a basis point. NaN before the first 40 days that can be judged.
    paid
        Whether it is a distribution: above the bound, below 10 %, and not taken back within five sessions.
    parted
        Whether the two series part otherwise: a step beyond the bound that is negative, or that is taken back.
    """

    rate: Floats
    bound: Floats
    paid: NDArray[np.bool_]
    parted: NDArray[np.bool_]


def implied_by(prices: pd.DataFrame, closes: pd.DataFrame) -> Implied:
    """Distributions implied by two panels.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds).
    closes
        Closes adjusted for splits and not for distributions; NaN, or without a row or a column, where unknown.
    """
    plain = closes.reindex(index=prices.index, columns=prices.columns).to_numpy(dtype=np.float64)
    adjusted = prices.to_numpy(dtype=np.float64)
    rate = _rates(np.log(adjusted) - np.log(plain))
    bound = _bounds(rate)
    stands_out = np.abs(rate) > bound
    taken_back = stands_out & _taken_back(rate)
    paid = stands_out & (rate > 0.0) & (rate < _LARGEST) & ~taken_back
    return Implied(rate, bound, paid, stands_out & ((rate < 0.0) | taken_back))


@numba.njit(cache=True)
def _rates(ratio: Floats) -> Floats:
    """Implied distributions from the logarithm of adjusted over plain closes."""
    sessions, funds = ratio.shape
    out = np.full((sessions, funds), np.nan)
    for i in range(funds):
        before = np.nan
        for t in range(sessions):
            if not np.isnan(ratio[t, i]):
                out[t, i] = -np.expm1(before - ratio[t, i])
                before = ratio[t, i]
    return out


@numba.njit(cache=True)
def _bounds(rate: Floats) -> Floats:
    """What is more than rounding, from exponentially weighted sizes of the days before, outliers clipped."""
    sessions, funds = rate.shape
    out = np.full((sessions, funds), np.nan)
    decay = 0.5 ** (1.0 / _MEMORY)
    for i in range(funds):
        first = np.empty(_FIRST)
        n = 0
        level = 0.0
        for t in range(sessions):
            if np.isnan(rate[t, i]):
                continue
            size = abs(rate[t, i])
            if n < _FIRST:
                first[n] = size
                n += 1
                level = max(1.4826 * np.median(first[:n]), _FLOOR)
                continue
            out[t, i] = max(_TIMES_NOISE * level, _LEAST)
            level = max(decay * level + (1.0 - decay) * min(1.2533 * size, _OUTLIER * level), _FLOOR)
    return out


def _taken_back(rate: Floats) -> NDArray[np.bool_]:
    """Whether a step is mostly taken back in the sessions after it, or takes one back itself."""
    known = np.nan_to_num(rate)
    out = np.zeros(rate.shape, dtype=bool)
    for later in range(1, min(UNDONE_WITHIN, len(rate) - 1) + 1):
        step, other = known[:-later], known[later:]
        opposite = step * other < 0.0
        out[:-later] |= opposite & (np.abs(other) > _UNDONE * np.abs(step))
        out[later:] |= opposite & (np.abs(step) > _UNDONE * np.abs(other))
    return out
