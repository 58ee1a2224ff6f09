"""How much room the limits of a problem leave: by how much all of them could be tightened at once.

A first-order solver accepts a problem that is a basis point short, and one that holds in a single point may not be
solvable tomorrow. So a problem that holds by less than `NARROW` is told from one that holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constraints import WEIGHT
from optimizer.conflicts.clause_limits import Limit
from optimizer.conflicts.elastic import Moves, cheapest_moves
from optimizer.conflicts.terms import Terms
from riskmodels.factor_form import Floats

NARROW = 1e-6
"""A margin below this is no margin."""

_PUSHING = 1e-9


@dataclass(frozen=True)
class Margin:
    """Room between the limits.

    Parameters
    ----------
    value : float
        The largest t such that every limit could be tightened by t (weights and turnover as fractions; means and
        betas relative to the largest figure of a fund; shares of volume or assets relative to the limit; a risk cap
        above 1 % relative to itself) and a portfolio would still be allowed. Negative where none is allowed: all
        limits would have to be loosened by as much. Limits of zero and targets to be met exactly cannot be tightened;
        for the latter, and for a minimum equal to its maximum, it is how far the number could be moved either way.
    clauses : tuple of str
        Those that stand in the way of more, in the order of the mandate.
    """

    value: float
    clauses: tuple[str, ...]

    @property
    def narrow(self) -> bool:
        """Allowed or not, it is by less than `NARROW`."""
        return abs(self.value) < NARROW


def margin(terms: Terms) -> Margin | None:
    """The room that the limits leave; None when no loosening of all at once lets them hold.

    Parameters
    ----------
    terms : Terms
    """
    rigid = [_rigid(terms, i) for i in range(len(terms.limits))]
    tighter = np.array([0.0 if fixed else -_unit(limit) for fixed, limit in zip(rigid, terms.limits, strict=True)])
    columns = [tighter, *(shift for i in range(len(terms.limits)) for shift in _shifts(terms, i))]
    found = [_farthest(terms, column) for column in columns]
    reached = [moves for moves in found if moves is not None]
    if len(reached) == len(found):
        least = min(reached, key=lambda moves: float(moves.x[0]))
        return Margin(float(least.x[0]), _pushing(terms, least))
    looser = np.array([_unit(limit) for limit in terms.limits])
    needed = _moved(terms, looser, 1.0, np.inf)
    return None if needed is None else Margin(-float(needed.x[0]), _pushing(terms, needed))


def _farthest(terms: Terms, column: Floats) -> Moves | None:
    return _moved(terms, column, -1.0, 1.0)


def _moved(terms: Terms, column: Floats, cost: float, most: float) -> Moves | None:
    return cheapest_moves(terms, terms.every, column[:, None], np.array([cost]), np.array([most]))


def _shifts(terms: Terms, i: int) -> list[Floats]:
    """Both ways to move a minimum together with the maximum that equals it; nothing for other limits."""
    limit, other = terms.limits[i], _equal_side(terms, i)
    if other is None or limit.side != "min" or _is_zero(limit):
        return []
    up = np.zeros(len(terms.limits))
    up[i], up[other] = -_unit(limit), _unit(limit)
    return [up, -up]


def _rigid(terms: Terms, i: int) -> bool:
    return _is_zero(terms.limits[i]) or _equal_side(terms, i) is not None


def _is_zero(limit: Limit) -> bool:
    """None of it: a rule, not an amount that could be a little less."""
    return limit.unit == WEIGHT and limit.value == 0.0


def _equal_side(terms: Terms, i: int) -> int | None:
    limit = terms.limits[i]
    return next(
        (
            j
            for j, other in enumerate(terms.limits)
            if j != i and other.at == limit.at and other.value == limit.value and "min" in (limit.side, other.side)
        ),
        None,
    )


def _unit(limit: Limit) -> float:
    """What a margin of 1 is in a limit's own units."""
    if not limit.rows.h.size:
        return max(1.0, limit.value)
    proportional = not np.array_equal(limit.rows.slope, np.ones(limit.rows.h.size))
    return limit.value if proportional else float(limit.rows.scale.max())


def _pushing(terms: Terms, moves: Moves) -> tuple[str, ...]:
    at = np.flatnonzero(moves.prices > _PUSHING * max(1.0, float(moves.prices.max(initial=0.0))))
    return tuple(dict.fromkeys(terms.limits[int(i)].clause for i in at))
