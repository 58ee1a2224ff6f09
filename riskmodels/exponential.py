"""Exponential weights with a half-life for volatilities and another for correlations.

    d_i^2 = sum_t v_t x_ti^2,      C = correlation of sum_t u_t x_t x_t',      Sigma = D C D

with weights v_t, u_t that halve every H_v and H_c days back and add up to 1, and x the centred returns. Volatility
changes faster than correlation, and a correlation matrix takes more days to estimate, so that H_v < H_c as a rule.

The weighted rows sqrt(T u_t) x_t are T observations whose second moment is the weighted one, and go to `base` to be
shrunk. Ledoit-Wolf's intensity sees from their unequal sizes that they tell less than T equal days.

References
----------
J.P. Morgan/Reuters, "RiskMetrics technical document" (1996).
Menchero, Orr & Wang, "The Barra US equity model (USE4), methodology notes" (2011): separate half-lives.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from riskmodels.covariance import with_volatility
from riskmodels.errors import EstimationError
from riskmodels.factor_form import Floats
from riskmodels.fitted_covariance import CovarianceEstimator, fitted_form, named, refuse_motionless
from riskmodels.parameters import positive_number


class ExponentialCovariance(CovarianceEstimator):
    """Recent days count more, and more so for volatilities than for correlations.

    Parameters
    ----------
    volatility_half_life, correlation_half_life : float
        Days after which a day counts half.
    base : scikit-learn covariance estimator, optional
        Fitted on weighted, standardised returns; by default Ledoit-Wolf.

    Attributes
    ----------
    volatility_ : ndarray, shape (n,)
        Weighted volatilities.
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`.
    """

    def __init__(
        self,
        volatility_half_life: float = 21.0,
        correlation_half_life: float = 126.0,
        base: BaseEstimator | None = None,
    ) -> None:
        self.volatility_half_life = volatility_half_life
        self.correlation_half_life = correlation_half_life
        self.base = base

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each, the latest last.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When a half-life is not positive, or a column never moves, or not within the memory of the weights.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        for_correlation = positive_number("correlation_half_life", self.correlation_half_life)
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        refuse_motionless(returns, self)
        days = returns.shape[0]
        centred = returns - returns.mean(axis=0)
        self.volatility_ = self.volatility_of(returns)
        weights = exponential_weights(days, for_correlation)
        unit = np.sqrt(weights @ centred**2)
        stopped = np.flatnonzero((unit == 0.0) | (self.volatility_ == 0.0))
        if stopped.size:
            raise EstimationError(
                f"{named(stopped, self)} last moved so long ago that its weight is nothing: leave it out, or choose "
                "longer half-lives"
            )
        correlation, intensity = fitted_form(self.base, np.sqrt(days * weights)[:, None] * (centred / unit))
        self._keep(with_volatility(correlation, self.volatility_), intensity)
        return self

    @property
    def keeps_volatilities(self) -> bool:
        """Always."""
        return True

    def volatility_of(self, returns: Floats) -> Floats:
        """Weighted volatilities, each from its own column alone.

        Parameters
        ----------
        returns : ndarray, shape (days, n)

        Raises
        ------
        EstimationError
            When the half-life is not positive.
        """
        weights = exponential_weights(len(returns), positive_number("volatility_half_life", self.volatility_half_life))
        return np.asarray(np.sqrt(weights @ (returns - returns.mean(axis=0)) ** 2))


def exponential_weights(days: int, half_life: float) -> Floats:
    """Weights of `days` days, the latest last, that halve every `half_life` days back and add up to 1.

    Parameters
    ----------
    days : int
    half_life : float
    """
    weights = 0.5 ** (np.arange(days)[::-1] / half_life)
    return np.asarray(weights / weights.sum())
