"""Rolling correlation and beta to the benchmark, and how much of a beta's wandering is noise of estimation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggplus.activeness.window import Window
from aggplus.performance.returns import Floats

_MOTIONLESS = 1e-12
"""Share of all the squares so far: a window with less than that does not move, and what is left is rounding."""


@dataclass(frozen=True, eq=False)
class Rolling:
    """Figures of every window, shape (windows, n); NaN where a window has too few returns or does not move.

    Parameters
    ----------
    correlation : ndarray
        In [-1, 1].
    beta : ndarray
        Covariance over the benchmark's variance.
    ratio : ndarray
        The fund's volatility over the benchmark's: the beta that it would have at a correlation of 1.
    """

    correlation: Floats
    beta: Floats
    ratio: Floats


def rolling(returns: Floats, benchmark: Floats, window: Window) -> Rolling:
    """Correlation and beta over every window, from running sums, so that no figure knows what comes after it.

    Parameters
    ----------
    returns : ndarray, shape (periods, n)
        NaN where there is none.
    benchmark : ndarray, shape (periods,)
    window : Window
        Row k of the result is of the periods k to k + window.length - 1.
    """
    known = np.isfinite(returns) & np.isfinite(benchmark)[:, None]
    f, b = np.where(known, returns, 0.0), np.where(known, benchmark[:, None], 0.0)
    n = window.length
    count = _sums(known.astype(float), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        sum_f, sum_b = _sums(f, n), _sums(b, n)
        ff = _sums(f * f, n) - sum_f * sum_f / count
        bb = _sums(b * b, n) - sum_b * sum_b / count
        fb = _sums(f * b, n) - sum_f * sum_b / count
        moves = (ff > _MOTIONLESS * _total(f * f, n)) & (bb > _MOTIONLESS * _total(b * b, n))
        counts = (count >= window.least) & moves
        correlation = np.clip(fb / np.sqrt(ff * bb), -1.0, 1.0)
        figures = (correlation, fb / bb, np.sqrt(ff / bb))
        return Rolling(*(np.where(counts, figure, np.nan) for figure in figures))


def noise_variance(returns: Floats, benchmark: Floats, window: Window) -> Floats:
    """Mean variance that rolling betas have though the true beta never changes, shape (n,); NaN without a window.

    Of each window, with x the benchmark's returns less their mean, e the residuals of least squares and m returns,

        m / (m - 2)  sum (x e)^2 / (sum x^2)^2,

    the variance of an estimated slope that allows for days of different volatility (White 1980; HC1 in MacKinnon &
    White 1985): returns move most on the days on which the benchmark does, and the textbook formula would take half
    of that for a change of beta. The mean is over windows a month apart, counted back from the last.

    Parameters
    ----------
    returns : ndarray, shape (periods, n)
    benchmark : ndarray, shape (periods,)
    window : Window
    """
    n = window.length
    total, windows = np.zeros(returns.shape[1]), np.zeros(returns.shape[1])
    for start in range(len(returns) - n, -1, -window.month):
        variance = _slope_variance(returns[start : start + n], benchmark[start : start + n, None], window.least)
        found = np.isfinite(variance)
        total[found] += variance[found]
        windows += found
    with np.errstate(invalid="ignore"):
        return np.asarray(total / windows)


def _slope_variance(returns: Floats, benchmark: Floats, least: int) -> Floats:
    known = np.isfinite(returns) & np.isfinite(benchmark)
    m = known.sum(axis=0).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (_centred(values, known, m) for values in (np.broadcast_to(benchmark, returns.shape), returns))
        squares = (x * x).sum(axis=0)
        residuals = y - (x * y).sum(axis=0) / squares * x
        variance = m / (m - 2.0) * ((x * residuals) ** 2).sum(axis=0) / squares**2
    return np.asarray(np.where(m >= least, variance, np.nan))


def _centred(values: Floats, known: NDArray[np.bool_], m: Floats) -> Floats:
    there = np.where(known, values, 0.0)
    return np.where(known, there - there.sum(axis=0) / m, 0.0)


def _sums(values: Floats, n: int) -> Floats:
    """Sums over every n rows in a row."""
    running = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.asarray(running[n:] - running[:-n])


def _total(values: Floats, n: int) -> Floats:
    """Sums of all rows up to the end of each window: what rounding is measured by."""
    return np.asarray(np.cumsum(values, axis=0)[n - 1 :])
