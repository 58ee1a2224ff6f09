"""Shrinkage covariances as scikit-learn estimators that keep their factor form.

scikit-learn's Ledoit-Wolf and OAS shrink the sample covariance S of T centred observations towards a multiple of
the identity,  (1 - a) S + a m I  with  m = tr(S) / n.  With X the centred observations, S = X'X / T, so this is
low rank plus diagonal as it stands:

    B = sqrt((1 - a) / T) X'   (n x T),     s = sqrt(a m) 1.

On raw returns of bonds the common target m makes Treasury-bill funds look several times too risky, because
volatilities run from 0.1 % to 15 %. `ShrunkCorrelation` therefore shrinks the standardised returns and scales back:
each fund keeps its own volatility, and only the correlations move.

References
----------
Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004).
Chen, Wiesel, Eldar & Hero, "Shrinkage algorithms for MMSE covariance estimation" (2010): OAS.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.covariance import LedoitWolf
from sklearn.utils.validation import validate_data

from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats, factorise


def _default_base() -> BaseEstimator:
    # store_precision=False: the inverse costs more than the estimate and nobody reads it.
    return LedoitWolf(assume_centered=True, store_precision=False)


def _intensity(base: Any) -> float | None:
    # scikit-learn's may come out at -1e-18 where there is nothing to shrink.
    given = getattr(base, "shrinkage_", None)
    return None if given is None else min(1.0, max(0.0, float(given)))


def _form(base: Any, centred: Floats) -> FactorForm:
    """Factor form of a fitted scikit-learn covariance; low rank where linear shrinkage makes it so."""
    days, n = centred.shape
    intensity = _intensity(base)
    if intensity is None:
        return factorise(np.asarray(base.covariance_))
    mean_variance = float(np.einsum("ti,ti->", centred, centred)) / (days * n)
    form = FactorForm(
        loadings=np.sqrt((1.0 - intensity) / days) * centred.T,
        specific=np.full(n, np.sqrt(intensity * mean_variance)),
    )
    # Other estimators call an intensity towards another target `shrinkage_` too.
    same = np.allclose(form.matrix, base.covariance_, rtol=1e-9, atol=1e-9 * mean_variance)
    return form if same else factorise(np.asarray(base.covariance_))


def motionless(returns: Floats) -> NDArray[np.bool_]:
    """Which columns of returns, shape (days, n), never move."""
    # Rounding of a constant return leaves about 1e-17 of "volatility"; no bond fund has less than 1e-9 a day.
    return np.asarray(returns.std(axis=0) <= 1e-12 * np.maximum(1.0, np.abs(returns).max(axis=0)))


class ShrunkCovariance(BaseEstimator):
    """Shrink the covariance of raw returns.

    Parameters
    ----------
    base : scikit-learn covariance estimator, optional
        Fitted on centred returns; by default Ledoit-Wolf.

    Attributes
    ----------
    covariance_ : ndarray, shape (n, n)
        In the square of the unit of X.
    factor_form_ : FactorForm
        The same numbers as loadings and specific volatilities.
    shrinkage_ : float or None
        The intensity that `base` chose, where it has one.
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
        centred = returns - returns.mean(axis=0)
        fitted = (_default_base() if self.base is None else clone(self.base)).fit(centred)
        self.shrinkage_ = _intensity(fitted)
        self.factor_form_ = _form(fitted, centred)
        self.covariance_ = self.factor_form_.matrix
        return self


class ShrunkCorrelation(BaseEstimator):
    """Shrink the correlations; every fund keeps its own sample volatility.

    With D the sample volatilities and Z the standardised returns, Sigma = D C D where C is the correlation that `base`
    makes of Z.

    Parameters
    ----------
    base : scikit-learn covariance estimator, optional
        Fitted on standardised returns; by default Ledoit-Wolf.

    Attributes
    ----------
    covariance_ : ndarray, shape (n, n)
        In the square of the unit of X.
    volatility_ : ndarray, shape (n,)
        Sample volatilities (divided by T, as scikit-learn does).
    factor_form_, shrinkage_
        As in `ShrunkCovariance`.
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
        centred = returns - returns.mean(axis=0)
        volatility = np.sqrt(np.mean(centred**2, axis=0))
        still = np.flatnonzero(motionless(returns))
        if still.size:
            names = getattr(self, "feature_names_in_", None)
            who = ", ".join(str(i if names is None else names[i]) for i in still[:5])
            raise EstimationError(
                f"{still.size} of {volatility.size} columns have no variance over these {returns.shape[0]} days "
                f"({who}): a correlation needs movement; leave them out"
            )
        standardised = centred / volatility
        fitted = (_default_base() if self.base is None else clone(self.base)).fit(standardised)
        self.shrinkage_ = _intensity(fitted)
        self.volatility_ = volatility
        correlation = _form(fitted, standardised)
        # Shrinkage leaves a unit diagonal as it is; a robust estimator, say, would bring volatilities of its own.
        self.factor_form_ = correlation.scaled(volatility / np.sqrt(np.diag(correlation.matrix)))
        self.covariance_ = self.factor_form_.matrix
        return self
