"""Shrinkage towards one correlation for all pairs.

    F_ii = S_ii,  F_ij = r sqrt(S_ii S_jj)  with r the mean sample correlation,      Sigma = (1 - a) S + a F,
    a = min(1, max(0, (pi - rho) / (gamma T)))

where pi is the sum of the asymptotic variances of the entries of sqrt(T) S, rho that of their covariances with the
entries of sqrt(T) F, and gamma = ||F - S||^2. With X the T centred observations and d the sample volatilities, Sigma is
low rank plus diagonal for r >= 0:

    B = [ sqrt((1 - a) / T) X',  sqrt(a r) d ],      s = sqrt(a (1 - r)) d.

References
----------
Ledoit & Wolf, "Honey, I shrunk the sample covariance matrix", J. Portfolio Management 30 (2004), appendices A and B.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import validate_data

from riskmodels.factor_form import FactorForm, Floats, factorise_definite
from riskmodels.fitted_covariance import CovarianceEstimator, refuse_motionless


class ConstantCorrelation(CovarianceEstimator):
    """Ledoit and Wolf's shrinkage towards a constant correlation; it keeps each fund's own volatility.

    Attributes
    ----------
    mean_correlation_ : float
        r.
    covariance_, factor_form_, shrinkage_, condition_number_
        As in `CovarianceEstimator`; `shrinkage_` is a.
    """

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
        days, n = centred.shape
        sample = centred.T @ centred / days
        volatility = np.sqrt(np.diag(sample))
        pairs = n * (n - 1)
        correlation = sample / np.outer(volatility, volatility)
        r = float(correlation.sum() - np.trace(correlation)) / pairs if pairs else 0.0
        a = _intensity(centred, sample, volatility, r)
        self.mean_correlation_ = r
        if r >= 0.0:
            loadings = np.column_stack([np.sqrt((1.0 - a) / days) * centred.T, np.sqrt(a * r) * volatility])
            specific = np.sqrt(a * max(0.0, 1.0 - r)) * volatility
            form = FactorForm(loadings, specific).definite
        else:
            form = factorise_definite((1.0 - a) * sample + a * _target(volatility, r))
        self._keep(form, a)
        return self


def _target(volatility: Floats, r: float) -> Floats:
    target = r * np.outer(volatility, volatility)
    np.fill_diagonal(target, volatility**2)
    return target


def _intensity(centred: Floats, sample: Floats, volatility: Floats, r: float) -> float:
    days = int(centred.shape[0])
    squared = centred**2
    variances = squared.T @ squared / days - sample**2
    # Asymptotic covariance of S_ii with S_ij.
    own = (squared * centred).T @ centred / days - np.diag(sample)[:, None] * sample
    with_target = r * own * (volatility[None, :] / volatility[:, None])
    rho = float(np.trace(variances) + with_target.sum() - np.trace(with_target))
    gamma = float(((_target(volatility, r) - sample) ** 2).sum())
    # Up to rounding S is the target: there is nothing to shrink.
    if gamma <= 1e-24 * float((sample**2).sum()):
        return 0.0
    return min(1.0, max(0.0, (float(variances.sum()) - rho) / (gamma * days)))
