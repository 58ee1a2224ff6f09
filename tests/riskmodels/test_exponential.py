"""Exponential weights against pandas, and what they are for: volatility that has changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.covariance import EmpiricalCovariance, GraphicalLasso, ledoit_wolf

from riskmodels import EstimationError, ExponentialCovariance, ShrunkCorrelation

Floats = NDArray[np.float64]


def returns_of(days: int = 200, n: int = 4, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray((rng.normal(size=(days, 1)) + rng.normal(size=(days, n))) * np.geomspace(0.1, 10.0, n))


def test_without_shrinkage_it_is_what_pandas_weighs() -> None:
    x = returns_of()
    centred = pd.DataFrame(x - x.mean(axis=0))
    volatility = np.sqrt((centred**2).ewm(halflife=10.0).mean().iloc[-1].to_numpy())
    second = np.array(
        [[(centred[i] * centred[j]).ewm(halflife=40.0).mean().iloc[-1] for j in range(4)] for i in range(4)]
    )
    d = np.sqrt(np.diag(second))

    fitted = ExponentialCovariance(10.0, 40.0, EmpiricalCovariance(assume_centered=True)).fit(x)

    np.testing.assert_allclose(fitted.volatility_, volatility, rtol=1e-10)
    expected = second / np.outer(d, d) * np.outer(volatility, volatility)
    np.testing.assert_allclose(fitted.covariance_, expected, rtol=1e-8)


def test_shrinks_towards_no_correlation_by_what_ledoit_and_wolf_choose_on_weighted_rows() -> None:
    x = returns_of(100, 30)
    centred = x - x.mean(axis=0)
    weights = 0.5 ** (np.arange(100)[::-1] / 25.0)
    weights /= weights.sum()
    rows = centred * np.sqrt(100.0 * weights)[:, None]
    z = rows / np.sqrt(np.mean(rows**2, axis=0))
    c, intensity = ledoit_wolf(z, assume_centered=True)

    fitted = ExponentialCovariance(25.0, 25.0).fit(x)

    assert fitted.shrinkage_ == pytest.approx(intensity, rel=1e-10)
    d = np.sqrt(np.diag(fitted.covariance_))
    np.testing.assert_allclose(fitted.covariance_ / np.outer(d, d), c, atol=1e-12)
    # Unequal weights tell less than as many equal days.
    assert fitted.shrinkage_ > ShrunkCorrelation().fit(x).shrinkage_


@pytest.mark.parametrize("base", [None, GraphicalLasso(alpha=0.2)])
def test_endless_half_lives_are_equal_weights(base: Any) -> None:
    x = returns_of(100, 6)
    endless, equal = ExponentialCovariance(1e9, 1e9, base).fit(x), ShrunkCorrelation(base).fit(x)
    np.testing.assert_allclose(endless.covariance_, equal.covariance_, rtol=1e-6)


def test_follows_a_volatility_that_has_doubled_and_keeps_the_correlation() -> None:
    """Half-life 20, doubled 60 days ago: 4 - 3/8 of the old variance."""
    rng = np.random.default_rng(3)
    x = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.7], [0.7, 1.0]], size=5000, method="cholesky")
    # Many copies of the last 60 days would be needed for a sharp figure: alternate the sign of one instead.
    x[:] = np.where(np.arange(5000)[:, None] % 2, 1.0, -1.0) * [1.0, 1.0]
    x[-60:] *= 2.0
    fitted = ExponentialCovariance(20.0, 20.0).fit(x)
    assert fitted.volatility_[0] ** 2 == pytest.approx(4.0 - 3.0 / 8.0, rel=1e-9)


def test_a_fund_that_stopped_moving_beyond_the_memory_is_refused_not_nan() -> None:
    x = pd.DataFrame(returns_of(2520, 2), columns=["AAA", "BBB"])
    x.loc[5:, "BBB"] = 0.0
    x["BBB"] -= x["BBB"].mean() - x["BBB"].mean()
    x.loc[0, "BBB"] -= x["BBB"].sum()  # mean zero, so that the days without movement are zeros
    with pytest.raises(EstimationError, match="BBB last moved so long ago"):
        ExponentialCovariance(1.0, 1.0).fit(x)
