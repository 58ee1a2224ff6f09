"""bt: a stack of algos, one of which is ours, as its documentation has users write them."""

from __future__ import annotations

from typing import Any

import bt
import numpy as np
import pandas as pd

from benchmarks.walks.case import HALF_SPREAD, Case
from benchmarks.walks.routes.stated import optimum


class WeighByProblem(bt.Algo):
    """Sets the weights that solve the problem of the month."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case

    def __call__(self, target: Any) -> bool:
        funds = target.temp["selected"]
        children = target.children
        held = np.array([children[fund].weight if fund in children else 0.0 for fund in funds])
        # Solvers leave weights of 1e-9, each of which would be a trade.
        weights = pd.Series(optimum(self.case, target.universe.loc[: target.now, funds], held), index=funds)
        target.temp["weights"] = weights[weights > 1e-6] / weights[weights > 1e-6].sum()
        return True


def walk(case: Case) -> pd.Series:
    strategy = bt.Strategy(
        "monthly",
        [
            bt.algos.RunAfterDate(case.start - pd.Timedelta(days=1)),
            bt.algos.RunMonthly(run_on_first_date=False, run_on_end_of_period=True, run_on_last_date=True),
            bt.algos.SelectAll(),
            WeighByProblem(case),
            bt.algos.Rebalance(),
        ],
    )
    test = bt.Backtest(
        strategy,
        case.prices,
        commissions=lambda quantity, price: abs(quantity) * price * HALF_SPREAD,
        integer_positions=False,
        progress_bar=False,
    )
    result = bt.run(test, progress_bar=False)
    worth: pd.Series = result.prices["monthly"].loc[case.start :]
    # The first purchase is paid out of the worth of the first day.
    worth.iloc[0] = result.prices["monthly"].iloc[0]
    return worth
