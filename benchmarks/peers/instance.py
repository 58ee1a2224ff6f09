"""The instance that all peers are timed on, as arrays alone: what it is made of, and what a date of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Covariance = Literal["shrunk", "ten factors"]

SECTORS = 12
PERCENT = 100.0

ROWS = ("fully invested", *(f"sector {s}" for s in range(SECTORS)), "beta", "duration")
"""What the rows of `Day.A` are; the first is an equality for all variants, beta for a quarter of them."""


@dataclass(frozen=True)
class Setup:
    """What an instance is made of; everything follows from it.

    Parameters
    ----------
    funds, variants, dates : int
    covariance : {"shrunk", "ten factors"}
        Ledoit-Wolf on the correlation of 252 simulated days, a dense matrix, which 252 factors and a diagonal make up
        exactly; or the ten principal components of that correlation and a diagonal.
    seed : int
    """

    funds: int = 400
    variants: int = 100
    dates: int = 20
    covariance: Covariance = "shrunk"
    seed: int = 20240131


@dataclass(frozen=True, eq=False)
class Variant:
    """A mandate and its risk target.

    Maximise mu'w where  row_lower <= A w <= row_upper,  0 <= w <= upper,  R(w) <= target.

    Parameters
    ----------
    row_lower, row_upper : ndarray, shape (15,)
    upper : ndarray, shape (n,)
        Largest weights, zero for barred funds.
    target : float
        Volatility, percent a year, between the least and that of the highest return.
    """

    row_lower: Floats
    row_upper: Floats
    upper: Floats
    target: float


@dataclass(frozen=True, eq=False)
class Day:
    """A date: one risk model, shared by its variants. Sigma = B B' + diag(s)^2, percent squared.

    Parameters
    ----------
    loadings : ndarray, shape (n, k)
        B.
    specific : ndarray, shape (n,)
        s.
    mu : ndarray, shape (n,)
        Expected returns, percent a year.
    A : ndarray, shape (15, n)
        Rows as in `ROWS`: of ones, sector membership, betas, durations in years.
    variants : tuple of Variant
    aversions : tuple of float
        Of the first variants: the a at which the certified optimum also maximises mu'w - a/2 w'Sigma w, for peers that
        take a risk aversion and no risk target. Empty where no optimum has been certified.
    """

    loadings: Floats
    specific: Floats
    mu: Floats
    A: Floats
    variants: tuple[Variant, ...]
    aversions: tuple[float, ...] = ()

    @cached_property
    def sigma(self) -> Floats:
        """The dense covariance, shape (n, n)."""
        return self.loadings @ self.loadings.T + np.diag(self.specific**2)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the n funds."""
        return tuple(f"F{i:04d}" for i in range(self.mu.size))

    def volatility(self, w: Floats) -> float:
        """R(w), percent a year."""
        return float(np.hypot(np.linalg.norm(self.loadings.T @ w), np.linalg.norm(self.specific * w)))

    def covariance_with(self, w: Floats) -> Floats:
        """Sigma w, shape (n,)."""
        return self.loadings @ (self.loadings.T @ w) + self.specific**2 * w
