"""cvxportfolio: one step of `SinglePeriodOptimization`, without its market simulator.

It takes a risk aversion and no target, so it is given the one at which the certified optimum is its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cvxportfolio as cvx
import numpy as np
import pandas as pd

from benchmarks.peers.instance import PERCENT, Day, Floats
from benchmarks.peers.route import Solve

_TODAY = pd.Timestamp("2024-01-31")


def dense(day: Day) -> Solve:
    names = list(day.names)
    sigma = pd.DataFrame(day.sigma / PERCENT**2, index=names, columns=names)
    return _policy(day, lambda: cvx.FullCovariance(sigma))


def factor(day: Day) -> Solve:
    names = list(day.names)
    exposures = pd.DataFrame(day.loadings.T / PERCENT, columns=names)
    own = pd.Series((day.specific / PERCENT) ** 2, names)
    return _policy(day, lambda: cvx.FactorModelCovariance(F=exposures, d=own))


def _policy(day: Day, risk: Callable[[], Any]) -> Solve:
    names = list(day.names)
    mu = pd.Series(day.mu / PERCENT, names)
    exposures = pd.DataFrame(day.A[1:].T, index=names)
    cash_only = pd.Series(0.0, [*names, "cash"])
    cash_only["cash"] = 1e6

    def solve(variant: int) -> Floats:
        limits, aversion = day.variants[variant], day.aversions[variant]
        # Its objective is r'w - g w'Sigma w in fractions.
        policy = cvx.SinglePeriodOptimization(
            cvx.ReturnsForecast(mu) - 0.5 * aversion * PERCENT * risk(),
            [
                cvx.NoCash(),
                cvx.LongOnly(),
                cvx.MaxWeights(pd.Series(limits.upper, names)),
                cvx.FactorMaxLimit(exposures, pd.Series(limits.row_upper[1:])),
                cvx.FactorMinLimit(exposures, pd.Series(limits.row_lower[1:])),
            ],
            include_cash_return=False,
            solver="CLARABEL",
        )
        trades, _, _ = policy.execute(cash_only, market_data=None, t=_TODAY)
        return np.asarray(trades.iloc[:-1] / 1e6)

    return solve
