"""Analytical nonlinear shrinkage: its kernel by numerical integration, its formula written out, its gain measured."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from sklearn.covariance import LedoitWolf

from riskmodels import EstimationError, NonlinearShrinkage

Floats = NDArray[np.float64]


def kernel(x: float) -> float:
    return max(0.0, 3.0 / (4.0 * np.sqrt(5.0)) * (1.0 - x * x / 5.0))


def hilbert(x: float) -> float:
    """(1 / pi) PV integral of kernel(t) / (t - x) dt, numerically."""
    edge = np.sqrt(5.0)
    if abs(x) > edge:
        return float(quad(lambda t: kernel(t) / (t - x), -edge, edge, epsabs=1e-13)[0] / np.pi)
    # Of the principal value the part around x cancels in pairs.
    near = min(edge - abs(x), 1.0)
    paired = quad(lambda h: (kernel(x + h) - kernel(x - h)) / h, 0.0, near, epsabs=1e-13)[0] if near > 0 else 0.0
    left = quad(lambda t: kernel(t) / (t - x), -edge, x - near, epsabs=1e-13)[0]
    right = quad(lambda t: kernel(t) / (t - x), x + near, edge, epsabs=1e-13)[0]
    return float((paired + left + right) / np.pi)


def by_hand(x: Floats) -> Floats:
    """Theorem 4.1 ff. of the paper, one eigenvalue at a time, with integrals in the place of closed forms."""
    x = x - x.mean(axis=0)
    free, n = x.shape[0] - 1, x.shape[1]
    values, vectors = np.linalg.eigh(x.T @ x / free)
    kept = values[max(0, n - free) :]
    h, c = free ** (-1.0 / 3.0), n / free
    shrunk = []
    for value in kept:
        f = np.mean([kernel((value - other) / (h * other)) / (h * other) for other in kept])
        transform = np.mean([hilbert((value - other) / (h * other)) / (h * other) for other in kept])
        if n <= free:
            d = value / ((np.pi * c * value * f) ** 2 + (1 - c - np.pi * c * value * transform) ** 2)
        else:
            d = 1.0 / (np.pi**2 * value * (f**2 + transform**2))
        shrunk.append(d)
    if n > free:
        at_zero = np.mean([hilbert(-1.0 / h) / (h * other) for other in kept])
        shrunk = [1.0 / (np.pi * (c - 1) * at_zero)] * (n - free) + shrunk
    return np.asarray((vectors * np.array(shrunk)) @ vectors.T)


def sample(days: int, eigenvalues: Floats, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(days, eigenvalues.size)) * np.sqrt(eigenvalues)


@pytest.mark.parametrize(("days", "n"), [(40, 8), (30, 25), (16, 30), (14, 60)])
def test_is_the_formula_of_the_paper(days: int, n: int) -> None:
    x = sample(days, np.geomspace(1.0, 20.0, n))
    fitted = NonlinearShrinkage().fit(x)
    expected = by_hand(x)
    np.testing.assert_allclose(fitted.covariance_, expected, rtol=1e-7, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize(("days", "n"), [(120, 60), (120, 240)])
def test_beats_linear_shrinkage_where_eigenvalues_are_of_three_kinds(days: int, n: int) -> None:
    """The example of the paper: a fifth 1, two fifths 3, two fifths 10."""
    truth = np.repeat([1.0, 3.0, 10.0], [n // 5, 2 * n // 5, 2 * n // 5])
    off: dict[str, float] = {"nonlinear": 0.0, "linear": 0.0, "sample": 0.0}
    for seed in range(5):
        x = sample(days, truth, seed)
        off["nonlinear"] += ((NonlinearShrinkage().fit(x).covariance_ - np.diag(truth)) ** 2).sum()
        off["linear"] += ((LedoitWolf().fit(x).covariance_ - np.diag(truth)) ** 2).sum()
        off["sample"] += ((np.cov(x.T) - np.diag(truth)) ** 2).sum()
    assert off["nonlinear"] < off["linear"] < off["sample"]


def test_equal_eigenvalues_are_found_to_be_equal() -> None:
    fitted = NonlinearShrinkage().fit(sample(300, np.full(100, 4.0)))
    sampled = np.linalg.eigvalsh(np.cov(sample(300, np.full(100, 4.0)).T))
    assert sampled[-1] / sampled[0] > 10.0
    assert fitted.eigenvalues_.max() / fitted.eigenvalues_.min() < 1.6
    assert fitted.eigenvalues_.mean() == pytest.approx(4.0, rel=0.05)


def test_too_few_days_are_refused() -> None:
    NonlinearShrinkage().fit(sample(13, np.ones(20)))
    with pytest.raises(EstimationError, match="12 days of returns: nonlinear shrinkage takes at least 13"):
        NonlinearShrinkage().fit(sample(12, np.ones(20)))
    with pytest.raises(EstimationError, match="none of the 3 columns moves"):
        NonlinearShrinkage().fit(np.ones((20, 3)))
