"""The libraries on the monthly walk, and what differs in what each of them does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A library on the monthly walk.

    Parameters
    ----------
    distribution : str
        Whose version stands beside the figures.
    how : str
        The way its own documentation shows.
    differs : str
        From the walk that was asked for.
    """

    distribution: str
    how: str
    differs: str


OURS = "aggplus"

LIBRARIES: Mapping[str, Library] = {
    OURS: Library(
        "aggplus",
        '`walk_forward`, calendar = "month_end"',
        "nothing; beside the walk it screens funds, certifies every portfolio, keeps every trigger's reading of every "
        "day, and solves on the last day, too",
    ),
    "bt": Library(
        "bt",
        "`RunMonthly`, `SelectAll`, an algo of one's own, `Rebalance`",
        "it has no optimizer for such a problem (its `WeighMeanVar` has neither a limit on risk nor one on groups), so "
        "the algo states it in cvxpy; weights below 1e-6 are dropped",
    ),
    "cvxportfolio": Library(
        "cvxportfolio",
        '`MarketSimulator` with `trading_frequency="monthly"`, `SinglePeriodOptimization`, forecasts of one\'s own',
        "it knows months only, so there are no daily books (which is less work) and no forecaster of its own can see "
        "daily returns: the estimates are computed outside it and timed with it; a trade at a month's end is paid "
        "for in the next month",
    ),
    "skfolio": Library(
        "skfolio",
        "`cross_val_predict` of `MeanRisk` over `WalkForward`, weights that drift",
        "`max_variance` takes a number that stays the same, so the benchmark's volatility comes in by "
        "`add_constraints`; its mean of daily returns is replaced by the total return; costs are charged "
        "a little on every day of the month; nothing is traded on the last day",
    ),
}
