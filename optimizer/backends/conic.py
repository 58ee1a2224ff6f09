"""`conic`: Clarabel, an interior-point method that takes the risk cap as a second-order cone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import cvxpy as cp
import numpy as np

from optimizer.problem import Claim, NoClaim, Problem
from optimizer.statement import Statement, half_square_risk, multipliers, reward, risk_norm, state_mandate

# 1e-10 is the tightest that Clarabel reaches dependably; 1e-11 ends "almost solved".
_TOLERANCE = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}


def solve_conic(problem: Problem) -> Claim | NoClaim:
    """Solve by Clarabel through cvxpy.

    Parameters
    ----------
    problem : Problem
    """
    return solve_conic_statement(problem, state_mandate(problem), ())


def solve_conic_statement(problem: Problem, statement: Statement, further: Sequence[cp.Constraint]) -> Claim | NoClaim:
    """Solve with further constraints on the weights of a statement.

    Parameters
    ----------
    problem : Problem
    statement : Statement
        Of the problem's mandate.
    further : sequence of Constraint
        Convex; their dual values are left in them.
    """
    w = statement.w
    goal = reward(problem, w)
    if problem.curvature > 0.0:
        goal = goal - problem.curvature * half_square_risk(problem, w)
    constraints = [*statement.clauses.values(), *further]
    cap = None
    if problem.cap is not None:
        cap = risk_norm(problem, w) <= problem.cap
        constraints.append(cap)
    stated = cp.Problem(cp.Minimize(-goal), constraints)
    if (refused := run_clarabel(stated)) is not None:
        return refused
    theta = 0.0 if cap is None else float(np.ravel(cap.dual_value)[0])
    return Claim(
        np.asarray(w.value, dtype=float),
        multipliers(problem, statement, theta, scale=1.0),
        doubtful=stated.status != cp.OPTIMAL,
    )


def run_clarabel(stated: cp.Problem) -> NoClaim | None:
    """Solve; None when the variables have values, to be judged by others.

    Parameters
    ----------
    stated : Problem
        A cvxpy problem.
    """
    try:
        with warnings.catch_warnings():
            # cvxpy warns of inaccurate answers; here the certificate judges every answer, and the status is kept.
            warnings.simplefilter("ignore")
            stated.solve(solver=cp.CLARABEL, **_TOLERANCE)
    except cp.error.SolverError as error:
        return NoClaim(infeasible=False, words=f"Clarabel: {error}")
    if stated.status in (cp.INFEASIBLE, cp.INFEASIBLE_INACCURATE):
        return NoClaim(infeasible=True, words=f"Clarabel: {stated.status}")
    if stated.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE) or stated.value is None:
        return NoClaim(infeasible=False, words=f"Clarabel: {stated.status}")
    return None
