"""Shrinkage covariances against the papers, scikit-learn's functions and the law of scikit-learn's estimators."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.covariance import OAS, EmpiricalCovariance, GraphicalLasso, LedoitWolf, MinCovDet, ledoit_wolf, oas
from sklearn.utils.estimator_checks import check_estimator

from riskmodels import EstimationError, ShrunkCorrelation, ShrunkCovariance, TrailingReturn
from riskmodels.estimators import COVARIANCES

Floats = NDArray[np.float64]


def bond_returns(days: int, n: int, seed: int = 0) -> Floats:
    """Two factors and noise, volatilities spread from Treasury bills to long bonds, means that are not zero."""
    rng = np.random.default_rng(seed)
    volatility = np.geomspace(0.0001, 0.01, n)
    factors = rng.standard_t(5, size=(days, 2)) @ rng.normal(size=(2, n))
    return np.asarray((factors + rng.normal(size=(days, n))) * volatility + 0.1 * volatility)


SHAPES = [(126, 12), (40, 60)]


@pytest.mark.parametrize(("days", "n"), SHAPES)
@pytest.mark.parametrize(("base", "function"), [(LedoitWolf(), ledoit_wolf), (OAS(), oas), (None, ledoit_wolf)])
def test_shrunk_correlation_is_d_c_d(days: int, n: int, base: Any, function: Any) -> None:
    x = bond_returns(days, n)
    d = x.std(axis=0)
    c, intensity = function((x - x.mean(axis=0)) / d)

    fitted = ShrunkCorrelation(base).fit(x)

    np.testing.assert_allclose(fitted.covariance_, np.diag(d) @ c @ np.diag(d), rtol=1e-12, atol=1e-17)
    assert fitted.shrinkage_ == pytest.approx(intensity, rel=1e-12)


@pytest.mark.parametrize(("days", "n"), SHAPES)
@pytest.mark.parametrize(("base", "function"), [(LedoitWolf(), ledoit_wolf), (OAS(), oas), (None, ledoit_wolf)])
def test_shrunk_covariance_is_what_scikit_learn_says(days: int, n: int, base: Any, function: Any) -> None:
    x = bond_returns(days, n)
    sigma, intensity = function(x)

    fitted = ShrunkCovariance(base=base).fit(x)

    np.testing.assert_allclose(fitted.covariance_, sigma, rtol=1e-12, atol=1e-17)
    assert fitted.shrinkage_ == pytest.approx(intensity, rel=1e-12)


def test_intensity_is_the_one_of_ledoit_and_wolf_2004() -> None:
    """Lemma 3.2 ff.: m, d^2, b^2 written out day by day, without scikit-learn."""
    x = bond_returns(50, 8)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    days, n = z.shape
    s = sum(np.outer(row, row) for row in z) / days
    m = np.trace(s) / n
    d2 = ((s - m * np.eye(n)) ** 2).sum() / n
    b2 = min(d2, sum(((np.outer(row, row) - s) ** 2).sum() for row in z) / n / days**2)

    assert ShrunkCorrelation().fit(x).shrinkage_ == pytest.approx(b2 / d2, rel=1e-10)


LINEAR = [COVARIANCES[name] for name in ("ledoit_wolf", "oas", "ledoit_wolf_raw", "oas_raw")]


@pytest.mark.parametrize("estimator", [*LINEAR, ShrunkCorrelation(), ShrunkCovariance()])
@pytest.mark.parametrize(("days", "n"), SHAPES)
def test_linear_shrinkage_stays_low_rank_plus_diagonal(estimator: BaseEstimator, days: int, n: int) -> None:
    fitted = clone(estimator).fit(bond_returns(days, n))
    form = fitted.factor_form_

    assert form.loadings.shape == (n, days)
    assert (form.specific > 0.0).all()
    dense = form.loadings @ form.loadings.T + np.diag(form.specific**2)
    np.testing.assert_allclose(fitted.covariance_, dense, rtol=1e-12, atol=1e-18)
    # Centred returns of T days span at most T - 1 directions.
    assert np.linalg.matrix_rank(form.loadings) <= days - 1


@pytest.mark.parametrize(
    "base", [None, OAS(), EmpiricalCovariance(), GraphicalLasso(alpha=0.1), MinCovDet(random_state=0)]
)
def test_correlation_form_keeps_each_volatility(base: Any) -> None:
    x = bond_returns(126, 6)
    fitted = ShrunkCorrelation(base).fit(x)
    np.testing.assert_allclose(np.sqrt(np.diag(fitted.covariance_)), x.std(axis=0), rtol=1e-13)
    np.testing.assert_allclose(fitted.volatility_, x.std(axis=0), rtol=1e-13)


def test_raw_form_moves_volatilities_towards_one_another() -> None:
    x = bond_returns(126, 12)
    ratio = np.sqrt(np.diag(ShrunkCovariance().fit(x).covariance_)) / x.std(axis=0)
    assert ratio[0] > 1.5
    assert ratio[-1] < 1.0


@pytest.mark.parametrize("base", [EmpiricalCovariance(), GraphicalLasso(alpha=0.1)])
def test_a_base_without_intensity_is_taken_as_it_is(base: Any) -> None:
    x = bond_returns(126, 6)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    c = clone(base).fit(z).covariance_

    fitted = ShrunkCorrelation(base).fit(x)

    np.testing.assert_allclose(fitted.covariance_, c * np.outer(x.std(axis=0), x.std(axis=0)), rtol=1e-10, atol=1e-18)
    assert fitted.shrinkage_ is None
    assert fitted.factor_form_.loadings.shape == (6, 6)
    assert not fitted.factor_form_.specific.any()


class _ConstantCorrelation(BaseEstimator):
    """Half way to a target that is not a multiple of the identity, with an attribute named as scikit-learn names it."""

    def fit(self, X: Floats, y: None = None) -> "_ConstantCorrelation":
        s = X.T @ X / len(X)
        self.shrinkage_ = 0.5
        self.covariance_ = 0.5 * s + 0.5 * (0.3 * np.ones_like(s) + 0.7 * np.eye(len(s)))
        return self


@pytest.mark.parametrize("days", [126, 8])
def test_a_base_that_shrinks_towards_another_target_is_believed(days: int) -> None:
    x = bond_returns(days, 12)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    d = x.std(axis=0)

    fitted = ShrunkCorrelation(_ConstantCorrelation()).fit(x)

    expected = _ConstantCorrelation().fit(z).covariance_ * np.outer(d, d)
    np.testing.assert_allclose(fitted.covariance_, expected, rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize("estimator", [ShrunkCorrelation(), ShrunkCovariance(), TrailingReturn()])
def test_scikit_learn_accepts_it_as_one_of_its_own(estimator: BaseEstimator) -> None:
    check_estimator(estimator, on_skip=None)


@pytest.mark.parametrize("kind", [ShrunkCorrelation, ShrunkCovariance])
def test_parameters_are_those_given_and_fitting_leaves_them_alone(kind: Any) -> None:
    base = OAS(assume_centered=True)
    x = bond_returns(60, 5)
    before = x.copy()
    x.flags.writeable = False
    estimator = kind(base)

    estimator.fit(x)

    assert estimator.get_params()["base"] is base
    assert estimator.get_params()["base__assume_centered"] is True
    assert not hasattr(base, "covariance_")
    np.testing.assert_array_equal(x, before)
    copy = clone(estimator)
    assert not hasattr(copy, "covariance_")
    np.testing.assert_array_equal(copy.fit(x).covariance_, estimator.covariance_)
    assert kind().set_params(base=base).get_params()["base"] is base


def test_fitting_again_forgets_the_first_time() -> None:
    estimator = ShrunkCorrelation()
    estimator.fit(bond_returns(60, 5, seed=1))
    again = estimator.fit(bond_returns(80, 7, seed=2)).covariance_
    np.testing.assert_array_equal(again, ShrunkCorrelation().fit(bond_returns(80, 7, seed=2)).covariance_)


@pytest.mark.parametrize("growth", [0.0, 1e-6, 0.0001])
def test_a_fund_that_never_moves_is_named(growth: float) -> None:
    x = pd.DataFrame(bond_returns(60, 3), columns=["AAA", "BBB", "CCC"])
    prices = 100.0 * (1.0 + growth) ** np.arange(61)
    x["BBB"] = prices[1:] / prices[:-1] - 1.0  # constant up to rounding

    with pytest.raises(EstimationError, match=r"1 of 3 columns.*60 days.*\(BBB\)") as caught:
        ShrunkCorrelation().fit(x)
    assert "\n" not in str(caught.value)


def test_the_calmest_real_fund_still_moves() -> None:
    """A hundredth of a basis point a day is movement."""
    x = bond_returns(60, 3)
    x[:, 0] = 1e-4 + 1e-6 * np.sign(x[:, 0])
    assert ShrunkCorrelation().fit(x).volatility_[0] == pytest.approx(1e-6, rel=0.2)


@pytest.mark.parametrize("kind", [ShrunkCorrelation, ShrunkCovariance, TrailingReturn])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(kind: Any, value: float) -> None:
    x = bond_returns(60, 3)
    x[7, 1] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        kind().fit(x)


@pytest.mark.parametrize("kind", [ShrunkCorrelation, ShrunkCovariance])
def test_one_fund_is_a_market_too(kind: Any) -> None:
    x = bond_returns(60, 1)
    np.testing.assert_allclose(kind().fit(x).covariance_, [[x.var()]], rtol=1e-12)
