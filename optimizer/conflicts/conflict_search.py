"""Search for a smallest set of clauses that cannot hold together, whatever decides whether a set can.

A set in conflict meets every *correction*, a set of clauses without which the rest holds. So the smallest set that
meets all corrections known so far is either in conflict, and then no smaller conflict exists, or it can be grown until
no clause can be added, and what is left over is one more correction (Ignatiev, Previti, Liffiton & Marques-Silva 2015,
Smallest MUS extraction with minimal hitting set dualization). Where that takes too long, clauses are deleted one by one
as long as the rest stays in conflict (the deletion filter of Chinneck & Dravnieks 1991), which leaves a set with no
member too many, though not always a smallest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, combinations, islice

from optimizer.conflicts.terms import Terms

_QUESTIONS = 300
"""Sets of limits judged before the search for a smallest conflict is given up."""

_TRIED = 20_000
"""Sets of clauses looked at for one that meets all corrections."""

Judge = Callable[[frozenset[int]], frozenset[int] | None]
"""From positions of limits to those and all others that one portfolio meets; None when it is proven that none does."""


@dataclass(frozen=True)
class Clash:
    """Limits that cannot hold together, though without any one of them no proof of that is left.

    Parameters
    ----------
    positions : tuple of int
        Of the limits among those of the terms, one of each clause.
    smallest : bool
        Proven that no conflict has fewer clauses.
    """

    positions: tuple[int, ...]
    smallest: bool


def find_clash(terms: Terms, judge: Judge) -> Clash | None:
    """A smallest clash; None when all limits can hold together as far as the judge can prove.

    Parameters
    ----------
    terms : Terms
    judge : callable
        What it rules out it also rules out with further limits.
    """
    recall = _remembering(judge)
    if recall(terms.every) is not None:
        return None
    smallest = _smallest(terms, _patient(recall))
    clauses = _irreducible(terms, recall) if smallest is None else smallest
    limits = _one_side_each(recall, terms.of_clauses(clauses))
    return Clash(tuple(sorted(limits)), smallest is not None)


def _remembering(judge: Judge) -> Judge:
    """The judge, not asked about parts of what is known to hold nor about more than what is known not to."""
    holding: list[frozenset[int]] = []
    clashing: list[frozenset[int]] = []

    def recall(kept: frozenset[int]) -> frozenset[int] | None:
        if any(known <= kept for known in clashing):
            return None
        known_to_hold = next((known for known in holding if kept <= known), None)
        if known_to_hold is not None:
            return known_to_hold
        met = judge(kept)
        if met is None:
            clashing.append(kept)
        else:
            holding.append(met)
        return met

    return recall


class _GivenUp(Exception):
    """The search takes too long."""


def _patient(judge: Judge) -> Judge:
    """The judge, who answers a limited number of questions."""
    questions = iter(range(_QUESTIONS))

    def answer(kept: frozenset[int]) -> frozenset[int] | None:
        if next(questions, None) is None:
            raise _GivenUp
        return judge(kept)

    return answer


def _smallest(terms: Terms, judge: Judge) -> frozenset[int] | None:
    """Clauses of a smallest conflict; None when the search takes too long."""
    corrections: list[frozenset[int]] = []
    chosen = frozenset[int]()
    try:
        while (met := judge(terms.of_clauses(chosen))) is not None:
            corrections.append(_clauses(terms) - _grown(terms, judge, met))
            chosen = _meeting(corrections, len(chosen))
    except _GivenUp:
        return None
    return chosen


def _meeting(corrections: list[frozenset[int]], at_least: int) -> frozenset[int]:
    """The smallest set with a member in each of `corrections`, the first in the order of the mandate among equals."""
    candidates = sorted(frozenset[int]().union(*corrections))
    sizes = range(at_least, len(candidates) + 1)
    for chosen in islice(chain.from_iterable(combinations(candidates, size) for size in sizes), _TRIED):
        if not any(correction.isdisjoint(chosen) for correction in corrections):
            return frozenset(chosen)
    raise _GivenUp


def _grown(terms: Terms, judge: Judge, met: frozenset[int]) -> frozenset[int]:
    """Clauses that hold together and to which none can be added, from limits that hold together."""
    held = _whole(terms, met)
    for clause in sorted(_clauses(terms)):
        if clause not in held and (further := judge(terms.of_clauses(held | {clause}))) is not None:
            held = _whole(terms, further)
    return held


def _irreducible(terms: Terms, judge: Judge) -> frozenset[int]:
    # The risk cap stands last and goes first: without it everything is a linear program.
    kept = _clauses(terms)
    for clause in sorted(kept, reverse=True):
        if judge(terms.of_clauses(kept - {clause})) is None:
            kept = kept - {clause}
    return kept


def _one_side_each(judge: Judge, limits: frozenset[int]) -> frozenset[int]:
    """The limits of an irreducible set of clauses without the sides that are not needed for the conflict.

    Of a row's two sides one is enough: where both push, their difference pushes at least as hard.
    """
    for i in sorted(limits):
        if judge(limits - {i}) is None:
            limits = limits - {i}
    return limits


def _clauses(terms: Terms) -> frozenset[int]:
    return frozenset(limit.at for limit in terms.limits)


def _whole(terms: Terms, limits: frozenset[int]) -> frozenset[int]:
    """Clauses all of whose limits are given."""
    return _clauses(terms) - {limit.at for i, limit in enumerate(terms.limits) if i not in limits}
