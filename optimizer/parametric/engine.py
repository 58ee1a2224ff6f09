"""`parametric`: the exact path of the optimum in the risk tolerance, from a problem to a claim.

The family  min R(w)^2 / 2 - t (reward)  has a piecewise linear optimum w(t) (Markowitz 1956). Every problem is a place
on it: least risk at t = 0, utility at t = 1 / aversion, the highest reward at its end, a risk cap where R(w(t)) meets
it.
"""

from __future__ import annotations

import numpy as np

from optimizer.parametric.ridge import solve_ridged
from optimizer.parametric.riskless import small_risk, solve_riskless
from optimizer.parametric.standard_form import standard_form
from optimizer.parametric.stop import claim_of, follow
from optimizer.parametric.target import TARGET_MET
from optimizer.problem import Claim, NoClaim, Problem

_LOST = 1e-13
"""Relative: a tracking error is a small difference of large numbers, and may have lost more digits than this."""


def solve_parametric(problem: Problem) -> Claim | NoClaim:
    """Solve by the parametric path.

    Parameters
    ----------
    problem : Problem
    """
    obstacle = unfit(problem)
    if obstacle is not None:
        return obstacle
    if problem.ridge_weight > 0.0:
        return solve_ridged(problem)
    form, last = standard_form(problem, curvature=1.0, ridge=0.0), _last_tolerance(problem)
    cap = np.inf if problem.cap is None else problem.cap
    if cap < small_risk(form):
        return solve_riskless(problem, form, last)
    stop = follow(form, cap**2, last)
    off = problem.risk.value(stop.w) ** 2 - stop.risk**2
    if form.constant > 0.0 and stop.status == TARGET_MET and abs(off) > _LOST * cap**2:
        stop = follow(form, cap**2 - off, last)
    return claim_of(problem, stop)


def unfit(problem: Problem) -> NoClaim | None:
    """Why a problem cannot be put on the path, or None.

    Parameters
    ----------
    problem : Problem
    """
    crossed = np.flatnonzero(problem.mandate.lower > problem.mandate.upper)
    if crossed.size:
        return NoClaim(True, f"the bounds of {problem.tickers[int(crossed[0])]} leave no weight")
    if (problem.mandate.row_lower > problem.mandate.row_upper).any():
        return NoClaim(True, "the two sides of a row leave no value")
    return None


def _last_tolerance(problem: Problem) -> float:
    """The largest t that the goal asks for."""
    if problem.goal == "min_volatility":
        return 0.0
    return 1.0 / problem.curvature if problem.curvature > 0.0 else np.inf
