"""The shape of returns: how many are positive, and to which side the long tail lies."""

from __future__ import annotations

import numpy as np

from aggplus.performance.ratios import moves
from aggplus.performance.returns import Floats


def share_positive(returns: Floats) -> float | None:
    """Share of periods with a return above 0 (exactly 0 is not positive); None without a period.

    Parameters
    ----------
    returns : array, shape (T,)
    """
    return float(np.mean(returns > 0.0)) if len(returns) else None


def skewness(returns: Floats) -> float | None:
    """Adjusted Fisher-Pearson skewness G1 = sqrt(T (T - 1)) / (T - 2) x m3 / m2^1.5, as in spreadsheets.

    Parameters
    ----------
    returns : array, shape (T,)

    Returns
    -------
    float or None
        None for fewer than three returns, or returns that do not move.
    """
    T = len(returns)
    if T < 3 or not moves(returns):
        return None
    centred = returns - np.mean(returns)
    return float(np.sqrt(T * (T - 1)) / (T - 2) * np.mean(centred**3) / np.mean(centred**2) ** 1.5)
