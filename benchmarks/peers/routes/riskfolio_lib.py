"""Riskfolio-Lib: `Portfolio.optimization` for the highest return under `upperdev`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import riskfolio as rp

from benchmarks.peers.instance import PERCENT, Day, Floats
from benchmarks.peers.route import Solve


def max_return(day: Day) -> Solve:
    n = day.mu.size
    names = list(day.names)
    # It wants returns even where their moments are given; two days of zeros keep the estimate out of the timing.
    portfolio = rp.Portfolio(returns=pd.DataFrame(np.zeros((2, n)), columns=names))
    portfolio.mu = pd.DataFrame([day.mu / PERCENT], columns=names)
    portfolio.cov = pd.DataFrame(day.sigma / PERCENT**2, index=names, columns=names)
    portfolio.solvers = ["CLARABEL"]
    # Its `upperlng` is one number for all funds: position caps become rows.
    portfolio.ainequality = np.vstack([day.A[1:], -day.A[1:], np.eye(n)])

    def solve(variant: int) -> Floats:
        limits = day.variants[variant]
        sides = np.concatenate([limits.row_upper[1:], -limits.row_lower[1:], limits.upper])
        portfolio.binequality = sides[:, None]
        portfolio.upperdev = limits.target / PERCENT
        weights = portfolio.optimization(model="Classic", rm="MV", obj="MaxRet", rf=0, l=0, hist=True)
        if weights is None:
            raise RuntimeError("Riskfolio-Lib found no solution")
        return np.asarray(weights["weights"])

    return solve
