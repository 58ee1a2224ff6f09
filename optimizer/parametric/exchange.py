"""Degenerate turns: the working set cannot simply grow or shrink, so one quantity is exchanged for another.

A quantity that is to be held may depend on the held rows. Then no movement is left in w, and the prices move instead,
along the one direction that keeps every loose fund's price at zero, until another held quantity's price reaches zero:
that one gives way. If none ever does, no portfolio meets the limits: this is Farkas' lemma.

A quantity that is to be released may find no curvature: two equal funds, a fund without risk. Then the prices stay
and w slides along that flat direction until something stops it. Risk and objective are the same all along.
"""

from __future__ import annotations

import math

from optimizer.parametric.columns import add_row
from optimizer.parametric.compiled import compiled
from optimizer.parametric.soundness import independence, relative_variance
from optimizer.parametric.state import Move, Program, State
from optimizer.parametric.working_set import border, drop, enlist, insert, rebuild, strike
from riskmodels.factor_form import Floats

DONE = 0
INFEASIBLE = -1
LOST = -2
"""The numbers have become doubtful."""

_NEGLIGIBLE = 1e-9
"""Coefficients below this are rounding."""

_SOUND_PIVOT = 1e-6
"""A pivot at least this large is taken without a fresh inverse."""


@compiled
def give_way(program: Program, state: State, code: int, side: float, eta: Floats, move: Move) -> int:
    """Hold `code` by a price  tau side, tau >= 0,  that grows until another quantity gives way; exchange the two.

    With A_WF'eta the gradient of `code` on the loose funds, the held rows' prices change by  -tau side eta  and the
    held funds' by  tau side (A_W'eta - gradient of code).

    Parameters
    ----------
    program : Program
    state : State
    code : int
        A loose quantity at one of its limits.
    side : float
        +1 at the lower one, -1 at the upper one.
    eta : ndarray, shape (n + m,)
        By place in the working set; only those of rows count.
    move : Move
        Scratch; `eta` may be its `solution`.
    """
    n, N = program.mu.size, state.x.size
    working, sides, p = state.working, state.side, state.p
    rate, largest = move.trial, 1.0
    rate[:] = 0.0
    for k in range(working.size[0]):
        j = working.code[k]
        if j >= n:
            rate[j] = -side * eta[k]
            largest = max(largest, abs(eta[k]))
            add_row(rate[:n], side * eta[k], program.A, j - n)
    if code >= n:
        add_row(rate[:n], -side, program.A, code - n)
    tau, giver = math.inf, N
    for a in range(N):
        speed = sides[a] * rate[a]
        if speed < -_NEGLIGIBLE * largest and sides[a] * p[a] + tau * speed < 0.0:
            tau, giver = max(0.0, sides[a] * p[a] / -speed), a
    if giver == N:
        return INFEASIBLE
    for a in range(N):
        held_fund = a < n and working.place[a] < 0
        if held_fund or a >= n:
            p[a] += tau * rate[a]
    sides[giver], p[giver] = 0.0, 0.0
    sides[code], p[code] = side, tau * side
    return _swap(program, state, giver, code, move)


@compiled
def _swap(program: Program, state: State, giver: int, code: int, move: Move) -> int:
    """Release `giver` and hold `code`, by two changes of the inverse where they are sound, else with a fresh one."""
    n, working = program.mu.size, state.working
    inverse, size = working.inverse, working.size[0]
    v, z = move.right, move.solution
    if giver < n:
        s = border(program, working, giver, v, z)
        sound = relative_variance(program, working, z, s, program.columns.value[giver, giver]) > _SOUND_PIVOT
        if sound:
            insert(inverse, size, z, s)
        enlist(working, giver, n)
    else:
        at = working.place[giver]
        sound = relative_variance(program, working, inverse[at], -inverse[at, at], 0.0) > _SOUND_PIVOT
        if sound:
            drop(inverse, size, at)
        strike(working, giver, n)
    size = working.size[0]
    if code < n:
        at = working.place[code]
        sound = sound and independence(program, working, code, inverse[at]) > _SOUND_PIVOT
        if sound:
            drop(inverse, size, at)
        strike(working, code, n)
    else:
        if sound:
            s = border(program, working, code, v, z)
            sound = independence(program, working, code, z) > _SOUND_PIVOT
            if sound:
                insert(inverse, size, z, s)
        enlist(working, code, n)
    return DONE if sound or rebuild(program, working) else LOST


@compiled
def slide(program: Program, state: State, code: int, sense: float, flat: Floats, move: Move) -> int:
    """Release `code` along a direction without curvature until something stops it, and exchange the two.

    Parameters
    ----------
    program : Program
    state : State
    code : int
        A held quantity whose price is zero.
    sense : float
        +1 or -1, which `flat` is to be multiplied by.
    flat : ndarray, shape (n + m,)
        Change of each loose fund per unit of the quantity, by place in the working set.
    move : Move
        Scratch; `flat` may be its `solution`.
    """
    n, N = program.mu.size, state.x.size
    working, data, x = state.working, state.data, state.x
    sign = state.side[code]
    rate = move.trial
    rate[:] = 0.0
    for k in range(working.size[0]):
        if working.code[k] < n:
            rate[working.code[k]] = sign * sense * flat[k]
    if code < n:
        rate[code] = sign
    for i in range(n):
        if rate[i] != 0.0:
            add_row(rate[n:], rate[i], program.At, i)
    # The far limit of the one that is released is the first to stop it.
    length, stopper, side = data.upper[code] - data.lower[code], code, -sign
    for a in range(N):
        loose = (working.place[a] >= 0) == (a < n)
        if loose and rate[a] < -_NEGLIGIBLE and x[a] - data.lower[a] + length * rate[a] < 0.0:
            length, stopper, side = max(0.0, (x[a] - data.lower[a]) / -rate[a]), a, 1.0
        if loose and rate[a] > _NEGLIGIBLE and data.upper[a] - x[a] - length * rate[a] < 0.0:
            length, stopper, side = max(0.0, (data.upper[a] - x[a]) / rate[a]), a, -1.0
    for a in range(N):
        x[a] += length * rate[a]
    state.side[code], state.p[code] = 0.0, 0.0
    state.side[stopper] = side
    x[stopper] = data.lower[stopper] if side > 0.0 else data.upper[stopper]
    if stopper == code:
        return DONE
    if stopper < n:
        strike(working, stopper, n)
    else:
        enlist(working, stopper, n)
    if code < n:
        enlist(working, code, n)
    else:
        strike(working, code, n)
    return DONE if rebuild(program, working) else LOST
