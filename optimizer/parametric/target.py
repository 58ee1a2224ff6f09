"""Where on the path a variant stops, and the way there."""

from __future__ import annotations

import math
from typing import NamedTuple

from optimizer.parametric.columns import learn
from optimizer.parametric.compiled import compiled
from optimizer.parametric.exchange import INFEASIBLE
from optimizer.parametric.path import ARRIVED, HIT, advance, morph, walk
from optimizer.parametric.start import tolerance_unit
from optimizer.parametric.state import Move, Program, State
from riskmodels.factor_form import Floats

TARGET_MET = 0
TARGET_SLACK = 1
"""The largest risk tolerance allowed was reached below the cap."""
TARGET_TOO_LOW = 2
"""Least risk lies above the cap: the answer is the portfolio of least risk."""
ROWS_INFEASIBLE = 3
DOUBTFUL = 4
"""No answer that can be stood by."""

HAIR = 1e-10
"""A target nearer to least risk than this, relative to it, is aimed at from so much above: at least risk itself the
price of risk is infinite."""

_MISSED = 1e-9
"""A target below least risk by less than this, relative to the variance, is taken to be least risk: to prove that it is
out of reach takes more digits than there are."""

_ON_TARGET = 1e-13
"""How far the variance may be from its target, relative to it."""

_ROUNDED = 1e-14
"""By how much a tracking error's square is rounded, relative to the benchmark's variance."""

_AT_THE_END = 1.0 - 1e-6
"""Where limits that meet in a point have all but met, rounding may make them cross."""


class Target(NamedTuple):
    """Where on the path a variant wants to stop.

    Parameters
    ----------
    variance : float
        Square of the risk cap, may be infinite.
    constant : float
        R(w)^2 = w'Sigma w - 2 c'w + constant.
    last : float
        Largest risk tolerance: infinite for expected return, 1 / aversion for utility, 0 for least risk.
    """

    variance: float
    constant: float
    last: float


@compiled
def is_below(variance: float, target: Target) -> bool:
    """Whether a target lies below a least variance by more than is taken for none.

    Parameters
    ----------
    variance : float
    target : Target
    """
    return variance > target.variance * (1.0 + _MISSED)


@compiled
def travel(
    program: Program, target: Target, state: State, t: float, move: Move, pivots: Floats
) -> tuple[int, float, float]:
    """To the data `move.goal` at t, and from there along t to the target.

    Returns the outcome, the t reached, and the variance aimed at: above the target where that is least risk.

    Parameters
    ----------
    program : Program
    target : Target
    state : State
    t : float
    move : Move
    pivots : ndarray, shape (3,)
    """
    arrival = morph(program, state, move)
    pivots[0] += arrival.pivots
    if arrival.outcome == INFEASIBLE and arrival.length < _AT_THE_END:
        return ROWS_INFEASIBLE, t, target.variance
    if arrival.outcome != ARRIVED:
        return DOUBTFUL, t, target.variance
    return approach(program, target, state, t, move, pivots)


@compiled
def approach(
    program: Program, target: Target, state: State, t: float, move: Move, pivots: Floats
) -> tuple[int, float, float]:
    """Along t to the target; returns what `travel` does.

    Parameters
    ----------
    program : Program
    target : Target
    state : State
    t : float
        Where the state is.
    move : Move
    pivots : ndarray, shape (3,)
    """
    aim = target.variance
    missing = missing_variance(program, target, state)
    if missing < 0.0:
        found = walk(program, state, t, missing, move)
        pivots[1] += found.pivots
        if found.outcome == HIT:
            return TARGET_MET, t - found.length, aim
        if found.outcome != ARRIVED:
            return DOUBTFUL, t, aim
        t, missing = 0.0, missing_variance(program, target, state)
        if missing < -_MISSED * target.variance:
            return TARGET_TOO_LOW, t, aim
        if missing < HAIR * target.variance:
            aim += HAIR * target.variance - missing
            missing = HAIR * target.variance
    if t >= target.last:
        return TARGET_SLACK, t, aim
    found = walk(program, state, target.last - t, missing, move)
    pivots[1] += found.pivots
    t += found.length
    if found.outcome == HIT:
        return TARGET_MET, t, aim
    if found.outcome != ARRIVED:
        return DOUBTFUL, t, aim
    if math.isfinite(target.last):
        return TARGET_SLACK, t, aim
    return TARGET_SLACK, t + _go_beyond(program, state, t, move), aim


@compiled
def _go_beyond(program: Program, state: State, t: float, move: Move) -> float:
    """Leave the last breakpoint behind, where one price is still zero and either of two working sets holds.

    Returns by how much t grows.

    Parameters
    ----------
    program : Program
    state : State
    t : float
    move : Move
        Its last segment, on which nothing would change any more.
    """
    step = t + tolerance_unit(program)
    for a in range(move.dx.size):
        move.dx[a] = 0.0
    advance(state, move, step)
    return step


@compiled
def missing_variance(program: Program, target: Target, state: State) -> float:
    """By how much the variance is below the target: from the weights, because far out prices have lost digits.

    Parameters
    ----------
    program : Program
    target : Target
    state : State
    """
    n, x, sigma, linear, variance = program.mu.size, state.x, program.columns.value, program.linear, target.constant
    for i in range(n):
        if x[i] != 0.0:
            learn(program.columns, i)
            force = 0.5 * x[i] * sigma[i, i] - linear[i]
            for k in range(i):
                if x[k] != 0.0:
                    force += x[k] * sigma[i, k]
            variance += 2.0 * x[i] * force
    return target.variance - variance


@compiled
def is_there(target: Target, outcome: int, missing: float, margin: float) -> bool:
    """Whether the variance of a state fits its outcome.

    Parameters
    ----------
    target : Target
    outcome : int
        TARGET_MET, TARGET_SLACK or TARGET_TOO_LOW.
    missing : float
        See `missing_variance`.
    margin : float
        By how much, relative to the target, it is to be slack or too low.
    """
    unit = target.variance
    if outcome == TARGET_MET:
        return abs(missing) <= _ON_TARGET * unit + _ROUNDED * target.constant
    if outcome == TARGET_SLACK:
        return not math.isfinite(unit) or missing >= margin * unit
    return missing <= -(_MISSED + margin) * unit
