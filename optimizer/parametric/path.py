"""Along the path: segment after segment, each ended by the first condition that would fail.

`follow` carries an optimum while the data move at constant rates. Two uses cover everything: to other data (`morph`,
from nothing to a problem, or from one client's problem to the next), and along the risk tolerance t alone (`walk`),
until the variance reaches a target. On a segment the variance is the quadratic

    v(s) = v + 2 e1 s + e2 s^2,     e1 = dw'(Sigma w - c) = -(q + c)'dw,     e2 = dw'Sigma dw = -dq'dw,

because along t the loose funds' prices and the held rows stay at rest; so the target is met exactly (Markowitz 1956;
Best 1996; Stein, Branke & Schmeck 2008).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from optimizer.parametric.breakpoints import END, HOLD_LOWER, RELEASE, Noise, first_breakpoint
from optimizer.parametric.compiled import compiled, inlined
from optimizer.parametric.direction import steady_direction
from optimizer.parametric.exchange import DONE, INFEASIBLE, LOST
from optimizer.parametric.pivoting import hold, release
from optimizer.parametric.start import tolerance_unit
from optimizer.parametric.state import Move, Program, State

LAST_TOLERANCE = 1e8
"""Risk tolerance, in its own unit, beyond which only expected return is left."""

ARRIVED = 1
HIT = 2
"""The variance target was met on the way."""


class Travel(NamedTuple):
    """How a path, or one segment of it, ended.

    Parameters
    ----------
    outcome : int
        ARRIVED, HIT, INFEASIBLE or LOST; of a segment also DONE, when the path goes on.
    length : float
        How much of the path's parameter was covered.
    pivots : int
        Changes of the working set.
    missing : float
        By how much the variance has still to change.
    """

    outcome: int
    length: float
    pivots: int
    missing: float


@compiled
def follow(program: Program, state: State, length: float, missing: float, noise: Noise, move: Move) -> Travel:
    """Move the data by `length` times `move.rates`, or until the variance has changed by `missing`.

    Parameters
    ----------
    program : Program
    state : State
    length : float
    missing : float
        Infinite for no target; with a finite one, the limits must be at rest.
    noise : Noise
    move : Move
    """
    set_off(program, move)
    covered, pivots = 0.0, 0
    # More turns than this are a sign of going in circles.
    for _ in range(1000 + 10 * state.x.size):
        segment = turn(program, state, length - covered, missing, noise, move)
        covered, missing, pivots = covered + segment.length, segment.missing, pivots + segment.pivots
        if segment.outcome != DONE:
            return Travel(segment.outcome, covered, pivots, missing)
    return Travel(LOST, covered, pivots, missing)


@compiled
def set_off(program: Program, move: Move) -> None:
    """List the funds with a limit that moves; none is carried yet.

    Parameters
    ----------
    program : Program
    move : Move
    """
    n, carried, push, moving = program.mu.size, move.carried, move.push, move.moving
    moving[n] = 0
    for a in range(carried.size):
        carried[a] = 0.0
        if a < n:
            push[a] = 0.0
            if move.rates.lower[a] != 0.0 or move.rates.upper[a] != 0.0:
                moving[moving[n]] = a
                moving[n] += 1


@compiled
def turn(program: Program, state: State, length: float, missing: float, noise: Noise, move: Move) -> Travel:
    """One segment of a path, and the change of the working set at its end.

    Parameters
    ----------
    program : Program
    state : State
    length : float
        What is left of the path; where that is infinite, it ends where nothing would change any more.
    missing : float
    noise : Noise
    move : Move
    """
    if not steady_direction(program, state, noise.scale, move):
        return Travel(LOST, 0.0, 0, missing)
    found = first_breakpoint(program.mu.size, state, move, length, noise)
    step, change = found.step, 0.0
    if math.isfinite(missing):
        step, change = stop_at_variance(program, state, move, found.step, missing)
    if found.event == END and step >= found.step and not math.isfinite(length):
        return Travel(ARRIVED, 0.0, 0, missing)
    advance(state, move, step)
    left = missing - change
    if step < found.step or (math.isfinite(missing) and left * missing <= 0.0):
        return Travel(HIT, step, 0, left)
    if found.event == END:
        return Travel(ARRIVED, step, 0, left)
    if found.event == RELEASE:
        outcome = release(program, state, found.code, move)
    else:
        outcome = hold(program, state, found.code, 1.0 if found.event == HOLD_LOWER else -1.0, move)
    return Travel(outcome, step, 1, left)


@inlined
def advance(state: State, move: Move, step: float) -> None:
    """Take a step along the present segment.

    Parameters
    ----------
    state : State
    move : Move
    step : float
    """
    x, p, dx, dp, lower, upper, q = state.x, state.p, move.dx, move.dp, state.data.lower, state.data.upper, state.data.q
    rates = move.rates
    for a in range(x.size):
        x[a] += step * dx[a]
        p[a] += step * dp[a]
        lower[a] += step * rates.lower[a]
        upper[a] += step * rates.upper[a]
    for i in range(q.size):
        q[i] += step * rates.q[i]


@inlined
def stop_at_variance(program: Program, state: State, move: Move, length: float, missing: float) -> tuple[float, float]:
    """The step at which the variance has changed by `missing`, at most `length`; and the change there.

    Parameters
    ----------
    program : Program
    state : State
    move : Move
    length, missing : float
    """
    n, working, q, dq, dx, linear = program.mu.size, state.working, state.data.q, move.rates.q, move.dx, program.linear
    e1, e2 = 0.0, 0.0
    for k in range(working.size[0]):
        i = working.code[k]
        if i < n:
            e1 -= (q[i] + linear[i]) * dx[i]
            e2 -= dq[i] * dx[i]
    square = e1 * e1 + e2 * missing
    if square >= 0.0:
        # The nearer root, in the form that does not cancel.
        below = e1 + math.copysign(math.sqrt(square), missing)
        step = missing / below if below != 0.0 else math.inf
        if 0.0 <= step < length:
            return step, missing
    return length, length * (2.0 * e1 + length * e2)


@compiled
def morph(program: Program, state: State, move: Move) -> Travel:
    """Follow the optimum while the data move in a straight line from where they are to `move.goal`.

    What is feasible at both ends is feasible in between.

    Parameters
    ----------
    program : Program
    state : State
    move : Move
    """
    n, data, goal, rates = program.mu.size, state.data, move.goal, move.rates
    scale = 0.0
    for a in range(state.x.size):
        rates.lower[a] = goal.lower[a] - data.lower[a]
        rates.upper[a] = goal.upper[a] - data.upper[a]
    largest_rate, largest_price = 0.0, 0.0
    for i in range(n):
        rates.q[i] = goal.q[i] - data.q[i]
        largest_rate = max(largest_rate, abs(rates.q[i]))
        largest_price = max(largest_price, abs(state.p[i]))
    scale = largest_rate + largest_price
    _take_sides(n, state, move)
    travel = follow(program, state, 1.0, math.inf, Noise(1e-13, 1e-13 * scale, scale, math.inf), move)
    if travel.outcome != ARRIVED:
        return travel
    for a in range(state.x.size):
        data.lower[a], data.upper[a] = goal.lower[a], goal.upper[a]
    for i in range(n):
        data.q[i] = goal.q[i]
    return Travel(_settle(program, state, move), travel.length, travel.pivots, travel.missing)


@compiled
def _take_sides(n: int, state: State, move: Move) -> None:
    """Held quantities whose two limits were one had a price of either sign; once the limits part, it tells the side."""
    p, side, place, data, goal = state.p, state.side, state.working.place, state.data, move.goal
    for a in range(p.size):
        held = (place[a] < 0) == (a < n)
        parting = data.lower[a] != data.upper[a] or goal.lower[a] != goal.upper[a]
        if held and side[a] == 0.0 and parting:
            side[a] = 1.0 if p[a] >= 0.0 else -1.0


@compiled
def _settle(program: Program, state: State, move: Move) -> int:
    """Put held quantities exactly on their limits; where both limits are one a fund is held, whatever its price."""
    n, x, side, place = program.mu.size, state.x, state.side, state.working.place
    lower, upper = state.data.lower, state.data.upper
    for a in range(x.size):
        one = lower[a] == upper[a]
        if one and a < n and place[a] >= 0:
            # It is at both limits, so its price may move either way.
            outcome = hold(program, state, a, 1.0, move)
            if outcome == INFEASIBLE:
                outcome = hold(program, state, a, -1.0, move)
            if outcome != DONE:
                return LOST
        if (place[a] < 0) == (a < n):
            x[a] = upper[a] if side[a] < 0.0 else lower[a]
            if one:
                side[a] = 0.0
    return ARRIVED


@compiled
def walk(program: Program, state: State, length: float, missing: float, move: Move) -> Travel:
    """Change the risk tolerance by `length` at most, or until the variance has changed by `missing`.

    Parameters
    ----------
    program : Program
    state : State
    length : float
    missing : float
        Towards more return when positive, towards less risk when negative; may be infinite.
    move : Move
    """
    return follow(program, state, length, missing, walking(program, math.copysign(1.0, missing), move), move)


@compiled
def walking(program: Program, sense: float, move: Move) -> Noise:
    """Set the rates to those of the risk tolerance; returns which rates along it are rounding.

    Parameters
    ----------
    program : Program
    sense : float
        +1 towards more return, -1 towards less risk.
    move : Move
    """
    largest = 0.0
    for a in range(move.dx.size):
        move.rates.lower[a], move.rates.upper[a] = 0.0, 0.0
    for i in range(program.mu.size):
        move.rates.q[i] = -sense * program.mu[i]
        largest = max(largest, abs(program.mu[i]))
    return Noise(1e-14 * largest, 1e-12 * largest, largest, LAST_TOLERANCE * tolerance_unit(program))
