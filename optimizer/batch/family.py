"""Problems that differ in limits and targets only: one covariance, one vector of expected returns, one set of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import OptimizerError
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class Family:
    """V variants:  maximise mu'w  where  row_lower <= A w <= row_upper,  lower <= w <= upper,  sqrt(w'Sigma w) <= cap.

    Parameters
    ----------
    tickers : tuple of str
        The n funds.
    mu : ndarray, shape (n,)
        Annualised percent.
    sigma : ndarray, shape (n, n)
        Symmetric and positive semidefinite, percent squared.
    A : ndarray, shape (m, n)
    lower, upper : ndarray, shape (V, n)
        Finite.
    row_lower, row_upper : ndarray, shape (V, m)
        Infinite where a side is open.
    caps : ndarray, shape (V,)
        Annualised percent; infinite for none.

    Raises
    ------
    OptimizerError
        When shapes do not fit, or a number is missing, naming the fund, row or variant.
    """

    tickers: tuple[str, ...]
    mu: Floats
    sigma: Floats
    A: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    caps: Floats

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_numbers(self)

    @property
    def size(self) -> int:
        """How many variants: V."""
        return int(self.caps.size)

    def part(self, which: slice) -> Family:
        """Some of the variants."""
        return Family(
            self.tickers,
            self.mu,
            self.sigma,
            self.A,
            self.lower[which],
            self.upper[which],
            self.row_lower[which],
            self.row_upper[which],
            self.caps[which],
        )


@dataclass(frozen=True, eq=False)
class FamilyAnswer:
    """Answers to the V variants of a family.

    Parameters
    ----------
    w : ndarray, shape (V, n)
        Weights; NaN where there are none.
    rows : ndarray, shape (V, m)
        Multipliers, percent of return per unit; positive where the upper side pushes.
    theta : ndarray, shape (V,)
        Price of the risk cap.
    gap_bp, max_violation, kkt_residual : ndarray, shape (V,)
        The certificate: see `optimizer.certificate.Certificate`. Infinite where there is no answer.
    solved : ndarray of bool, shape (V,)
        Certified: optimal to `GAP_BP` and allowed to `VIOLATION`.
    words : mapping of int to str
        What is known of those that are not: of each variant by its number.
    """

    w: Floats
    rows: Floats
    theta: Floats
    gap_bp: Floats
    max_violation: Floats
    kkt_residual: Floats
    solved: NDArray[np.bool_]
    words: Mapping[int, str]


def _check_shapes(family: Family) -> None:
    n, m, V = family.mu.size, family.A.shape[0], family.caps.size
    expected = {
        "tickers": (np.shape(family.tickers), (n,)),
        "sigma": (family.sigma.shape, (n, n)),
        "A": (family.A.shape, (m, n)),
        "lower": (family.lower.shape, (V, n)),
        "upper": (family.upper.shape, (V, n)),
        "row_lower": (family.row_lower.shape, (V, m)),
        "row_upper": (family.row_upper.shape, (V, m)),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise OptimizerError(f"a family of {V} variants, {n} funds and {m} rows: {name} has the shape {found}")


def _check_numbers(family: Family) -> None:
    by_fund = {
        "expected return": family.mu[None],
        "covariance": family.sigma,
        "column of rows": family.A,
        "lower bound": family.lower,
        "upper bound": family.upper,
    }
    for name, values in by_fund.items():
        # A sum is finite only when all of its terms are: one pass, no array of flags.
        if not np.isfinite(values.sum()):
            bad = np.flatnonzero(~np.isfinite(values).all(axis=0))
            if bad.size:
                raise OptimizerError(f"the {name} of {family.tickers[int(bad[0])]} has a value that is not finite")
    # Not their sum, which is no number where both sides are open.
    rows = np.flatnonzero((np.isnan(family.row_lower) | np.isnan(family.row_upper)).any(axis=0))
    if rows.size:
        raise OptimizerError(f"row {int(rows[0])} of a family has a limit that is not a number")
    wrong = np.flatnonzero(~(family.caps >= 0.0))
    if wrong.size:
        raise OptimizerError(
            f"variant {int(wrong[0])}: the risk target is {family.caps[wrong[0]]}: expected a number of at least 0"
        )
