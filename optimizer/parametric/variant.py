"""One variant: from wherever the state is to the optimum at its risk target, and the exact answer there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.parametric.columns import add_row
from optimizer.parametric.compiled import allocating, compiled
from optimizer.parametric.exact import (
    least_variance,
    natural_residual,
    newton_step,
    point_at,
    restate,
    solve_line,
    tolerance_with,
    variance_at,
)
from optimizer.parametric.exchange import INFEASIBLE
from optimizer.parametric.path import ARRIVED, HIT, morph, walk
from optimizer.parametric.start import set_goal, start_from_nothing
from optimizer.parametric.state import Data, Move, Program, State
from riskmodels.factor_form import Floats

TARGET_MET = 0
TARGET_SLACK = 1
"""The largest risk tolerance allowed was reached below the cap."""
TARGET_TOO_LOW = 2
"""Least risk lies above the cap: the answer is the portfolio of least risk."""
ROWS_INFEASIBLE = 3
DOUBTFUL = 4
"""No answer that can be stood by."""

SHIFT = 1e-9
"""By how much data are moved so that no two conditions fail at once."""

_SHIFTS = (SHIFT, 1e-2 * SHIFT, 7.0 * SHIFT)
"""One after another, where a shift does not lead to an answer: too small for ties, or too large beside least risk."""

ACCEPTED = 1e-9
"""Largest natural residual of an answer."""

_CLEAN = 1e-10
"""Above this the true data are approached once more, without the shift."""

_HAIR = 1e-10
"""A target nearer to least risk than this, relative to it, is aimed at from so much above: at least risk itself the
price of risk is infinite."""

_MISSED = 1e-9
"""A target below least risk by less than this, relative to the variance, is taken to be least risk: to prove that it is
out of reach takes more digits than there are."""

_AT_THE_END = 1.0 - 1e-6
"""Where limits that meet in a point have all but met, rounding may make them cross."""

_ROUNDING, _NEWTON = 1e-15, 1e-6
"""Where the variance misses its target by more than the first and less than the second, relative to it, one Newton step
follows: the coefficients of the quadratic cancel a little."""


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


class Answer(NamedTuple):
    """What a variant came to.

    Parameters
    ----------
    outcome : int
        One of the constants of this module.
    t : float
        Risk tolerance; infinite where only expected return counts.
    variance : float
    x : ndarray, shape (n + m,)
        Weights and rows.
    y : ndarray, shape (m,)
        Row multipliers of the goal: of expected return where t > 0, of -R^2 / 2 where t = 0.
    residual : float
        Natural residual of the optimality conditions, or by how much the target is missed, percent.
    """

    outcome: int
    t: float
    variance: float
    x: Floats
    y: Floats
    residual: float


@allocating
def solve_variant(
    program: Program, limits: Data, target: Target, state: State, t: float, warm: bool, move: Move, pivots: Floats
) -> Answer:
    """Solve from a neighbour's state; where that ends in doubt from nothing, with other shifts.

    First the shifted data, whose one working set is the same from wherever it is reached; where that does not hold for
    the true data, on to those, from the shifted optimum computed afresh. So the answer depends on the variant alone.

    Parameters
    ----------
    program : Program
    limits : Data
    target : Target
    state : State
        Of a neighbour; left at this variant's optimum.
    t : float
        First guess of the risk tolerance.
    warm : bool
        Whether `state` can be started from.
    move : Move
        Scratch.
    pivots : ndarray, shape (3,)
        Increased by the changes of the working set on the way to the variant's data and along the risk tolerance, and
        by the number of fresh starts.
    """
    n, N = program.mu.size, state.x.size
    answer = Answer(DOUBTFUL, np.nan, np.nan, np.full(N, np.nan), np.full(N - n, np.nan), np.inf)
    for attempt in range(len(_SHIFTS)):
        shift = _SHIFTS[attempt]
        at = min(t, target.last)
        set_goal(program, limits, at, shift, move)
        if attempt > 0 or not warm:
            start_from_nothing(program, move, state)
            pivots[2] += 1.0
        outcome, at, aim = travel(program, target, state, at, move, pivots)
        if outcome == ROWS_INFEASIBLE:
            return Answer(ROWS_INFEASIBLE, at, np.nan, answer.x, answer.y, np.inf)
        if outcome != DOUBTFUL:
            answer = exact_answer(program, limits, target, state, outcome, at, aim)
            if answer.residual <= _CLEAN and _stands(answer, target):
                return answer
        if outcome != DOUBTFUL and restate(program, state):
            set_goal(program, limits, at, 0.0, move)
            outcome, at, aim = travel(program, target, state, at, move, pivots)
            if outcome == ROWS_INFEASIBLE:
                return Answer(ROWS_INFEASIBLE, at, np.nan, answer.x, answer.y, np.inf)
            if outcome != DOUBTFUL:
                answer = exact_answer(program, limits, target, state, outcome, at, aim)
                if answer.residual <= ACCEPTED:
                    return answer
    return Answer(DOUBTFUL, answer.t, answer.variance, answer.x, answer.y, answer.residual)


@compiled
def _below(variance: float, target: Target) -> bool:
    return variance > target.variance * (1.0 + _MISSED)


@allocating
def _stands(answer: Answer, target: Target) -> bool:
    """Whether what was seen on the shifted data about the target holds for the true ones, too."""
    return answer.outcome != TARGET_TOO_LOW or _below(answer.variance, target)


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
        if missing < _HAIR * target.variance:
            aim += _HAIR * target.variance - missing
            missing = _HAIR * target.variance
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


@allocating
def exact_answer(
    program: Program, limits: Data, target: Target, state: State, outcome: int, t: float, aim: float
) -> Answer:
    """The exact answer on the state's working set.

    Parameters
    ----------
    program : Program
    limits : Data
    target : Target
    state : State
    outcome : int
    t : float
        Where the path ended.
    aim : float
        The variance at which it was to end.
    """
    n = program.mu.size
    only_return = outcome == TARGET_SLACK and not np.isfinite(target.last)
    line = solve_line(program, limits, -program.linear, state)
    if not line.regular:
        return Answer(DOUBTFUL, t, np.nan, line.start.x, line.start.p[n:], np.inf)
    if outcome == TARGET_MET:
        aim = max(aim, (1.0 + _HAIR) * least_variance(program, line, target.constant))
        t = tolerance_with(program, line, aim, target.constant, t)
    if only_return:
        # w has stopped moving, while the prices grow with t without end.
        t = 0.0
    point = point_at(program, line, t)
    variance = variance_at(program, point, t, target.constant)
    off = abs(variance / aim - 1.0) if outcome == TARGET_MET else 0.0
    if _ROUNDING < off < _NEWTON:
        t = max(t + newton_step(program, line, t, aim - variance), 0.5 * t)
        point = point_at(program, line, t)
        variance = variance_at(program, point, t, target.constant)
    if only_return:
        ascent = -line.slope.p
        ascent[:n] = program.mu
        for j in range(n, ascent.size):
            if ascent[j] != 0.0:
                add_row(ascent[:n], -ascent[j], program.A, j - n)
    else:
        ascent = -point.p / t if t > 0.0 else -point.p
    # Prices in percent a year; returns of more than 100 % round to more.
    unit = max(1.0, 0.01 * np.abs(program.mu).max())
    residual = natural_residual(program, limits, point.x, ascent / unit)
    over = (np.sqrt(max(0.0, variance)) - np.sqrt(target.variance)) / max(1.0, np.sqrt(target.variance))
    if outcome == TARGET_MET:
        residual = max(residual, abs(over))
    elif outcome == TARGET_SLACK:
        residual = max(residual, over)
    # Roundings beyond a limit are taken off.
    x = point.x
    x[:n] = np.minimum(np.maximum(x[:n], limits.lower[:n]), limits.upper[:n])
    return Answer(outcome, np.inf if only_return else t, variance, x, ascent[n:], residual)
