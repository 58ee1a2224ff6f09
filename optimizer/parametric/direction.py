"""In which direction the optimum moves while the data move at constant rates.

Held funds follow their limits. With their part on the right side, loose weights and held rows' prices solve

    [ Sigma_FF  A_WF' ] [  dw_F  ]   [ -dq_F - (Sigma dw_held)_F ]
    [ A_WF        0   ] [ -dlam_W ] = [ db_W - (A dw_held)_W      ]

and the held funds' prices follow:  dg = Sigma dw + dq - A'dlam.
"""

from __future__ import annotations

from optimizer.parametric.columns import learn
from optimizer.parametric.compiled import inlined
from optimizer.parametric.state import Move, Program, State, WorkingSet, refresh
from optimizer.parametric.working_set import rebuild, times_inverse

_EXACT = 1e-12
"""Residuals up to this, relative to the largest rate, are rounding; larger ones are corrected."""

_DRIFTED = 1e-9
"""Residuals above this after a correction show that the inverse has drifted, and it is computed afresh."""

_BALANCED = 1e-11
"""A force on the loose funds below this, relative to the rates, is rounding."""


_STILL = 1e-6
"""A movement whose force is below this, relative to the rates, is corrected once more."""


@inlined
def find_direction(program: Program, state: State, scale: float, move: Move) -> float:
    """Fill `move`; returns its residual.

    Parameters
    ----------
    program : Program
    state : State
    scale : float
        Of the prices' rates.
    move : Move
        Overwritten.
    """
    n, N, dx, dp, carried, push = program.mu.size, state.x.size, move.dx, move.dp, move.carried, move.push
    dq = move.rates.q
    _carry(program, state, move)
    for a in range(N):
        dx[a] = carried[a]
        dp[a] = dq[a] + push[a] if a < n else 0.0
    for _ in range(3):
        residual = _solve(program, state, move)
        if residual <= _EXACT * scale:
            break
    balanced = move.moving[n] == 0 and _balanced(program, state, move, _BALANCED * scale)
    if move.moving[n] == 0 and not balanced and _hardly_moves(program, state.working, move, scale):
        residual = _solve(program, state, move)
        balanced = _balanced(program, state, move, _BALANCED * scale)
    if balanced:
        # What the held rows' prices balance moves nothing: the rest would be rounding, and grow with the path.
        for a in range(N):
            dx[a] = 0.0
    for k in range(state.working.size[0]):
        if state.working.code[k] < n:
            dp[state.working.code[k]] = 0.0
    return residual


@inlined
def _carry(program: Program, state: State, move: Move) -> None:
    """Bring up to date which funds their limits carry, and what follows: few change from one turn to the next."""
    n, side, place, lower, upper = program.mu.size, state.side, state.working.place, move.rates.lower, move.rates.upper
    carried, push, sigma, At = move.carried, move.push, program.columns.value, program.At
    for c in range(move.moving[n]):
        i, rate = move.moving[c], 0.0
        if place[i] < 0:
            rate = upper[i] if side[i] < 0.0 else lower[i]
        change = rate - carried[i]
        if change != 0.0:
            carried[i] = rate
            learn(program.columns, i)
            for k in range(n):
                push[k] += change * sigma[i, k]
            for j in range(At.shape[1]):
                carried[n + j] += change * At[i, j]


@inlined
def _solve(program: Program, state: State, move: Move) -> float:
    """Solve for what is missing in `move`, from nothing or as a correction; returns what is missing then."""
    n, size, members, side = program.mu.size, state.working.size[0], state.working.code, state.side
    right, solution, dx, dp = move.right, move.solution, move.dx, move.dp
    lower, upper = move.rates.lower, move.rates.upper
    sigma, A, At = program.columns.value, program.A, program.At
    for k in range(size):
        a = members[k]
        if a < n:
            right[k] = -dp[a]
        else:
            right[k] = (upper[a] if side[a] < 0.0 else lower[a]) - dx[a]
    times_inverse(state.working.inverse, size, right, solution)
    for k in range(size):
        a, change = members[k], solution[k]
        if a < n:
            dx[a] += change
            for i in range(n):
                dp[i] += change * sigma[a, i]
            for j in range(At.shape[1]):
                dx[n + j] += change * At[a, j]
        else:
            dp[a] -= change
            for i in range(n):
                dp[i] += change * A[a - n, i]
    # A row that slips from its limit is as bad as the force that would hold it.
    missing, slip, stiffness = 0.0, 0.0, 0.0
    for k in range(size):
        a = members[k]
        if a < n:
            missing = max(missing, abs(dp[a]))
            stiffness = max(stiffness, sigma[a, a])
        else:
            slip = max(slip, abs((upper[a] if side[a] < 0.0 else lower[a]) - dx[a]))
    return max(missing, slip * stiffness)


@inlined
def _hardly_moves(program: Program, working: WorkingSet, move: Move, scale: float) -> bool:
    """Whether what is seen of a movement may be rounding, which over a long segment would add up."""
    force, sigma = 0.0, program.columns.value
    for k in range(working.size[0]):
        i = working.code[k]
        if i < program.mu.size:
            force = max(force, abs(move.dx[i]) * sigma[i, i])
    return force <= _STILL * scale


@inlined
def _balanced(program: Program, state: State, move: Move, rounding: float) -> bool:
    """Whether the held rows' prices alone keep the loose funds' at rest, with limits that rest."""
    n, size, members, At = program.mu.size, state.working.size[0], state.working.code, program.At
    dp, rates, balanced = move.dp, move.rates, True
    for k in range(size):
        a = members[k]
        if a >= n:
            balanced = balanced and rates.lower[a] == 0.0 and rates.upper[a] == 0.0
        elif balanced:
            force = rates.q[a]
            for h in range(size):
                if members[h] >= n:
                    force -= dp[members[h]] * At[a, members[h] - n]
            balanced = abs(force) <= rounding
    return balanced


@inlined
def steady_direction(program: Program, state: State, scale: float, move: Move) -> bool:
    """`find_direction`, with a fresh inverse where the old one has drifted; False when that does not help.

    Parameters
    ----------
    program : Program
    state : State
    scale : float
    move : Move
        Overwritten.
    """
    for _ in range(2):
        if find_direction(program, state, scale, move) <= _DRIFTED * scale:
            return True
        if not rebuild(program, state.working):
            return False
        refresh(program, state)
    return False
