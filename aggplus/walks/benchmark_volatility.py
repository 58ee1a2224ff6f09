"""sigma_b of every day, as the estimate of that day has it.

Estimators that leave each fund its own volatility read the benchmark's from its own returns alone, whatever funds stand
beside it: `CovarianceEstimator.volatility_of`. For any other the whole estimate is needed, and it is the model's risk
model of the day that says it.
"""

from __future__ import annotations

import numpy as np

from aggplus.walks.closes import Closes, Floats
from riskmodels import CovarianceEstimator, EstimationError, RiskModelRules, covariance_estimator, daily_returns
from riskmodels.returns import TRADING_DAYS


def reads_alone(rules: RiskModelRules) -> bool:
    """Whether the benchmark's volatility does not depend on the funds beside it.

    Parameters
    ----------
    rules : RiskModelRules
    """
    return covariance_estimator(rules).keeps_volatilities


def benchmark_volatility(closes: Closes, benchmark: str, rules: RiskModelRules, first: int, last: int) -> Floats:
    """Annualised percent at the close of each session.

    Parameters
    ----------
    closes : Closes
    benchmark : str
    rules : RiskModelRules
        For which `reads_alone` is true.
    first, last : int
        Sessions, both included.

    Returns
    -------
    ndarray, shape (last - first + 1,)
        NaN where a window has a gap or a misprint, or there is no window yet.
    """
    estimator: CovarianceEstimator = covariance_estimator(rules)
    prices = closes.market.prices[[benchmark]]
    out = np.full(last - first + 1, np.nan)
    for session in range(first, last + 1):
        window = prices.iloc[max(0, session - rules.window_days) : session + 1]
        if len(window) <= rules.window_days or window.isna().to_numpy().any():
            continue
        try:
            returns = daily_returns(window, rules.window_days).to_numpy()
        except EstimationError:
            continue
        out[session - first] = estimator.volatility_of(returns)[0] * np.sqrt(TRADING_DAYS) * 100.0
    return out
