"""A covariance as low rank plus diagonal: Sigma = B B' + diag(s)^2.

Linear shrinkage of T days of n funds has exactly this form with k = T factors, and a solver that sees B instead
of Sigma is many times faster and better scaled. A matrix that has no such structure takes the same form with
k = n and s = 0, so that everything downstream reads one shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskmodels.errors import EstimationError

Floats = NDArray[np.float64]

_LEAST = 1e-10
"""Least share of its variance that is a fund's own, and least eigenvalue beside their mean: estimates are definite."""


@dataclass(frozen=True, eq=False)
class FactorForm:
    """Sigma = B B' + diag(s)^2.

    Parameters
    ----------
    loadings : ndarray, shape (n, k)
        B, in the unit of a volatility.
    specific : ndarray, shape (n,)
        s >= 0, in the same unit.
    """

    loadings: Floats
    specific: Floats

    @cached_property
    def matrix(self) -> Floats:
        """Sigma, shape (n, n), exactly symmetric."""
        product = self.loadings @ self.loadings.T
        sigma = 0.5 * (product + product.T)
        sigma[np.diag_indices_from(sigma)] += self.specific**2
        return np.asarray(sigma)

    def scaled(self, scale: Floats | float) -> FactorForm:
        """The covariance of the columns multiplied by `scale`, a number or shape (n,)."""
        by_row = np.broadcast_to(np.asarray(scale, dtype=float), self.specific.shape)
        return FactorForm(loadings=self.loadings * by_row[:, None], specific=self.specific * by_row)

    def take(self, positions: NDArray[np.intp]) -> FactorForm:
        """The covariance of some of the columns, in the order of `positions`."""
        return FactorForm(loadings=self.loadings[positions], specific=self.specific[positions])

    def times(self, w: Floats) -> Floats:
        """Sigma w, shape (n,), without forming Sigma."""
        return np.asarray(self.loadings @ (self.loadings.T @ w) + self.specific**2 * w)

    def volatility(self, w: Floats) -> float:
        """sqrt(w' Sigma w), as a norm so that it cannot go negative under the root."""
        return float(np.hypot(np.linalg.norm(self.loadings.T @ w), np.linalg.norm(self.specific * w)))

    @cached_property
    def variance(self) -> Floats:
        """Diagonal of Sigma, shape (n,), without forming Sigma."""
        return np.asarray(np.einsum("ik,ik->i", self.loadings, self.loadings) + self.specific**2)

    @cached_property
    def condition_number(self) -> float:
        """Largest over smallest eigenvalue of Sigma; infinite for a singular one."""
        values = np.linalg.eigvalsh(self.matrix)
        return float(values[-1] / values[0]) if values[0] > 0.0 else float("inf")

    @cached_property
    def definite(self) -> FactorForm:
        """The same variances with a specific part in each of them: nearly none where there was none."""
        low = self.specific**2 < _LEAST * self.variance
        if not low.any():
            return self
        common = self.variance - self.specific**2
        specific = np.where(low, np.sqrt(_LEAST * self.variance), self.specific)
        keep = np.sqrt((self.variance - specific**2) / np.where(common > 0.0, common, 1.0))
        return FactorForm(self.loadings * np.where(low, keep, 1.0)[:, None], specific)


def factorise(sigma: Floats) -> FactorForm:
    """Bring a dense covariance to factor form by its eigenvectors: B = V sqrt(lambda), s = 0.

    Parameters
    ----------
    sigma : ndarray, shape (n, n)
        Symmetric positive semidefinite, up to rounding.

    Raises
    ------
    EstimationError
        When a value is not finite, the matrix is not symmetric, or an eigenvalue is negative, beyond rounding: nothing
        is repaired silently.
    """
    values, vectors = _eigen(sigma)
    kept = values > 0.0
    loadings = vectors[:, kept] * np.sqrt(values[kept])
    return FactorForm(loadings=loadings, specific=np.zeros(sigma.shape[0]))


def factorise_definite(sigma: Floats) -> FactorForm:
    """As `factorise`, with eigenvalues of zero lifted to what rounding leaves of one: Sigma is positive definite.

    Parameters
    ----------
    sigma : ndarray, shape (n, n)
        Symmetric positive semidefinite, up to rounding.

    Raises
    ------
    EstimationError
        As `factorise`.
    """
    values, vectors = _eigen(sigma)
    least = _LEAST * max(float(np.trace(sigma)), 0.0) / sigma.shape[0]
    return FactorForm(vectors * np.sqrt(np.maximum(values, least)), np.zeros(sigma.shape[0]))


def _eigen(sigma: Floats) -> tuple[Floats, Floats]:
    if not np.isfinite(sigma).all():
        raise EstimationError("the covariance has values that are not finite")
    if not np.allclose(sigma, sigma.T, rtol=0.0, atol=1e-10 * float(np.abs(sigma).max(initial=0.0))):
        raise EstimationError("the covariance is not symmetric")
    values, vectors = np.linalg.eigh(0.5 * (sigma + sigma.T))
    rounding = 1e-10 * max(float(values[-1]), 0.0) + np.finfo(float).tiny
    if values[0] < -rounding:
        raise EstimationError(
            f"the covariance is not positive semidefinite: its smallest eigenvalue is {values[0]:.3g}, "
            f"its largest {values[-1]:.3g}"
        )
    return values, vectors
