"""The limits of a mandate one by one: every number that a client could move, and the rows that it sets.

Every limit is written as  G w <= h + slope t,  where t is how far the client loosens it, in units of the optimizer: a
position cap is one number for all funds, so its t stands in as many rows as there are funds. Turnover  sum |w - w0|
is written with purchases b >= w - w0, b >= 0:

    ( sum |w - w0| + outside ) / 2  =  sum b - sum w / 2 + ( sum w0 + outside ) / 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from constraints import (
    BASIS_POINTS,
    TARGET_CLAUSE,
    VOLATILITY,
    WEIGHT,
    YEARS,
    Clause,
    Funds,
    TurnoverLimit,
    Unit,
)
from constraints.clauses import Part, Participation
from riskmodels.factor_form import Floats

Side = Literal["min", "max", "below", "above"]

_SIDES: Mapping[str, tuple[Side, float]] = MappingProxyType(
    {
        "cap": ("max", 1.0),
        "upper": ("max", 1.0),
        "share": ("max", 1.0),
        "limit": ("max", 1.0),
        "above": ("above", 1.0),
        "below": ("below", 1.0),
        "lower": ("min", -1.0),
    }
)
"""Fields of clauses that are limits: which side they are, and the direction in which they loosen."""

HOLDS = 1e-10
"""Miss, relative to the rows' coefficients, below which limits hold; sums of weights round to far less."""


@dataclass(frozen=True, eq=False)
class LimitRows:
    """The rows that one limit sets:  G w <= h + slope t.

    Parameters
    ----------
    G : sparse array, shape (k, n)
    h, slope : ndarray, shape (k,)
    scale : ndarray, shape (k,)
        Largest coefficient of each row, at least 1.
    trades : bool
        The rows count the sum of purchases, too.
    ceiling : bool
        Every row is an upper bound of one weight.
    """

    G: sp.csr_array[np.float64]
    h: Floats
    slope: Floats
    scale: Floats
    trades: bool
    ceiling: bool


@dataclass(frozen=True, eq=False)
class Limit:
    """One number that a client could move.

    Parameters
    ----------
    clause : str
    side : {"min", "max", "below", "above"}
    value : float
        In units of the optimizer, as the client wrote it.
    unit : Unit
    loosens : float
        +1 where a higher value allows more, -1 where a lower one does.
    room : float
        How far it can be loosened before it means nothing: a weight to 0 or 1, a mean to 0.
    at : int
        Which clause it belongs to; one more than the last for the cap of the risk measure.
    field : str
        Name of the number in the clause.
    exact : bool
        Minimum and maximum are one number (a target to be met exactly), so that the other side moves along.
    rows : LimitRows
        None at all for the cap of the risk measure.
    """

    clause: str
    side: Side
    value: float
    unit: Unit
    loosens: float
    room: float
    at: int
    field: str
    exact: bool
    rows: LimitRows

    @property
    def size(self) -> float:
        """What a move is measured against: the limit, or one unit of print where the limit is smaller."""
        return max(abs(self.value), 1.0 / self.unit.per_one)

    def misses(self, w: Floats, held: Floats) -> float:
        """By how much w misses it at worst, relative to the coefficients of its rows; zero for the risk cap."""
        rows = self.rows
        bought = float(np.maximum(w - held, 0.0).sum()) if rows.trades else 0.0
        excess = (np.asarray(rows.G @ w) + bought - rows.h) / rows.scale
        return float(excess.max(initial=0.0))

    def moved(self, by: float) -> float:
        """The value after loosening by `by`."""
        return self.value + self.loosens * by


def row_scale(G: sp.csr_array[np.float64]) -> Floats:
    """Largest coefficient of each row, at least 1, shape (k,): what a certificate measures violations against."""
    largest: Floats = np.asarray(abs(G).max(axis=1).toarray(), dtype=np.float64).ravel()
    return np.maximum(largest, 1.0)


