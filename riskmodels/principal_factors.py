"""A covariance of few factors: principal components of the correlations, and what is left to each fund alone.

With lambda_j, v_j the largest eigenvalues and eigenvectors of the sample correlations and D the sample volatilities,

    C = sum_j<=k lambda_j v_j v_j' + diag(1 - sum_j lambda_j v_j^2),      Sigma = D C D.

Only the correlation that k factors carry is kept. The eigenvectors come from the smaller of Z'Z and ZZ'.

References
----------
Chamberlain & Rothschild, "Arbitrage, factor structure, and mean-variance analysis on large asset markets",
Econometrica 51 (1983).
Laloux, Cizeau, Bouchaud & Potters, "Noise dressing of financial correlation matrices", Phys. Rev. Lett. 83 (1999): the
edge (1 + sqrt(n / T))^2 that eigenvalues of uncorrelated returns stay below.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import validate_data

from riskmodels.covariance import with_volatility
from riskmodels.factor_form import FactorForm, Floats
from riskmodels.fitted_covariance import CovarianceEstimator, refuse_motionless
from riskmodels.parameters import whole_number


class PrincipalFactors(CovarianceEstimator):
    """Low rank plus diagonal by principal components of the correlations.

    Parameters
    ----------
    factors : int, optional
        k; by default as many as stand out of the noise, at least one.

    Attributes
    ----------
    factors_ : int
        Factors used.
    volatility_ : ndarray, shape (n,)
        Sample volatilities, which are kept.
    covariance_, factor_form_, condition_number_
        As in `CovarianceEstimator`.
    shrinkage_ : None
    """

    def __init__(self, factors: int | None = None) -> None:
        self.factors = factors

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
            When a column never moves, or `factors` is not a positive whole number.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        wanted = None if self.factors is None else whole_number("factors", self.factors, 1)
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        refuse_motionless(returns, self)
        centred = returns - returns.mean(axis=0)
        days, n = centred.shape
        self.volatility_ = self.volatility_of(returns)
        values, vectors = principal_components(centred / self.volatility_)
        standing_out = max(1, int((values > (1.0 + np.sqrt(n / days)) ** 2).sum()))
        self.factors_ = min(values.size, standing_out if wanted is None else wanted)
        loadings = vectors[:, : self.factors_] * np.sqrt(values[: self.factors_])
        specific = np.sqrt(np.maximum(0.0, 1.0 - np.einsum("ik,ik->i", loadings, loadings)))
        self._keep(with_volatility(FactorForm(loadings, specific).definite, self.volatility_), None)
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


def principal_components(standardised: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues of Z'Z / T, largest first, without those that are zero, and their eigenvectors.

    Parameters
    ----------
    standardised : ndarray, shape (days, n)

    Returns
    -------
    ndarray, shape (r,)
    ndarray, shape (n, r)
    """
    days, n = standardised.shape
    if n <= days:
        values, vectors = np.linalg.eigh(standardised.T @ standardised / days)
        kept = np.flatnonzero(values > 1e-12 * values[-1])[::-1]
        return values[kept], vectors[:, kept]
    values, sides = np.linalg.eigh(standardised @ standardised.T / days)
    kept = np.flatnonzero(values > 1e-12 * values[-1])[::-1]
    return values[kept], standardised.T @ sides[:, kept] / np.sqrt(values[kept] * days)
