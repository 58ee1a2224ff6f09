"""Where a path starts, and the tiny shift of the data that keeps it from going in circles.

Real mandates are full of ties: caps that add up to exactly 1, limits that are multiples of each other, two share
classes of one fund. At a tie several conditions fail at once, and a path that takes them one by one may come back to
where it was. So caps and row limits are first moved outwards by about 1e-9, and the linear term by as little, each by
its own amount, and so that sums of a few amounts differ, too: a row and two caps may be tied to another row and two
others. The moved problem has no ties, and one optimum with one working set only, however it was reached. That working
set is then solved with the true data.
"""

from __future__ import annotations

from optimizer.parametric.compiled import compiled
from optimizer.parametric.state import Data, Move, Program, State, refresh

SAME = 1e-12
"""Two limits nearer than this are one."""


@compiled
def set_goal(program: Program, limits: Data, t: float, shift: float, move: Move) -> None:
    """Aim for a variant's data at risk tolerance t, moved outwards by up to twice `shift`.

    Parameters
    ----------
    program : Program
    limits : Data
        The variant's own, q zero.
    t : float
    shift : float
        As a fraction of weight; gradients move by as much of the mean variance. Zero for the true data.
    move : Move
        Its goal is overwritten.
    """
    n, N, goal, low, high = program.mu.size, limits.lower.size, move.goal, limits.lower, limits.upper
    unit = shift * variance_unit(program)
    for i in range(n):
        goal.q[i] = unit * _spread(i, 0.8191725134) - program.linear[i] - t * program.mu[i]
    for a in range(N):
        one = high[a] - low[a] <= SAME
        goal.lower[a] = low[a]
        goal.upper[a] = low[a] if one else high[a]
        if a >= n:
            goal.lower[a] -= shift * _spread(a, 0.7182818285)
        if a >= n or not one:
            goal.upper[a] += shift * _spread(a, 0.7548776662)


@compiled
def _spread(i: int, ratio: float) -> float:
    """Numbers in [1, 2) that are never near each other, nor are sums of a few of them the same.

    The fractional parts of the multiples of an irrational are spread evenly, but have the sums of their places: those
    of 6 and 27 add up to those of 7 and 26. Fractions with different poles have no such pattern.
    """
    return 2.0 / (2.0 - (i + 1) * ratio % 1.0)


@compiled
def variance_unit(program: Program) -> float:
    """Mean variance: what a gradient is measured by.

    Parameters
    ----------
    program : Program
    """
    n, sigma, total = program.mu.size, program.columns.value, 0.0
    for i in range(n):
        total += sigma[i, i]
    return total / n if total > 0.0 else 1.0


@compiled
def tolerance_unit(program: Program) -> float:
    """A risk tolerance of the right order: mean variance over the spread of expected returns.

    Parameters
    ----------
    program : Program
    """
    low, high = program.mu[0], program.mu[0]
    for i in range(program.mu.size):
        low, high = min(low, program.mu[i]), max(high, program.mu[i])
    return variance_unit(program) / (high - low) if high > low else 1.0


@compiled
def start_from_nothing(program: Program, move: Move, state: State) -> None:
    """An optimum of data that differ from the goal in q and the row limits only: every fund at its lower bound.

    Parameters
    ----------
    program : Program
    move : Move
    state : State
        Overwritten.
    """
    n, data, goal, working = program.mu.size, state.data, move.goal, state.working
    working.size[0], working.size[1] = 0, 0
    for a in range(state.x.size):
        working.place[a] = -1
        state.p[a], state.side[a] = 0.0, 0.0
        data.lower[a], data.upper[a] = goal.lower[a], goal.upper[a]
    unit = variance_unit(program)
    for i in range(n):
        state.x[i], data.q[i] = goal.lower[i], 0.0
    refresh(program, state)
    # q is whatever leaves every price at one unit; no row is held.
    for i in range(n):
        data.q[i] = unit - state.p[i]
        state.p[i] = unit
        state.side[i] = 1.0 if goal.lower[i] < goal.upper[i] else 0.0
    for a in range(n, state.x.size):
        data.lower[a] = min(goal.lower[a], state.x[a] - 0.5)
        data.upper[a] = max(goal.upper[a], state.x[a] + 0.5)
