"""What happens at a breakpoint: one quantity is held or released.

Ordinarily that is one border more or less of the inverse. A pivot that looks too small is looked at again with a fresh
inverse; if it is zero, the turn is degenerate and `exchange` takes over.
"""

from __future__ import annotations

from optimizer.parametric.compiled import compiled
from optimizer.parametric.exchange import DONE, LOST, give_way, slide
from optimizer.parametric.soundness import DOUBTFUL_PIVOT, ZERO_PIVOT, independence, relative_variance
from optimizer.parametric.state import Move, Program, State
from optimizer.parametric.working_set import border, drop, enlist, insert, rebuild, strike


@compiled
def release(program: Program, state: State, code: int, move: Move) -> int:
    """A held quantity, its price zero, leaves its limit; returns DONE or LOST.

    Parameters
    ----------
    program : Program
    state : State
    code : int
    move : Move
        Scratch.
    """
    n, working = program.mu.size, state.working
    v, z, inverse = move.right, move.solution, working.inverse
    for fresh in range(2):
        if code < n:
            s = border(program, working, code, v, z)
            curvature = relative_variance(program, working, z, s, program.columns.value[code, code])
        else:
            at = working.place[code]
            for k in range(working.size[0]):
                z[k] = inverse[at, k]
            curvature = relative_variance(program, working, z, -z[at], 0.0)
        if curvature > DOUBTFUL_PIVOT:
            break
        if fresh == 0 and not rebuild(program, working):
            return LOST
    if curvature <= ZERO_PIVOT:
        # The loose funds answer a fund with -z, and a row with its column of the inverse.
        return slide(program, state, code, -1.0 if code < n else 1.0, z, move)
    if code < n:
        insert(inverse, working.size[0], z, s)
        enlist(working, code, n)
    else:
        drop(inverse, working.size[0], at)
        strike(working, code, n)
    state.side[code], state.p[code] = 0.0, 0.0
    return DONE


@compiled
def hold(program: Program, state: State, code: int, side: float, move: Move) -> int:
    """A loose quantity stops at a limit; returns DONE, INFEASIBLE or LOST.

    Parameters
    ----------
    program : Program
    state : State
    code : int
    side : float
        +1 for the lower limit, -1 for the upper.
    move : Move
        Scratch.
    """
    n, working = program.mu.size, state.working
    v, z, inverse = move.right, move.solution, working.inverse
    # With as many held rows as loose funds nothing can move: what is left over is rounding.
    square = 2 * working.size[1] >= working.size[0]
    for fresh in range(2):
        if code < n:
            at = working.place[code]
            for k in range(working.size[0]):
                z[k] = inverse[at, k]
        else:
            s = border(program, working, code, v, z)
        left = 0.0 if square else independence(program, working, code, z)
        if square or left > DOUBTFUL_PIVOT:
            break
        if fresh == 0 and not rebuild(program, working):
            return LOST
    state.x[code] = state.data.lower[code] if side > 0.0 else state.data.upper[code]
    if left <= ZERO_PIVOT:
        return give_way(program, state, code, side, z, move)
    if code < n:
        drop(inverse, working.size[0], at)
        strike(working, code, n)
    else:
        insert(inverse, working.size[0], z, s)
        enlist(working, code, n)
    state.side[code] = side
    return DONE
