"""Why a risk target cannot be met exactly: no allowed portfolio has that much risk.

R is convex, so with 1'w = 1 and w >= 0 it lies below  sum_i w_i R(e_i),  whose largest value under any limits is a
linear program: a ceiling that proves what cannot be reached. What the ceiling lets pass may still be out of reach; so
a conflict found here is proven, while its members are necessary for the proof.
"""

from __future__ import annotations

import numpy as np

from optimizer.conflicts.clause_words import apart, limit_words, listed
from optimizer.conflicts.conflict import Conflict, in_words, judge_of
from optimizer.conflicts.conflict_search import Judge, find_clash
from optimizer.conflicts.repair import Repair, settled
from optimizer.conflicts.terms import Terms, keeping
from optimizer.exact_risk import climbed, own_risk, solve_at_exact_risk
from optimizer.linear_program import best_vertex


def find_exact_conflict(terms: Terms) -> Conflict | None:
    """A smallest set of limits under which the ceiling on risk lies below the target; None when it does not.

    Parameters
    ----------
    terms : Terms
        Of a problem with a risk cap that is to be met exactly, and whose limits hold together.
    """
    clash = find_clash(terms, _exact_judge(terms))
    if clash is None or terms.cap is None:
        return None
    limit = terms.limits[terms.cap]
    others = [limit_words(terms.limits[i]) for i in clash.positions if i != terms.cap]
    own = own_risk(terms.problem)
    highest = float(own @ best_vertex(keeping(terms, frozenset(clash.positions) - {terms.cap}).mandate, own))
    most, asked = apart(limit, highest, limit.value)
    sentence = f"with {listed(others) if others else 'these funds'}, no portfolio has more risk than {most}"
    return in_words(terms, clash, f"{sentence}; the target is exactly {asked}")


def target_within_reach(terms: Terms) -> tuple[Repair, ...]:
    """The target lowered to the most risk that was found: a repair that solves, though not proven the least.

    Parameters
    ----------
    terms : Terms
        As for `find_exact_conflict`.
    """
    if terms.cap is None:
        return ()
    problem = terms.problem
    riskiest = climbed(problem, best_vertex(problem.mandate, own_risk(problem)))
    reached = float(np.floor(problem.risk.value(riskiest) * 1e4) / 1e4)
    repair = settled(terms, {terms.cap: reached}, solve_at_exact_risk)
    return () if repair is None else (repair,)


def _exact_judge(terms: Terms) -> Judge:
    own, at_most = own_risk(terms.problem), judge_of(terms)

    def judge(kept: frozenset[int]) -> frozenset[int] | None:
        met = at_most(kept)
        if met is None or terms.cap is None or terms.cap not in kept:
            # A portfolio that meets the cap need not reach it.
            return None if met is None else met - {terms.cap}
        w = best_vertex(keeping(terms, kept - {terms.cap}).mandate, own)
        return None if float(own @ w) < terms.limits[terms.cap].value else kept

    return judge
