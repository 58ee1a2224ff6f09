"""Expected returns against closed forms, and Bayes-Stein against the paper's formula and by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskmodels import (
    EstimationError,
    ExponentialReturn,
    RiskAdjustedReturn,
    SectorShrunkReturn,
    ShrunkCorrelation,
    TrailingReturn,
)

Floats = NDArray[np.float64]


def returns_of(days: int = 250, n: int = 6, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.0005, 0.01, n)
    return np.asarray((0.6 * rng.normal(size=(days, 1)) + 0.8 * rng.normal(size=(days, n)) + 0.05) * volatility)


def test_several_windows_are_averaged() -> None:
    x = pd.DataFrame(returns_of())
    levels = (1.0 + x).cumprod()
    total = {days: (levels.iloc[-1] / levels.iloc[-1 - days] - 1.0) / days for days in (21, 63, 126)}
    fitted = TrailingReturn((21, 63, 126)).fit(x)
    np.testing.assert_allclose(fitted.expected_return_, sum(total.values()) / 3.0, rtol=1e-10)
    assert fitted.look_back_ == 126
    assert TrailingReturn().fit(x).look_back_ == 250


def test_exponential_is_the_average_of_pandas() -> None:
    x = pd.DataFrame(returns_of())
    fitted = ExponentialReturn(20.0).fit(x)
    np.testing.assert_allclose(fitted.expected_return_, x.ewm(halflife=20.0).mean().iloc[-1], rtol=1e-10)
    assert fitted.look_back_ == 250


def test_risk_adjusted_is_what_a_power_investor_would_take_for_certain() -> None:
    """Morningstar, gamma 2: (mean of (1 + r)^-2)^(-1/2) - 1, which the charge for variance is to second order."""
    x = returns_of(2000)
    x -= x.mean(axis=0) - 1e-4
    certain = np.mean((1.0 + x) ** -2.0, axis=0) ** -0.5 - 1.0
    arithmetic = (
        RiskAdjustedReturn(2.0).fit(x).expected_return_ - TrailingReturn().fit(x).expected_return_ + x.mean(axis=0)
    )
    # Relative risk aversion is gamma + 1: half of the variance is in the compounding already.
    np.testing.assert_allclose(arithmetic - 0.5 * x.var(axis=0), certain, atol=2e-8)
    charged = TrailingReturn().fit(x).expected_return_ - 0.5 * 7.0 * x.var(axis=0)
    np.testing.assert_allclose(RiskAdjustedReturn(7.0).fit(x).expected_return_, charged, rtol=1e-12)


SECTORS = ("a", "b", "a", "b", "a", "c")


def test_sector_shrinkage_is_jorions_formula_in_each_sector() -> None:
    x = returns_of()
    m = np.prod(1.0 + x, axis=0) - 1.0
    m /= 250.0
    fitted = SectorShrunkReturn(SECTORS).fit(x)
    for members in ([0, 2, 4], [1, 3]):
        sigma = ShrunkCorrelation().fit(x[:, members]).covariance_
        off = m[members] - m[members].mean()
        n = len(members)
        share = (n + 2.0) / (n + 2.0 + 250.0 * off @ np.linalg.inv(sigma) @ off)
        np.testing.assert_allclose(fitted.intensity_[members], share, rtol=1e-8)
        expected = (1.0 - share) * m[members] + share * m[members].mean()
        np.testing.assert_allclose(fitted.expected_return_[members], expected, rtol=1e-8)
        assert fitted.expected_return_[members].mean() == pytest.approx(m[members].mean(), rel=1e-9)
    assert fitted.expected_return_[5] == pytest.approx(m[5], rel=1e-12)
    assert fitted.intensity_[5] == 0.0
    assert fitted.look_back_ == 250


def test_shrunk_returns_are_nearer_to_the_truth_when_funds_of_a_sector_are_alike() -> None:
    rng = np.random.default_rng(0)
    off = {"shrunk": 0.0, "trailing": 0.0}
    for _ in range(40):
        truth = 2e-4 + 5e-5 * rng.normal(size=10)
        x = truth + 0.005 * rng.normal(size=(126, 10))
        off["shrunk"] += float(((SectorShrunkReturn().fit(x).expected_return_ - truth) ** 2).sum())
        off["trailing"] += float(((TrailingReturn().fit(x).expected_return_ - truth) ** 2).sum())
    assert off["shrunk"] < 0.6 * off["trailing"]


@given(order=st.permutations(range(6)), seed=st.integers(0, 20))
@settings(max_examples=15)
def test_the_order_of_columns_does_not_matter(order: list[int], seed: int) -> None:
    x = returns_of(seed=seed)
    a = SectorShrunkReturn(SECTORS).fit(x).expected_return_
    b = SectorShrunkReturn([SECTORS[i] for i in order]).fit(x[:, order]).expected_return_
    np.testing.assert_allclose(b, a[order], rtol=1e-9, atol=1e-15)


def test_a_fund_that_never_moves_keeps_its_return_and_leaves_the_others_alone() -> None:
    x = returns_of(n=4)
    x[:, 1] = 0.0002
    fitted = SectorShrunkReturn().fit(x)
    assert fitted.expected_return_[1] == pytest.approx((1.0002**250 - 1.0) / 250.0)
    np.testing.assert_allclose(
        fitted.expected_return_[[0, 2, 3]], SectorShrunkReturn().fit(x[:, [0, 2, 3]]).expected_return_, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (TrailingReturn((21, 251)), "none beyond the 250 given"),
        (TrailingReturn(()), "windows is ()"),
        (TrailingReturn((0,)), "windows is 0"),
        (TrailingReturn((2.5,)), "windows is 2.5"),  # type: ignore[arg-type]  # what a user may write
        (ExponentialReturn(0.0), "half_life is 0.0"),
        (RiskAdjustedReturn(-1.0), "risk_aversion is -1.0"),
        (SectorShrunkReturn(("a", "b")), "2 sectors for 6 columns"),
    ],
)
def test_impossible_parameters_are_refused_in_one_line(estimator: Any, words: str) -> None:
    with pytest.raises(EstimationError) as caught:
        estimator.fit(returns_of())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
