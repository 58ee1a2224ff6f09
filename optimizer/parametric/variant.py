"""One variant: from wherever the state is to the optimum at its risk target, and the exact answer there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.parametric.columns import add_row
from optimizer.parametric.compiled import allocating
from optimizer.parametric.exact import APART, holds, is_the_only_one, natural_residual, point_at, restate, solve_line
from optimizer.parametric.start import set_goal, start_from_nothing, tolerance_unit
from optimizer.parametric.state import Data, Move, Program, State
from optimizer.parametric.target import (
    DOUBTFUL,
    HAIR,
    TARGET_MET,
    TARGET_SLACK,
    TARGET_TOO_LOW,
    Target,
    approach,
    is_below,
    is_there,
    missing_variance,
    travel,
)
from optimizer.parametric.variance import least_variance, newton_step, tolerance_with, variance_at
from riskmodels.factor_form import Floats

SHIFT = 1e-9
"""By how much data are moved so that no two conditions fail at once."""

_SHIFTS = (SHIFT, 1e-2 * SHIFT, 7.0 * SHIFT)
"""One after another, where a shift does not lead to an answer: too small for ties, or too large beside least risk."""

ACCEPTED = 1e-9
"""Largest natural residual of an answer."""

_GUESS = 0.05
"""Risk tolerance, in its own unit, at which the way from nothing begins."""

_AGAIN = 4
"""How often a path that lost digits is taken up again."""

_CLEAN = 1e-10
"""Above this the true data are approached once more, without the shift."""

_ROUNDING, _NEWTON = 1e-15, 1e-6
"""Where the variance misses its target by more than the first and less than the second, relative to it, one Newton step
follows: the coefficients of the quadratic cancel a little."""


class Answer(NamedTuple):
    """What a variant came to.

    Parameters
    ----------
    outcome : int
        One of the constants of `optimizer.parametric.target`.
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
    """Solve from a neighbour's state; where that is not beyond doubt from nothing, with one shift after another.

    The shifted data have one optimum, and as a rule one working set. So an answer from a neighbour's state is taken
    only where no other working set would do, and is what the way from nothing would have come to: it depends on the
    variant alone.

    Parameters
    ----------
    program : Program
    limits : Data
    target : Target
    state : State
        Of a neighbour; left at this variant's optimum.
    t : float
        First guess of the risk tolerance, on the way from the neighbour.
    warm : bool
        Whether `state` can be started from.
    move : Move
        Scratch.
    pivots : ndarray, shape (3,)
        Increased by the changes of the working set on the way to the variant's data and along the risk tolerance, and
        by the number of fresh starts.
    """
    if warm:
        at = min(t, target.last)
        set_goal(program, limits, at, SHIFT, move)
        outcome, at, aim, clear = _arrive(program, target, state, at, move, pivots)
        if clear and is_the_only_one(program, state):
            # Where risk does not depend on t the answer's t would be that of the way; NaN fails every comparison.
            answer = exact_answer(program, limits, target, state, outcome, np.nan, aim)
            if answer.t >= 0.0 and answer.residual <= _CLEAN and _stands(answer, target):
                return answer
    for shift in _SHIFTS:
        answer = _from_nothing(program, limits, target, state, shift, move, pivots)
        if answer.outcome != DOUBTFUL:
            break
    return answer


@allocating
def _from_nothing(
    program: Program, limits: Data, target: Target, state: State, shift: float, move: Move, pivots: Floats
) -> Answer:
    """Solve with the shifted data, and where their working set does not hold for the true ones go on to those."""
    n, N = program.mu.size, state.x.size
    at = min(_GUESS * tolerance_unit(program), target.last)
    set_goal(program, limits, at, shift, move)
    start_from_nothing(program, move, state)
    pivots[2] += 1.0
    outcome, at, aim, _ = _arrive(program, target, state, at, move, pivots)
    if outcome <= TARGET_TOO_LOW:
        if holds(program, state):
            answer = exact_answer(program, limits, target, state, outcome, at, aim)
            if answer.residual <= _CLEAN and _stands(answer, target):
                return answer
        set_goal(program, limits, at, 0.0, move)
        outcome, at, aim = travel(program, target, state, at, move, pivots)
        if outcome <= TARGET_TOO_LOW:
            answer = exact_answer(program, limits, target, state, outcome, at, aim)
            if answer.residual <= ACCEPTED:
                return answer
    if outcome <= TARGET_TOO_LOW:
        outcome = DOUBTFUL
    return Answer(outcome, at, np.nan, np.full(N, np.nan), np.full(N - n, np.nan), np.inf)


@allocating
def _arrive(
    program: Program, target: Target, state: State, t: float, move: Move, pivots: Floats
) -> tuple[int, float, float, bool]:
    """`travel`, after which the state is computed afresh, and goes on where that shows that digits were lost.

    Far out on the path a long segment loses digits of the variance, and at a corner those decide on the working set.
    Returns what `travel` does, and whether the outcome is clear, whatever the rounding; near least risk it never is,
    because there the variance hardly tells one t from another.
    """
    outcome, t, aim = travel(program, target, state, t, move, pivots)
    for again in range(_AGAIN + 1):
        if outcome > TARGET_TOO_LOW:
            break
        if not restate(program, state):
            return DOUBTFUL, t, aim, False
        missing, sharp = missing_variance(program, target, state), aim == target.variance
        if again == _AGAIN or not sharp or is_there(target, outcome, missing, 0.0):
            return outcome, t, aim, sharp and is_there(target, outcome, missing, APART)
        outcome, t, aim = approach(program, target, state, t, move, pivots)
    return outcome, t, aim, False


@allocating
def _stands(answer: Answer, target: Target) -> bool:
    """Whether what was seen on the shifted data about the target holds for the true ones, too."""
    return answer.outcome != TARGET_TOO_LOW or is_below(answer.variance, target)


@allocating
def exact_answer(
    program: Program, limits: Data, target: Target, state: State, outcome: int, otherwise: float, aim: float
) -> Answer:
    """The exact answer on the state's working set.

    Parameters
    ----------
    program : Program
    limits : Data
    target : Target
    state : State
    outcome : int
    otherwise : float
        Risk tolerance of a target that is met where the variance does not depend on it.
    aim : float
        The variance at which the path was to end.
    """
    n = program.mu.size
    only_return = outcome == TARGET_SLACK and not np.isfinite(target.last)
    line = solve_line(program, limits, -program.linear, state)
    if not line.regular:
        return Answer(DOUBTFUL, otherwise, np.nan, line.start.x, line.start.p[n:], np.inf)
    t = 0.0
    if outcome == TARGET_MET:
        aim = max(aim, (1.0 + HAIR) * least_variance(program, line, target.constant))
        t = tolerance_with(program, line, aim, target.constant, otherwise)
    elif outcome == TARGET_SLACK and not only_return:
        # With only_return t stays 0: w has stopped moving, while the prices grow with t without end.
        t = target.last
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
