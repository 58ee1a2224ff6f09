"""Solve with few names, certify the answer by the bound of the search, and say how it came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from constraints import TARGET_CLAUSE, FewNames, out_of_reach, unreachable
from optimizer.backends import BACKENDS
from optimizer.cardinality.bound import ROUNDING, held_by
from optimizer.cardinality.ledger import SearchLimits, scores_of
from optimizer.cardinality.node import heaviest_names, name_problem, relaxation
from optimizer.cardinality.search import Found, search
from optimizer.certificate import GAP_BP
from optimizer.errors import OptimizerError
from optimizer.problem import Problem
from optimizer.solving import AUTO, Failed, Infeasible, Outcome, Solved
from riskmodels.factor_form import Floats


def solve_few_names(
    problem: Problem,
    few: FewNames,
    limits: SearchLimits,
    solve: Callable[[Problem], Outcome],
    backend: str = AUTO,
) -> Outcome:
    """Solve with at most so many funds and at least so much of each.

    Parameters
    ----------
    problem : Problem
        Long only.
    few : FewNames
    limits : SearchLimits
    solve : callable
        For the problem without limits on names, and for the one with the names chosen.
    backend : str
        For the convex problems of the search: "auto" or a name in `BACKENDS`.

    Returns
    -------
    Solved
        Where the problem without limits on names has few by itself, its answer as it is. Otherwise the best portfolio
        found, whose certificate has the proven distance to the best possible as its gap, which is above `GAP_BP` when
        the search was stopped. Shadow prices are those of the convex problem with the names chosen.
    Infeasible
        When it is proven that no portfolio has few names.
    Failed
        When none was found, and none was ruled out.

    Raises
    ------
    OptimizerError
        For a backend that does not exist, and for weights that may be negative.
    """
    if (problem.mandate.lower < 0.0).any():
        i = int(np.flatnonzero(problem.mandate.lower < 0.0)[0])
        raise OptimizerError(
            f"the weight of {problem.tickers[i]} may be negative: max_holdings and min_weight need a long-only mandate"
        )
    free = solve(problem)
    if isinstance(free, Solved) and has_few_names(few, free.w):
        return free
    if not unreachable(problem.mandate) and (ruled_out := out_of_reach(problem.mandate, few)):
        return Infeasible(tuple(found.sentence for found in ruled_out))
    if not isinstance(free, Solved):
        return free
    names = name_problem(problem, few)
    ceiling = _score(problem, free.w) + free.certificate.gap_bp / 100.0
    found = search(names, limits, tuple(BACKENDS) if backend == AUTO else (backend,), ceiling)
    if found.choice is None:
        return _none(problem, few, found)
    outcome = solve(relaxation(names, found.choice))
    if not isinstance(outcome, Solved):
        # `solve` may know of clauses that the search does not: what it holds itself is another choice.
        heaviest = solve(relaxation(names, heaviest_names(names, free.w)))
        outcome = heaviest if isinstance(heaviest, Solved) else outcome
    if not isinstance(outcome, Solved):
        words = outcome.words if isinstance(outcome, Failed) else outcome.findings
        return Failed((f"with the best names found ({few.words}):", *words))
    score = _score(problem, outcome.w)
    gap = 100.0 * max(0.0, found.bound - score)
    return replace(
        outcome,
        certificate=replace(outcome.certificate, gap_bp=gap),
        remarks=(*outcome.remarks, *_remarks(problem, few, found, gap, 100.0 * (ceiling - score))),
    )


def has_few_names(few: FewNames, w: Floats) -> bool:
    """Whether a portfolio keeps to the number of funds and the least weight.

    Parameters
    ----------
    few : FewNames
    w : ndarray, shape (n,)
    """
    held = held_by(w)
    return int(held.sum()) <= few.most(w.size) and bool((w[held] >= few.min_weight - ROUNDING).all())


def _score(problem: Problem, w: Floats) -> float:
    return float(scores_of(problem, np.array(problem.value(w))))


def _remarks(problem: Problem, few: FewNames, found: Found, gap: float, cost: float) -> tuple[str, ...]:
    effort, more = f"{found.nodes:,} nodes", "less risk" if problem.goal == "min_volatility" else "more"
    if found.stopped_by is None:
        proof = f"(bound proven, {effort})"
    elif "nodes" in found.stopped_by:
        proof = f"(bound proven; stopped after {found.stopped_by})"
    else:
        proof = f"(bound proven; stopped after {found.stopped_by}, {effort})"
    within = "the best possible" if gap <= GAP_BP else f"within {gap:.2g} bp of the best possible"
    remarks = [
        f"{few.words}: {within} {proof}; without that limit {cost:.2f} bp a year {more} would be possible. "
        "Shadow prices are those of the other limits with the names held fixed"
    ]
    slower = [name for name in found.backends if name != "parametric"]
    if slower:
        remarks.append(
            f"the parametric engine does not carry all of it: {' and '.join(slower)} solved nodes of the search, "
            "more slowly"
        )
    return tuple(remarks)


def _none(problem: Problem, few: FewNames, found: Found) -> Outcome:
    alone = "the other limits alone can be met"
    if found.bound == -np.inf:
        if found.least_risk is not None and problem.cap is not None:
            figure = "tracking error" if problem.risk.factor_target.any() else "volatility"
            return Infeasible(
                (
                    f"{TARGET_CLAUSE}: with {few.words} {figure} cannot go below {found.least_risk:.4g} %; "
                    f"the target is {problem.cap:.4g} %. {alone.capitalize()}",
                )
            )
        return Infeasible(
            (f"{alone}, but not with {few.words}: every choice of names is ruled out (proven, {found.nodes:,} nodes)",)
        )
    why = f"after {found.stopped_by}" if found.stopped_by else "before every choice of names was ruled out"
    return Failed(
        (
            f"{alone}; with {few.words} no portfolio was found, and none is proven impossible: the search ended {why} "
            f"({found.nodes:,} nodes). Raise search_seconds, max_holdings or the risk target",
        )
    )
