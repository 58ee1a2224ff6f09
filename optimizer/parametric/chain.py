"""Many variants of one day, each solved from where the one before it ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.parametric.columns import Integers
from optimizer.parametric.compiled import allocating, announce_compilation, compiled
from optimizer.parametric.start import tolerance_unit
from optimizer.parametric.state import Data, Move, Program, State, new_move, new_state
from optimizer.parametric.target import DOUBTFUL, ROWS_INFEASIBLE, TARGET_MET, Target
from optimizer.parametric.variant import solve_variant
from riskmodels.factor_form import Floats

_FAR = 1e3
"""Risk tolerance, in its own unit."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Where the paths of V variants ended.

    Parameters
    ----------
    x : ndarray, shape (V, n)
        Weights.
    y : ndarray, shape (V, m)
        Multipliers of the rows, see `Answer`.
    t : ndarray, shape (V,)
        Risk tolerance.
    variance : ndarray, shape (V,)
    status : ndarray of int, shape (V,)
        TARGET_MET, TARGET_SLACK, TARGET_TOO_LOW (weights are those of least risk), ROWS_INFEASIBLE or DOUBTFUL.
    residual : ndarray, shape (V,)
        Natural residual of each answer.
    pivots : ndarray, shape (V, 3)
        Changes of the working set on the way from the variant before, and along the risk tolerance; fresh starts.
    """

    x: Floats
    y: Floats
    t: Floats
    variance: Floats
    status: Integers
    residual: Floats
    pivots: Floats


def solve_chain(
    program: Program, lower: Floats, upper: Floats, variances: Floats, constant: float = 0.0, last: float = np.inf
) -> Chain:
    """Solve V variants of one program, each from where the one before it ended.

    Parameters
    ----------
    program : Program
    lower, upper : ndarray, shape (V, n + m)
        Limits of weights and rows.
    variances : ndarray, shape (V,)
        Squares of the risk caps, infinite for none.
    constant, last : float
        See `Target`.
    """
    V, n, m = variances.size, program.mu.size, program.A.shape[0]
    chain = Chain(
        x=np.empty((V, n)),
        y=np.empty((V, m)),
        t=np.empty(V),
        variance=np.empty(V),
        status=np.empty(V, dtype=np.int64),
        residual=np.empty(V),
        pivots=np.zeros((V, 3)),
    )
    announce_compilation(solve_all)
    solve_all(
        program,
        new_state(n, m),
        new_move(n, m),
        lower,
        upper,
        variances,
        constant,
        last,
        chain.x,
        chain.y,
        chain.t,
        chain.variance,
        chain.status,
        chain.residual,
        chain.pivots,
    )
    return chain


@allocating
def solve_all(
    program: Program,
    state: State,
    move: Move,
    lower: Floats,
    upper: Floats,
    variances: Floats,
    constant: float,
    last: float,
    weights: Floats,
    rows: Floats,
    t: Floats,
    variance: Floats,
    status: Integers,
    residual: Floats,
    pivots: Floats,
) -> None:
    """Solve one variant after another.

    Parameters
    ----------
    program : Program
    state, move : State, Move
        Scratch.
    lower, upper : ndarray, shape (V, n + m)
        Limits of weights and rows.
    variances : ndarray, shape (V,)
    constant, last : float
        See `Target`.
    weights, rows, t, variance, status, residual, pivots : ndarray
        Filled; see `Answer`, one a row.
    """
    n, no_q, outcome = program.mu.size, np.zeros(program.mu.size), DOUBTFUL
    for v in range(variances.size):
        # A variant starts at the risk tolerance of the one before it with the nearest target.
        guess, nearest = tolerance_unit(program), np.inf
        for u in range(v):
            distance = abs(variances[u] - variances[v])
            if distance < nearest and status[u] == TARGET_MET:
                guess, nearest = t[u], distance
        target = Target(variances[v], constant, last)
        limits = Data(lower[v], upper[v], no_q)
        warm = v > 0 and outcome != DOUBTFUL and outcome != ROWS_INFEASIBLE and _near(program, state)
        answer = solve_variant(program, limits, target, state, guess, warm, move, pivots[v])
        outcome = answer.outcome
        weights[v], rows[v], t[v], variance[v] = answer.x[:n], answer.y, answer.t, answer.variance
        status[v], residual[v] = outcome, answer.residual


@compiled
def _near(program: Program, state: State) -> bool:
    """Whether a state is at a risk tolerance from which the way back does not lose digits."""
    pull, largest = 0.0, 0.0
    for i in range(program.mu.size):
        pull, largest = max(pull, abs(state.data.q[i])), max(largest, abs(program.mu[i]))
    return pull <= _FAR * tolerance_unit(program) * largest
