"""Trailing returns, shrunk towards the mean of the fund's sector.

Of two funds of a sector the one that did better was mostly luckier. Jorion's Bayes-Stein estimator moves all of them
towards one number by the share that sampling error has in their differences. In a sector of n funds with trailing
returns m, their mean m_0, and Sigma the covariance of the T returns behind them,

    mu = (1 - f) m + f m_0,      f = (n + 2) / (n + 2 + T (m - m_0)' Sigma^-1 (m - m_0)).

Jorion takes for m_0 the return of the minimum-variance portfolio, which in a sector is that of its calmest fund; here
it is the plain mean. Sigma is shrunk, so that it can be inverted with more funds than days.

References
----------
Jorion, "Bayes-Stein estimation for portfolio analysis", J. Financial and Quantitative Analysis 21 (1986), equation 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from riskmodels.covariance import ShrunkCorrelation
from riskmodels.errors import EstimationError
from riskmodels.expected_returns import spread_evenly
from riskmodels.returns import motionless


class SectorShrunkReturn(BaseEstimator):
    """Bayes-Stein estimate towards sector means.

    Parameters
    ----------
    sectors : sequence of str, length n, optional
        Sector of each column; by default all are one.

    Attributes
    ----------
    expected_return_ : ndarray, shape (n,)
        Per period, in the unit of X.
    intensity_ : ndarray, shape (n,)
        f of each column's sector; 0 where the sector has one fund.
    look_back_ : int
        Periods looked at.
    """

    def __init__(self, sectors: Sequence[str] | None = None) -> None:
        self.sectors = sectors

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
            When there are not as many sectors as columns.
        ValueError
            For fewer than two days, or values that are not finite.
        """
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        days, n = returns.shape
        sectors = np.array(["all"] * n if self.sectors is None else [str(sector) for sector in self.sectors])
        if sectors.size != n:
            raise EstimationError(f"{sectors.size} sectors for {n} columns: expected one each")
        trailing = spread_evenly(returns)
        self.expected_return_, self.intensity_ = trailing.copy(), np.zeros(n)
        for sector in np.unique(sectors):
            members = np.flatnonzero(sectors == sector)
            # A fund that never moves is known without error.
            members = members[~motionless(returns[:, members])]
            if members.size < 2:
                continue
            mean = float(trailing[members].mean())
            off = trailing[members] - mean
            sigma = ShrunkCorrelation().fit(returns[:, members])
            unit = sigma.volatility_
            correlation = sigma.covariance_ / np.outer(unit, unit)
            with np.errstate(over="ignore"):  # an infinite distance shrinks nothing
                distance = days * float(off / unit @ np.linalg.solve(correlation, off / unit))
            share = (members.size + 2.0) / (members.size + 2.0 + distance)
            self.intensity_[members] = share
            self.expected_return_[members] = mean + (1.0 - share) * off
        self.look_back_ = days
        return self
