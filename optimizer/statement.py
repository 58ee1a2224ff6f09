"""The portfolio problem in cvxpy: stated once, readably. This is the truth that every backend is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from scipy.linalg import solve_triangular

from optimizer.problem import Multipliers, Problem
from optimizer.risk_measure import RiskMeasure
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class Statement:
    """What is allowed, in cvxpy.

    Parameters
    ----------
    w : Variable, shape (n,)
        Weights.
    clauses : mapping of str to Constraint
        `equal`, `upper`, `lower` for the rows, `floor`, `ceiling` for the bounds, `turnover`; absent where empty.
    """

    w: cp.Variable
    clauses: Mapping[str, cp.Constraint]


def state_mandate(problem: Problem) -> Statement:
    """Rows, bounds and turnover over the weights."""
    mandate = problem.mandate
    w = cp.Variable(problem.size, name="w")
    equal, upper, lower = _sides(problem)
    clauses: dict[str, cp.Constraint] = {}
    if equal.any():
        clauses["equal"] = mandate.A[equal] @ w == mandate.row_upper[equal]
    if upper.any():
        clauses["upper"] = mandate.A[upper] @ w <= mandate.row_upper[upper]
    if lower.any():
        clauses["lower"] = mandate.A[lower] @ w >= mandate.row_lower[lower]
    clauses["floor"] = w >= mandate.lower
    clauses["ceiling"] = w <= mandate.upper
    if mandate.turnover is not None:
        traded = cp.norm1(w - mandate.turnover.held) + mandate.turnover.outside
        clauses["turnover"] = 0.5 * traded <= mandate.turnover.limit
    return Statement(w, clauses)


def reward(problem: Problem, w: cp.Variable) -> cp.Expression:
    """Expected return net of trading costs, less the ridge."""
    gain = problem.reward @ w
    if problem.kink.any():
        gain = gain - problem.kink @ cp.abs(w - problem.held)
    if problem.ridge_weight > 0.0:
        gain = gain - 0.5 * problem.ridge_weight * cp.sum_squares(w)
    return gain


def half_square_risk(problem: Problem, w: cp.Variable) -> cp.Expression:
    """R(w)^2 / 2, in factor form: the small dense part through its factors, the specific part on the diagonal."""
    risk = problem.risk
    factor = 0.5 * cp.sum_squares(risk.form.loadings.T @ w - risk.factor_target)
    specific = 0.5 * ((risk.form.specific**2) @ cp.square(w)) - (risk.form.specific * risk.specific_target) @ w
    constant = 0.5 * (float(risk.specific_target @ risk.specific_target) + risk.unhedgeable**2)
    return factor + specific + constant


def risk_norm(problem: Problem, w: cp.Variable) -> cp.Expression:
    """R(w), as the norm that a cone takes: in factor form where that is narrow, otherwise by a triangular root."""
    risk = problem.risk
    n, k = risk.form.loadings.shape
    # The cone of the factor form has k + n rows; with many factors the n rows of a Cholesky root are solved faster.
    if 3 * k > n and (triangular := _triangular(risk)) is not None:
        root, target, constant = triangular
        parts: list[cp.Expression] = [root @ w - target]
    else:
        parts, constant = [risk.form.loadings.T @ w - risk.factor_target], risk.unhedgeable
        own = risk.form.specific > 0.0
        if own.any():
            parts.append(cp.multiply(risk.form.specific[own], w[np.flatnonzero(own)]) - risk.specific_target[own])
    if constant > 0.0:
        parts.append(cp.Constant(np.array([constant])))
    return cp.norm(cp.hstack(parts), 2)


def _triangular(risk: RiskMeasure) -> tuple[Floats, Floats, float] | None:
    """(L', r, h) with R(w)^2 = ||L'w - r||^2 + h^2 and Sigma = L L'; None for a covariance that is singular."""
    try:
        lower = np.asarray(np.linalg.cholesky(risk.form.matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    pull = -risk.half_square_gradient(np.zeros(lower.shape[0]))
    target = np.asarray(solve_triangular(lower, pull, lower=True))
    at_zero = risk.value(np.zeros(lower.shape[0])) ** 2
    return lower.T, target, float(np.sqrt(max(0.0, at_zero - float(target @ target))))


def multipliers(problem: Problem, statement: Statement, risk: float, scale: float) -> Multipliers:
    """Dual values of the rows from a solved statement.

    Parameters
    ----------
    problem : Problem
    statement : Statement
        Of a solved cvxpy problem that minimised `scale` times the negative goal.
    risk : float
        theta, already in units of the goal.
    scale : float
    """
    equal, upper, lower = _sides(problem)
    y = np.zeros(problem.mandate.row_upper.size)
    for side, rows, sign in (("equal", equal, 1.0), ("upper", upper, 1.0), ("lower", lower, -1.0)):
        if side in statement.clauses:
            y[rows] += sign * _dual(statement.clauses[side])
    turnover = float(_dual(statement.clauses["turnover"])[0]) if "turnover" in statement.clauses else 0.0
    return Multipliers(y / scale, risk, turnover / scale)


def _sides(problem: Problem) -> tuple[Floats, Floats, Floats]:
    """Which rows are equalities, and which have a finite upper and lower side otherwise; boolean, shape (m,)."""
    low, high = problem.mandate.row_lower, problem.mandate.row_upper
    equal = low == high
    return equal, ~equal & np.isfinite(high), ~equal & np.isfinite(low)


def _dual(constraint: cp.Constraint) -> Floats:
    return np.atleast_1d(np.asarray(constraint.dual_value, dtype=float)).ravel()
