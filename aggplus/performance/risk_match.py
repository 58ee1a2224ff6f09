"""How a model goes along with its benchmark: beta, correlation, alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aggplus.performance.ratios import moves
from aggplus.performance.returns import Floats

LEAST_OBSERVATIONS = 3
"""With two points the line goes through both, and the correlation is 1 or -1 whatever they are."""


@dataclass(frozen=True)
class Regression:
    """Least squares of a model's returns on its benchmark's.

    Parameters
    ----------
    beta : float
        Slope, Cov(r, b) / Var(b).
    correlation : float or None
        Pearson's; None when the model does not move.
    alpha : float
        Intercept x periods a year, a fraction: (mean r - beta x mean b) x periods, not compounded.
    """

    beta: float
    correlation: float | None
    alpha: float


def regress(returns: Floats, benchmark: Floats, periods_a_year: int) -> Regression | None:
    """Regress a model's returns on its benchmark's, period by period.

    Parameters
    ----------
    returns : array, shape (T,)
        Fractions a period.
    benchmark : array, shape (T,)
        Of the same periods.
    periods_a_year : int
        252 for daily, 12 for monthly returns.

    Returns
    -------
    Regression or None
        None for fewer than three periods, or a benchmark that does not move.
    """
    if len(returns) < LEAST_OBSERVATIONS or not moves(benchmark):
        return None
    mean, benchmark_mean = np.mean(returns), np.mean(benchmark)
    own, of_benchmark = returns - mean, benchmark - benchmark_mean
    covariance, variance = float(own @ of_benchmark), float(of_benchmark @ of_benchmark)
    beta = covariance / variance
    correlation = None
    if moves(returns):
        correlation = min(1.0, max(-1.0, covariance / math.sqrt(float(own @ own) * variance)))
    return Regression(beta, correlation, float(mean - beta * benchmark_mean) * periods_a_year)
