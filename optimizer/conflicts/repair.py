"""The cheapest ways out of a conflict: limits moved by as little as lets the whole model hold.

A limit that resolves everything by itself has to be a member of every conflict, so the members of one are all there
is to look at. Moves are measured relative to the limit they move, or to one unit of print where the limit is smaller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from constraints import Unit
from optimizer.conflicts.clause_limits import Limit, Side
from optimizer.conflicts.clause_words import listed, move_words
from optimizer.conflicts.conflict import Conflict
from optimizer.conflicts.elastic import cheapest_moves
from optimizer.conflicts.terms import Terms, moved
from optimizer.problem import Problem
from optimizer.solving import Outcome, Solved, solve_problem

_OFFERED = 5
"""Repairs of a single limit that are tried out and offered."""

_DIGITS = (2, 3, 4, 6, 8)
"""Significant digits of a move, until the problem with the rounded limit solves."""

_FINER = 3
_DECIMALS = 15

_NOTHING = 1e-8
"""Relative: a joint repair leaves limits alone that would move by less; rounding of the others makes up for it."""


Solve = Callable[[Problem], Outcome]


@dataclass(frozen=True)
class Move:
    """One limit from its value to another, in units of the optimizer.

    Parameters
    ----------
    clause : str
    side : {"min", "max", "below", "above"}
    start, to : float
        `to` is rounded outwards to digits that a client would write.
    least : float
        Before rounding: a smaller move does not do.
    unit : Unit
    words : str
        "raise the position cap from 5 % to 6.3 %".
    """

    clause: str
    side: Side
    start: float
    to: float
    least: float
    unit: Unit
    words: str


@dataclass(frozen=True)
class Repair:
    """Moves that, made together, let the model be solved: it was, with the limits at their new values.

    Parameters
    ----------
    moves : tuple of Move
    relative : float
        Sum of the least moves, each relative to its limit.
    """

    moves: tuple[Move, ...]
    relative: float

    @property
    def words(self) -> str:
        """All moves in one phrase."""
        return listed([move.words for move in self.moves])


def cheapest_repairs(terms: Terms, conflict: Conflict, solve: Solve = solve_problem) -> tuple[Repair, ...]:
    """Repairs of a single limit each, the cheapest first; where no limit is enough by itself, one of several.

    A single move is the least possible, the sum of the relative moves of a joint repair likewise (before rounding).

    Parameters
    ----------
    terms : Terms
    conflict : Conflict
        Of these terms.
    solve : callable
        What every repair is tried out with.
    """
    alone = {i: least for i in conflict.positions if (least := _least_alone(terms, i)) is not None}
    cheapest = sorted(alone, key=lambda i: _relative(terms.limits[i], alone[i]))
    singles = [settled(terms, {i: alone[i]}, solve) for i in cheapest[:_OFFERED]]
    offered = tuple(repair for repair in singles if repair is not None)
    if offered:
        return offered
    joint = _least_together(terms)
    repair = None if joint is None else settled(terms, joint, solve)
    return () if repair is None else (repair,)


def _least_alone(terms: Terms, i: int) -> float | None:
    """The value nearest to limit i's own at which everything holds."""
    limit = terms.limits[i]
    moves = cheapest_moves(terms, terms.every, _columns(terms, (i,)), np.ones(1), np.array([limit.room / limit.size]))
    return None if moves is None else limit.moved(float(moves.x[0]) * limit.size)


def _least_together(terms: Terms) -> dict[int, float] | None:
    """Values of all limits that have to move, so that the relative moves are least in sum."""
    every = tuple(range(len(terms.limits)))
    most = np.array([limit.room / limit.size for limit in terms.limits])
    moves = cheapest_moves(terms, terms.every, _columns(terms, every), np.ones(len(every)), most)
    if moves is None:
        return None
    sizes = zip(terms.limits, moves.x, strict=True)
    return {i: limit.moved(float(x) * limit.size) for i, (limit, x) in enumerate(sizes) if x > _NOTHING}


def _columns(terms: Terms, chosen: tuple[int, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How much a relative move of each chosen limit loosens all limits, shape (L, K)."""
    M = np.zeros((len(terms.limits), len(chosen)))
    for k, i in enumerate(chosen):
        # An exact target's other side follows by itself: at the least move its figure lies on the moved side.
        M[i, k] = terms.limits[i].size
    return M


def _relative(limit: Limit, value: float) -> float:
    return abs(value - limit.value) / limit.size


def settled(terms: Terms, least: Mapping[int, float], solve: Solve) -> Repair | None:
    """A repair with its limits rounded outwards until the problem solves; None when it does not.

    Parameters
    ----------
    terms : Terms
    least : mapping of int to float
        By position of the limit, the value from which on it is loose enough.
    solve : callable
    """
    for digits in _DIGITS:
        for further in (0, 1):
            values = _rounded(terms, least, digits, further)
            if values is not None and isinstance(solve(moved(terms, values).problem), Solved):
                moves = tuple(_move(terms.limits[i], values[i], least[i]) for i in sorted(values))
                return Repair(moves, sum(_relative(terms.limits[i], value) for i, value in least.items()))
    return None


def _rounded(terms: Terms, least: Mapping[int, float], digits: int, further: int) -> dict[int, float] | None:
    """The values rounded outwards; None where that leaves nothing to a target that is to be met exactly."""
    exact = [i for i in least if terms.limits[i].exact]
    values = {i: outwards(terms.limits[i], value, digits, further) for i, value in least.items() if i not in exact}
    for i in exact:
        # Further out is not looser for it: it follows once the others stand, with as many digits as it takes.
        nearest = _least_alone(moved(terms, values), i) if values else least[i]
        if nearest is None:
            return None
        values[i] = outwards(terms.limits[i], nearest, digits + (_FINER if len(least) > 1 else 0), further)
    return values


def outwards(limit: Limit, least: float, digits: int, further: int) -> float:
    """A value at or beyond `least`, of so many significant digits of the move in the client's unit.

    Parameters
    ----------
    limit : Limit
    least : float
        The value from which on the limit is loose enough, in units of the optimizer.
    digits : int
    further : int
        Steps of the last digit to go beyond.
    """
    start, end = limit.value * limit.unit.per_one, least * limit.unit.per_one
    if start == end:
        return limit.value
    step = math.floor(math.log10(abs(end - start))) + 1 - digits
    way = math.copysign(1.0, end - start)
    # What is a step but for rounding is a step: 5 %, not 5.1 %, where 5.0000000001 % is found.
    steps = math.ceil(round(way * end / 10.0**step, 6)) + further
    # Adding zero makes -0 a 0; the second rounding undoes that of 2.8 / 100.
    value = round((round(way * steps * 10.0**step, max(0, -step)) + 0.0) / limit.unit.per_one, _DECIMALS)
    ends = limit.moved(limit.room)
    return min(value, ends) if limit.loosens > 0.0 else max(value, ends)


def _move(limit: Limit, to: float, least: float) -> Move:
    return Move(limit.clause, limit.side, limit.value, to, least, limit.unit, move_words(limit, to))
