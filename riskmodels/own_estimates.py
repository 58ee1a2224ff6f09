"""A covariance, and expected returns, that a user brings along instead of having them estimated from prices.

Nothing in them is taken on trust: values that are not finite, matrices that are not symmetric and negative variances
are refused by the name of the fund. An indefinite matrix, as pairwise windows, pasted blocks and stressed correlations
leave it, is refused too, or repaired on request with the size of the repair told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodels.correlation_repair import nearest_correlation
from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats

Repair = Literal["nearest"]

_ROUNDING = 1e-10
"""Relative to the largest eigenvalue of the correlations: below this a negative one is rounding."""

_ASYMMETRY = 1e-8
"""Relative to the two volatilities: below this two entries are the same number."""

_FRACTIONS = 0.1
"""Percent a year: where half of all funds lie below this, the covariance was given in fractions."""

_NAMED = 5


@dataclass(frozen=True)
class CovarianceRepair:
    """How far an indefinite covariance was moved to become one that a portfolio can have.

    Parameters
    ----------
    smallest_eigenvalue : float
        Of the given correlations: below zero.
    volatility_change : float
        Largest change of a fund's volatility, percent a year; zero but for rounding.
    correlation_change : float
        Largest change of a correlation.
    pair : tuple of str
        The two funds of `correlation_change`.
    distance : float
        Frobenius norm of the change, relative to that of the given covariance.
    """

    smallest_eigenvalue: float
    volatility_change: float
    correlation_change: float
    pair: tuple[str, str]
    distance: float

    @property
    def sentence(self) -> str:
        """The repair in one line."""
        one, other = self.pair
        return (
            f"the covariance was indefinite (smallest eigenvalue of its correlations {self.smallest_eigenvalue:.3g}); "
            f"repaired to the nearest possible one: correlations move by up to {self.correlation_change:.3g} ({one} "
            f"with {other}), volatilities by up to {round(self.volatility_change, 9):.2g} %, "
            f"the matrix by {100 * self.distance:.3g} %"
        )


@dataclass(frozen=True, eq=False)
class OwnEstimates:
    """What replaces the estimates from prices.

    Parameters
    ----------
    covariance : DataFrame
        Rows and columns by ticker, annualised percent squared (0.0004 a year in fractions is 4), over at least every
        eligible fund and the benchmark; further tickers are not looked at.
    expected_returns : Series, optional
        By ticker, annualised percent; estimated from prices unless given.
    repair : {"nearest"}, optional
        What to do with an indefinite covariance: by default it is refused; "nearest" takes the nearest correlations
        that are possible and keeps every volatility (Higham 2002).
    """

    covariance: pd.DataFrame
    expected_returns: pd.Series | None = None
    repair: Repair | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.covariance, pd.DataFrame):
            raise EstimationError(
                f"the covariance is a {type(self.covariance).__name__}: expected a DataFrame with tickers on both sides"
            )
        if self.expected_returns is not None and not isinstance(self.expected_returns, pd.Series):
            raise EstimationError(
                f"expected_returns is a {type(self.expected_returns).__name__}: expected a Series by ticker"
            )
        if self.repair not in (None, "nearest"):
            raise EstimationError(f"repair = {self.repair!r} does not exist: expected 'nearest', or None to refuse")


def own_covariance(own: OwnEstimates, tickers: Sequence[str]) -> tuple[FactorForm, CovarianceRepair | None]:
    """The user's covariance of `tickers`, checked.

    Parameters
    ----------
    own : OwnEstimates
    tickers : sequence of str, length n
        Funds and benchmark in the order wanted.

    Returns
    -------
    FactorForm
        Annualised percent; a singular matrix (a fund without variance, funds with correlation 1) is as good as any.
    CovarianceRepair or None
        None where nothing had to be repaired.

    Raises
    ------
    EstimationError
        When a ticker is missing or there twice, a value is not a finite number, two entries for one pair differ, a
        variance is negative, the unit looks like fractions, or the matrix is indefinite and no repair is asked for.
    """
    if not isinstance(own, OwnEstimates):
        raise EstimationError(f"estimates: found a {type(own).__name__}; expected OwnEstimates(covariance)")
    sigma = _taken(own.covariance, tickers)
    _check(sigma, tickers)
    sigma = 0.5 * (sigma + sigma.T)
    volatility = np.sqrt(np.diag(sigma))
    # A fund without variance has no correlation; 1 on its diagonal and 0 beside it keep it out of the others' way.
    still = volatility == 0.0
    unit = np.where(still, 1.0, volatility)
    correlation = sigma / np.outer(unit, unit)
    stray = _beside_no_variance(sigma, still)
    correlation[still, :] = 0.0
    correlation[:, still] = 0.0
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    if not stray.any() and values[0] >= -_ROUNDING * values[-1]:
        kept = values > 0.0
        root = vectors[:, kept] * np.sqrt(values[kept])
        return FactorForm(root * volatility[:, None], np.zeros(volatility.size)), None
    if own.repair is None:
        raise EstimationError(_indefinite(sigma, stray, float(values[0]), vectors[:, 0], tickers))
    form = FactorForm(nearest_correlation(correlation) * volatility[:, None], np.zeros(volatility.size))
    return form, _size(sigma, form.matrix, unit, tickers)


def own_expected_returns(given: pd.Series, tickers: Sequence[str]) -> Floats:
    """The user's expected returns of `tickers`, shape (n,), annualised percent.

    Parameters
    ----------
    given : Series
        By ticker.
    tickers : sequence of str, length n

    Raises
    ------
    EstimationError
        When a ticker is missing or there twice, or a value is not a finite number.
    """
    _require(given.index, tickers, "expected return")
    mu = _numbers(given.loc[list(tickers)].to_frame(), "an expected return")[:, 0]
    bad = np.flatnonzero(~np.isfinite(mu))
    if bad.size:
        raise EstimationError(
            f"the expected return of {tickers[int(bad[0])]} is {mu[bad[0]]}: expected a finite number, percent a year"
        )
    return mu


def _taken(covariance: pd.DataFrame, tickers: Sequence[str]) -> Floats:
    for side, labels in (("rows", covariance.index), ("columns", covariance.columns)):
        _require(labels, tickers, f"covariance ({side})")
    return _numbers(covariance.loc[list(tickers), list(tickers)], "a covariance")


def _require(labels: pd.Index, tickers: Sequence[str], what: str) -> None:
    twice = labels[labels.duplicated()]
    if len(twice):
        raise EstimationError(f"{what}: {twice[0]} is there twice; expected every ticker once")
    known = set(labels)
    absent = [ticker for ticker in tickers if ticker not in known]
    if absent:
        more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        raise EstimationError(
            f"{what}: none for {', '.join(absent[:_NAMED])}{more}; expected every eligible fund and the benchmark: add "
            "them, or leave the funds out of the model's universe"
        )


def _numbers(frame: pd.DataFrame, what: str) -> Floats:
    try:
        return frame.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        row, column = next((i, j) for i in frame.index for j in frame.columns if not _is_number(frame.loc[i, j]))
        found = repr(frame.loc[row, column])
        raise EstimationError(f"{what} of {row} is {found:.60}: expected numbers throughout") from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number)


def _check(sigma: Floats, tickers: Sequence[str]) -> None:
    bad = np.argwhere(~np.isfinite(sigma))
    if bad.size:
        # The fund with the most of them: one row of NaN spoils an entry of everybody else.
        i = int(np.argmax((~np.isfinite(sigma)).sum(axis=1)))
        j = int(np.flatnonzero(~np.isfinite(sigma[i]))[0])
        pair = f"variance of {tickers[i]}" if i == j else f"covariance of {tickers[i]} with {tickers[j]}"
        raise EstimationError(f"the {pair} is {sigma[i, j]}: expected a finite number")
    variance = np.diag(sigma)
    negative = np.flatnonzero(variance < 0.0)
    if negative.size:
        i = int(negative[0])
        raise EstimationError(f"the variance of {tickers[i]} is {variance[i]:.6g}: expected at least 0")
    volatility = np.sqrt(variance)
    apart = np.abs(sigma - sigma.T) - _ASYMMETRY * np.outer(volatility, volatility)
    if (apart > 0.0).any():
        i, j = (int(k) for k in np.unravel_index(int(np.argmax(apart)), apart.shape))
        raise EstimationError(
            f"the covariance is not symmetric: {tickers[i]} with {tickers[j]} is {sigma[i, j]:.10g}, and "
            f"{tickers[j]} with {tickers[i]} is {sigma[j, i]:.10g}"
        )
    moving = volatility[volatility > 0.0]
    if moving.size and float(np.median(moving)) < _FRACTIONS:
        raise EstimationError(
            f"the volatilities have a median of {np.median(moving):.3g} % a year: expected a covariance in annualised "
            "percent squared; multiply one in fractions by 10,000, and a daily one by 252 as well"
        )


def _beside_no_variance(sigma: Floats, still: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Covariances that a fund without variance cannot have, shape (n, n)."""
    return np.asarray(still[:, None] & (np.abs(sigma) > _ROUNDING * np.abs(sigma).max()))


