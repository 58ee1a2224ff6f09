"""How good is a claimed optimum? Computed from the problem's numbers alone, outside any solver.

For multipliers y of the rows, theta >= 0 of the risk cap and t >= 0 of turnover, take any allowed v. The smooth part
of the goal f lies below its tangent at the claimed w, and R lies above its own, so

    f(v) <= f(w) + g'(v - w),                        g = grad f(w)
    0    <= y-terms - y'A v                          y-terms = sum of y+ upper - y- lower
    0    <= theta (cap - R(w) + r'w - r'v)           r = grad R(w)
    0    <= t (limit - outside/2 - sum |v - w0|/2)

Adding them up leaves, apart from constants, one concave piecewise linear function of each v_i, whose maximum over
[l_i, u_i] is at l_i, u_i or w0_i. The sum bounds the goal of every allowed portfolio: `gap_bp` is that bound less
the goal of w, whoever claimed w and however wrong the multipliers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from constraints import TARGET_CLAUSE
from optimizer.problem import Claim, Multipliers, Problem
from riskmodels.factor_form import Floats

GAP_BP = 0.01
"""A certified optimum leaves at most this much expected return on the table, basis points a year."""

CONTRADICTION_BP = 1.0
"""A bound that lies below the goal by more than this proves a contradiction, and no optimum."""

VIOLATION = 1e-7
"""A certified optimum breaks no clause by more than this."""


@dataclass(frozen=True)
class Certificate:
    """Proof of a solution.

    Parameters
    ----------
    gap_bp : float
        No allowed portfolio has a goal higher by more than this, basis points of return a year; where the goal is
        least volatility, none has a volatility lower by more than this, basis points.
    max_violation : float
        Largest amount by which a clause or the risk target is broken; rows with coefficients above 1 (years, basis
        points) relative to the largest coefficient, a risk target above 1 % relative to itself.
    worst_clause : str or None
        The clause of `max_violation`; None when nothing is broken.
    kkt_residual : float
        Natural residual of the optimality conditions, zero at an exact optimum.
    proves : {"optimality", "feasibility"}
        "feasibility" where clauses given from Python leave the optimum to the solver's word: `gap_bp` is then what is
        proven all the same, and may be large.
    """

    gap_bp: float
    max_violation: float
    worst_clause: str | None
    kkt_residual: float
    proves: Literal["optimality", "feasibility"] = "optimality"

    @property
    def ok(self) -> bool:
        """Allowed to `VIOLATION`, and optimal to `GAP_BP` unless only feasibility is to be proven."""
        return self.max_violation <= VIOLATION and (self.proves == "feasibility" or self.gap_bp <= GAP_BP)


def certify(problem: Problem, claim: Claim) -> Certificate:
    """Check a claimed optimum.

    Parameters
    ----------
    problem : Problem
    claim : Claim
    """
    if not np.all(np.isfinite(claim.w)):
        return Certificate(np.inf, np.inf, "weights", np.inf)
    broken = violations(problem, claim.w)
    worst = max(broken, key=lambda clause: broken[clause], default=None)
    return Certificate(
        gap_bp=_gap_bp(problem, claim),
        max_violation=0.0 if worst is None else broken[worst],
        worst_clause=worst,
        kkt_residual=kkt_residual(problem, claim),
    )


def least_risk(problem: Problem, claim: Claim) -> float:
    """A number that no allowed portfolio's R goes below, from a claim on the problem of least risk.

    Parameters
    ----------
    problem : Problem
        With the goal `min_volatility`, -R^2 / 2.
    claim : Claim
    """
    return float(np.sqrt(max(0.0, -2.0 * upper_bound(problem, claim))))


def _gap_bp(problem: Problem, claim: Claim) -> float:
    if problem.goal == "min_volatility":
        gap = problem.risk.value(claim.w) - least_risk(problem, claim)
    else:
        gap = upper_bound(problem, claim) - problem.value(claim.w)
    return proven_gap(100.0 * gap)


def proven_gap(gap_bp: float) -> float:
    """What a bound less the goal proves, basis points.

    A little below zero is rounding, or what the claim gains by the violation that it is allowed. A bound far below the
    goal says that nothing is exactly allowed, limits that contradict each other by a hair among it: then multipliers
    can prove anything, and nothing is proven.

    Parameters
    ----------
    gap_bp : float
    """
    return _proven(gap_bp if gap_bp > -CONTRADICTION_BP else -gap_bp)


def violations(problem: Problem, w: Floats) -> dict[str, float]:
    """By how much each clause is broken at w; clauses that hold are left out.

    Parameters
    ----------
    problem : Problem
    w : ndarray, shape (n,)
    """
    mandate = problem.mandate
    broken: dict[str, float] = {}

    def note(clause: str, excess: float) -> None:
        if excess > 0.0:
            broken[clause] = max(float(excess), broken.get(clause, 0.0))

    scale = np.maximum(1.0, np.abs(mandate.A).max(axis=1, initial=0.0))
    values = mandate.A @ w
    for j, label in enumerate(mandate.row_labels):
        excess = max(float(values[j] - mandate.row_upper[j]), float(mandate.row_lower[j] - values[j]))
        note(label.clause, excess / float(scale[j]))
    for i in np.flatnonzero((w < mandate.lower) | (w > mandate.upper)):
        low, high = mandate.lower_labels[i], mandate.upper_labels[i]
        note("smallest weight" if low is None else low.clause, float(mandate.lower[i] - w[i]))
        note("largest weight" if high is None else high.clause, float(w[i] - mandate.upper[i]))
    if mandate.turnover is not None:
        owner = mandate.turnover_label
        note("turnover" if owner is None else owner.clause, mandate.turnover.of(w) - mandate.turnover.limit)
    if problem.cap is not None:
        note(TARGET_CLAUSE, (problem.risk.value(w) - problem.cap) / max(1.0, problem.cap))
    return broken


def upper_bound(problem: Problem, claim: Claim) -> float:
    """A number that the goal of no allowed portfolio exceeds; +inf when the multipliers prove nothing.

    Parameters
    ----------
    problem : Problem
    claim : Claim
        The tangents are taken at its weights, or where it says; they prove the same anywhere.
    """
    w, mandate = claim.at, problem.mandate
    dual = admissible(problem, claim.multipliers)
    gradient = problem.smooth_gradient(w)
    bound = problem.smooth(w) - float(gradient @ w)
    slope = gradient - mandate.A.T @ dual.rows
    bound += row_terms(dual.rows, mandate.row_lower, mandate.row_upper)
    if problem.cap is not None and dual.risk > 0.0:
        tangent = problem.risk.gradient(w)
        bound += dual.risk * (problem.cap - problem.risk.value(w) + float(tangent @ w))
        slope = slope - dual.risk * tangent
    kink, held = problem.kink, problem.held
    if mandate.turnover is not None and dual.turnover > 0.0:
        bound += dual.turnover * (mandate.turnover.limit - 0.5 * mandate.turnover.outside)
        # Trading costs and turnover bend at the same holdings.
        kink = kink + 0.5 * dual.turnover
    corners = np.stack([mandate.lower, mandate.upper, np.clip(held, mandate.lower, mandate.upper)])
    return bound + float((slope * corners - kink * np.abs(corners - held)).max(axis=0).sum())


def kkt_residual(problem: Problem, claim: Claim) -> float:
    """Largest component of the natural residual of the optimality conditions.

    For weights: the distance from w to  prox(w + d)  where d is the ascent direction that the multipliers leave and
    prox takes the bounds and the trading costs into account. For rows: the distance from Aw to the projection of
    Aw + y on its range; likewise for the risk cap and turnover. All vanish together exactly at an optimum.

    Parameters
    ----------
    problem : Problem
    claim : Claim
    """
    w, mandate, dual = claim.w, problem.mandate, claim.multipliers
    ascent = problem.smooth_gradient(claim.at) - mandate.A.T @ dual.rows
    kink = problem.kink
    residuals = []
    if problem.cap is not None:
        ascent = ascent - dual.risk * problem.risk.gradient(claim.at)
        residuals.append(abs(min(dual.risk, problem.cap - problem.risk.value(w))))
    if mandate.turnover is not None:
        kink = kink + 0.5 * dual.turnover
        residuals.append(abs(min(dual.turnover, mandate.turnover.limit - mandate.turnover.of(w))))
    step = w + ascent - problem.held
    prox = problem.held + np.sign(step) * np.maximum(np.abs(step) - kink, 0.0)
    residuals.append(float(np.abs(w - np.clip(prox, mandate.lower, mandate.upper)).max(initial=0.0)))
    values = mandate.A @ w
    projected = np.clip(values + dual.rows, mandate.row_lower, mandate.row_upper)
    scale = np.maximum(1.0, np.abs(mandate.A).max(axis=1, initial=0.0))
    residuals.append(float((np.abs(values - projected) / scale).max(initial=0.0)))
    return _proven(float(np.max(residuals)))


def _proven(measure: float) -> float:
    """A measure that is zero at best; what is not a number proves nothing."""
    return float(max(0.0, measure)) if measure < np.inf else np.inf


def admissible(problem: Problem, dual: Multipliers) -> Multipliers:
    """The nearest multipliers that prove something: right signs, nothing on open sides.

    Parameters
    ----------
    problem : Problem
    dual : Multipliers
    """
    rows = np.where(np.isfinite(dual.rows), dual.rows, 0.0)
    rows = np.where((rows > 0.0) & ~np.isfinite(problem.mandate.row_upper), 0.0, rows)
    rows = np.where((rows < 0.0) & ~np.isfinite(problem.mandate.row_lower), 0.0, rows)
    risk = dual.risk if np.isfinite(dual.risk) else 0.0
    turnover = dual.turnover if np.isfinite(dual.turnover) else 0.0
    return Multipliers(rows, max(0.0, risk), max(0.0, turnover))


def row_terms(y: Floats, lower: Floats, upper: Floats) -> float:
    """Sum of y+ upper - y- lower, with nothing for open sides where y is zero.

    Parameters
    ----------
    y, lower, upper : ndarray, shape (m,)
    """
    up, down = y > 0.0, y < 0.0
    return float(y[up] @ upper[up] + y[down] @ lower[down])
