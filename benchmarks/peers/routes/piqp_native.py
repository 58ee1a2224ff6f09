"""PIQP itself, dense or in factor form, set up once a date; a variant updates limits, a root-find step the reward.

All rows but the budget are ranges, because a row that is an equality for some variants cannot change its kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import piqp
import scipy.sparse as sp

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.risk_root import RiskRoot, mean_size
from benchmarks.peers.route import Open, Solve

_EPS = 1e-8


def dense() -> Open:
    root = RiskRoot()

    def open_date(day: Day) -> Solve:
        some, size = day.variants[0], mean_size(day)
        solver = _tolerant(piqp.DenseSolver())
        solver.setup(
            P=np.asfortranarray(day.sigma / size**2),
            c=np.zeros(day.mu.size),
            A=np.asfortranarray(day.A[:1]),
            b=np.ones(1),
            G=np.asfortranarray(day.A[1:]),
            h_l=some.row_lower[1:],
            h_u=some.row_upper[1:],
            x_l=np.zeros(day.mu.size),
            x_u=some.upper,
        )
        return _variants(day, solver, root, factors=0)

    return open_date


def lifted() -> Open:
    """Variables w and y = B'w."""
    root = RiskRoot()

    def open_date(day: Day) -> Solve:
        some, size = day.variants[0], mean_size(day)
        k = day.loadings.shape[1]
        zero, free = np.zeros(k), np.full(k, np.inf)
        solver = _tolerant(piqp.SparseSolver())
        solver.setup(
            P=sp.block_diag([sp.diags((day.specific / size) ** 2), sp.eye(k)], format="csc"),
            c=np.append(0.0 * day.mu, zero),
            A=sp.csc_matrix(np.block([[day.A[:1], zero[None, :]], [day.loadings.T / size, -np.eye(k)]])),
            b=np.append(1.0, zero),
            G=sp.csc_matrix(np.hstack([day.A[1:], np.zeros((len(day.A) - 1, k))])),
            h_l=some.row_lower[1:],
            h_u=some.row_upper[1:],
            x_l=np.append(0.0 * day.mu, -free),
            x_u=np.append(some.upper, free),
        )
        return _variants(day, solver, root, factors=k)

    return open_date


def _tolerant(solver: Any) -> Any:
    solver.settings.eps_abs = solver.settings.eps_rel = _EPS
    solver.settings.eps_duality_gap_abs = solver.settings.eps_duality_gap_rel = _EPS
    return solver


def _variants(day: Day, solver: Any, root: RiskRoot, factors: int) -> Solve:
    n, size = day.mu.size, mean_size(day)
    zero, free = np.zeros(factors), np.full(factors, np.inf)

    def solve(variant: int) -> Floats:
        limits = day.variants[variant]
        solver.update(
            h_l=limits.row_lower[1:],
            h_u=limits.row_upper[1:],
            x_l=np.append(np.zeros(n), -free),
            x_u=np.append(limits.upper, free),
        )

        def at(t: float) -> Floats:
            solver.update(c=np.append(-t / size**2 * day.mu, zero))
            status = solver.solve()
            if status != piqp.PIQP_SOLVED:
                raise RuntimeError(f"PIQP: {status}")
            return np.array(solver.result.x[:n])

        return root.meet(day, variant, at)

    return solve
