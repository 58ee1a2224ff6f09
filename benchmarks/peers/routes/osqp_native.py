"""OSQP itself in factor form, set up once a date; a variant updates limits, a step of the root-find the reward."""

from __future__ import annotations

import numpy as np
import osqp
import scipy.sparse as sp

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.risk_root import RiskRoot, mean_size
from benchmarks.peers.route import Open, Solve

_SETTINGS = {"eps_abs": 1e-6, "eps_rel": 1e-6, "max_iter": 100_000, "polishing": True, "verbose": False}


def lifted() -> Open:
    """Variables w and y = B'w: the factors enter the rows, and the quadratic is diagonal."""
    root = RiskRoot()

    def open_date(day: Day) -> Solve:
        n, k = day.loadings.shape
        size = mean_size(day)
        quadratic = sp.block_diag([sp.diags((day.specific / size) ** 2), sp.eye(k)], format="csc")
        limited, lifted = np.hstack([day.A, np.zeros((len(day.A), k))]), np.hstack([day.loadings.T / size, -np.eye(k)])
        rows = sp.csc_matrix(np.vstack([limited, lifted, np.eye(n, n + k)]))
        zero = np.zeros(k)
        solver = osqp.OSQP()
        none = np.zeros(rows.shape[0])
        solver.setup(quadratic, np.zeros(n + k), rows, none, none, **_SETTINGS)

        def solve(variant: int) -> Floats:
            limits = day.variants[variant]
            solver.update(
                l=np.concatenate([limits.row_lower, zero, np.zeros(n)]),
                u=np.concatenate([limits.row_upper, zero, limits.upper]),
            )

            def at(t: float) -> Floats:
                solver.update(q=np.concatenate([-t / size**2 * day.mu, zero]))
                result = solver.solve(raise_error=False)
                if result.info.status_val != osqp.SolverStatus.OSQP_SOLVED:
                    raise RuntimeError(f"OSQP: {result.info.status}")
                return np.array(result.x[:n])

            return root.meet(day, variant, at)

        return solve

    return open_date
