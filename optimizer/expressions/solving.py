"""Solve a problem with clauses given from Python: by `conic`, certified as far as tangents of the clauses go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pandas as pd

from constraints import TARGET_CLAUSE, CompiledMandate, unreachable
from optimizer.backends.conic import run_clarabel, solve_conic_statement
from optimizer.certificate import Certificate
from optimizer.errors import OptimizerError
from optimizer.exact_risk import solve_at_exact_risk
from optimizer.expressions.clause import ExpressionClause, Stated, state_clauses
from optimizer.expressions.outer import OWN_UNIT
from optimizer.expressions.proof import approximated, certify_with, nearby, with_tangents
from optimizer.expressions.weights import Weights
from optimizer.linear_program import nearest_miss
from optimizer.problem import Claim, NoClaim, Problem
from optimizer.shadow_prices import ShadowPrice, shadow_prices
from optimizer.solving import AUTO, Failed, Infeasible, Outcome, Solved, solve_problem, uncertified, why_infeasible
from optimizer.statement import Statement, state_mandate
from riskmodels.factor_form import Floats
from universe.wording import listed

CONIC = "conic"

_ROUNDS = 20
"""Tangents tried in a proof that nothing is allowed; it takes one where the clauses are smooth."""

_MET = 1e-7
"""Relative: the target counts as met; an interior point stops a hair before it."""


def solve_with_expressions(
    problem: Problem, clauses: Sequence[ExpressionClause], catalog: pd.DataFrame, backend: str = AUTO
) -> Outcome:
    """Solve with clauses that only a cone program can carry.

    Parameters
    ----------
    problem : Problem
    clauses : sequence of ExpressionClause
        Without any this is `solve_problem`.
    catalog : DataFrame
        Every fund of the market by ticker.
    backend : str
        "auto" or "conic".

    Returns
    -------
    Solved
        With a certificate that covers the clauses, and says what it proves.
    Infeasible
        When tangents prove that nothing is allowed.
    Failed
        When Clarabel came back without a portfolio, or with one that does not hold.

    Raises
    ------
    OptimizerError
        For a clause that cannot be used, or a backend that takes rows and bounds only.
    """
    if not clauses:
        return solve_problem(problem, backend)
    if backend not in (AUTO, CONIC):
        raise OptimizerError(
            f"backend {backend!r} takes rows, bounds and one risk target only: expected {AUTO} or {CONIC} for clauses "
            "given from Python"
        )
    statement = state_mandate(problem)
    weights = Weights(statement.w, problem.tickers, catalog)
    stated = state_clauses(clauses, weights, _names(problem))
    if ruled_out := unreachable(problem.mandate):
        return Infeasible(tuple(found.sentence for found in ruled_out))
    answer = solve_conic_statement(problem, statement, [one.constraint for one in stated])
    if isinstance(answer, NoClaim):
        return _without_claim(problem, statement, stated, answer)
    approximation = approximated(problem, stated, statement.w, answer)
    certificate = certify_with(approximation, stated, statement.w)
    if not certificate.ok:
        doubt = "Clarabel did not reach its tolerance, and " if answer.doubtful else ""
        return Failed((f"{CONIC}: {doubt}{uncertified(certificate)}",))
    w = approximation.claim.w
    prices = _with_limits(shadow_prices(approximation.problem, approximation.claim), stated, statement.w, w)
    return Solved(w, certificate, prices, CONIC, (), (_remark(clauses, certificate),))


def solve_exactly_with_expressions(
    problem: Problem, clauses: Sequence[ExpressionClause], catalog: pd.DataFrame, backend: str = AUTO
) -> Outcome:
    """Solve with the risk target met exactly, as far as that stays a convex problem.

    Parameters
    ----------
    problem : Problem
    clauses : sequence of ExpressionClause
        Without any this is `solve_at_exact_risk`.
    catalog : DataFrame
    backend : str

    Returns
    -------
    Failed
        Where the best portfolio has less risk than the target: raising it would take the clauses to be linear.

    Raises
    ------
    OptimizerError
        As `solve_with_expressions`.
    """
    if not clauses:
        return solve_at_exact_risk(problem, backend)
    outcome = solve_with_expressions(problem, clauses, catalog, backend)
    if not isinstance(outcome, Solved) or problem.cap is None:
        return outcome
    risk = problem.risk.value(outcome.w)
    if risk >= problem.cap * (1.0 - _MET):
        return outcome
    return Failed(
        (
            f"{TARGET_CLAUSE}: exactly {problem.cap:.4g} % is asked for, and the best portfolio has {risk:.4g} %; with "
            'clauses given from Python risk cannot be raised to it: use match = "at_most"',
        )
    )


def _names(problem: Problem) -> set[str]:
    mandate = problem.mandate
    labels = [*mandate.row_labels, *mandate.lower_labels, *mandate.upper_labels, mandate.turnover_label]
    return {label.clause for label in labels if label is not None}


def _with_limits(
    prices: Sequence[ShadowPrice], stated: Sequence[Stated], w: cp.Variable, at: Floats
) -> tuple[ShadowPrice, ...]:
    """The prices, those of tangents read as the clause was written; a clause of many entries has no single limit."""
    w.value = at
    by_clause: dict[str, list[Stated]] = {}
    for one in stated:
        by_clause.setdefault(one.clause, []).append(one)
    read = []
    for price in prices:
        if price.unit is not OWN_UNIT:
            read.append(price)
        elif len(parts := by_clause[price.clause]) == 1 and parts[0].excess.size == 1:
            read.append(_as_written(price, parts[0].constraint))
    return tuple(read)


def _as_written(price: ShadowPrice, constraint: cp.Constraint) -> ShadowPrice:
    left, right = (float(np.ravel(side.value)[0]) for side in constraint.args)
    # cvxpy keeps a >= b as b <= a: a minimum, whose rise costs.
    if constraint.args[0].is_constant():
        return replace(price, limit=left, value=right, price_bp=-price.price_bp)
    return replace(price, limit=right, value=left)


def _remark(clauses: Sequence[ExpressionClause], certificate: Certificate) -> str:
    named = listed([clause.name for clause in clauses])
    if certificate.proves == "optimality":
        return f"solved by {CONIC} for the clauses given from Python ({named}); tangents of them prove the optimum"
    return (
        f"solved by {CONIC} for the clauses given from Python ({named}): the certificate proves that every clause "
        "holds; that no portfolio is better is Clarabel's word, and proven is that none is by more than "
        f"{certificate.gap_bp:.3g} bp"
    )


def _without_claim(
    problem: Problem, statement: Statement, stated: Sequence[Stated], answer: NoClaim
) -> Infeasible | Failed:
    """Proof that nothing is allowed, by the rows alone or with tangents; or else what was said."""
    if findings := why_infeasible(problem):
        return Infeasible(findings)
    named = listed(list(dict.fromkeys(one.clause for one in stated)))
    for at in _closest(problem, statement, stated):
        if findings := _ruled_out(problem, statement, stated, at):
            return Infeasible(findings)
    said = f"{CONIC}: {answer.words}"
    if answer.infeasible:
        said += (
            f": by its word no portfolio meets the mandate together with the clauses given from Python ({named}); "
            "no proof of that was found"
        )
    return Failed((said,))


def _ruled_out(problem: Problem, statement: Statement, stated: Sequence[Stated], at: Floats) -> tuple[str, ...]:
    """Findings that tangents at and near a portfolio lead to; empty where they leave something allowed."""
    mandate, seen = problem.mandate, at
    for _ in range(_ROUNDS):
        mandate = with_tangents(mandate, stated, statement.w, seen)
        outcome = solve_problem(replace(problem, mandate=mandate))
        if isinstance(outcome, Infeasible):
            return _in_words(mandate, stated, outcome)
        if isinstance(outcome, Failed):
            break
        seen = nearby(at, outcome.w)
    return ()


def _in_words(mandate: CompiledMandate, stated: Sequence[Stated], outcome: Infeasible) -> tuple[str, ...]:
    """Findings about tangents without their limits, which are none that anybody wrote."""
    given = listed(list(dict.fromkeys(one.clause for one in stated)))
    miss = nearest_miss(mandate)
    if miss is None:
        return tuple(f"{finding} (with the clauses given from Python: {given})" for finding in outcome.findings)
    return (f"these clauses cannot hold together: {', '.join(miss.clauses)} (given from Python: {given})",)


def _closest(problem: Problem, statement: Statement, stated: Sequence[Stated]) -> list[Floats]:
    """Portfolios whose tangents may prove it: where the clauses miss by least, and where risk is least."""
    miss = cp.Variable(nonneg=True)
    loosened = [cp.abs(one.excess) <= miss if one.equality else one.excess <= miss for one in stated]
    found = []
    if run_clarabel(cp.Problem(cp.Minimize(miss), [*statement.clauses.values(), *loosened])) is None:
        found.append(statement.w.value)
    if problem.cap is not None:
        calmest = problem.minimising_risk()
        claim = solve_conic_statement(calmest, statement, [one.constraint for one in stated])
        found += [claim.w] if isinstance(claim, Claim) else []
    return [np.clip(at, problem.mandate.lower, problem.mandate.upper) for at in found]
