"""Volatility, tracking error, and what is earned for a unit of either."""

from __future__ import annotations

import math

import numpy as np

from aggplus.performance.returns import SESSIONS_A_YEAR, SHORTEST_YEAR, Floats

ROUNDING = 1e-14
"""Returns that spread by less do so by rounding alone: 1 + r is known to 2e-16."""


def moves(returns: Floats) -> bool:
    """Whether returns differ from each other by more than rounding.

    Parameters
    ----------
    returns : array, shape (T,)
    """
    return len(returns) > 0 and float(np.ptp(returns)) > ROUNDING


def volatility(returns: Floats, periods_a_year: int) -> float | None:
    """Sample standard deviation (T - 1) x sqrt(periods a year); None for fewer than two returns.

    Parameters
    ----------
    returns : array, shape (T,)
    periods_a_year : int
    """
    if len(returns) < 2:
        return None
    return float(np.std(returns, ddof=1)) * math.sqrt(periods_a_year) if moves(returns) else 0.0


def reward_to_variability(differences: Floats) -> float | None:
    """Mean over sample standard deviation of daily differences, x sqrt(252).

    Of returns less cash it is the Sharpe ratio (Sharpe 1994), of returns less the benchmark's the information ratio.

    Parameters
    ----------
    differences : array, shape (T,)

    Returns
    -------
    float or None
        None for less than a year, or differences that do not move.
    """
    if len(differences) < SHORTEST_YEAR or not moves(differences):
        return None
    return float(np.mean(differences) / np.std(differences, ddof=1)) * math.sqrt(SESSIONS_A_YEAR)
