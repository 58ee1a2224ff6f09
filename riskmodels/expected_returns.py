"""What each fund is expected to earn, from what it has earned."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data


class TrailingReturn(BaseEstimator):
    """The total return over the rows given, spread evenly over them: (prod(1 + r_t) - 1) / T.

    Not compounded to a year: the return of a buy-and-hold portfolio over the window is the weighted mean of its
    funds' total returns, and only the even spread keeps expected return linear in the weights.

    Attributes
    ----------
    expected_return_ : ndarray, shape (n,)
        Per period, in the unit of X.
    """

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from simple returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Simple returns of one period each, as fractions.
        y : None
            Ignored.
        """
        returns = validate_data(self, X, dtype=np.float64)
        self.expected_return_ = (np.prod(1.0 + returns, axis=0) - 1.0) / returns.shape[0]
        return self
