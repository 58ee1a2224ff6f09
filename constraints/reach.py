"""What arithmetic alone can say about a mandate: the range that each row can reach.

Over  { l <= w <= u, 1'w = 1 }  the extremes of a'w are a fractional knapsack: start at l and hand the rest of the
budget to the funds in the order of their coefficients. No solver is asked, so no tolerance is involved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constraints.funds import Floats
from constraints.mandate import CompiledMandate
from constraints.units import WEIGHT, Unit

ROUNDING = 1e-9
"""Sums of a few hundred decimal weights are exact to better than this."""


@dataclass(frozen=True)
class Unreachable:
    """A clause that arithmetic rules out.

    Parameters
    ----------
    clause : str
    asked, reachable : float
        In units of the optimizer: the limit, and the nearest that can be reached.
    unit : Unit
    sentence : str
        The finding in the client's words.
    """

    clause: str
    asked: float
    reachable: float
    unit: Unit
    sentence: str


def largest(coefficients: Floats, lower: Floats, upper: Floats) -> float:
    """Largest a'w over lower <= w <= upper, 1'w = 1, assuming that the sums allow it.

    Parameters
    ----------
    coefficients, lower, upper : ndarray, shape (n,)
        Finite lower bounds; upper bounds may exceed 1.
    """
    left = 1.0 - float(lower.sum())
    room = upper - lower
    order = np.argsort(-coefficients, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(room[order])[:-1]])
    given = np.clip(left - before, 0.0, room[order])
    return float(coefficients @ lower + coefficients[order] @ given)


def unreachable(mandate: CompiledMandate) -> tuple[Unreachable, ...]:
    """Clauses that bounds and the budget alone already rule out, each by itself, or nothing.

    Parameters
    ----------
    mandate : CompiledMandate
        Rows, bounds with finite lower sides, and turnover; the budget is one of its rows.
    """
    crossed = np.flatnonzero(mandate.lower > mandate.upper + ROUNDING)
    if crossed.size:
        return tuple(_crossed(mandate, int(i)) for i in crossed)
    sums = _budget(mandate)
    return (sums,) if sums is not None else (*_rows(mandate), *_turnover(mandate))


def _crossed(mandate: CompiledMandate, i: int) -> Unreachable:
    low, high = mandate.lower_labels[i], mandate.upper_labels[i]
    if low is None or high is None:
        raise AssertionError("a bound that crosses has a clause on both sides")
    asked, reachable = float(mandate.lower[i]), float(mandate.upper[i])
    return Unreachable(
        low.clause,
        asked,
        reachable,
        low.unit,
        f"{low.clause} asks for at least {low.unit.show(asked)} of {mandate.tickers[i]}, "
        f"{high.clause} allows {high.unit.show(reachable)}",
    )


def _budget(mandate: CompiledMandate) -> Unreachable | None:
    most, least = float(mandate.upper.sum()), float(mandate.lower.sum())
    n = len(mandate.tickers)
    if most < 1.0 - ROUNDING:
        sentence = f"the {n} eligible funds can hold at most {WEIGHT.show(most)} together under their caps"
        largest_cap = float(mandate.upper.max(initial=0.0))
        if n and np.all(mandate.upper == largest_cap):
            sentence += f" ({n} x {WEIGHT.show(largest_cap)})"
        return Unreachable("fully invested", 1.0, most, WEIGHT, f"{sentence}; 100 % must be invested")
    if least > 1.0 + ROUNDING:
        return Unreachable(
            "fully invested",
            1.0,
            least,
            WEIGHT,
            f"the least weights asked for sum to {WEIGHT.show(least)}; 100 % can be invested",
        )
    return None


def _rows(mandate: CompiledMandate) -> list[Unreachable]:
    found = []
    for a, low, high, label in zip(mandate.A, mandate.row_lower, mandate.row_upper, mandate.row_labels, strict=True):
        slack = ROUNDING * max(1.0, float(np.abs(a).max(initial=0.0)))
        show = label.unit.show
        why = "" if a.any() else "; no eligible fund counts towards it"
        if np.isfinite(low):
            most = largest(a, mandate.lower, mandate.upper)
            if most < low - slack:
                found.append(
                    Unreachable(
                        label.clause,
                        float(low),
                        most,
                        label.unit,
                        f"{label.clause} asks for at least {show(float(low))}, "
                        f"at most {show(most)} can be reached{why}",
                    )
                )
        if np.isfinite(high):
            least = -largest(-a, mandate.lower, mandate.upper)
            if least > high + slack:
                found.append(
                    Unreachable(
                        label.clause,
                        float(high),
                        least,
                        label.unit,
                        f"{label.clause} allows at most {show(float(high))}, no portfolio goes below {show(least)}",
                    )
                )
    return found


def _turnover(mandate: CompiledMandate) -> list[Unreachable]:
    limit, label = mandate.turnover, mandate.turnover_label
    if limit is None or label is None:
        return []
    # The nearest portfolio keeps what the bounds allow; only then does the budget call for more trades.
    kept = np.clip(limit.held, mandate.lower, mandate.upper)
    least = limit.of(kept) + 0.5 * abs(1.0 - float(kept.sum()))
    if least <= limit.limit + ROUNDING:
        return []
    show = label.unit.show
    return [
        Unreachable(
            label.clause,
            limit.limit,
            least,
            label.unit,
            f"{label.clause} allows at most {show(limit.limit)}, at least {show(least)} must be traded to leave cash "
            "and funds that are not eligible, and to come within the bounds",
        )
    ]
