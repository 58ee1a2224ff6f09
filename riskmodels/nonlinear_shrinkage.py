"""Analytical nonlinear shrinkage: every eigenvalue is shrunk by what its neighbours attract it with.

With lambda_j the sample eigenvalues, N days less the mean, c = n / N, bandwidths h_j = lambda_j N^(-1/3), and the
Epanechnikov kernel k with its Hilbert transform K, the density of eigenvalues and its transform are

    f(x) = mean_j k((x - lambda_j) / h_j) / h_j,        H(x) = mean_j K((x - lambda_j) / h_j) / h_j

over the eigenvalues that are not zero, and the shrunk ones, on the same eigenvectors,

    d_i = lambda_i / ((pi c lambda_i f_i)^2 + (1 - c - pi c lambda_i H_i)^2)                 for n <= N
    d_i = 1 / (pi^2 lambda_i (f_i^2 + H_i^2)),   d_0 = 1 / (pi (c - 1) H(0))                 for n > N

with d_0 in the null space.

References
----------
Ledoit & Wolf, "Analytical nonlinear shrinkage of large-dimensional covariance matrices", Annals of Statistics 48
(2020), section 4.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import validate_data

from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats
from riskmodels.fitted_covariance import CovarianceEstimator

_LEAST_DAYS = 13
"""At twelve days less the mean the kernel around an eigenvalue stays clear of zero."""

_LEAST = 1e-10
"""Of the mean eigenvalue: what is smaller is rounding of a zero, as two tickers of one fund leave it."""

_FAR = 100.0
"""Bandwidths; beyond these the transform is its series, and the closed form would cancel to nothing."""

_ROOT5 = np.sqrt(5.0)


class NonlinearShrinkage(CovarianceEstimator):
    """Ledoit and Wolf's analytical nonlinear shrinkage, for few and for many funds.

    Attributes
    ----------
    eigenvalues_ : ndarray
        Shrunk eigenvalues, ascending by the sample eigenvalue they come from; without those of a null space.
    covariance_, factor_form_, condition_number_
        As in `CovarianceEstimator`.
    shrinkage_ : None
        There is no single intensity.
    """

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each, at least 13 days.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            For fewer than 13 days, or when nothing moves.
        ValueError
            For values that are not finite.
        """
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        days, n = returns.shape
        if days < _LEAST_DAYS:
            raise EstimationError(
                f"{days} days of returns: nonlinear shrinkage takes at least {_LEAST_DAYS}; choose a longer window"
            )
        centred = returns - returns.mean(axis=0)
        free = days - 1
        values, vectors = _spectrum(centred, min(n, free))
        mean = float(values.sum()) / n
        if mean <= 0.0:
            raise EstimationError(f"none of the {n} columns moves over these {days} days: there is no risk to estimate")
        values = np.maximum(values, _LEAST * mean)
        floor = _LEAST * mean
        if n <= free:
            self.eigenvalues_ = np.maximum(_shrunk(values, n / free, free), floor)
            form = FactorForm(vectors * np.sqrt(self.eigenvalues_), np.zeros(n))
        else:
            self.eigenvalues_, null = _shrunk_of_many(values, n / free, free)
            form = _with_null_space(vectors, np.maximum(self.eigenvalues_, floor), max(null, floor))
        self._keep(form, None)
        return self


def _spectrum(centred: Floats, rank: int) -> tuple[Floats, Floats]:
    """The `rank` largest eigenvalues of S, ascending, and their vectors, by the smaller of X'X and XX'."""
    days, n = centred.shape
    free = days - 1
    if n <= free:
        values, vectors = np.linalg.eigh(centred.T @ centred / free)
        return values, vectors
    values, sides = np.linalg.eigh(centred @ centred.T / free)
    values, sides = values[-rank:], sides[:, -rank:]
    # Directions beside which nothing moves are not worth telling from the null space, but must not divide by zero.
    length = np.sqrt(np.maximum(values, _LEAST * float(values.sum()) / n) * free)
    vectors = np.linalg.qr(centred.T @ sides[:, ::-1] / length[::-1])[0][:, ::-1]
    return values, vectors


def _shrunk(values: Floats, c: float, free: int) -> Floats:
    density, transform = _kernel(values, free)
    along = np.pi * c * values
    return np.asarray(values / ((along * density) ** 2 + (1.0 - c - along * transform) ** 2))


def _shrunk_of_many(values: Floats, c: float, free: int) -> tuple[Floats, float]:
    density, transform = _kernel(values, free)
    h = free ** (-1.0 / 3.0)
    log = np.log((1.0 + _ROOT5 * h) / (1.0 - _ROOT5 * h))
    at_zero = (0.3 / h**2 + 0.75 / (_ROOT5 * h) * (1.0 - 0.2 / h**2) * log) * np.mean(1.0 / values) / np.pi
    null = 1.0 / (np.pi * (c - 1.0) * at_zero)
    return np.asarray(1.0 / (np.pi**2 * values * (density**2 + transform**2))), float(null)


def _kernel(values: Floats, free: int) -> tuple[Floats, Floats]:
    """Density of the eigenvalues and its Hilbert transform, at the eigenvalues."""
    width = values * free ** (-1.0 / 3.0)
    x = (values[:, None] - values[None, :]) / width[None, :]
    density = 0.75 / _ROOT5 * np.maximum(1.0 - x**2 / 5.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.abs((_ROOT5 - x) / (_ROOT5 + x)))
        near = -0.3 / np.pi * x + 0.75 / (_ROOT5 * np.pi) * (1.0 - x**2 / 5.0) * log
        far = -(1.0 / x + 1.0 / x**3) / np.pi
    at_edge = np.abs(np.abs(x) - _ROOT5) < 1e-12
    transform = np.where(at_edge, -0.3 / np.pi * x, np.where(np.abs(x) > _FAR, far, near))
    return np.asarray(np.mean(density / width, axis=1)), np.asarray(np.mean(transform / width, axis=1))


def _with_null_space(vectors: Floats, values: Floats, null: float) -> FactorForm:
    """V diag(values) V' and `null` on the complement."""
    n = vectors.shape[0]
    if values.min() >= null:
        return FactorForm(vectors * np.sqrt(values - null), np.full(n, np.sqrt(null)))
    # The symmetric root, without another eigendecomposition.
    root = (vectors * (np.sqrt(values) - np.sqrt(null))) @ vectors.T + np.sqrt(null) * np.eye(n)
    return FactorForm(root, np.zeros(n))
