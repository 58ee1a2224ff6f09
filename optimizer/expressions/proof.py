"""How good is an answer under clauses given from Python? Rows stand in for them, and the ordinary certificate judges.

At a smooth optimum the tangents there prove it, with the solver's multipliers. Where a clause has a kink (a largest
weight, a tail loss, a sum of absolute values) all the pieces that meet at the answer are needed, and one tangent shows
one of them. They are collected by Kelley's cutting planes, near the answer: the best portfolio under the pieces known
so far points to the piece that forbids it. Each bound on the way holds, and the last is the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np

from constraints import CompiledMandate
from optimizer.certificate import GAP_BP, Certificate, certify
from optimizer.expressions.clause import Stated
from optimizer.expressions.outer import excess, gradient, kinked, outer_mandate, tangents
from optimizer.polishing import identify
from optimizer.problem import Claim, Problem
from optimizer.solving import Solved, solve_problem
from riskmodels.factor_form import Floats

_ROUNDS = 60
_NEAR = 1e-6
"""Share of the way to the best portfolio under the known pieces at which the next piece is read."""

_TIDY = 1e-9
"""Amount by which a clause may be broken so that rounding can be cleared from the weights."""


@dataclass(frozen=True, eq=False)
class Approximated:
    """A claim, on a problem of rows and bounds that allows at least what the clauses allow.

    Parameters
    ----------
    problem : Problem
        With the tangents at the claim as its last rows.
    claim : Claim
    """

    problem: Problem
    claim: Claim


def approximated(problem: Problem, stated: Sequence[Stated], w: cp.Variable, answer: Claim) -> Approximated:
    """Put tangents in the place of solved clauses, with the solver's dual values as their multipliers.

    Parameters
    ----------
    problem : Problem
    stated : sequence of Stated
        Solved.
    w : Variable
    answer : Claim
        On the problem without the clauses.
    """
    mandate = problem.mandate
    # Interior-point answers may lie outside the bounds by 1e-12, where a logarithm does not exist.
    at = np.clip(answer.w, mandate.lower, mandate.upper)
    known = [one for one in stated if tangents(one, w, at, _middle(mandate)) is not None]
    duals = [np.asarray(one.constraint.dual_value, dtype=float).ravel(order="F") for one in known]
    multipliers = replace(answer.multipliers, rows=np.concatenate([answer.multipliers.rows, *duals]))
    outer = replace(problem, mandate=with_tangents(mandate, stated, w, at))
    return _tidied(Approximated(outer, replace(answer, w=at, multipliers=multipliers)), problem, stated, w)


def with_tangents(mandate: CompiledMandate, stated: Sequence[Stated], w: cp.Variable, at: Floats) -> CompiledMandate:
    """The mandate with the tangents at a portfolio as further rows; clauses without a gradient have none.

    Parameters
    ----------
    mandate : CompiledMandate
    stated : sequence of Stated
    w : Variable
    at : ndarray, shape (n,)
    """
    found = [(one, tangents(one, w, at, _middle(mandate))) for one in stated]
    rows = [(one, cut) for one, cut in found if cut is not None]
    return outer_mandate(mandate, [one for one, _ in rows], [cut for _, cut in rows]) if rows else mandate


def nearby(at: Floats, towards: Floats) -> Floats:
    """Where to read the piece that forbids a portfolio, of those that meet at another.

    Parameters
    ----------
    at, towards : ndarray, shape (n,)
    """
    return at + _NEAR * (towards - at)


def certify_with(approximation: Approximated, stated: Sequence[Stated], w: cp.Variable) -> Certificate:
    """The certificate, with what the clauses themselves come to.

    It proves the optimum where the bound is near enough, and is not `ok` where the clauses are smooth and it is not.
    With a kink that the cutting planes did not get round, it proves what it does, and feasibility.

    Parameters
    ----------
    approximation : Approximated
    stated : sequence of Stated
    w : Variable
    """
    at = approximation.claim.w
    rows = certify(approximation.problem, approximation.claim)
    broken = {one.clause: _broken(one, w, at) for one in stated}
    worst = max(broken, key=lambda clause: broken[clause])
    own = broken[worst] > rows.max_violation
    rough = any(kinked(one, w, at) for one in stated)
    gap = rows.gap_bp
    if gap > GAP_BP and rough:
        gap = min(gap, _by_cutting_planes(approximation.problem, stated, w, at))
    return Certificate(
        gap_bp=gap,
        max_violation=broken[worst] if own else rows.max_violation,
        worst_clause=worst if own else rows.worst_clause,
        kkt_residual=rows.kkt_residual,
        # The word of a solver that doubts it is none.
        proves="feasibility" if rough and gap > GAP_BP and not approximation.claim.doubtful else "optimality",
    )


def _middle(mandate: CompiledMandate) -> Floats:
    return 0.5 * (mandate.lower + mandate.upper)


def _broken(stated: Stated, w: cp.Variable, at: Floats) -> float:
    """Largest amount by which a clause is broken, relative to its steepest slope where that is above 1."""
    values = excess(stated, w, at)
    if not np.isfinite(values).all():
        return float(np.inf)
    amounts = np.abs(values) if stated.equality else np.maximum(values, 0.0)
    slopes = gradient(stated, w, at)
    scale = np.ones(values.size) if slopes is None else np.maximum(1.0, np.abs(slopes).max(axis=1))
    return float((amounts / scale).max(initial=0.0))


def _by_cutting_planes(outer: Problem, stated: Sequence[Stated], w: cp.Variable, at: Floats) -> float:
    """A bound on what is better than a portfolio, basis points: as tight as the rounds allow."""
    bound = float(np.inf)
    for _ in range(_ROUNDS):
        best = solve_problem(outer)
        if not isinstance(best, Solved):
            break
        # No allowed portfolio is better than this one by more than its own gap.
        bound = min(bound, _ahead_bp(outer, best.w, at) + best.certificate.gap_bp)
        if bound <= GAP_BP:
            break
        outer = replace(outer, mandate=with_tangents(outer.mandate, stated, w, nearby(at, best.w)))
    return max(0.0, bound)


def _ahead_bp(problem: Problem, better: Floats, at: Floats) -> float:
    """By how much one portfolio is better, in the measure of `Certificate.gap_bp`."""
    if problem.goal == "min_volatility":
        return 100.0 * (problem.risk.value(at) - problem.risk.value(better))
    return 100.0 * (problem.value(better) - problem.value(at))


def _tidied(approximation: Approximated, problem: Problem, stated: Sequence[Stated], w: cp.Variable) -> Approximated:
    """Weights that an interior point leaves at 1e-9 put on their bounds, where the answer is no worse for it.

    Polishing would leave the clauses for their tangents; here only the active rows are kept, by the smallest move of
    the other weights.
    """
    claim, mandate = approximation.claim, approximation.problem.mandate
    active = identify(approximation.problem, claim)
    rows = mandate.A[active.rows]
    at = np.where(active.free, claim.w, active.rest)
    short = active.target - rows @ at
    at[active.free] += np.linalg.pinv(rows[:, active.free]) @ short
    at = np.clip(at, mandate.lower, mandate.upper)
    tidy = replace(claim, w=at)
    before, after = certify(approximation.problem, claim), certify(approximation.problem, tidy)
    broken = max(_broken(one, w, at) for one in stated)
    if max(after.max_violation, broken) > max(_TIDY, before.max_violation) or after.gap_bp > max(GAP_BP, before.gap_bp):
        return approximation
    return Approximated(replace(problem, mandate=with_tangents(problem.mandate, stated, w, at)), tidy)
