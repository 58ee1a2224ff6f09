"""Covariances of funds that trade late: a day's news reaches the price of a thin fund over the days that follow.

Newey and West add the covariances between today and the last L days, with Bartlett weights,

    S = G_0 + sum_k=1..L (1 - k / (L + 1)) (G_k + G_k'),      G_k = sum_t x_t x_(t-k)' / T.

That is the second moment of sums of L + 1 days, with zeros before the first day and after the last,

    S = sum_s y_s y_s' / (T (L + 1)),      y_s = x_s + x_(s-1) + ... + x_(s-L),      s = 1 ... T + L,

so S is positive semidefinite, and any covariance estimator takes the rows y_s in the place of the x_t: shrinkage,
exponential weights, short histories. Overlapping returns are the same sums without the zeros at the ends. Both give a
day's share of the covariance over L + 1 days.

The rows overlap and tell less than as many independent ones. An intensity of shrinkage is what `base` chooses for
them as they are; it is on the small side.

References
----------
Newey & West, "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix",
Econometrica 55 (1987).
Scholes & Williams, "Estimating betas from nonsynchronous data", J. Financial Economics 5 (1977).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from riskmodels.covariance import ShrunkCorrelation
from riskmodels.errors import EstimationError
from riskmodels.factor_form import Floats
from riskmodels.fitted_covariance import CovarianceEstimator, fitted_form, refuse_motionless, with_names
from riskmodels.parameters import whole_number


class _OfSums(CovarianceEstimator):
    """What estimates over sums of days have in common: the estimator inside, which may take short histories."""

    base: BaseEstimator | None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = _takes_short_histories(self.base)
        return tags

    def _centred(self, X: Any) -> Floats:
        finite = "allow-nan" if _takes_short_histories(self.base) else True
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2, ensure_all_finite=finite)
        if not np.isnan(returns).any():
            refuse_motionless(returns, self)
        return _less_mean(returns)

    @property
    def keeps_volatilities(self) -> bool:
        """Where the estimator inside does."""
        inside = ShrunkCorrelation() if self.base is None else self.base
        return isinstance(inside, CovarianceEstimator) and inside.keeps_volatilities

    def volatility_of(self, returns: Floats) -> Floats:
        """The volatilities that the estimator inside gives the sums.

        Parameters
        ----------
        returns : ndarray, shape (days, n)
        """
        inside = ShrunkCorrelation() if self.base is None else self.base
        if not isinstance(inside, CovarianceEstimator):
            return super().volatility_of(returns)
        return np.asarray(inside.volatility_of(self._sums(_less_mean(returns))))

    def _sums(self, centred: Floats) -> Floats:
        """Sums of days in a row, scaled to a day's share."""
        raise NotImplementedError

    def _fit_sums(self, sums: Floats) -> None:
        inside = ShrunkCorrelation() if self.base is None else self.base
        if isinstance(inside, CovarianceEstimator):
            # scikit-learn takes as long over a frame of 400 columns as over the estimate; names are for refusals.
            self.base_ = clone(inside).fit(with_names(sums, self) if np.isnan(sums).any() else sums)
            self._keep(self.base_.factor_form_, self.base_.shrinkage_)
        else:
            self._keep(*fitted_form(inside, sums))


class NeweyWest(_OfSums):
    """Newey and West's covariance with Bartlett weights, shrunk by the estimator inside.

    Parameters
    ----------
    base : covariance estimator, optional
        Fitted on the T + L sums of L + 1 days; by default `ShrunkCorrelation`.
    lags : int
        L >= 0.

    Attributes
    ----------
    base_ : covariance estimator
        As fitted.
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`, a day.
    """

    def __init__(self, base: BaseEstimator | None = None, lags: int = 4) -> None:
        self.base = base
        self.lags = lags

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one day each; missing at the start of a column where `base` takes short histories.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When a column never moves, or there are not more days than lags.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        lags = whole_number("lags", self.lags, 0)
        centred = self._centred(X)
        days = centred.shape[0]
        if days <= lags:
            raise EstimationError(f"{days} days of returns for {lags} lags: expected more days than lags")
        self._fit_sums(self._sums(centred))
        return self

    def _sums(self, centred: Floats) -> Floats:
        days, padding = centred.shape[0], np.zeros((self.lags, centred.shape[1]))
        sums = _rolling_sums(np.vstack([padding, centred, padding]), self.lags + 1)
        return np.asarray(sums * np.sqrt((days + self.lags) / (days * (self.lags + 1.0))))


class OverlappingReturns(_OfSums):
    """The covariance of overlapping returns over several days, a day's share of it.

    Returns are added, not compounded: over a week of a bond fund the difference is far below an estimation error.

    Parameters
    ----------
    base : covariance estimator, optional
        Fitted on the T - h + 1 overlapping sums of h days; by default `ShrunkCorrelation`.
    horizon : int
        h >= 1, days.

    Attributes
    ----------
    base_, covariance_, factor_form_, shrinkage_, condition_number_
        As in `NeweyWest`.
    """

    def __init__(self, base: BaseEstimator | None = None, horizon: int = 5) -> None:
        self.base = base
        self.horizon = horizon

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one day each; missing at the start of a column where `base` takes short histories.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When a column never moves, or fewer than two overlapping returns are left.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        horizon = whole_number("horizon", self.horizon, 1)
        centred = self._centred(X)
        days = centred.shape[0]
        if days <= horizon:
            raise EstimationError(f"{days} days of returns for a horizon of {horizon}: expected more days than that")
        self._fit_sums(self._sums(centred))
        return self

    def _sums(self, centred: Floats) -> Floats:
        return np.asarray(_less_mean(_rolling_sums(centred, self.horizon)) / np.sqrt(self.horizon))


def _less_mean(rows: Floats) -> Floats:
    """Each column less its mean over the rows that it has."""
    missing = np.isnan(rows)
    if not missing.any():
        return np.asarray(rows - rows.mean(axis=0))
    # A column of nothing is left to the estimator inside to refuse.
    counts = np.maximum((~missing).sum(axis=0), 1)
    return np.asarray(rows - np.nansum(rows, axis=0) / counts)


def _rolling_sums(rows: Floats, days: int) -> Floats:
    """Sums of `days` rows in a row; missing where one of them is."""
    count = rows.shape[0] - days + 1
    total = rows[:count].copy()
    for shift in range(1, days):
        total += rows[shift : shift + count]
    return total


def _takes_short_histories(base: BaseEstimator | None) -> bool:
    return base is not None and bool(base.__sklearn_tags__().input_tags.allow_nan)
