"""skfolio: `MeanRisk` with `max_variance`; the estimate comes ready-made from a prior, as its documentation allows."""

from __future__ import annotations

from typing import Any

import numpy as np
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.prior import BasePrior, FactorModel, ReturnDistribution

from benchmarks.peers.instance import PERCENT, Day, Floats
from benchmarks.peers.route import Solve


class Given(BasePrior):
    """A prior that was estimated elsewhere."""

    def __init__(self, distribution: ReturnDistribution) -> None:
        self.distribution = distribution

    def fit(self, X: Any, y: None = None, **_: Any) -> Given:
        self.return_distribution_ = self.distribution
        return self


def dense(day: Day) -> Solve:
    """From the covariance alone, of which skfolio takes the Cholesky factor."""
    return _with(day, None)


def factor(day: Day) -> Solve:
    """From a factor model, which skfolio keeps in factor form."""
    k = day.loadings.shape[1]
    factors = FactorModel(
        observations=np.arange(2),
        asset_names=np.array(day.names),
        factor_names=np.array([f"factor {j}" for j in range(k)]),
        factor_families=None,
        loading_matrix=day.loadings / PERCENT,
        exposures=None,
        factor_covariance=np.eye(k),
        factor_mu=np.zeros(k),
        factor_returns=None,
        idio_covariance=(day.specific / PERCENT) ** 2,
        idio_mu=None,
        idio_returns=None,
        idio_variances=None,
    )
    return _with(day, factors)


def _with(day: Day, factors: FactorModel | None) -> Solve:
    returns = np.zeros((2, day.mu.size))
    distribution = ReturnDistribution(
        mu=day.mu / PERCENT, covariance=day.sigma / PERCENT**2, returns=returns, factor_model=factors
    )
    both_sides = np.vstack([day.A[1:], -day.A[1:]])

    def solve(variant: int) -> Floats:
        limits = day.variants[variant]
        model = MeanRisk(
            objective_function=ObjectiveFunction.MAXIMIZE_RETURN,
            risk_measure=RiskMeasure.VARIANCE,
            prior_estimator=Given(distribution),
            max_weights=limits.upper,
            left_inequality=both_sides,
            right_inequality=np.concatenate([limits.row_upper[1:], -limits.row_lower[1:]]),
            max_variance=(limits.target / PERCENT) ** 2,
        )
        return np.asarray(model.fit(returns).weights_)

    return solve
