"""Linear programs over a mandate, by HiGHS: whether its rows hold together, and how far a linear figure goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from constraints import CompiledMandate
from constraints.clauses import FullyInvested
from riskmodels.factor_form import Floats

_FEASIBLE = 1e-7
"""Total miss, relative to the rows' coefficients, below which rows hold together: what a certificate lets pass, too."""


@dataclass(frozen=True)
class Miss:
    """The portfolio nearest to a mandate that cannot hold.

    Parameters
    ----------
    clauses : tuple of str
        Clauses that push against each other there, in the order of the mandate.
    missed : dict of str to float
        Clauses it misses, by how much, in units of the optimizer.
    """

    clauses: tuple[str, ...]
    missed: dict[str, float]


@dataclass(frozen=True, eq=False)
class _Sides:
    """Rows as  G w + T (buys, sells) <= h  with the clause of each."""

    G: Floats
    T: Floats
    h: Floats
    clause: tuple[str, ...]


def nearest_miss(mandate: CompiledMandate) -> Miss | None:
    """None when rows, bounds and turnover can hold together; otherwise where they clash.

    The miss of each row, relative to its largest coefficient, is added up and made as small as possible, that of the
    budget last; the clauses with a price at that point are the ones in conflict (Farkas).

    Parameters
    ----------
    mandate : CompiledMandate
    """
    n, sides = len(mandate.tickers), _one_sided(mandate)
    link, held = _trades(mandate)
    scale = np.maximum(1.0, np.abs(sides.G).max(axis=1, initial=0.0))
    m, trades = sides.h.size, sides.T.shape[1]
    result = linprog(
        c=np.concatenate([np.zeros(n + trades), _dearness(sides) / scale]),
        A_ub=np.hstack([sides.G, sides.T, -np.eye(m)]),
        b_ub=sides.h,
        A_eq=np.hstack([link, np.zeros((held.size, m))]),
        b_eq=held,
        bounds=_bounds(mandate, trades + m),
        method="highs",
    )
    if result.status != 0 or result.x is None or result.fun is None:
        raise RuntimeError(f"HiGHS could not measure the conflict: {result.message}")
    if result.fun <= _FEASIBLE:
        return None
    missed = {
        clause: float(by)
        for clause, by, size in zip(sides.clause, result.x[n + trades :], scale, strict=True)
        if by > _FEASIBLE * size
    }
    pushing = {c for c, price in zip(sides.clause, result.ineqlin.marginals, strict=True) if abs(price) > 1e-9}
    for labels, prices in (
        (mandate.lower_labels, result.lower.marginals),
        (mandate.upper_labels, result.upper.marginals),
    ):
        pushing |= {a.clause for a, price in zip(labels, prices[:n], strict=True) if a and abs(price) > 1e-9}
    order = dict.fromkeys(
        [*(a.clause for a in mandate.row_labels), *sides.clause]
        + [a.clause for a in (*mandate.lower_labels, *mandate.upper_labels) if a]
    )
    return Miss(tuple(clause for clause in order if clause in pushing), missed)


def _dearness(sides: _Sides) -> Floats:
    """Weight of each side's miss: a portfolio that leaves money over is near to nothing a client could agree to."""
    return np.where(np.array(sides.clause) == FullyInvested.name, 1e3, 1.0)


def best_vertex(mandate: CompiledMandate, coefficients: Floats) -> Floats:
    """Weights that make coefficients'w largest over a mandate that can hold, shape (n,).

    Parameters
    ----------
    mandate : CompiledMandate
    coefficients : ndarray, shape (n,)
    """
    n, sides = len(mandate.tickers), _one_sided(mandate)
    link, held = _trades(mandate)
    trades = sides.T.shape[1]
    result = linprog(
        c=np.concatenate([-coefficients, np.zeros(trades)]),
        A_ub=np.hstack([sides.G, sides.T]),
        b_ub=sides.h,
        A_eq=link,
        b_eq=held,
        bounds=_bounds(mandate, trades),
        method="highs",
    )
    if result.status != 0 or result.x is None:
        raise RuntimeError(f"HiGHS could not find the largest figure: {result.message}")
    return np.asarray(result.x[:n])


def _one_sided(mandate: CompiledMandate) -> _Sides:
    up, down = np.isfinite(mandate.row_upper), np.isfinite(mandate.row_lower)
    G = np.vstack([mandate.A[up], -mandate.A[down]])
    h = np.concatenate([mandate.row_upper[up], -mandate.row_lower[down]])
    names = [label.clause for label in mandate.row_labels]
    clause = [names[j] for j in np.flatnonzero(up)] + [names[j] for j in np.flatnonzero(down)]
    n, turnover = len(mandate.tickers), mandate.turnover
    if turnover is None or mandate.turnover_label is None:
        return _Sides(G, np.zeros((h.size, 0)), h, tuple(clause))
    T = np.zeros((h.size + 1, 2 * n))
    T[-1] = 0.5
    G = np.vstack([G, np.zeros(n)])
    h = np.append(h, turnover.limit - 0.5 * turnover.outside)
    return _Sides(G, T, h, (*clause, mandate.turnover_label.clause))


def _trades(mandate: CompiledMandate) -> tuple[Floats, Floats]:
    """The rows w - buys + sells = held where turnover is limited, otherwise none."""
    n = len(mandate.tickers)
    if mandate.turnover is None:
        return np.zeros((0, n)), np.zeros(0)
    eye = np.eye(n)
    return np.hstack([eye, -eye, eye]), mandate.turnover.held


def _bounds(mandate: CompiledMandate, further: int) -> list[tuple[float, float]]:
    """Bounds of the weights and of `further` variables that are at least zero."""
    weights = zip(mandate.lower.tolist(), mandate.upper.tolist(), strict=True)
    return [*weights, *[(0.0, np.inf)] * further]
