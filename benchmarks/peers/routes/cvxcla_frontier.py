"""cvxcla: the whole frontier of each variant by the critical line, and the point on it that has the target's risk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cvxcla import CLA, FactorCovariance
from numpy.typing import NDArray

from benchmarks.peers.instance import PERCENT, Day, Floats
from benchmarks.peers.risk_root import crossing
from benchmarks.peers.route import Solve


def dense(day: Day) -> Solve:
    sigma = day.sigma / PERCENT**2
    return _frontier(day, lambda open_funds: sigma[np.ix_(open_funds, open_funds)])


def factor(day: Day) -> Solve:
    loadings, own = day.loadings / PERCENT, (day.specific / PERCENT) ** 2
    factors = np.ones(loadings.shape[1])
    return _frontier(day, lambda open_funds: FactorCovariance(own[open_funds], loadings[open_funds], factors))


def _frontier(day: Day, covariance: Callable[[NDArray[np.intp]], object]) -> Solve:
    def solve(variant: int) -> Floats:
        limits = day.variants[variant]
        # With barred funds among them, bounds 0 and 0, it stops: "held 96 assets on a bound it should have left".
        open_funds = np.flatnonzero(limits.upper)
        equal = limits.row_lower == limits.row_upper
        A = day.A[:, open_funds]
        traced = CLA(
            mean=day.mu[open_funds] / PERCENT,
            covariance=covariance(open_funds),
            lower_bounds=np.zeros(open_funds.size),
            upper_bounds=limits.upper[open_funds],
            a=A[equal],
            b=limits.row_upper[equal],
            g=np.vstack([A[~equal], -A[~equal]]),
            h=np.concatenate([limits.row_upper[~equal], -limits.row_lower[~equal]]),
        )
        corners = np.zeros((len(traced.turning_points), day.mu.size))
        corners[:, open_funds] = [point.weights for point in traced.turning_points]
        # From the highest return down to the least risk.
        below = int(np.argmax([day.volatility(w) < limits.target for w in corners]))
        calm, risky = corners[below], corners[below - 1]
        return np.asarray(calm + crossing(day, limits.target, calm, risky) * (risky - calm))

    return solve
