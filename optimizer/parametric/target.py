"""Where on the path a variant stops, and the way there."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.parametric.compiled import compiled
from optimizer.parametric.exchange import INFEASIBLE
from optimizer.parametric.path import ARRIVED, HIT, morph, walk
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

    Returns the outcome, the t reached, and the variance aimed at.

    Parameters
    ----------
    program : Program
    target : Target
    state : State
    t : float
    move : Move
    pivots : ndarray, shape (3,)
    """
    aim = target.variance
    arrival = morph(program, state, move)
    pivots[0] += arrival.pivots
    if arrival.outcome == INFEASIBLE and arrival.length < _AT_THE_END:
        return ROWS_INFEASIBLE, t, aim
    if arrival.outcome != ARRIVED:
        return DOUBTFUL, t, aim
    missing = target.variance - state_variance(program, state, target.constant)
    if missing < 0.0:
        found = walk(program, state, t, missing, move)
        pivots[1] += found.pivots
        if found.outcome == HIT:
            return TARGET_MET, t - found.length, aim
        if found.outcome != ARRIVED:
            return DOUBTFUL, t, aim
        t, missing = 0.0, target.variance - state_variance(program, state, target.constant)
        if missing < -_MISSED * target.variance:
            return TARGET_TOO_LOW, t, aim
        if missing < HAIR * target.variance:
            aim += HAIR * target.variance - missing
            missing = HAIR * target.variance
    if t >= target.last:
        return TARGET_SLACK, t, aim
    found = walk(program, state, target.last - t, missing, move)
    pivots[1] += found.pivots
    if found.outcome == HIT:
        return TARGET_MET, t + found.length, aim
    if found.outcome == ARRIVED:
        return TARGET_SLACK, t + found.length, aim
    return DOUBTFUL, t + found.length, aim


@compiled
def state_variance(program: Program, state: State, constant: float) -> float:
    """R^2 from weights and prices, without a column:  Sigma w - c = g - (q + c) + A'lam.

    Parameters
    ----------
    program : Program
    state : State
    constant : float
    """
    x, p, q, linear, variance = state.x, state.p, state.data.q, program.linear, constant
    for i in range(q.size):
        variance += x[i] * (p[i] - q[i] - 2.0 * linear[i])
    for j in range(q.size, x.size):
        variance += x[j] * p[j]
    return variance
