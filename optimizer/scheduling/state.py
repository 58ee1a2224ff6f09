"""What is known, on a day, about whether to solve again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from constraints import Unit
from optimizer.risk_target import RiskTarget
from optimizer.scheduling.session_ends import PeriodsEnded

Quantity = Literal[
    "periods",
    "periods_at_solve",
    "sigma_b",
    "sigma_b_at_solve",
    "benchmark_return",
    "weight_drift",
    "risk",
    "target",
    "breaches",
    "left",
    "gain_bp",
    "cost_bp",
]
"""Fields of `RebalanceState` that only some triggers look at."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A clause that weights do not meet.

    Parameters
    ----------
    clause : str
    value, limit : float
        In the units of the optimizer: 0.25 is 25 % of weight.
    unit : Unit
        The clause's.
    """

    clause: str
    value: float
    limit: float
    unit: Unit


@dataclass(frozen=True, slots=True)
class Departure:
    """A fund that is held and may not be any more, with the reason of the screen that refuses it."""

    ticker: str
    reason: str


@dataclass(frozen=True, slots=True)
class RebalanceState:
    """All that a decision looks at. A quantity that no trigger of the model needs may be None (see `needs`).

    "The last solve" is the last whose portfolio was taken, be the trade ever so small. One that failed, found no
    portfolio or did not pay for its cost (a "look") is none, and leaves every figure here as it was.

    Parameters
    ----------
    day : date
    sessions_since_solve : int or None
        Trading days of the market since the last solve, 0 on its day; None when there has been none.
    benchmark : str
        Name in print.
    periods, periods_at_solve : PeriodsEnded or None
        Calendar facts of the day and of the day of the last solve, from `session_ends`.
    sigma_b, sigma_b_at_solve : float or None
        Benchmark volatility, annualised percent, today and on the day of the last solve, each as estimated on its day.
    benchmark_return : float or None
        Since the last solve, a fraction.
    weight_drift : float or None
        `one_way_distance` of the drifted weights from those last traded to.
    risk : float or None
        Ex-ante figure of the holdings by today's estimate, of the target's kind: annualised percent, or a beta.
    target : RiskTarget or None
        Today's.
    breaches : tuple of Breach or None
        Clauses that the drifted weights break by however little, the risk target left out (see `breaches`).
    left : tuple of Departure or None
        Funds held that today's screens refuse.
    gain_bp : float or None
        `horizon_gain_bp` of a solve of the day over the holdings; None when there was no such solve.
    cost_bp : float or None
        What it would cost to get there from the holdings, basis points of the portfolio.
    disarmed : frozenset of str
        What must not fire again before it has calmed down: `Decision.disarmed` or `Decision.disarmed_after_solve` of
        the day before.
    """

    day: dt.date
    sessions_since_solve: int | None
    benchmark: str = "benchmark"
    periods: PeriodsEnded | None = None
    periods_at_solve: PeriodsEnded | None = None
    sigma_b: float | None = None
    sigma_b_at_solve: float | None = None
    benchmark_return: float | None = None
    weight_drift: float | None = None
    risk: float | None = None
    target: RiskTarget | None = None
    breaches: tuple[Breach, ...] | None = None
    left: tuple[Departure, ...] | None = None
    gain_bp: float | None = None
    cost_bp: float | None = None
    disarmed: frozenset[str] = frozenset()