def _limit_fields(clause: Clause) -> dict[str, float]:
    """The limits of a clause by field, without sides that are open."""
    any_clause: Any = clause
    names = [field.name for field in fields(any_clause) if field.name in _SIDES] if is_dataclass(any_clause) else []
    values = {name: getattr(any_clause, name) for name in names}
    return {name: float(value) for name, value in values.items() if value is not None}


def with_values(clause: Clause, changes: Mapping[str, float | None]) -> Clause:
    """The clause with some of its limits at other values, or open.

    Parameters
    ----------
    clause : Clause
    changes : mapping of str to float or None
        By field.
    """
    any_clause: Any = clause
    changed: Clause = replace(any_clause, **changes) if changes else clause
    return changed


def limits_of(clause: Clause, at: int, funds: Funds) -> list[Limit]:
    """The limits of a clause.

    Parameters
    ----------
    clause : Clause
    at : int
        Its position among the clauses.
    funds : Funds
    """
    values = _limit_fields(clause)
    exact = clause.name == TARGET_CLAUSE and len(values) > 1
    limits = []
    for name, value in values.items():
        side, loosens = _SIDES[name]
        part = with_values(clause, {other: None for other in values if other != name}).part(funds)
        G, h = _one_sided(part, len(funds))
        # A share of volume or assets scales the bound of each fund; every other limit is its bound or right side.
        slope = h / value if isinstance(clause, Participation) else np.ones(h.size)
        limits.append(
            Limit(
                clause.name,
                side,
                value,
                clause.unit,
                loosens,
                _room(clause, side, value),
                at,
                name,
                exact,
                LimitRows(G, h, slope, row_scale(G), trades=part.turnover is not None, ceiling=part.upper is not None),
            )
        )
    return limits


def limit_of_cap(cap: float, at: int, n: int) -> Limit:
    """The cap of the risk measure, which no row states.

    Parameters
    ----------
    cap : float
        Annualised percent.
    at : int
        Position after the last clause.
    n : int
        How many funds.
    """
    none, empty = sp.csr_array((0, n), dtype=np.float64), np.zeros(0)
    rows = LimitRows(none, empty, empty, empty, trades=False, ceiling=False)
    return Limit(TARGET_CLAUSE, "max", cap, VOLATILITY, 1.0, np.inf, at, "cap", exact=False, rows=rows)


def _one_sided(part: Part, n: int) -> tuple[sp.csr_array[np.float64], Floats]:
    """What one limit contributes, as  G w <= h."""
    rows, right = [np.zeros((0, n))], list[float]()
    for row in part.rows:
        for sign, limit in ((1.0, row.upper), (-1.0, -row.lower)):
            if np.isfinite(limit):
                rows.append(sign * row.coefficients[None, :])
                right.append(limit)
    if part.turnover is not None:
        rows.append(np.full((1, n), -0.5))
        right.append(_without_trades(part.turnover))
    blocks, sides = [sp.csr_array(np.vstack(rows))], [np.array(right)]
    for bound, sign in ((part.upper, 1.0), (part.lower, -1.0)):
        if bound is not None:
            at = np.flatnonzero(np.isfinite(bound))
            blocks.append(sp.csr_array((np.full(at.size, sign), (np.arange(at.size), at)), shape=(at.size, n)))
            sides.append(sign * bound[at])
    return sp.csr_array(sp.vstack(blocks)), np.concatenate(sides)


def _without_trades(turnover: TurnoverLimit) -> float:
    return turnover.limit - 0.5 * (turnover.outside + float(turnover.held.sum()))


def _room(clause: Clause, side: Side, value: float) -> float:
    if side == "min":
        return max(0.0, value) if clause.unit in (WEIGHT, YEARS, BASIS_POINTS) else np.inf
    volume = isinstance(clause, Participation) and clause.figure == "adv_usd_mm"
    # Several days' volume may be held; more than all of a portfolio, or of a fund, may not.
    return max(0.0, 1.0 - value) if clause.unit == WEIGHT and not volume else np.inf
