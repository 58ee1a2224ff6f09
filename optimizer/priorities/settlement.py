"""Soft clauses: when a mandate cannot hold, clauses give way in the order of their priorities, as little as possible.

A clause without a priority is hard. Of the others, priority 1 is the most important and gives way last. The least
moves are found tier by tier (see `optimizer.priorities.lexicographic`); the problem is then solved, and certified,
with each limit that gave way at its new value. A mandate that can hold is solved as if it had no priorities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from constraints import TARGET_CLAUSE, Clause, Funds, Unit, compile_mandate
from constraints.clauses import PositionCap
from optimizer.conflicts.clause_limits import Limit, Side
from optimizer.conflicts.clause_words import concession_words
from optimizer.conflicts.terms import Terms, moved, terms_of
from optimizer.priorities.lexicographic import least_moves
from optimizer.problem import Problem
from optimizer.solving import Failed, Infeasible, Outcome, Solved

_HAIRS = (1e-9, 1e-8, 1e-7, 1e-6)
"""Relative: what is added to a least move or sum, until the problem with the new limits is certified."""

_SHORT = 4.0
"""Hairs that a number of few digits may be short of the least."""

_CLEAN, _MOST_DIGITS = 6, 17
"""Significant digits of a number that a client would write, and of any number."""

_DECIMALS = 15


@dataclass(frozen=True)
class Concession:
    """A limit of a soft clause that gave way, in units of the optimizer.

    Parameters
    ----------
    clause : str
    side : {"min", "max", "below", "above"}
    priority : int
    start, to : float
        The limit as the client wrote it, and as it was solved with.
    unit : Unit
    asked, got : str
        In print: "credit at most 30 %", "34.5 %".
    """

    clause: str
    side: Side
    priority: int
    start: float
    to: float
    unit: Unit
    asked: str
    got: str

    @property
    def words(self) -> str:
        """In one phrase: "credit at most 30 % gave way to 34.5 % (priority 2)"."""
        return f"{self.asked} gave way to {self.got} (priority {self.priority})"


@dataclass(frozen=True, eq=False)
class Settlement:
    """What a problem came to, and what was given up for it.

    Parameters
    ----------
    outcome : Outcome
    problem : Problem
        As it was solved: with the limits that gave way at their new values.
    clauses : tuple of Clause
        Those of that problem.
    given_up : tuple of Concession
        The least important first, in a tier in the order of the mandate; empty where nothing gave way.
    """

    outcome: Outcome
    problem: Problem
    clauses: tuple[Clause, ...]
    given_up: tuple[Concession, ...]


Solve = Callable[[Problem], Outcome]


def solve_by_priority(
    problem: Problem, clauses: Sequence[Clause], funds: Funds, priorities: Mapping[str, int], solve: Solve
) -> Settlement:
    """Solve a problem; where it has no answer, let its soft clauses give way, the least important first.

    Parameters
    ----------
    problem : Problem
    clauses : sequence of Clause
        Those that the mandate of the problem was compiled from.
    funds : Funds
        The n funds of the problem.
    priorities : mapping of str to int
        By name of the clause, `TARGET_CLAUSE` among them; at least 1. Clauses that the problem lacks are no matter.
    solve : callable
        Judges the problem as it stands and with new limits.

    Returns
    -------
    Settlement
        Of the problem as it stands when that can be solved, or when nothing soft stands in its way. When the hard
        clauses alone allow nothing, `Infeasible` with findings about them.

    Raises
    ------
    OptimizerError
        When the clauses do not lead to the rows and bounds of the problem.
    """
    asked = Settlement(solve(problem), problem, tuple(clauses), ())
    if isinstance(asked.outcome, Solved) or not priorities:
        return asked
    terms = terms_of(problem, clauses, funds)
    tiers = {i: priorities[limit.clause] for i, limit in enumerate(terms.limits) if limit.clause in priorities}
    last: Outcome = asked.outcome
    moving: tuple[Concession, ...] = ()
    for hair in _HAIRS:
        moves = least_moves(terms, tiers, hair)
        if moves is None:
            # No answer proves nothing: it may be a solver's doing.
            hard = solve(without_soft(terms, priorities).problem)
            if isinstance(hard, Infeasible):
                return replace(asked, outcome=hard)
            continue
        if not moves:
            return asked
        for values in _rounded(terms, moves, hair):
            loosened = moved(terms, values)
            last, moving = solve(loosened.problem), _concessions(terms, tiers, values)
            if isinstance(last, Solved):
                plain = tuple(clause for clause in loosened.clauses if clause.name != TARGET_CLAUSE)
                return Settlement(last, loosened.problem, plain, _concessions(terms, tiers, values))
    return replace(asked, outcome=_after(last, moving))


def _after(outcome: Outcome, moving: tuple[Concession, ...]) -> Outcome:
    """An outcome without a portfolio, with what had given way when it came about: the client did not write that."""
    if not moving or isinstance(outcome, Solved):
        return outcome
    said = f"this is after soft clauses gave way: {'; '.join(given.words for given in moving)}"
    if isinstance(outcome, Infeasible):
        return Infeasible((*outcome.findings, said))
    return Failed((*outcome.words, said))


def without_soft(terms: Terms, priorities: Mapping[str, int]) -> Terms:
    """The hard clauses alone: those that no priority lets give way.

    Parameters
    ----------
    terms : Terms
    priorities : mapping of str to int
        By name of the clause.
    """
    kept: list[Clause] = []
    for clause in terms.clauses:
        if clause.name not in priorities:
            kept.append(clause)
        elif isinstance(clause, PositionCap):
            # Backends want every weight bounded; 1 is what fully invested and long only say anyway.
            kept.append(replace(clause, cap=1.0))
    cap = None if TARGET_CLAUSE in priorities else terms.problem.cap
    problem = replace(terms.problem, mandate=compile_mandate(kept, terms.funds), cap=cap)
    return terms_of(problem, [clause for clause in kept if clause.name != TARGET_CLAUSE], terms.funds)


def _rounded(terms: Terms, moves: Mapping[int, float], hair: float) -> Iterator[dict[int, float]]:
    """New values of the limits, a few hairs beyond the least moves; the second time farther."""
    for near, far in ((0.0, 4.0), (4.0, 20.0)):
        yield {i: _shortest(terms.limits[i], by + near * hair, by + far * hair, hair) for i, by in moves.items()}


def _shortest(limit: Limit, near: float, far: float, hair: float) -> float:
    """The value with fewest digits in print between two relative moves of a limit.

    A value that a client would write, a few hairs short of the nearer, is what was meant: less important moves gain
    from every hair that the more important are given.
    """
    short, low, high = (limit.moved(by * limit.size) for by in (near - _SHORT * hair, near, far))
    for digits in range(1, _MOST_DIGITS):
        shown = float(f"{0.5 * (low + high) * limit.unit.per_one:.{digits}g}")
        value = round(shown / limit.unit.per_one, _DECIMALS)
        if min(short if digits <= _CLEAN else low, high) <= value <= max(short if digits <= _CLEAN else low, high):
            break
    end = limit.moved(limit.room)
    return min(value, end) if limit.loosens > 0.0 else max(value, end)


def _concessions(terms: Terms, tiers: Mapping[int, int], values: Mapping[int, float]) -> tuple[Concession, ...]:
    given_up = []
    for i in sorted(values, key=lambda i: (-tiers[i], i)):
        limit = terms.limits[i]
        asked, got = concession_words(limit, values[i])
        given_up.append(Concession(limit.clause, limit.side, tiers[i], limit.value, values[i], limit.unit, asked, got))
    return tuple(given_up)
