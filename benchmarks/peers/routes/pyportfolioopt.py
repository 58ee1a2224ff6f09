"""PyPortfolioOpt: `EfficientFrontier.efficient_risk`, in annual fractions as its documentation has it."""

from __future__ import annotations

import numpy as np
from pypfopt import EfficientFrontier

from benchmarks.peers.instance import PERCENT, Day, Floats
from benchmarks.peers.route import Solve


def efficient_risk(day: Day) -> Solve:
    mu, sigma, A = day.mu / PERCENT, day.sigma / PERCENT**2, day.A[1:]

    def solve(variant: int) -> Floats:
        limits = day.variants[variant]
        # The budget is its own.
        low, high = limits.row_lower[1:], limits.row_upper[1:]
        frontier = EfficientFrontier(mu, sigma, [(0.0, cap) for cap in limits.upper])
        frontier.add_constraint(lambda w: A @ w >= low)
        frontier.add_constraint(lambda w: A @ w <= high)
        frontier.efficient_risk(limits.target / PERCENT)
        return np.asarray(frontier.weights)

    return solve
