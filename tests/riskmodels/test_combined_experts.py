"""CM-IEWMA against a slow transcription of the paper with cvxpy, and what the weights are for."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from numpy.typing import NDArray

from riskmodels import CombinedExperts

Floats = NDArray[np.float64]

PAIRS = ((5.0, 20.0), (20.0, 40.0), (60.0, 120.0))


def returns_of(days: int, n: int, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.1, 10.0, n) * np.exp(0.3 * np.sin(np.arange(days) / 15.0))[:, None]
    return np.asarray((0.8 * rng.standard_t(5, size=(days, 1)) + rng.normal(size=(days, n))) * volatility)


def iterated_ewma(x: Floats, until: int, for_volatility: float, for_correlation: float) -> Floats:
    """The forecast for day `until` from the days before it: sums over all of them, weighted day by day."""
    days, n = x.shape[0], x.shape[1]

    def volatility(t: int) -> Floats:
        weights = np.array([0.5 ** ((t - 1 - s) / for_volatility) for s in range(t)])
        return np.sqrt(weights @ x[:t] ** 2 / weights.sum())

    warm = max(2, min(days // 4, int(for_volatility)))
    second = np.zeros((n, n))
    for s in range(warm, until):
        z = np.clip(x[s] / volatility(s), -4.2, 4.2)
        second += 0.5 ** ((until - 1 - s) / for_correlation) * np.outer(z, z)
    unit = np.sqrt(np.diag(second))
    d = volatility(until)
    return np.asarray(second / np.outer(unit, unit) * np.outer(d, d))


def transcribed(x: Floats, recent: int) -> tuple[Floats, Floats]:
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    days = len(x)

    def root(k: int, t: int) -> Floats:
        return np.linalg.cholesky(np.linalg.inv(iterated_ewma(x, t, *PAIRS[k])))

    w = cp.Variable(len(PAIRS), nonneg=True)
    terms = []
    for t in range(days - recent, days):
        roots = [root(k, t) for k in range(len(PAIRS))]
        mixed = sum(w[k] * roots[k] for k in range(len(PAIRS)))
        terms.append(cp.sum(cp.log(cp.diag(mixed))) - 0.5 * cp.sum_squares(mixed.T @ x[t]))
    cp.Problem(cp.Maximize(cp.sum(cp.hstack(terms))), [cp.sum(w) == 1]).solve(solver=cp.CLARABEL)
    best = np.asarray(w.value)
    mixed = sum(best[k] * root(k, days) for k in range(len(PAIRS)))
    return best, np.linalg.inv(mixed @ mixed.T)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_is_the_method_of_the_paper(seed: int) -> None:
    x = returns_of(150, 3, seed)
    weights, sigma = transcribed(x, 10)
    fitted = CombinedExperts(PAIRS, recent_days=10).fit(x)
    np.testing.assert_allclose(fitted.weights_, weights, atol=2e-3)
    d = x.std(axis=0)
    np.testing.assert_allclose(fitted.covariance_, sigma * np.outer(d, d), rtol=5e-3)
    assert fitted.weights_.sum() == pytest.approx(1.0)
    assert (fitted.weights_ >= 0.0).all()


def test_one_expert_is_the_iterated_average_itself() -> None:
    x = returns_of(120, 4)
    fitted = CombinedExperts((PAIRS[1],)).fit(x)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    expected = iterated_ewma(z, 120, *PAIRS[1]) * np.outer(x.std(axis=0), x.std(axis=0))
    np.testing.assert_allclose(fitted.covariance_, expected, rtol=1e-4)


@pytest.mark.parametrize("factors", [20, 3])
def test_after_a_jump_in_volatility_the_quick_expert_is_believed(factors: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8))
    x[-25:] *= 4.0
    jump = CombinedExperts(((5.0, 60.0), (120.0, 240.0)), factors=factors).fit(x)
    assert jump.weights_[0] > 0.9
    assert np.sqrt(np.diag(jump.covariance_)).mean() == pytest.approx(4.0, rel=0.25)
    calm = CombinedExperts(((2.0, 20.0), (120.0, 240.0)), factors=factors).fit(rng.normal(size=(300, 8)))
    assert calm.weights_[1] > 0.8


def test_many_funds_are_described_by_components_and_own_parts() -> None:
    rng = np.random.default_rng(1)
    loadings = rng.normal(size=(60, 2)) * np.geomspace(0.1, 10.0, 60)[:, None]
    own = 0.8 * np.geomspace(0.1, 10.0, 60)
    x = rng.normal(size=(1500, 2)) @ loadings.T + rng.normal(size=(1500, 60)) * own
    truth = loadings @ loadings.T + np.diag(own**2)
    fitted = CombinedExperts(((250.0, 500.0), (500.0, 1000.0)), factors=2).fit(x)
    assert fitted.factor_form_.loadings.shape == (60, 2)
    scale = np.sqrt(np.outer(np.diag(truth), np.diag(truth)))
    np.testing.assert_allclose(fitted.covariance_ / scale, truth / scale, atol=0.2)
