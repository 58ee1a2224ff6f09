"""The larger of two volatilities by plain numpy, and which volatility each estimator gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.covariance import EmpiricalCovariance

from riskmodels import (
    ExponentialCovariance,
    NeweyWest,
    OverlappingReturns,
    RiskModelRules,
    ShrunkCorrelation,
    UnequalHistories,
    covariance_estimator,
)
from riskmodels.estimators import COVARIANCES
from riskmodels.larger_volatility import LargerVolatility

Floats = NDArray[np.float64]

SAMPLE = EmpiricalCovariance(assume_centered=True)
OWN_VOLATILITY = ["ledoit_wolf", "oas", "constant_correlation", "nonlinear", "exponential"]
AROUND = {
    "weekly": OverlappingReturns(ShrunkCorrelation()),
    "weekly exponential": OverlappingReturns(ExponentialCovariance()),
    "lags": NeweyWest(ShrunkCorrelation(), lags=3),
    "weekly sample": OverlappingReturns(SAMPLE),
}


def market(days: int, n: int, seed: int) -> Floats:
    """News that reaches the first funds over days, and closes of the last ones that bounce."""
    rng = np.random.default_rng(seed)
    news = rng.normal(size=(days + 3, 1)) + rng.normal(size=(days + 3, n))
    late, bounce = np.linspace(1.0, 0.0, n), rng.normal(size=(days + 1, n))
    x = news[3:] + late * (news[2:-1] + news[1:-2]) + (1.0 - late) * np.diff(bounce, axis=0)
    return np.asarray(x * np.geomspace(0.0001, 0.01, n))


def volatility(sigma: Floats) -> Floats:
    return np.sqrt(np.diag(sigma))


def test_is_the_sample_written_out() -> None:
    x = market(120, 5, 0)
    centred = x - x.mean(axis=0)
    sums = np.array([centred[t : t + 5].sum(axis=0) for t in range(116)])
    weekly = np.cov(sums.T, bias=True) / 5.0
    daily = np.cov(x.T, bias=True)
    d = np.maximum(volatility(daily), volatility(weekly))
    # Both are needed: some funds move more over weeks, and some over days.
    assert 0 < (volatility(weekly) > volatility(daily)).sum() < 5

    fitted = LargerVolatility(OverlappingReturns(SAMPLE)).fit(x)

    np.testing.assert_allclose(fitted.volatility_, d, rtol=1e-10)
    np.testing.assert_allclose(fitted.covariance_, np.corrcoef(sums.T) * np.outer(d, d), rtol=1e-8)


@pytest.mark.parametrize("n", [1, 6, 300])
def test_as_shipped_is_what_numpy_pandas_and_scikit_learn_make_of_it(n: int, shipped_risk: Any) -> None:
    x = market(252, n, 1)
    fitted = covariance_estimator(RiskModelRules()).fit(x)
    np.testing.assert_allclose(fitted.covariance_ * 252.0 * 100.0**2, shipped_risk.covariance(x), rtol=1e-9)
    assert fitted.shrinkage_ == pytest.approx(shipped_risk.correlation(x)[1], rel=1e-9)


@pytest.mark.parametrize("name", AROUND)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_is_never_below_either_and_keeps_the_correlations(name: str, seed: int) -> None:
    x = market(80, 5, seed)
    lag_aware = clone(AROUND[name]).fit(x)
    inside = AROUND[name].base
    daily = (ShrunkCorrelation(inside) if inside is SAMPLE else clone(inside)).fit(x)

    larger = LargerVolatility(AROUND[name]).fit(x)

    d, lagged = volatility(larger.covariance_), volatility(lag_aware.covariance_)
    assert (d >= (1.0 - 1e-12) * volatility(daily.covariance_)).all()
    assert (d >= (1.0 - 1e-12) * lagged).all()
    same = lag_aware.covariance_ / np.outer(lagged, lagged)
    np.testing.assert_allclose(larger.covariance_ / np.outer(d, d), same, atol=1e-12)
    np.linalg.cholesky(same)


@pytest.mark.parametrize("name", AROUND)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_is_the_lag_aware_one_where_every_fund_trades_late(name: str, seed: int) -> None:
    news = np.random.default_rng(seed).normal(size=(204, 4))
    x = sum(news[lag : lag + 200] for lag in range(5))
    lag_aware = clone(AROUND[name]).fit(x)
    larger = LargerVolatility(AROUND[name]).fit(x)
    np.testing.assert_allclose(larger.covariance_, lag_aware.covariance_, rtol=1e-10)


def test_short_histories_inside() -> None:
    x = market(120, 6, 2)
    x[:70, 1], x[:60, 4] = np.nan, np.nan
    infers = UnequalHistories(ShrunkCorrelation())
    daily, weekly = clone(infers).fit(x), OverlappingReturns(infers).fit(x)

    larger = LargerVolatility(OverlappingReturns(infers)).fit(x)

    expected = np.maximum(volatility(daily.covariance_), volatility(weekly.covariance_))
    np.testing.assert_allclose(volatility(larger.covariance_), expected, rtol=1e-10)
    assert expected[1] > volatility(daily.covariance_)[1]
    assert expected[4] > volatility(weekly.covariance_)[4]
    np.linalg.cholesky(larger.covariance_ / np.outer(expected, expected))


@pytest.mark.parametrize("name", COVARIANCES)
def test_volatility_of_is_that_of_the_fitted_covariance(name: str) -> None:
    x = market(150, 8, 3)
    unfitted = clone(COVARIANCES[name])
    of_returns = unfitted.volatility_of(x)
    np.testing.assert_allclose(of_returns, volatility(clone(unfitted).fit(x).covariance_), rtol=1e-10)
    assert not hasattr(unfitted, "factor_form_")


@pytest.mark.parametrize("name", OWN_VOLATILITY)
def test_volatility_of_a_fund_looks_at_no_other(name: str) -> None:
    x = market(150, 8, 4)
    together = COVARIANCES[name].volatility_of(x)
    alone = [COVARIANCES[name].volatility_of(x[:, [column]])[0] for column in range(8)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_sample_is_numpys() -> None:
    x = market(150, 8, 5)
    expected = np.cov(x.T, bias=True)
    fitted = clone(COVARIANCES["sample"]).fit(x)
    np.testing.assert_allclose(fitted.covariance_, expected, rtol=1e-9, atol=1e-9 * expected.min())
    assert fitted.shrinkage_ is None
