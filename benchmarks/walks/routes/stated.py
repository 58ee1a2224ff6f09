"""The problem of a month end in cvxpy, for libraries that leave the optimizer to their users."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pandas as pd
from sklearn.covariance import ledoit_wolf

from benchmarks.walks.case import HALF_SPREAD, MONTH, MOST_A_FUND, MOST_CREDIT, WINDOW, Case, Floats


def estimates(closes: pd.DataFrame) -> tuple[Floats, Floats]:
    """Expected daily returns (the total one, spread evenly) and daily covariance over the last closes.

    Parameters
    ----------
    closes : DataFrame
        Up to the day.
    """
    last = closes.iloc[-WINDOW - 1 :]
    covariance, _ = ledoit_wolf(last.pct_change().iloc[1:].to_numpy())
    mean = (last.iloc[-1] / last.iloc[0] - 1.0).to_numpy() / WINDOW
    return np.asarray(mean), np.asarray(covariance)


def optimum(case: Case, closes: pd.DataFrame, held: Floats) -> Floats:
    """Weights for a month.

    Parameters
    ----------
    case : Case
    closes : DataFrame
        Up to the day.
    held : ndarray, shape (funds,)
        Weights before the trade.
    """
    mean, covariance = estimates(closes)
    place = list(closes.columns).index(case.benchmark)
    root = np.linalg.cholesky(covariance)
    w = cp.Variable(len(mean))
    # In percent a month, where solvers have their tolerances.
    gain = 100.0 * (MONTH * (mean @ w) - HALF_SPREAD * cp.norm1(w - held))
    scale = float(np.sqrt(covariance[place, place]))
    rows = [
        cp.sum(w) == 1.0,
        w >= 0.0,
        w <= MOST_A_FUND,
        case.credit @ w <= MOST_CREDIT,
        cp.norm(root.T @ w / scale) <= 1.0,
    ]
    cp.Problem(cp.Maximize(gain), rows).solve(solver=cp.CLARABEL)
    return np.asarray(w.value)
