"""cvxportfolio: `MarketSimulator` by the month and `SinglePeriodOptimization`, with forecasts of one's own."""

from __future__ import annotations

import cvxportfolio as cvx
import pandas as pd

from benchmarks.walks.case import HALF_SPREAD, MONTH, MOST_A_FUND, MOST_CREDIT, Case
from benchmarks.walks.routes.stated import estimates


def walk(case: Case) -> pd.Series:
    closes, funds = case.prices, list(case.prices.columns)
    # Its return of a day runs from that day's trade to the next one's: one who trades at the close before is asked for
    # by the returns as they are, dated by the day they were earned on. What comes last is unknown to it.
    returns = closes.pct_change()
    returns.loc[case.end + pd.offsets.BDay(1)] = 0.0
    returns["cash"] = 0.0
    place = funds.index(case.benchmark)
    mean, covariance, cap = {}, {}, {}
    for day, known in _months(returns, case):
        per_day, spread = estimates(closes.loc[:known])
        mean[day] = MONTH * per_day
        covariance[day] = pd.DataFrame(MONTH * spread, index=funds, columns=funds)
        cap[day] = MONTH * float(spread[place, place])
    policy = cvx.SinglePeriodOptimization(
        cvx.ReturnsForecast(pd.DataFrame.from_dict(mean, orient="index", columns=funds))
        - cvx.TransactionCost(a=HALF_SPREAD),
        [
            cvx.NoCash(),
            cvx.LongOnly(),
            cvx.MaxWeights(MOST_A_FUND),
            cvx.FactorMaxLimit(pd.DataFrame({"credit": case.credit}, index=funds), pd.Series({"credit": MOST_CREDIT})),
            cvx.FullCovariance(pd.concat(covariance)) <= pd.Series(cap),
        ],
        include_cash_return=False,
        solver="CLARABEL",
    )
    simulator = cvx.MarketSimulator(
        returns=returns,
        cash_key="cash",
        trading_frequency="monthly",
        min_history=pd.Timedelta(0),
        costs=[cvx.TransactionCost(a=HALF_SPREAD)],
    )
    days = list(mean)
    result = simulator.backtest(policy, start_time=days[0], end_time=returns.index[-1])
    # Worth before the trade of a month's first day is worth at the end of the month before.
    before = [known for _, known in _months(returns, case)] + [case.end]
    return pd.Series(result.v.to_numpy()[: len(before)], index=before)


def _months(returns: pd.DataFrame, case: Case) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The first day of every month of the walk, and the last one before it."""
    days = pd.DatetimeIndex(returns.index)
    first = [i for i in range(1, len(days)) if days[i].to_period("M") != days[i - 1].to_period("M")]
    return [(days[i], days[i - 1]) for i in first if case.start <= days[i - 1] < case.end]