def _indefinite(
    sigma: Floats, stray: NDArray[np.bool_], smallest: float, vector: Floats, tickers: Sequence[str]
) -> str:
    """The refusal, which tells where to look."""
    if stray.any():
        i, j = (int(k) for k in np.argwhere(stray)[0])
        what = f"{tickers[i]} has no variance but a covariance of {sigma[i, j]:.6g} with {tickers[j]}"
    else:
        worst = int(np.argmax(np.abs(vector)))
        what = (
            f"the smallest eigenvalue of its correlations is {smallest:.3g}, and {tickers[worst]} has most to do with "
            f"it ({100 * vector[worst] ** 2:.0f} %)"
        )
    return (
        f"the covariance is indefinite, so that some portfolio would have a negative variance: {what}; estimate all "
        "pairs over the same days, or ask for the nearest possible one with repair='nearest'"
    )


def _size(given: Floats, repaired: Floats, unit: Floats, tickers: Sequence[str]) -> CovarianceRepair:
    """What the repair changed, measured on the matrices themselves."""
    change = (repaired - given) / np.outer(unit, unit)
    # Beside a fund without variance the change is that of a covariance, of which all had to go.
    np.fill_diagonal(change, 0.0)
    i, j = (int(k) for k in np.unravel_index(int(np.argmax(np.abs(change))), change.shape))
    return CovarianceRepair(
        smallest_eigenvalue=float(np.linalg.eigvalsh(given / np.outer(unit, unit))[0]),
        volatility_change=float(np.abs(np.sqrt(np.diag(repaired)) - np.sqrt(np.diag(given))).max()),
        correlation_change=float(abs(change[i, j])),
        pair=(tickers[i], tickers[j]),
        distance=float(np.linalg.norm(repaired - given) / np.linalg.norm(given)),
    )
