"""Newey-West by loops and by hand, and a fund that trades late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.covariance import EmpiricalCovariance

from riskmodels import NeweyWest, OverlappingReturns, ShrunkCorrelation

Floats = NDArray[np.float64]

SAMPLE = EmpiricalCovariance(assume_centered=True)


def loops(x: Floats, lags: int) -> Floats:
    """Newey and West (1987), equation 5, with every sum written out."""
    days, n = x.shape
    x = x - x.mean(axis=0)
    s = np.zeros((n, n))
    for lag in range(lags + 1):
        weight = 1.0 - lag / (lags + 1.0)
        for t in range(lag, days):
            s += weight * np.outer(x[t], x[t - lag]) / days
            if lag:
                s += weight * np.outer(x[t - lag], x[t]) / days
    return s


@given(seed=st.integers(0, 1000), lags=st.integers(0, 6), days=st.integers(8, 40))
@settings(max_examples=30)
def test_is_newey_and_west(seed: int, lags: int, days: int) -> None:
    x = np.random.default_rng(seed).normal(size=(days, 3)) * [0.1, 1.0, 10.0]
    sigma = NeweyWest(SAMPLE, lags=lags).fit(x).covariance_
    np.testing.assert_allclose(sigma, loops(x, lags), rtol=1e-7, atol=1e-7 * np.outer([0.1, 1, 10], [0.1, 1, 10]).max())


def test_a_case_by_hand() -> None:
    """1, -1, 1, -1: G0 = 1, G1 = -3/4, so with one lag 1 - 3/4 = 1/4."""
    x = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert NeweyWest(SAMPLE, lags=1).fit(x).covariance_[0, 0] == pytest.approx(0.25)


def test_no_lags_and_a_horizon_of_a_day_are_the_estimator_inside() -> None:
    x = np.random.default_rng(0).normal(size=(60, 5))
    inside = ShrunkCorrelation().fit(x)
    for outside in (NeweyWest(lags=0), OverlappingReturns(horizon=1)):
        fitted = outside.fit(x)
        np.testing.assert_allclose(fitted.covariance_, inside.covariance_, rtol=1e-12)
        assert fitted.shrinkage_ == pytest.approx(inside.shrinkage_, rel=1e-12)


def test_overlapping_returns_are_those_of_pandas() -> None:
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)))
    expected = x.rolling(5).sum().dropna().cov(ddof=0).to_numpy() / 5.0
    np.testing.assert_allclose(OverlappingReturns(SAMPLE, horizon=5).fit(x).covariance_, expected, rtol=1e-10)


def late_market(days: int, seed: int) -> Floats:
    """The benchmark; a fund of beta 1 that shows half of the news a day late; one that bounces between bid and ask."""
    rng = np.random.default_rng(seed)
    news = rng.normal(size=days + 1)
    bounce = rng.choice([-1.0, 1.0], size=days + 1)
    late = 0.5 * news[1:] + 0.5 * news[:-1] + 0.1 * rng.normal(size=days)
    bouncing = 0.2 * rng.normal(size=days) + np.diff(bounce)
    return np.column_stack([news[1:], late, bouncing])


@pytest.mark.parametrize("estimator", [NeweyWest(SAMPLE, lags=9), OverlappingReturns(SAMPLE, horizon=10)])
def test_recovers_the_beta_of_a_fund_that_trades_late_and_the_risk_of_one_that_bounces(estimator: NeweyWest) -> None:
    sigmas = np.mean([estimator.fit(late_market(1000, seed)).covariance_ for seed in range(20)], axis=0)
    daily = np.mean([np.cov(late_market(1000, seed).T) for seed in range(20)], axis=0)
    assert daily[0, 1] / daily[0, 0] == pytest.approx(0.5, abs=0.03)
    # One of ten pairs of days lies across the edge of the ten.
    assert sigmas[0, 1] / sigmas[0, 0] == pytest.approx(1.0 - 0.5 / 10.0, abs=0.03)
    assert daily[2, 2] == pytest.approx(2.04, rel=0.03)
    assert sigmas[2, 2] == pytest.approx(0.04 + 2.0 / 10.0, rel=0.08)


def test_shrinkage_and_exponential_weights_work_on_the_sums() -> None:
    x = late_market(400, 0)
    padded = np.vstack([np.zeros((4, 3)), x - x.mean(axis=0), np.zeros((4, 3))])
    sums = np.array([padded[t : t + 5].sum(axis=0) for t in range(404)])
    expected = ShrunkCorrelation().fit(sums).covariance_ * 404 / (400 * 5)
    np.testing.assert_allclose(NeweyWest(lags=4).fit(x).covariance_, expected, rtol=1e-9)
