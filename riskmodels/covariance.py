"""Shrunk covariances of returns as they are, and with each fund's own volatility.

On raw returns of bonds the common target of linear shrinkage makes Treasury-bill funds look several times too risky,
because volatilities run from 0.1 % to 15 %. `ShrunkCorrelation` therefore shrinks the standardised returns and scales
back: each fund keeps its own volatility, and only the correlations move.

References
----------
Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004).
Chen, Wiesel, Eldar & Hero, "Shrinkage algorithms for MMSE covariance estimation" (2010): OAS.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from riskmodels.factor_form import FactorForm, Floats
from riskmodels.fitted_covariance import CovarianceEstimator, fitted_form, refuse_motionless


class ShrunkCovariance(CovarianceEstimator):
    """Shrink the covariance of raw returns.

    Parameters
    ----------
    base : scikit-learn covariance estimator, optional
        Fitted on centred returns; by default Ledoit-Wolf.

    Attributes
    ----------
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`.
    """

    def __init__(self, base: BaseEstimator | None = None) -> None:
        self.base = base

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each.
        y : None
            Ignored.

        Raises
        ------
        ValueError
            For fewer than two days, or values that are not finite.
        """
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        self._keep(*fitted_form(self.base, returns - returns.mean(axis=0)))
        return self


class ShrunkCorrelation(CovarianceEstimator):
    """Shrink the correlations; every fund keeps its own sample volatility.

    With D the sample volatilities and Z the standardised returns, Sigma = D C D where C is the correlation that `base`
    makes of Z.

    Parameters
    ----------
    base : scikit-learn covariance estimator, optional
        Fitted on standardised returns; by default Ledoit-Wolf.

    Attributes
    ----------
    volatility_ : ndarray, shape (n,)
        Sample volatilities (divided by T, as scikit-learn does).
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`.
    """

    def __init__(self, base: BaseEstimator | None = None) -> None:
        self.base = base

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When a column never moves: it has no correlation with anything.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        refuse_motionless(returns, self)
        centred = returns - returns.mean(axis=0)
        self.volatility_ = self.volatility_of(returns)
        correlation, intensity = fitted_form(self.base, centred / self.volatility_)
        self._keep(with_volatility(correlation, self.volatility_), intensity)
        return self

    @property
    def keeps_volatilities(self) -> bool:
        """Always."""
        return True

    def volatility_of(self, returns: Floats) -> Floats:
        """Sample volatilities, each from its own column alone.

        Parameters
        ----------
        returns : ndarray, shape (days, n)
        """
        return np.asarray(np.sqrt(np.mean((returns - returns.mean(axis=0)) ** 2, axis=0)))


def with_volatility(form: FactorForm, volatility: Floats) -> FactorForm:
    """The same correlations with other volatilities.

    Parameters
    ----------
    form : FactorForm
    volatility : ndarray, shape (n,)
    """
    # Shrinkage leaves a unit diagonal as it is; a robust estimator, say, would bring volatilities of its own.
    return form.scaled(volatility / np.sqrt(np.diag(form.matrix)))
