"""The portfolio of a working set, solved afresh from the true data.

The path ends with a working set; here its KKT system is set up in sorted order and solved with iterative refinement, so
that the answer depends on the working set alone and on nothing that was solved before. As a function of the risk
tolerance it is a straight line  x + t dx  with prices  p + t dp.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from optimizer.parametric.columns import Integers, add_row, learn
from optimizer.parametric.compiled import allocating, compiled
from optimizer.parametric.start import variance_unit
from optimizer.parametric.state import Data, Program, State
from optimizer.parametric.working_set import invert, kkt_matrix, symmetrise
from riskmodels.factor_form import Floats

_DIGITS = 1e-12
"""What an exact solution may be off by, as a weight and relative to the prices."""

APART = 5e-12
"""What holds by this much holds on every path, whatever its rounding; a shift is hundreds of times as large."""


class Point(NamedTuple):
    """Quantities and prices, and the gradient that the prices balance.

    Parameters
    ----------
    x, p : ndarray, shape (n + m,)
    force : ndarray, shape (n,)
        Sigma w - c - t mu - A'lam, which is the funds' own prices once the loose ones are zero.
    """

    x: Floats
    p: Floats
    force: Floats


class Line(NamedTuple):
    """The optimum on one working set as a function of t.

    Parameters
    ----------
    start, slope : Point
        At t = 0, and per unit of t.
    at : ndarray, shape (n + m,)
        Where the held quantities are held.
    members : ndarray of int, shape (size,)
        The working set, sorted.
    inverse : ndarray, shape (size, size)
    regular : bool
        False when the KKT matrix is singular, and nothing else counts.
    """

    start: Point
    slope: Point
    at: Floats
    members: Integers
    inverse: Floats
    regular: bool


@allocating
def solve_line(program: Program, limits: Data, force: Floats, state: State) -> Line:
    """Solve on the working set.

    Parameters
    ----------
    program : Program
    limits : Data
    force : ndarray, shape (n,)
        Linear term of the objective at t = 0; left as it is.
    state : State
        Only its working set and sides are read.
    """
    line = _solve_still(program, limits, force, state)
    line.slope.force[:] = -program.mu
    if line.regular:
        still = np.zeros(line.at.size)
        for _ in range(2):
            correct(program, line.members, line.inverse, line.slope, still)
    return line


@allocating
def _solve_still(program: Program, limits: Data, force: Floats, state: State) -> Line:
    """Solve on the working set at t = 0 alone: a line without a slope."""
    n, N = program.mu.size, state.x.size
    size = state.working.size[0]
    members = np.sort(state.working.code[:size])
    inverse = np.empty((size, size))
    kkt_matrix(program, members, size, inverse)
    regular = invert(inverse, size, np.empty(size, dtype=np.int64))
    start = Point(np.zeros(N), np.zeros(N), force.copy())
    slope = Point(np.zeros(N), np.zeros(N), np.zeros(n))
    at, place, side = np.zeros(N), state.working.place, state.side
    lower, upper = limits.lower, limits.upper
    for a in range(N):
        if (place[a] < 0) == (a < n):
            at[a] = upper[a] if side[a] < 0.0 else lower[a]
            if a < n and at[a] != 0.0:
                start.x[a] = at[a]
                learn(program.columns, a)
                add_row(start.force, at[a], program.columns.value, a)
                add_row(start.x[n:], at[a], program.At, a)
    if regular:
        for _ in range(2):
            correct(program, members, inverse, start, at)
    return Line(start, slope, at, members, inverse, regular)


@allocating
def restate(program: Program, state: State) -> bool:
    """Compute a state afresh from its working set and its data, so that nothing of the way there is left in it.

    Parameters
    ----------
    program : Program
    state : State

    Returns
    -------
    bool
        False when the KKT matrix is singular.
    """
    working = state.working
    line = _solve_still(program, state.data, state.data.q, state)
    if not line.regular:
        return False
    point = point_at(program, line, 0.0)
    state.x[:], state.p[:] = point.x, point.p
    size = line.members.size
    for k in range(size):
        working.inverse[k, :size] = line.inverse[k]
        working.code[k] = line.members[k]
        working.place[line.members[k]] = k
        if line.members[k] < program.mu.size:
            state.p[line.members[k]] = 0.0
    symmetrise(working.inverse, size)
    return True


@compiled
def holds(program: Program, state: State) -> bool:
    """Whether a state is optimal for its own data: loose quantities within limits, held ones' prices of their sides.

    Parameters
    ----------
    program : Program
    state : State
    """
    slack, price = _least_margins(program, state)
    return slack >= -_DIGITS and price >= -_DIGITS


@compiled
def is_the_only_one(program: Program, state: State) -> bool:
    """Whether a state is optimal for its own data, and no other working set is.

    No loose quantity is at a limit and no held one without a price, by more than a path is off by.

    Parameters
    ----------
    program : Program
    state : State
    """
    slack, price = _least_margins(program, state)
    return slack >= APART and price >= APART


@compiled
def _least_margins(program: Program, state: State) -> tuple[float, float]:
    """By how much loose quantities are within their limits at least; and held ones' prices of their sides.

    A price is measured by the largest force, or the mean variance if that is larger.
    """
    n, x, p, side, place = program.mu.size, state.x, state.p, state.side, state.working.place
    unit = variance_unit(program)
    for i in range(n):
        unit = max(unit, abs(state.data.q[i]))
    slack, price = math.inf, math.inf
    for a in range(x.size):
        if (place[a] < 0) != (a < n):
            slack = min(slack, x[a] - state.data.lower[a], state.data.upper[a] - x[a])
        elif side[a] != 0.0:
            price = min(price, side[a] * p[a] / unit)
    return slack, price


@allocating
def correct(program: Program, members: Integers, inverse: Floats, point: Point, at: Floats) -> None:
    """One step of iterative refinement; from resting funds alone, the first step is the solve itself.

    Parameters
    ----------
    program : Program
    members : ndarray of int, shape (size,)
    inverse : ndarray, shape (size, size)
    point : Point
        Corrected in place.
    at : ndarray, shape (n + m,)
        Where the held rows are to be.
    """
    n, size = program.mu.size, members.size
    x, p, force, sigma, A, At = point.x, point.p, point.force, program.columns.value, program.A, program.At
    right = np.empty(size)
    for k in range(size):
        a = members[k]
        right[k] = -force[a] if a < n else at[a] - x[a]
    for k in range(size):
        a, change = members[k], 0.0
        for h in range(size):
            change += inverse[k, h] * right[h]
        if a < n:
            x[a] += change
            for i in range(n):
                force[i] += change * sigma[a, i]
            for j in range(At.shape[1]):
                x[n + j] += change * At[a, j]
        else:
            p[a] -= change
            for i in range(n):
                force[i] += change * A[a - n, i]


@allocating
def point_at(program: Program, line: Line, t: float) -> Point:
    """The point of a line at t, corrected there.

    Parameters
    ----------
    program : Program
    line : Line
    t : float
    """
    n, start, slope = program.mu.size, line.start, line.slope
    point = Point(start.x + t * slope.x, start.p + t * slope.p, start.force + t * slope.force)
    correct(program, line.members, line.inverse, point, line.at)
    point.p[:n] = point.force
    return point


@compiled
def natural_residual(program: Program, limits: Data, x: Floats, ascent: Floats) -> float:
    """How far x is from an optimum whose ascent direction under the rows' multipliers is `ascent`.

    The largest distance of a quantity from the projection of  x + ascent  on its limits; a row ascends by its
    multiplier.

    Parameters
    ----------
    program : Program
    limits : Data
    x, ascent : ndarray, shape (n + m,)
    """
    worst, lower, upper = 0.0, limits.lower, limits.upper
    for a in range(x.size):
        to = min(max(x[a] + ascent[a], lower[a]), upper[a])
        worst = max(worst, abs(x[a] - to))
    return worst if np.isfinite(worst) else np.inf
