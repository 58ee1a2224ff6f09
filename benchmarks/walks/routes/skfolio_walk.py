"""skfolio: `cross_val_predict` of `MeanRisk` over `WalkForward`."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pandas as pd
from skfolio.model_selection import WalkForward, cross_val_predict
from skfolio.moments import BaseMu, LedoitWolf
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.preprocessing import prices_to_returns
from skfolio.prior import EmpiricalPrior

from benchmarks.walks.case import HALF_SPREAD, MONTH, MOST_A_FUND, MOST_CREDIT, WINDOW, Case


class TotalReturn(BaseMu):
    """The total return over the window, spread evenly: skfolio has the mean of daily returns, and takes others."""

    def __init__(self) -> None:
        """Nothing to choose."""

    def fit(self, X: Any, y: None = None, **_: Any) -> TotalReturn:
        returns = np.asarray(X)
        self.mu_ = (np.prod(1.0 + returns, axis=0) - 1.0) / len(returns)
        return self


def walk(case: Case) -> pd.Series:
    funds = list(case.prices.columns)
    place = funds.index(case.benchmark)
    returns = prices_to_returns(case.prices)
    days = pd.DatetimeIndex(returns.index)
    returns = returns.iloc[int(days.searchsorted(case.start)) - WINDOW + 1 :]
    closed = pd.bdate_range(days[0], days[-1]).difference(days)
    sessions = pd.offsets.CustomBusinessDay(WINDOW, holidays=list(closed))

    def no_riskier(w: cp.Variable, model: Any) -> cp.Expression:
        """At most the benchmark's volatility, as the prior has estimated it."""
        covariance = model.prior_estimator_.return_distribution_.covariance
        root, scale = np.linalg.cholesky(covariance), float(np.sqrt(covariance[place, place]))
        return cp.norm(root.T @ w / scale) <= 1.0

    model = MeanRisk(
        objective_function=ObjectiveFunction.MAXIMIZE_RETURN,
        prior_estimator=EmpiricalPrior(mu_estimator=TotalReturn(), covariance_estimator=LedoitWolf()),
        max_weights=MOST_A_FUND,
        groups={fund: ["credit" if credit else "other"] for fund, credit in zip(funds, case.credit, strict=True)},
        linear_constraints=[f"credit <= {MOST_CREDIT}"],
        # Its costs are those of a day, for a portfolio that is held a month.
        transaction_costs=HALF_SPREAD / MONTH,
        add_constraints=no_riskier,
    )
    walked = cross_val_predict(
        model,
        returns,
        cv=WalkForward(test_size=1, train_size=sessions, freq="MS", reduce_test=True),
        portfolio_params={"weight_drift": True, "compounded": True},
    )
    daily = pd.Series(np.asarray(walked.returns), index=pd.DatetimeIndex(walked.observations))
    worth: pd.Series = pd.concat([pd.Series(1.0, index=[case.start]), (1.0 + daily).cumprod()])
    return worth
