"""One number for how active a fund or a model is, from its rolling correlation and beta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggplus.activeness.rolling import Rolling
from aggplus.activeness.window import Window
from aggplus.performance.returns import Floats


@dataclass(frozen=True, eq=False)
class Scores:
    """Figures over all windows, each of shape (n,); NaN where there are too few.

    Parameters
    ----------
    windows : ndarray
        How many windows have figures.
    correlation, beta : ndarray
        Means over the windows.
    beta_deviation : ndarray
        Standard deviation of beta over the windows.
    beta_noise : ndarray
        What estimation alone would make of it.
    instability : ndarray
        In [0, 1].
    score : ndarray
        In [0, 1].
    """

    windows: Floats
    correlation: Floats
    beta: Floats
    beta_deviation: Floats
    beta_noise: Floats
    instability: Floats
    score: Floats


def scores(figures: Rolling, noise: Floats, window: Window) -> Scores:
    """How active each is, by "low correlation and unstable beta mark an active fund".

    With rho_t, beta_t and q_t = sigma_f / sigma_b over the windows t, and v the mean variance of beta_t that
    estimation alone would give (`noise_variance`),

        distance     D = 1 - mean(rho_t), at most 1
        instability  U = sqrt( max(0, Var(beta_t) - v) / mean(q_t^2) )
        score        S = sqrt(D U)

    As beta_t = rho_t q_t, Var(beta_t) <= mean(q_t^2): U, and so S, lies in [0, 1]. Both parts are free of scale: a
    fund at twice its exposure has the same. It takes both to be active: S is 0 for the benchmark and any constant
    multiple of it (D = U = 0), and for a bill fund that has little to do with the benchmark and nothing that changes
    (U = 0). An instability is judged from two windows without a common return upwards.

    Parameters
    ----------
    figures : Rolling
    noise : ndarray, shape (n,)
    window : Window
    """
    known = np.isfinite(figures.correlation)
    windows = known.sum(axis=0).astype(float)
    correlation, beta = _mean(figures.correlation, known), _mean(figures.beta, known)
    variance = _mean((figures.beta - beta) ** 2, known)
    judged = windows > window.length
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.minimum(1.0, np.maximum(0.0, 1.0 - correlation))
        share = np.maximum(0.0, variance - noise) / _mean(figures.ratio**2, known)
        instability = np.where(judged, np.sqrt(share), np.nan)
    return Scores(
        windows=windows,
        correlation=correlation,
        beta=beta,
        beta_deviation=np.where(judged, np.sqrt(variance), np.nan),
        beta_noise=np.where(judged, np.sqrt(noise), np.nan),
        instability=instability,
        score=np.sqrt(distance * instability),
    )


def _mean(values: Floats, known: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0))
