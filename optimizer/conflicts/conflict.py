"""Why nothing is allowed: a smallest set of limits that cannot hold together, in the client's words.

Whether limits on weights, means and turnover hold together is decided by a linear program, and with the risk cap among
them by the least risk that the others leave: a bound from the dual, below which no portfolio goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constraints import TARGET_CLAUSE, Unit, unreachable
from optimizer.backends import BACKENDS
from optimizer.certificate import VIOLATION, least_risk, violations
from optimizer.conflicts.clause_limits import HOLDS, Limit, Side
from optimizer.conflicts.clause_words import apart, limit_words, listed
from optimizer.conflicts.conflict_search import Clash, Judge, find_clash
from optimizer.conflicts.elastic import cheapest_moves, least_miss
from optimizer.conflicts.terms import Terms, keeping
from optimizer.polishing import polish
from optimizer.problem import Claim
from riskmodels.factor_form import Floats

_SHARP = 1e-8
"""Relative: a bound on the least risk this near to a portfolio's own is as good as any."""


@dataclass(frozen=True)
class Member:
    """A limit without which the others of a conflict could hold.

    Parameters
    ----------
    clause : str
    side : {"min", "max", "below", "above"}
    limit : float
        In units of the optimizer.
    unit : Unit
    words : str
        As the client would say it: "high_yield at least 30 %".
    """

    clause: str
    side: Side
    limit: float
    unit: Unit
    words: str


@dataclass(frozen=True)
class Conflict:
    """Limits that cannot hold together, though they could without any one of them.

    Fully invested and long only stand behind every conflict; nobody could move them, so they are not members.

    Parameters
    ----------
    members : tuple of Member
        In the order of the mandate, one limit of each clause.
    positions : tuple of int
        Of the members among the limits of the terms.
    smallest : bool
        Proven that no conflict has fewer clauses; otherwise only that this one has no member too many.
    sentence : str
        What cannot be, in the client's words and units.
    """

    members: tuple[Member, ...]
    positions: tuple[int, ...]
    smallest: bool
    sentence: str


def find_conflict(terms: Terms) -> Conflict | None:
    """A smallest conflict; None when it is not proven that nothing is allowed.

    Every member is necessary: without it a portfolio misses none of the others by more than rounding (`HOLDS`,
    relative), or none is proven to be missed.

    Parameters
    ----------
    terms : Terms
    """
    clash = find_clash(terms, judge_of(terms))
    return None if clash is None else in_words(terms, clash, _sentence(terms, clash.positions))


def in_words(terms: Terms, clash: Clash, sentence: str) -> Conflict:
    """A conflict from what the search found.

    Parameters
    ----------
    terms : Terms
    clash : Clash
    sentence : str
    """
    members = tuple(_member(terms.limits[i]) for i in clash.positions)
    return Conflict(members, clash.positions, clash.smallest, sentence)


def judge_of(terms: Terms) -> Judge:
    """What decides whether limits can hold together.

    Parameters
    ----------
    terms : Terms
    """

    def judge(kept: frozenset[int]) -> frozenset[int] | None:
        rows = kept - {terms.cap}
        nearest = least_miss(terms, rows)
        if nearest.miss > HOLDS:
            return None
        met = terms.met(nearest.w)
        if terms.cap is None or terms.cap not in kept or terms.cap in met:
            return kept | met
        floor, w = least_risk_under(terms, rows)
        if floor > terms.limits[terms.cap].value:
            return None
        return kept if w is None else kept | terms.met(w)

    return judge


def least_risk_under(terms: Terms, kept: frozenset[int]) -> tuple[float, Floats | None]:
    """A risk that no portfolio under some limits goes below, and the calmest portfolio found.

    Parameters
    ----------
    terms : Terms
    kept : frozenset of int
        Positions of limits that can hold together; the risk cap is not among them.

    Returns
    -------
    floor : float
        Annualised percent, proven however loosely the problem was solved.
    w : ndarray, shape (n,), or None
        None when no backend came back with an allowed portfolio.
    """
    problem = keeping(terms, kept)
    floor, lowest, calmest = 0.0, np.inf, None
    for solve in BACKENDS.values():
        answer = solve(problem)
        if not isinstance(answer, Claim):
            continue
        claim = polish(problem, answer)
        floor = max(floor, least_risk(problem, claim))
        risk = problem.risk.value(claim.w)
        if risk < lowest and max(violations(problem, claim.w).values(), default=0.0) <= VIOLATION:
            lowest, calmest = risk, claim.w
        if lowest - floor <= _SHARP * max(1.0, lowest):
            break
    return floor, calmest


def _member(limit: Limit) -> Member:
    return Member(limit.clause, limit.side, limit.value, limit.unit, limit_words(limit))


def _sentence(terms: Terms, positions: tuple[int, ...]) -> str:
    members = [terms.limits[i] for i in positions]
    if not members:
        return "fully invested and long only cannot hold with these funds"
    words = [_member(limit).words for limit in members]
    target = next((i for i in positions if terms.limits[i].clause == TARGET_CLAUSE), None)
    if target is not None:
        return _about_target(terms, positions, target)
    found = unreachable(keeping(terms, frozenset(positions)).mandate)
    together = f"{listed(words)} cannot hold{' together' if len(words) > 1 else ''}"
    if found:
        return f"{together}: {found[0].sentence}"
    focus = next((i for i in reversed(positions) if not terms.limits[i].rows.ceiling), positions[-1])
    limit, reached = terms.limits[focus], _reached(terms, positions, focus)
    if reached is None:
        return together
    direction = "below" if limit.loosens > 0.0 else "above"
    least, _ = apart(limit, reached, limit.value)
    return f"{together}: with the others, {limit.clause} cannot go {direction} {least}"


def _about_target(terms: Terms, positions: tuple[int, ...], target: int) -> str:
    limit = terms.limits[target]
    others = [_member(terms.limits[i]).words for i in positions if i != target]
    figure = "beta"
    if target == terms.cap:
        figure = "tracking error" if terms.problem.risk.factor_target.any() else "volatility"
        reached: float | None = least_risk_under(terms, frozenset(positions) - {target})[0]
    else:
        reached = _reached(terms, positions, target)
    with_what = f"with {listed(others) if others else 'these funds'}"
    direction = "below" if limit.loosens > 0.0 else "above"
    least, asked = apart(limit, limit.value if reached is None else reached, limit.value)
    return f"{with_what}, {figure} cannot go {direction} {least}; the target is {asked}"


def _reached(terms: Terms, positions: tuple[int, ...], focus: int) -> float | None:
    """How far the others of a conflict let one limit's figure go."""
    limit = terms.limits[focus]
    M = np.zeros((len(terms.limits), 1))
    M[focus] = limit.size
    moves = cheapest_moves(terms, frozenset(positions), M, np.ones(1), np.array([np.inf]))
    return None if moves is None else limit.moved(float(moves.x[0]) * limit.size)
