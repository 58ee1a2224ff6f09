"""Funds with short histories, estimated from the funds with long ones.

Dropping every young fund loses the palette, and filling its missing returns with zeros makes it look safe. Stambaugh
regresses the returns of a young fund on those of the old ones over the days that they share, and lets the whole
history of the old ones speak for the rest:

    x_young = a + G x_old + e,        Sigma_young,old = G Sigma_old,        Sigma_young = G Sigma_old G' + Omega.

Here the old funds are summed up in their k leading principal components, W' x_old, so that k regressors stand against
the days of the young fund however many old funds there are; with k = all of them this is Stambaugh's regression on the
funds themselves. Sigma_old is what `base` makes of the whole window. Omega has on its diagonal e'e / (days - 1 - k),
each fund over its own days (divided by fewer days than by maximum likelihood: a short history must not make a fund look
safe), and off it the shrunk correlations of the residuals over the days that all young funds share.

References
----------
Stambaugh, "Analyzing investments whose histories differ in length", J. Financial Economics 45 (1997).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from riskmodels.covariance import ShrunkCorrelation, with_volatility
from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats, factorise_definite
from riskmodels.fitted_covariance import (
    CovarianceEstimator,
    fitted_form,
    named,
    refuse_motionless,
)
from riskmodels.parameters import whole_number
from riskmodels.principal_factors import principal_components
from riskmodels.returns import LEAST_DAYS, motionless

_DAYS_A_REGRESSOR = 4


class UnequalHistories(CovarianceEstimator):
    """Stambaugh's estimate for columns that start late.

    Parameters
    ----------
    base : covariance estimator, optional
        For the columns that are complete; by default `ShrunkCorrelation`.
    factors : int
        Most principal components of the complete columns that a young one is regressed on; there are never more than
        one for every four days of the youngest.

    Attributes
    ----------
    observed_days_ : ndarray of int, shape (n,)
        Returns that each column has.
    inferred_ : ndarray of bool, shape (n,)
        Whether its risk is inferred from the complete columns.
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`; `shrinkage_` is that of `base`.
    """

    def __init__(self, base: BaseEstimator | None = None, factors: int = 10) -> None:
        self.base = base
        self.factors = factors

    def __sklearn_tags__(self) -> Tags:
        """Missing values may come in: at the start of a column."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each; NaN before the first return of a column, nowhere else.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When no column is complete, one has a gap or fewer than 20 returns, or never moves.
        ValueError
            For fewer than two days, or infinite values.
        """
        most = whole_number("factors", self.factors, 1)
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2, ensure_all_finite="allow-nan")
        missing = np.isnan(returns)
        self.observed_days_: NDArray[np.intp] = np.asarray((~missing).sum(axis=0))
        self.inferred_ = np.asarray(missing.any(axis=0))
        _refuse_gaps(missing, self)
        old, young = np.flatnonzero(~self.inferred_), np.flatnonzero(self.inferred_)
        if not old.size:
            raise EstimationError(f"none of the {returns.shape[1]} columns is complete: there is nothing to infer from")
        if not young.size:
            refuse_motionless(returns, self)
            self._keep(*_of_complete(self.base, returns, old, self))
            return self
        form, shrinkage = _of_complete(self.base, returns[:, old], old, self)
        sigma = np.empty((returns.shape[1], returns.shape[1]))
        across, own = self._infer(returns, old, young, form.matrix, most)
        sigma[np.ix_(old, old)] = form.matrix
        sigma[np.ix_(young, old)], sigma[np.ix_(old, young)] = across, across.T
        sigma[np.ix_(young, young)] = own
        self._keep(_definite(sigma), shrinkage)
        return self

    def _infer(
        self, returns: Floats, old: NDArray[np.intp], young: NDArray[np.intp], sigma: Floats, most: int
    ) -> tuple[Floats, Floats]:
        """Sigma_young,old and Sigma_young."""
        centred = returns[:, old] - returns[:, old].mean(axis=0)
        scale = np.sqrt(np.mean(centred**2, axis=0))
        fewest = int(self.observed_days_[young].min())
        _, vectors = principal_components(centred / scale)
        k = min(vectors.shape[1], most, fewest // _DAYS_A_REGRESSOR)
        weights = vectors[:, :k] / scale[:, None]
        components = centred @ weights
        slopes, residuals, specific = np.empty((young.size, k)), [], np.empty(young.size)
        for row, column in enumerate(young):
            days = int(self.observed_days_[column])
            own = returns[-days:, column]
            if motionless(own[:, None])[0]:
                raise EstimationError(f"{named([column], self)} never moves over its {days} days: leave it out")
            x = own - own.mean()
            f = components[-days:] - components[-days:].mean(axis=0)
            slopes[row] = np.linalg.lstsq(f, x, rcond=None)[0]
            residual = x - f @ slopes[row]
            # Up to rounding a linear combination of old funds, or a second ticker of one of them, has no residual.
            specific[row] = np.sqrt(max(float(residual @ residual), 1e-10 * float(x @ x)) / (days - 1 - k))
            residuals.append(residual[-fewest:])
        across = slopes @ (weights.T @ sigma)
        return across, across @ weights @ slopes.T + _residual_covariance(np.column_stack(residuals), specific)


def _of_complete(
    base: BaseEstimator | None, returns: Floats, columns: NDArray[np.intp], estimator: BaseEstimator
) -> tuple[FactorForm, float | None]:
    still = columns[motionless(returns)]
    if still.size:
        raise EstimationError(f"{named(still, estimator)} never moves over these {returns.shape[0]} days: leave it out")
    inside = ShrunkCorrelation() if base is None else base
    if isinstance(inside, CovarianceEstimator):
        fitted = clone(inside).fit(returns)
        return fitted.factor_form_, fitted.shrinkage_
    return fitted_form(inside, returns - returns.mean(axis=0))


def _residual_covariance(residuals: Floats, specific: Floats) -> Floats:
    """Correlations over the shared days, volatilities as given; residuals of shape (days, young)."""
    if specific.size == 1 or motionless(residuals).any():
        return np.diag(specific**2)
    return with_volatility(ShrunkCorrelation().fit(residuals).factor_form_, specific).matrix


def _refuse_gaps(missing: NDArray[np.bool_], estimator: BaseEstimator) -> None:
    days = missing.shape[0]
    counts = days - missing.sum(axis=0)
    short = np.flatnonzero((counts < min(days, LEAST_DAYS)) & missing.any(axis=0))
    if short.size:
        raise EstimationError(
            f"{named(short, estimator)} has {counts[short[0]]} returns: risk is inferred from {LEAST_DAYS} or more; "
            "leave it out"
        )
    gaps = np.flatnonzero((missing[1:] & ~missing[:-1]).any(axis=0))
    if gaps.size:
        raise EstimationError(
            f"{named(gaps, estimator)} has returns missing after its first: a history may start late, but a gap in it "
            "is never filled"
        )


def _definite(sigma: Floats) -> FactorForm:
    """Triangular loadings; Cholesky's are a fifth of the work of eigenvectors."""
    volatility = np.sqrt(np.diag(sigma))
    correlation = sigma / np.outer(volatility, volatility)
    try:
        root = np.linalg.cholesky(0.5 * (correlation + correlation.T))
    except np.linalg.LinAlgError:  # singular up to rounding
        return factorise_definite(correlation).scaled(volatility)
    return FactorForm(root * volatility[:, None], np.zeros(volatility.size))
