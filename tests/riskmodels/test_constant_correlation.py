"""Honey, entry by entry as the appendices of the paper define it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from riskmodels import ConstantCorrelation, ShrunkCorrelation

Floats = NDArray[np.float64]


def returns_of(days: int, n: int, common: float, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.1, 10.0, n)
    # A second factor in half of the funds, so that one correlation for all is not the truth.
    half = 1.5 * rng.normal(size=(days, 1)) * (np.arange(n) % 2)
    return np.asarray((half + common * rng.standard_t(6, size=(days, 1)) + rng.normal(size=(days, n))) * volatility)


def by_hand(x: Floats) -> tuple[Floats, float, float]:
    """Appendix A for the target, B for pi, rho and gamma: sums over i, j and t."""
    x = x - x.mean(axis=0)
    days, n = x.shape
    s = sum(np.outer(row, row) for row in x) / days
    pairs = list(itertools.combinations(range(n), 2))
    r = sum(s[i, j] / np.sqrt(s[i, i] * s[j, j]) for i, j in pairs) / len(pairs)
    f = np.array([[s[i, i] if i == j else r * np.sqrt(s[i, i] * s[j, j]) for j in range(n)] for i in range(n)])
    pi = rho = gamma = 0.0
    for i in range(n):
        for j in range(n):
            pi_ij = np.mean([(row[i] * row[j] - s[i, j]) ** 2 for row in x])
            pi += pi_ij
            gamma += (f[i, j] - s[i, j]) ** 2
            if i == j:
                rho += pi_ij
                continue
            own = np.mean([(row[i] ** 2 - s[i, i]) * (row[i] * row[j] - s[i, j]) for row in x])
            other = np.mean([(row[j] ** 2 - s[j, j]) * (row[i] * row[j] - s[i, j]) for row in x])
            rho += r / 2 * (np.sqrt(s[j, j] / s[i, i]) * own + np.sqrt(s[i, i] / s[j, j]) * other)
    a = max(0.0, min(1.0, (pi - rho) / gamma / days))
    return (1 - a) * s + a * f, float(a), float(r)


@pytest.mark.parametrize(("days", "n", "common"), [(60, 6, 0.8), (150, 9, 0.8), (40, 45, 0.3)])
def test_is_the_estimator_of_the_paper(days: int, n: int, common: float) -> None:
    x = returns_of(days, n, common)
    sigma, a, r = by_hand(x)
    assert 0.02 < a < 1.0

    fitted = ConstantCorrelation().fit(x)

    assert fitted.shrinkage_ == pytest.approx(a, rel=1e-10)
    assert fitted.mean_correlation_ == pytest.approx(r, rel=1e-10)
    np.testing.assert_allclose(fitted.covariance_, sigma, rtol=1e-9)
    # Low rank plus diagonal: the observations, one common factor, and own parts.
    assert fitted.factor_form_.loadings.shape == (n, days + 1)
    assert (fitted.factor_form_.specific > 0.0).all()


def test_a_negative_mean_correlation_has_no_low_rank_and_the_same_formula() -> None:
    x = returns_of(40, 2, 0.0)
    x[:, 1] -= 20.0 * x[:, 0]
    x = np.column_stack([x, np.random.default_rng(1).normal(size=40)])
    sigma, a, r = by_hand(x)
    assert r < -0.01
    fitted = ConstantCorrelation().fit(x)
    assert fitted.shrinkage_ == pytest.approx(a, rel=1e-10)
    np.testing.assert_allclose(fitted.covariance_, sigma, rtol=1e-8, atol=1e-9 * np.abs(sigma).max())


def test_two_funds_have_one_correlation_and_nothing_to_shrink() -> None:
    x = returns_of(60, 2, 1.0)
    np.testing.assert_allclose(ConstantCorrelation().fit(x).covariance_, np.cov(x.T, bias=True), rtol=1e-8)


def test_inside_the_correlation_form_it_shrinks_correlations_the_same_way_for_any_volatilities() -> None:
    x = returns_of(60, 6, 0.8)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    sigma, a, _ = by_hand(z)
    fitted = ShrunkCorrelation(ConstantCorrelation()).fit(x)
    assert fitted.shrinkage_ == pytest.approx(a, rel=1e-10)
    np.testing.assert_allclose(fitted.covariance_, sigma * np.outer(x.std(axis=0), x.std(axis=0)), rtol=1e-9)


def test_where_all_correlations_are_one_number_it_forecasts_better_than_the_sample() -> None:
    n, rho = 30, 0.6
    truth = (1 - rho) * np.eye(n) + rho
    off_shrunk = off_sample = 0.0
    for seed in range(20):
        x = np.random.default_rng(seed).multivariate_normal(np.zeros(n), truth, size=40, method="cholesky")
        shrunk = ConstantCorrelation().fit(x).covariance_
        d = np.sqrt(np.diag(shrunk))
        off_shrunk += ((shrunk / np.outer(d, d) - truth) ** 2).sum()
        off_sample += ((np.corrcoef(x.T) - truth) ** 2).sum()
    assert off_shrunk < 0.5 * off_sample
