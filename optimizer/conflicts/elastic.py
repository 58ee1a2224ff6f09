"""Programs over limits that may give way: how far from holding they are, and the least moves that make them hold.

With x >= 0 the sizes of K moves and row i of M saying how much each of them loosens limit i,

    minimise  cost'x   subject to   G w <= h + slope (M x),   the frame,   R(w) <= cap + (M x)_cap

and x itself within upper bounds and, where asked for, rows of its own.
Without the last line it is a linear program, solved by HiGHS; where its answer breaks the last line the whole is a
cone program, solved by Clarabel. ("Elastic programs": Chinneck, Feasibility and Infeasibility in Optimization, 2008.)
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

from optimizer.conflicts.clause_limits import row_scale
from optimizer.conflicts.terms import Terms
from optimizer.statement import risk_norm
from riskmodels.factor_form import Floats

_TOLERANCE = 1e-10
_OPTIMAL, _INFEASIBLE = 0, 2
_CAP_MET = 1e-10
"""Relative: what an answer may be above the risk cap by rounding."""

Sparse = sp.csr_array[np.float64]


@dataclass(frozen=True, eq=False)
class Point:
    """Weights, shape (n,), and by how much in all they miss the limits asked of them."""

    w: Floats
    miss: float


@dataclass(frozen=True, eq=False)
class Moves:
    """The cheapest moves.

    Parameters
    ----------
    x : ndarray, shape (K,)
    w : ndarray, shape (n,)
        A portfolio that they allow.
    prices : ndarray, shape (L,)
        At least zero: positive for the limits that stand in the way.
    """

    x: Floats
    w: Floats
    prices: Floats


@dataclass(frozen=True, eq=False)
class MoveRows:
    """Limits on the moves themselves:  C x <= d.

    Parameters
    ----------
    C : ndarray, shape (r, K)
    d : ndarray, shape (r,)
    """

    C: Floats
    d: Floats


@dataclass(frozen=True, eq=False)
class _Rows:
    """G w + trades (sum b) <= h + slope (M x)[limit], over r rows."""

    G: Sparse
    trades: Floats
    h: Floats
    slope: Floats
    limit: NDArray[np.intp]


def least_miss(terms: Terms, kept: frozenset[int]) -> Point:
    """The portfolio nearest to some of the limits; its miss is zero where they hold together.

    Added up are the misses of the frame's rows and of all limits but upper bounds of single weights, which always
    hold; each relative to its largest coefficient. The risk cap is not looked at.

    Parameters
    ----------
    terms : Terms
    kept : frozenset of int
        Positions of limits.
    """
    ceilings = frozenset(i for i in kept if terms.limits[i].rows.ceiling)
    give, rigid = [_frame_rows(terms), _rows(terms, kept - ceilings)], [_rows(terms, ceilings)]
    scale = row_scale(_stack([rows.G for rows in give]))
    matrix, right, bounds = _polyhedron(terms, [*give, *rigid])
    misses = -sp.eye_array(right.size, scale.size, format="csr")
    result = _linear_program(
        np.concatenate([np.zeros(matrix.shape[1]), 1.0 / scale]),
        sp.hstack([matrix, misses]),
        right,
        [*bounds, *[(0.0, np.inf)] * scale.size],
    )
    if result is None:
        raise RuntimeError("HiGHS finds no portfolio where every row may be missed")
    x, _ = result
    return Point(x[: terms.problem.size], float(x[matrix.shape[1] :] @ (1.0 / scale)))


def cheapest_moves(
    terms: Terms, kept: frozenset[int], M: Floats, cost: Floats, most: Floats, among: MoveRows | None = None
) -> Moves | None:
    """The moves of least cost after which some limits hold together; None when there are none.

    Parameters
    ----------
    terms : Terms
    kept : frozenset of int
        Positions of the limits that have to hold.
    M : ndarray, shape (L, K)
        How much each move loosens each limit, in units of the optimizer.
    cost : ndarray, shape (K,)
    most : ndarray, shape (K,)
        How large each move may be.
    among : MoveRows, optional
        What the moves have to keep to among themselves.
    """
    among = MoveRows(np.zeros((0, cost.size)), np.zeros(0)) if among is None else among
    by_rows = _by_linear_program(terms, kept, M, cost, most, among)
    if by_rows is None or terms.cap is None or terms.cap not in kept:
        return by_rows
    cap = terms.limits[terms.cap].value + float(M[terms.cap] @ by_rows.x)
    if terms.problem.risk.value(by_rows.w) <= cap + _CAP_MET * max(1.0, cap):
        return by_rows
    return _by_cone_program(terms, terms.cap, kept, M, cost, most, among)


def _by_linear_program(
    terms: Terms, kept: frozenset[int], M: Floats, cost: Floats, most: Floats, among: MoveRows
) -> Moves | None:
    rows = [_frame_rows(terms), _rows(terms, kept)]
    matrix, right, bounds = _polyhedron(terms, rows)
    gives = np.zeros((right.size, cost.size))
    slope, limit, frame = rows[1].slope, rows[1].limit, rows[0].h.size
    gives[frame : frame + slope.size] = -slope[:, None] * M[limit]
    own = np.hstack([np.zeros((among.d.size, matrix.shape[1])), among.C])
    result = _linear_program(
        np.concatenate([np.zeros(matrix.shape[1]), cost]),
        sp.csr_array(sp.vstack([sp.hstack([matrix, sp.csr_array(gives)]), sp.csr_array(own)])),
        np.concatenate([right, among.d]),
        [*bounds, *((0.0, high) for high in most.tolist())],
    )
    if result is None:
        return None
    x, prices = result
    # scipy's marginals of rows that bind are negative: more on the right side costs less.
    by_row = np.maximum(0.0, -prices[frame : frame + slope.size])
    return Moves(
        x=x[matrix.shape[1] :],
        w=x[: terms.problem.size],
        prices=_summed(terms, limit, by_row * slope),
    )


def _by_cone_program(
    terms: Terms, cap: int, kept: frozenset[int], M: Floats, cost: Floats, most: Floats, among: MoveRows
) -> Moves | None:
    problem, frame, rows, framed = terms.problem, terms.frame, _rows(terms, kept), _frame_rows(terms)
    w, x = cp.Variable(problem.size), cp.Variable(cost.size)
    used = rows.G @ w
    if rows.trades.any():
        used = used + rows.trades * cp.sum(cp.pos(w - problem.held))
    limits = used <= rows.h + (rows.slope[:, None] * M[rows.limit]) @ x
    risk = risk_norm(problem, w) <= terms.limits[cap].value + M[cap] @ x
    framing = [framed.G @ w <= framed.h, w >= frame.lower, w <= frame.upper, x >= 0.0]
    ends = np.flatnonzero(np.isfinite(most))
    if ends.size:
        framing.append(x[ends] <= most[ends])
    if among.d.size:
        framing.append(among.C @ x <= among.d)
    stated = cp.Problem(cp.Minimize(cost @ x), [limits, risk, *framing])
    try:
        with warnings.catch_warnings():
            # cvxpy warns of inaccurate answers; whatever is found here is tried out before it is told.
            warnings.simplefilter("ignore")
            stated.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    except cp.error.SolverError:
        return None
    if stated.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE) or w.value is None or x.value is None:
        return None
    by_row = np.maximum(0.0, np.asarray(limits.dual_value, dtype=float))
    prices = _summed(terms, rows.limit, by_row * rows.slope)
    prices[cap] = max(0.0, float(np.ravel(risk.dual_value)[0]))
    return Moves(np.clip(x.value, 0.0, most), np.asarray(w.value), prices)


def _rows(terms: Terms, kept: frozenset[int]) -> _Rows:
    """The rows of some limits."""
    order = sorted(i for i in kept if i != terms.cap)
    limits = [terms.limits[i] for i in order]
    counts = [limit.rows.h.size for limit in limits]
    return _Rows(
        G=_stack([limit.rows.G for limit in limits], terms.problem.size),
        trades=np.repeat([float(limit.rows.trades) for limit in limits], counts),
        h=np.concatenate([np.zeros(0), *(limit.rows.h for limit in limits)]),
        slope=np.concatenate([np.zeros(0), *(limit.rows.slope for limit in limits)]),
        limit=np.repeat(np.array(order, dtype=np.intp), counts),
    )


def _frame_rows(terms: Terms) -> _Rows:
    """The rows of the frame, each side by itself; nothing moves them."""
    frame = terms.frame
    up, down = np.isfinite(frame.row_upper), np.isfinite(frame.row_lower)
    h = np.concatenate([frame.row_upper[up], -frame.row_lower[down]])
    nothing = np.zeros(h.size)
    return _Rows(
        sp.csr_array(np.vstack([frame.A[up], -frame.A[down]])), nothing, h, nothing, np.full(h.size, -1, dtype=np.intp)
    )


def _polyhedron(terms: Terms, rows: list[_Rows]) -> tuple[Sparse, Floats, list[tuple[float, float]]]:
    """Rows over (w, b), their right sides, and bounds; the rows of purchases b stand last.

    Parameters
    ----------
    terms : Terms
    rows : list of _Rows
    """
    n, frame = terms.problem.size, terms.frame
    G, trades = _stack([part.G for part in rows]), np.concatenate([part.trades for part in rows])
    h = np.concatenate([part.h for part in rows])
    bounds = list(zip(frame.lower.tolist(), frame.upper.tolist(), strict=True))
    if not trades.any():
        return G, h, bounds
    eye = sp.eye_array(n, format="csr")
    counted = sp.csr_array(np.repeat(trades[:, None], n, axis=1))
    matrix = sp.vstack([sp.hstack([G, counted]), sp.hstack([eye, -eye])])
    return sp.csr_array(matrix), np.concatenate([h, terms.problem.held]), [*bounds, *[(0.0, np.inf)] * n]


def _summed(terms: Terms, limit: NDArray[np.intp], by_row: Floats) -> Floats:
    """Prices of rows added up by the limit they belong to, shape (L,)."""
    total = np.zeros(len(terms.limits))
    np.add.at(total, limit, by_row)
    return total


def _stack(blocks: list[Sparse], columns: int = 0) -> Sparse:
    return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((0, columns), dtype=np.float64)


def _linear_program(
    cost: Floats, matrix: Sparse, right: Floats, bounds: list[tuple[float, float]]
) -> tuple[Floats, Floats] | None:
    """A minimiser and the marginals of the rows; None when there is none."""
    # The stubs of scipy know no sparse matrices here; linprog does.
    rows: Any = matrix
    result = linprog(
        cost,
        A_ub=rows,
        b_ub=right,
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": _TOLERANCE, "dual_feasibility_tolerance": _TOLERANCE},
    )
    if result.status == _INFEASIBLE:
        return None
    if result.status != _OPTIMAL or result.x is None:
        raise RuntimeError(f"HiGHS could not judge the limits: {result.message}")
    return np.asarray(result.x), np.asarray(result.ineqlin.marginals)
