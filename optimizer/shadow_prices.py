"""What one more unit of a clause's limit would add to the goal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constraints import TARGET_CLAUSE, VOLATILITY, Label, Unit
from optimizer.problem import Claim, Problem

_FRAME = frozenset({"fully invested", "long only"})
"""Clauses of every mandate that no client can move, so their price is of no use to anyone."""

_NEGLIGIBLE = 1e-7
"""Percent a year per unit: below this a multiplier is rounding."""

_AT_LIMIT = 1e-7
"""Weight from a bound within which a certified portfolio lies on it."""


@dataclass(frozen=True)
class ShadowPrice:
    """The price of one limit that binds.

    Parameters
    ----------
    clause : str
    limit, value : float
        In units of the optimizer: the limit, and what the portfolio has.
    price_bp : float
        Basis points of expected return a year that the limit's move up by one unit of print (percent of weight, year
        of duration, percent of volatility, unit of beta) would add; negative for a minimum. Where the goal is least
        volatility, basis points of volatility saved.
    unit : Unit
    """

    clause: str
    limit: float
    value: float
    price_bp: float
    unit: Unit


def shadow_prices(problem: Problem, claim: Claim) -> tuple[ShadowPrice, ...]:
    """Prices of the limits that bind, in the order of the mandate.

    A position cap binds for several funds at once; its price is the sum over them.

    Parameters
    ----------
    problem : Problem
    claim : Claim
        A certified optimum.
    """
    w, mandate, dual = claim.w, problem.mandate, claim.multipliers
    volatility = problem.risk.value(w)
    # The goal of least volatility is -R^2 / 2: dividing by R brings it to volatility, and no limit costs any at zero.
    saved_bp = 100.0 / volatility if volatility > 0.0 else 0.0
    goal_bp = saved_bp if problem.goal == "min_volatility" else 100.0
    prices: list[ShadowPrice] = []

    def add(label: Label, limit: float, value: float, multiplier: float) -> None:
        if label.clause not in _FRAME and abs(multiplier) > _NEGLIGIBLE:
            price = goal_bp * multiplier / label.unit.per_one
            prices.append(ShadowPrice(label.clause, limit, value, price, label.unit))

    values = mandate.A @ w
    for j, label in enumerate(mandate.row_labels):
        limit = mandate.row_upper[j] if dual.rows[j] > 0.0 else mandate.row_lower[j]
        add(label, float(limit), float(values[j]), float(dual.rows[j]))

    ascent = problem.smooth_gradient(claim.at) - mandate.A.T @ dual.rows
    if problem.cap is not None:
        ascent = ascent - dual.risk * problem.risk.gradient(claim.at)
    kink = problem.kink + 0.5 * dual.turnover * (mandate.turnover is not None)
    # The price is that of a looser limit: what a fund at its holdings would then pay to trade counts against it.
    buying = ascent - kink * np.where(w >= problem.held, 1.0, -1.0)
    selling = ascent - kink * np.where(w > problem.held, 1.0, -1.0)
    bounds: dict[tuple[str, float], tuple[Label, float]] = {}
    for at, push, limits, labels in (
        ((w >= mandate.upper - _AT_LIMIT) & (buying > 0.0), buying, mandate.upper, mandate.upper_labels),
        ((w <= mandate.lower + _AT_LIMIT) & (selling < 0.0), selling, mandate.lower, mandate.lower_labels),
    ):
        for i in np.flatnonzero(at):
            if (owner := labels[i]) is not None:
                key = (owner.clause, float(limits[i]))
                bounds[key] = (owner, bounds.get(key, (owner, 0.0))[1] + float(push[i]))
    for (_, limit), (label, multiplier) in bounds.items():
        add(label, limit, limit, multiplier)

    if mandate.turnover is not None and mandate.turnover_label is not None:
        add(mandate.turnover_label, mandate.turnover.limit, mandate.turnover.of(w), dual.turnover)
    if problem.cap is not None:
        add(Label(TARGET_CLAUSE, VOLATILITY), problem.cap, problem.risk.value(w), dual.risk)
    return tuple(prices)
