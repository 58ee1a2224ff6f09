"""What holds for every covariance: scikit-learn's law, positive definite, and nothing that must not matter matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.covariance import OAS, EmpiricalCovariance, GraphicalLasso, LedoitWolf, MinCovDet
from sklearn.utils.estimator_checks import check_estimator

from riskmodels import (
    CombinedExperts,
    ConstantCorrelation,
    EstimationError,
    ExponentialCovariance,
    ExponentialReturn,
    NeweyWest,
    NonlinearShrinkage,
    OverlappingReturns,
    PrincipalFactors,
    RiskAdjustedReturn,
    SectorShrunkReturn,
    ShrunkCorrelation,
    ShrunkCovariance,
    UnequalHistories,
)
from riskmodels.larger_volatility import LargerVolatility

Floats = NDArray[np.float64]

COVARIANCES = {
    "correlation": ShrunkCorrelation(),
    "oas": ShrunkCorrelation(OAS(assume_centered=True)),
    "sample": ShrunkCorrelation(EmpiricalCovariance(assume_centered=True)),
    "raw": ShrunkCovariance(),
    "constant": ConstantCorrelation(),
    "constant inside": ShrunkCorrelation(ConstantCorrelation()),
    "nonlinear": NonlinearShrinkage(),
    "nonlinear inside": ShrunkCorrelation(NonlinearShrinkage()),
    "exponential": ExponentialCovariance(),
    "exponential oas": ExponentialCovariance(10.0, 40.0, OAS(assume_centered=True)),
    "newey west": NeweyWest(),
    "newey west exponential": NeweyWest(ExponentialCovariance(), lags=2),
    "overlapping": OverlappingReturns(),
    "factors": PrincipalFactors(),
    "three factors": PrincipalFactors(3),
    "combined": CombinedExperts(recent_days=5),
    "combined by factors": CombinedExperts(recent_days=5, factors=2),
    "unequal": UnequalHistories(),
    "all at once": NeweyWest(UnequalHistories(ExponentialCovariance())),
    "larger": LargerVolatility(),
    "larger as shipped": LargerVolatility(OverlappingReturns(ExponentialCovariance())),
    "larger unequal": LargerVolatility(OverlappingReturns(UnequalHistories(ExponentialCovariance()))),
}
# Checks of scikit-learn that do not apply.
FEW_DAYS = {
    "check_estimators_nan_inf": "made on ten days, of which it refuses to estimate before it looks at the values",
    "check_fit2d_1feature": "ten days again; expects words about the number of columns",
}
GAPS = {"check_estimators_pickle": "puts NaN in the middle of columns: a gap, which is refused by design"}
DO_NOT_APPLY = {
    "nonlinear": FEW_DAYS,
    "nonlinear inside": FEW_DAYS,
    "unequal": GAPS,
    "all at once": GAPS,
    "larger unequal": GAPS,
}


def bond_returns(days: int, n: int, seed: int = 0) -> Floats:
    """Two factors and noise, volatilities spread from Treasury bills to long bonds."""
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.0001, 0.01, n)
    loadings = np.vstack([rng.uniform(0.5, 1.5, n), rng.normal(size=n)])
    return np.asarray((rng.normal(size=(days, 2)) @ loadings + rng.normal(size=(days, n))) * volatility)


def named(estimators: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("name", list(estimators))


@named(COVARIANCES)
def test_scikit_learn_accepts_it_as_one_of_its_own(name: str) -> None:
    check_estimator(clone(COVARIANCES[name]), expected_failed_checks=DO_NOT_APPLY.get(name), on_skip=None)


@pytest.mark.parametrize(
    "estimator", [ExponentialReturn(), RiskAdjustedReturn(), SectorShrunkReturn()], ids=lambda e: type(e).__name__
)
def test_so_are_expected_returns(estimator: BaseEstimator) -> None:
    check_estimator(estimator, on_skip=None)


@named(COVARIANCES)
@pytest.mark.parametrize(("days", "n"), [(126, 12), (40, 60), (60, 1)])
def test_is_positive_definite_and_says_how_well_conditioned(name: str, days: int, n: int) -> None:
    fitted = clone(COVARIANCES[name]).fit(bond_returns(days, n))
    sigma = fitted.covariance_

    np.testing.assert_array_equal(sigma, sigma.T)
    values = np.linalg.eigvalsh(sigma / np.sqrt(np.outer(np.diag(sigma), np.diag(sigma))))
    assert values[0] > 1e-11
    # What is left of the smallest of eigenvalues 1e14 apart is mostly rounding.
    condition = np.linalg.cond(sigma)
    assert fitted.condition_number_ == pytest.approx(condition, rel=1e-3 if condition < 1e10 else 0.1)
    np.testing.assert_array_equal(fitted.factor_form_.matrix, sigma)


@named(COVARIANCES)
def test_two_tickers_of_one_fund_and_a_mix_of_others_are_no_obstacle(name: str) -> None:
    x = bond_returns(60, 8)
    x[:, 3] = x[:, 2]
    x[:, 5] = 0.5 * x[:, 6] + 0.5 * x[:, 7]

    fitted = clone(COVARIANCES[name]).fit(x)

    sigma = fitted.covariance_
    d = np.sqrt(np.diag(sigma))
    assert np.isfinite(sigma).all()
    np.linalg.cholesky(sigma / np.outer(d, d))
    if name not in ("raw", "nonlinear", "combined by factors", "combined"):
        assert sigma[2, 2] == pytest.approx(sigma[3, 3], rel=1e-6)
    # Raw shrinkage gives a calm fund the noise of the others, a model of two factors noise to all.
    if name not in ("raw", "factors"):
        assert sigma[2, 3] / (d[2] * d[3]) > 0.7
    np.testing.assert_allclose(sigma[2, [0, 1, 4]], sigma[3, [0, 1, 4]], rtol=1e-4, atol=1e-7 * d[2] * d.max())


# Cholesky factors are mixed in the order of the funds.
@pytest.mark.parametrize("name", [name for name in COVARIANCES if name != "combined"])
@given(seed=st.integers(0, 50), order=st.permutations(range(7)))
@settings(max_examples=8)
def test_the_order_of_columns_does_not_matter(name: str, seed: int, order: list[int]) -> None:
    x = bond_returns(70, 7, seed)
    a, b = clone(COVARIANCES[name]).fit(x), clone(COVARIANCES[name]).fit(x[:, order])
    scale = np.sqrt(np.outer(np.diag(a.covariance_), np.diag(a.covariance_)))[np.ix_(order, order)]
    np.testing.assert_allclose(b.covariance_ / scale, a.covariance_[np.ix_(order, order)] / scale, atol=3e-6)


SCALE_FREE = [name for name in COVARIANCES if name not in ("raw", "constant", "nonlinear")]


@pytest.mark.parametrize("name", SCALE_FREE)
@given(seed=st.integers(0, 50), factors=st.lists(st.floats(0.01, 100.0), min_size=6, max_size=6))
@settings(max_examples=8)
def test_the_unit_of_a_fund_scales_its_risk_and_no_correlation(name: str, seed: int, factors: list[float]) -> None:
    x = bond_returns(70, 6, seed)
    a, b = clone(COVARIANCES[name]).fit(x), clone(COVARIANCES[name]).fit(x * factors)
    scale = np.sqrt(np.outer(np.diag(a.covariance_), np.diag(a.covariance_)))
    np.testing.assert_allclose(b.covariance_ / np.outer(factors, factors) / scale, a.covariance_ / scale, atol=3e-6)


@named(COVARIANCES)
@given(factor=st.floats(1e-3, 1e3))
@settings(max_examples=5)
def test_one_unit_for_all_scales_all(name: str, factor: float) -> None:
    x = bond_returns(70, 6)
    a, b = clone(COVARIANCES[name]).fit(x), clone(COVARIANCES[name]).fit(x * factor)
    scale = np.sqrt(np.outer(np.diag(a.covariance_), np.diag(a.covariance_)))
    np.testing.assert_allclose(b.covariance_ / factor**2 / scale, a.covariance_ / scale, atol=3e-6)


@named(COVARIANCES)
def test_fitting_changes_neither_parameters_nor_data(name: str) -> None:
    estimator = clone(COVARIANCES[name])
    before = repr(estimator.get_params())
    x = bond_returns(60, 5)
    copy = x.copy()
    x.flags.writeable = False
    first = estimator.fit(x).covariance_
    np.testing.assert_array_equal(x, copy)
    assert repr(estimator.get_params()) == before
    np.testing.assert_array_equal(clone(estimator).fit(x).covariance_, first)


@named(COVARIANCES)
def test_a_fund_that_never_moves_is_named(name: str) -> None:
    x = pd.DataFrame(bond_returns(60, 3), columns=["AAA", "BBB", "CCC"])
    x["BBB"] = 0.0001
    if name in ("raw", "nonlinear"):
        # A covariance may have a row of (nearly) nothing; never a NaN.
        assert np.isfinite(clone(COVARIANCES[name]).fit(x).covariance_).all()
        return
    with pytest.raises(EstimationError, match="BBB") as caught:
        clone(COVARIANCES[name]).fit(x)
    assert "\n" not in str(caught.value)


BASES: list[BaseEstimator] = [
    LedoitWolf(),
    OAS(),
    EmpiricalCovariance(),
    GraphicalLasso(alpha=0.1),
    MinCovDet(random_state=0),
    ConstantCorrelation(),
    NonlinearShrinkage(),
]
AROUND: list[Callable[[BaseEstimator], BaseEstimator]] = [
    lambda base: ShrunkCorrelation(base),
    lambda base: ExponentialCovariance(base=base),
    lambda base: NeweyWest(ShrunkCorrelation(base)),
    lambda base: LargerVolatility(NeweyWest(base)),
    lambda base: UnequalHistories(ShrunkCorrelation(base)),
]


@pytest.mark.parametrize("base", BASES, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("around", AROUND)
def test_any_covariance_of_scikit_learn_may_stand_inside(
    around: Callable[[BaseEstimator], BaseEstimator], base: BaseEstimator
) -> None:
    fitted = around(base).fit(bond_returns(126, 5))
    assert np.linalg.eigvalsh(fitted.covariance_)[0] > 0.0


def test_a_plain_base_is_taken_without_standardising() -> None:
    x = bond_returns(126, 5)
    np.testing.assert_allclose(
        UnequalHistories(EmpiricalCovariance()).fit(x).covariance_, np.cov(x.T, bias=True), rtol=1e-9, atol=1e-18
    )


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (NeweyWest(lags=-1), "lags is -1"),
        (NeweyWest(lags=2.5), "lags is 2.5"),
        (NeweyWest(lags=60), "60 days of returns for 60 lags"),
        (OverlappingReturns(horizon=0), "horizon is 0"),
        (OverlappingReturns(horizon=60), "60 days of returns for a horizon of 60"),
        (ExponentialCovariance(volatility_half_life=0.0), "volatility_half_life is 0.0"),
        (ExponentialCovariance(correlation_half_life=True), "correlation_half_life is True"),
        (PrincipalFactors(0), "factors is 0"),
        (CombinedExperts(recent_days=58), "60 days of returns: experts judged by 58 days take at least 61"),
        (CombinedExperts(half_lives=((10.0, -1.0),)), "half_lives is -1.0"),
        (UnequalHistories(factors=0), "factors is 0"),
    ],
)
def test_impossible_parameters_are_refused_in_one_line(estimator: Any, words: str) -> None:
    with pytest.raises(EstimationError) as caught:
        estimator.fit(bond_returns(60, 3))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
