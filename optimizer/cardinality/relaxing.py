"""Solve the convex problem of a node, and believe only what is proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from constraints import unreachable
from optimizer.backends import BACKENDS
from optimizer.cardinality.bound import Bound, node_bound
from optimizer.cardinality.node import Choice, NameProblem, relaxation
from optimizer.certificate import VIOLATION, least_risk, violations
from optimizer.linear_program import nearest_miss
from optimizer.parametric.engine import solve_parametric
from optimizer.polishing import polish
from optimizer.problem import Claim, NoClaim, Problem

_LOOSE = 1e-6
"""Percent a year: a bound that lies higher above its own portfolio is worth polishing the claim for."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The convex problem of a node, solved.

    Parameters
    ----------
    problem : Problem
    claim : Claim or None
        None when no backend came back with weights.
    bound : Bound or None
        None when nothing is proven.
    backend : str or None
    """

    problem: Problem
    claim: Claim | None
    bound: Bound | None
    backend: str | None

    @property
    def allowed(self) -> bool:
        """Whether the claim's weights break no limit."""
        return self.claim is not None and not any(
            by > VIOLATION for by in violations(self.problem, self.claim.w).values()
        )


def relax(names: NameProblem, choice: Choice, backends: Sequence[str]) -> Relaxed | None:
    """Solve a node's relaxation; None when it is proven that it has no portfolio.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    backends : sequence of str
        Asked in turn until one comes back with weights.
    """
    problem = relaxation(names, choice)
    ruled_out = False
    for name in backends:
        answer = BACKENDS[name](problem)
        if isinstance(answer, NoClaim):
            if answer.infeasible and not ruled_out:
                if no_portfolio(problem):
                    return None
                ruled_out = True
            continue
        if not np.isfinite(answer.w).all():
            continue
        bound = node_bound(names, choice, problem, answer)
        if bound.value - problem.value(answer.w) > _LOOSE:
            answer = polish(problem, answer)
            sharper = node_bound(names, choice, problem, answer)
            bound = sharper if sharper.value < bound.value else bound
        return Relaxed(problem, answer, bound, name)
    if not ruled_out and no_portfolio(problem):
        return None
    return Relaxed(problem, None, None, None)


def no_portfolio(problem: Problem) -> bool:
    """Whether it is proven that no portfolio is allowed: by arithmetic, a linear program, or the least risk.

    Parameters
    ----------
    problem : Problem
    """
    if unreachable(problem.mandate):
        return True
    # The least risk is sooner found than the linear program, and more often what stands in the way.
    return _too_risky(problem) or nearest_miss(problem.mandate) is not None


def _too_risky(problem: Problem) -> bool:
    if problem.cap is None:
        return False
    calmest, limit = problem.minimising_risk(), problem.cap * (1.0 + _PROVEN)
    answer = solve_parametric(calmest)
    if isinstance(answer, NoClaim):
        return False
    return least_risk(calmest, answer) > limit or least_risk(calmest, polish(calmest, answer)) > limit


_PROVEN = 1e-9
"""Relative: a least risk that lies higher above the cap leaves no portfolio."""
