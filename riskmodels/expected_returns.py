"""What each fund is expected to earn, from what it has earned.

Estimators in the manner of scikit-learn: `fit(X)` takes simple returns, shape (days, n), and leaves `expected_return_`
per period and `look_back_`, the days that it looked at. A fund whose returns are not all there is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from riskmodels.errors import EstimationError
from riskmodels.exponential import exponential_weights
from riskmodels.factor_form import Floats
from riskmodels.parameters import positive_number, whole_number


class TrailingReturn(BaseEstimator):
    """The total return over the rows given, spread evenly over them: (prod(1 + r_t) - 1) / T.

    Not compounded to a year: the return of a buy-and-hold portfolio over the window is the weighted mean of its
    funds' total returns, and only the even spread keeps expected return linear in the weights.

    Parameters
    ----------
    windows : sequence of int, optional
        Over each of the last so many days, and the plain mean of them; by default over all rows given.

    Attributes
    ----------
    expected_return_ : ndarray, shape (n,)
        Per period, in the unit of X.
    look_back_ : int
        Periods looked at.
    """

    def __init__(self, windows: Sequence[int] | None = None) -> None:
        self.windows = windows

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from simple returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Simple returns of one period each, as fractions.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When a window is not a positive whole number, or longer than the returns given.
        ValueError
            For values that are not finite.
        """
        returns = validate_data(self, X, dtype=np.float64)
        windows = (returns.shape[0],) if self.windows is None else tuple(self.windows)
        if not windows or max(whole_number("windows", window, 1) for window in windows) > returns.shape[0]:
            raise EstimationError(
                f"windows is {windows!r}: expected numbers of days, none beyond the {returns.shape[0]} given"
            )
        self.expected_return_ = np.mean([spread_evenly(returns[-window:]) for window in windows], axis=0)
        self.look_back_ = max(windows)
        return self


class ExponentialReturn(BaseEstimator):
    """The mean of simple returns with weights that halve every `half_life` days back: sum_t u_t r_t.

    Parameters
    ----------
    half_life : float
        Days after which a day counts half.

    Attributes
    ----------
    expected_return_, look_back_
        As in `TrailingReturn`.
    """

    def __init__(self, half_life: float = 63.0) -> None:
        self.half_life = half_life

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from simple returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Simple returns of one period each, as fractions, the latest last.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When the half-life is not positive.
        ValueError
            For values that are not finite.
        """
        half_life = positive_number("half_life", self.half_life)
        returns = validate_data(self, X, dtype=np.float64)
        self.expected_return_ = exponential_weights(returns.shape[0], half_life) @ returns
        self.look_back_ = returns.shape[0]
        return self


class RiskAdjustedReturn(BaseEstimator):
    """The trailing return less a charge for each fund's own variance: m - a / 2 s^2, returns as fractions.

    Morningstar's risk-adjusted return to second order, with a its gamma; the half of the variance that compounding
    costs is off m already. A charge, not a quotient: return per unit of risk would rate a Treasury-bill fund above
    everything.

    Parameters
    ----------
    risk_aversion : float
        a > 0; Morningstar takes 2.

    Attributes
    ----------
    expected_return_, look_back_
        As in `TrailingReturn`.

    References
    ----------
    Morningstar, "The Morningstar rating for funds", methodology: risk-adjusted return with gamma = 2.
    """

    def __init__(self, risk_aversion: float = 2.0) -> None:
        self.risk_aversion = risk_aversion

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from simple returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Simple returns of one period each, as fractions.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When the risk aversion is not positive.
        ValueError
            For values that are not finite.
        """
        a = positive_number("risk_aversion", self.risk_aversion)
        returns = validate_data(self, X, dtype=np.float64)
        self.expected_return_ = spread_evenly(returns) - 0.5 * a * returns.var(axis=0)
        self.look_back_ = returns.shape[0]
        return self


def spread_evenly(returns: Floats) -> Floats:
    """Total return over the rows of simple returns, shape (days, n), divided by their number."""
    return np.asarray((np.prod(1.0 + returns, axis=0) - 1.0) / returns.shape[0])
