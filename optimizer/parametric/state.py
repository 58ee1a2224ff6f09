"""What the path knows at each moment: the portfolio, its prices, the working set and the data it is optimal for.

At every moment w is the exact optimum of

    min  w'Sigma w / 2 + q'w      row_lower <= A w <= row_upper,   lower <= w <= upper.

A weight and a row are the same kind of thing, a quantity linear in w between two limits, and are kept side by side:

    x = (w, A w)                 the n + m quantities, fund i at i and row j at n + j
    p = (g, lam)                 their prices:  Sigma w + q = g + A'lam
    held quantities              rest at a limit;  p >= 0 at the lower one, <= 0 at the upper one
    loose quantities             between their limits;  p = 0

The working set are the loose funds F and the held rows W: their KKT system determines everything else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.parametric.columns import Columns, Integers, learn
from optimizer.parametric.compiled import compiled
from riskmodels.factor_form import Floats


class Program(NamedTuple):
    """What the variants of one day share: the objective  w'Sigma w / 2 - c'w - t mu'w  and the rows.

    Parameters
    ----------
    columns : Columns
        Sigma over n funds.
    mu : ndarray, shape (n,)
    linear : ndarray, shape (n,)
        c, zero for volatility.
    A, At : ndarray, shape (m, n) and (n, m)
        The rows, their largest coefficients near one, and their transpose.
    """

    columns: Columns
    mu: Floats
    linear: Floats
    A: Floats
    At: Floats


class Data(NamedTuple):
    """The part of a problem that moves along a path; also the rates at which it moves.

    Parameters
    ----------
    lower, upper : ndarray, shape (n + m,)
        Limits of the quantities, finite.
    q : ndarray, shape (n,)
    """

    lower: Floats
    upper: Floats
    q: Floats


class WorkingSet(NamedTuple):
    """Loose funds and held rows, and the inverse of their KKT matrix.

    Parameters
    ----------
    code : ndarray of int, shape (n + m,)
        Its members in the order of `inverse`; the first `size` count.
    place : ndarray of int, shape (n + m,)
        Where a quantity stands in `code`, -1 for those outside.
    size : ndarray of int, shape (2,)
        How many members, and how many of them are rows.
    inverse : ndarray, shape (n + m, n + m)
        K^-1 in the leading block.
    pivots : ndarray of int, shape (n + m,)
        Scratch.
    """

    code: Integers
    place: Integers
    size: Integers
    inverse: Floats
    pivots: Integers


class State(NamedTuple):
    """An optimum. Everything is changed in place.

    Parameters
    ----------
    x, p : ndarray, shape (n + m,)
        Quantities and prices.
    side : ndarray, shape (n + m,)
        Of held quantities: +1 at the lower limit, -1 at the upper, 0 where both limits are one and the price may have
        either sign; 0 for loose quantities.
    data : Data
        What the optimum belongs to.
    working : WorkingSet
    """

    x: Floats
    p: Floats
    side: Floats
    data: Data
    working: WorkingSet


class Move(NamedTuple):
    """Rates of change along the present segment, per unit of the path's parameter.

    Parameters
    ----------
    dx, dp : ndarray, shape (n + m,)
    right, solution : ndarray, shape (n + m,)
        Right side and solution of the KKT system; scratch between segments.
    carried : ndarray, shape (n + m,)
        The part of dx that comes from held funds following their limits.
    push : ndarray, shape (n,)
        Sigma times that part.
    trial : ndarray, shape (n + m,)
        Rates of an exchange; scratch.
    moving : ndarray of int, shape (n + 1,)
        The funds with a limit that moves; the last entry is how many they are.
    rates : Data
        Of the data.
    goal : Data
        Where the data are going.
    """

    dx: Floats
    dp: Floats
    right: Floats
    solution: Floats
    carried: Floats
    push: Floats
    trial: Floats
    moving: Integers
    rates: Data
    goal: Data


def new_data(n: int, m: int) -> Data:
    """Zeros.

    Parameters
    ----------
    n, m : int
    """
    return Data(np.zeros(n + m), np.zeros(n + m), np.zeros(n))


def new_state(n: int, m: int) -> State:
    """An empty working set, and zeros.

    Parameters
    ----------
    n, m : int
    """
    N = n + m
    working = WorkingSet(
        code=np.zeros(N, dtype=np.int64),
        place=np.full(N, -1, dtype=np.int64),
        size=np.zeros(2, dtype=np.int64),
        inverse=np.empty((N, N)),
        pivots=np.zeros(N, dtype=np.int64),
    )
    return State(np.zeros(N), np.zeros(N), np.zeros(N), new_data(n, m), working)


def new_move(n: int, m: int) -> Move:
    """Zeros.

    Parameters
    ----------
    n, m : int
    """
    N = n + m
    return Move(
        dx=np.zeros(N),
        dp=np.zeros(N),
        right=np.zeros(N),
        solution=np.zeros(N),
        carried=np.zeros(N),
        push=np.zeros(n),
        trial=np.zeros(N),
        moving=np.zeros(n + 1, dtype=np.int64),
        rates=new_data(n, m),
        goal=new_data(n, m),
    )


@compiled
def refresh(program: Program, state: State) -> None:
    """Compute the rows' values and the funds' prices afresh from weights and multipliers.

    Parameters
    ----------
    program : Program
    state : State
    """
    n, m, sigma, A, At = program.mu.size, program.A.shape[0], program.columns.value, program.A, program.At
    x, p, q, code = state.x, state.p, state.data.q, state.working.code
    for i in range(n):
        p[i] = q[i]
    for j in range(m):
        x[n + j] = 0.0
        if p[n + j] != 0.0:
            for i in range(n):
                p[i] -= p[n + j] * A[j, i]
    for i in range(n):
        if x[i] != 0.0:
            learn(program.columns, i)
            for k in range(n):
                p[k] += x[i] * sigma[i, k]
            for j in range(m):
                x[n + j] += x[i] * At[i, j]
    for k in range(state.working.size[0]):
        if code[k] < n:
            p[code[k]] = 0.0
