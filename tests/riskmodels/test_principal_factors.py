"""A few factors, against the singular value decomposition and a market of known factors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from riskmodels import PrincipalFactors

Floats = NDArray[np.float64]


def factor_market(days: int, n: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Returns of three strong factors, and their true covariance."""
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.1, 10.0, n)
    loadings = rng.normal(size=(n, 3)) * volatility[:, None]
    own = 0.7 * volatility
    x = rng.normal(size=(days, 3)) @ loadings.T + rng.normal(size=(days, n)) * own
    return x, loadings @ loadings.T + np.diag(own**2)


@pytest.mark.parametrize(("days", "n"), [(100, 20), (30, 80)])
def test_is_the_truncated_singular_value_decomposition(days: int, n: int) -> None:
    x, _ = factor_market(days, n)
    d = x.std(axis=0)
    _, s, vt = np.linalg.svd((x - x.mean(axis=0)) / d, full_matrices=False)
    common = (vt[:4].T * s[:4] ** 2 / days) @ vt[:4]
    expected = common - np.diag(np.diag(common)) + np.eye(n)

    fitted = PrincipalFactors(4).fit(x)

    np.testing.assert_allclose(fitted.covariance_, expected * np.outer(d, d), rtol=1e-8, atol=1e-10)
    assert fitted.factor_form_.loadings.shape == (n, 4)
    np.testing.assert_allclose(np.sqrt(np.diag(fitted.covariance_)), d, rtol=1e-12)


@pytest.mark.parametrize(("days", "n"), [(400, 40), (120, 200)])
def test_counts_the_factors_that_stand_out(days: int, n: int) -> None:
    assert PrincipalFactors().fit(factor_market(days, n)[0]).factors_ == 3
    noise = np.random.default_rng(1).normal(size=(days, n))
    assert PrincipalFactors().fit(noise).factors_ <= 2


def test_finds_the_covariance_of_a_market_of_three_factors() -> None:
    # Components of few funds carry some of the funds' own risk; of many they do not.
    x, truth = factor_market(4000, 150)
    scale = np.sqrt(np.outer(np.diag(truth), np.diag(truth)))
    np.testing.assert_allclose(PrincipalFactors().fit(x).covariance_ / scale, truth / scale, atol=0.08)


def test_more_factors_than_there_are_is_all_of_them() -> None:
    x, _ = factor_market(100, 5)
    fitted = PrincipalFactors(50).fit(x)
    assert fitted.factors_ == 5
    np.testing.assert_allclose(fitted.covariance_, np.cov(x.T, bias=True), rtol=1e-8)
