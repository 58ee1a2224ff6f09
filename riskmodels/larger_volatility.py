"""The larger of two volatilities: of days as they are, and of days that news takes to arrive.

A thin fund of loans moves late: over weeks it moves more than its days tell, and a lag-aware estimate sees that. A
fund whose closes bounce between bid and ask moves less over weeks than its days tell, and a lag-aware estimate takes
that off, though a bounce of the benchmark is as real to whoever looks at it daily. An optimizer prefers whichever fund
is understated. So the correlations C are lag-aware, and each fund has

    d_i = max(d_i of daily returns, d_i of lag-aware ones),      Sigma = D C D,

which is positive definite as C is.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from riskmodels.covariance import ShrunkCorrelation, with_volatility
from riskmodels.factor_form import Floats
from riskmodels.fitted_covariance import CovarianceEstimator
from riskmodels.lag_aware import NeweyWest


class LargerVolatility(CovarianceEstimator):
    """Lag-aware correlations, and of each fund the larger of its daily and its lag-aware volatility.

    Parameters
    ----------
    lag_aware : NeweyWest or OverlappingReturns, optional
        Its `base` is what daily volatilities are estimated by, too; by default `NeweyWest()`.

    Attributes
    ----------
    lag_aware_ : covariance estimator
        As fitted.
    volatility_ : ndarray, shape (n,)
        The larger volatilities, a day.
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`, a day.
    """

    def __init__(self, lag_aware: BaseEstimator | None = None) -> None:
        self.lag_aware = lag_aware

    def __sklearn_tags__(self) -> Tags:
        """Missing values may come in where the estimator inside takes them."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._inside.__sklearn_tags__().input_tags.allow_nan
        return tags

    @property
    def _inside(self) -> Any:
        return NeweyWest() if self.lag_aware is None else self.lag_aware

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one day each; missing at the start of a column where the estimator inside takes short histories.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            As the estimator inside does.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        self.lag_aware_ = clone(self._inside).fit(X)
        finite = "allow-nan" if self.__sklearn_tags__().input_tags.allow_nan else True
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2, ensure_all_finite=finite)
        lag_aware = np.sqrt(np.diag(self.lag_aware_.covariance_))
        self.volatility_ = np.maximum(self._daily_volatility(returns), lag_aware)
        self._keep(with_volatility(self.lag_aware_.factor_form_, self.volatility_), self.lag_aware_.shrinkage_)
        return self

    @property
    def keeps_volatilities(self) -> bool:
        """Where the estimator inside does."""
        return bool(self._inside.keeps_volatilities)

    def volatility_of(self, returns: Floats) -> Floats:
        """The larger volatilities, without the correlations where the estimator inside keeps volatilities.

        Parameters
        ----------
        returns : ndarray, shape (days, n)
        """
        return np.asarray(np.maximum(self._daily_volatility(returns), self._inside.volatility_of(returns)))

    def _daily_volatility(self, returns: Floats) -> Floats:
        base = ShrunkCorrelation() if self._inside.base is None else self._inside.base
        if isinstance(base, CovarianceEstimator):
            return base.volatility_of(returns)
        fitted = clone(base).fit(returns - returns.mean(axis=0))
        return np.asarray(np.sqrt(np.diag(fitted.covariance_)))
