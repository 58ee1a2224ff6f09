"""A problem taken apart into the limits that its clauses set, and put together again with some dropped or moved.

A compiled mandate keeps only the tightest bound of each fund; what holds once a clause is gone, the clauses know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from constraints import TARGET_CLAUSE, Clause, CompiledMandate, Funds, compile_mandate
from constraints.clauses import BetaRange, PositionCap
from optimizer.conflicts.clause_limits import HOLDS, Limit, limit_of_cap, limits_of, with_values
from optimizer.errors import OptimizerError
from optimizer.problem import Problem
from riskmodels.factor_form import Floats

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Terms:
    """A problem, its clauses and their limits.

    Parameters
    ----------
    problem : Problem
    clauses : tuple of Clause
        With the beta target, if there is one, as the last.
    funds : Funds
    limits : tuple of Limit, length L
    frame : CompiledMandate
        The clauses without limits: fully invested and long only. Nobody moves them.
    """

    problem: Problem
    clauses: tuple[Clause, ...]
    funds: Funds
    limits: tuple[Limit, ...]
    frame: CompiledMandate

    @property
    def cap(self) -> int | None:
        """Which limit is the cap of the risk measure."""
        return None if self.problem.cap is None else len(self.limits) - 1

    @property
    def every(self) -> frozenset[int]:
        """All limits, by position."""
        return frozenset(range(len(self.limits)))

    def of_clauses(self, chosen: frozenset[int]) -> frozenset[int]:
        """The limits of some clauses, by position."""
        return frozenset(i for i, limit in enumerate(self.limits) if limit.at in chosen)

    def tied(self, i: int) -> int | None:
        """The limit that moves along with limit i."""
        limit = self.limits[i]
        others = (j for j, other in enumerate(self.limits) if other.at == limit.at and j != i)
        return next(others, None) if limit.exact else None

    def met(self, w: Floats) -> frozenset[int]:
        """The limits that w meets but for rounding."""
        risk, cap = self.problem.risk.value(w), self.problem.cap
        return frozenset(
            i
            for i, limit in enumerate(self.limits)
            if (limit.misses(w, self.problem.held) <= HOLDS if i != self.cap else cap is None or risk <= cap)
        )


def terms_of(problem: Problem, clauses: Sequence[Clause], funds: Funds) -> Terms:
    """Take a problem apart into the limits that its clauses set.

    Parameters
    ----------
    problem : Problem
    clauses : sequence of Clause
        Those that the mandate of the problem was compiled from.
    funds : Funds
        The n funds of the problem.

    Raises
    ------
    OptimizerError
        When the clauses do not lead to the rows and bounds of the problem.
    """
    every = (*clauses, *_beta_target(problem.mandate))
    _require_same(problem.mandate, compile_mandate(every, funds))
    limits = [limit for at, clause in enumerate(every) for limit in limits_of(clause, at, funds)]
    if problem.cap is not None:
        limits.append(limit_of_cap(problem.cap, len(every), problem.size))
    return Terms(problem, every, funds, tuple(limits), _frame(every, funds))


def keeping(terms: Terms, kept: frozenset[int]) -> Problem:
    """The problem of least risk under the frame and some of the limits, without a cap.

    Parameters
    ----------
    terms : Terms
    kept : frozenset of int
        Positions of limits.
    """
    clauses: list[Clause] = []
    for at, clause in enumerate(terms.clauses):
        own = [i for i, limit in enumerate(terms.limits) if limit.at == at]
        gone = {terms.limits[i].field: None for i in own if i not in kept}
        if not gone:
            clauses.append(clause)
        elif len(gone) < len(own):
            clauses.append(with_values(clause, gone))
    mandate = compile_mandate([*clauses, _WHOLE], terms.funds)
    return replace(terms.problem.minimising_risk(), mandate=mandate)


def moved(terms: Terms, values: Mapping[int, float]) -> Terms:
    """The same problem with some of its limits at other values; every limit keeps its position.

    Parameters
    ----------
    terms : Terms
    values : mapping of int to float
        By position of the limit, in units of the optimizer.
    """
    cap = terms.problem.cap
    changes: dict[int, dict[str, float]] = {}
    for i, value in values.items():
        if i == terms.cap:
            cap = value
            continue
        other = terms.tied(i)
        for j in (i,) if other is None else (i, other):
            changes.setdefault(terms.limits[j].at, {})[terms.limits[j].field] = value
    clauses = [with_values(clause, changes.get(at, {})) for at, clause in enumerate(terms.clauses)]
    problem = replace(terms.problem, mandate=compile_mandate(clauses, terms.funds), cap=cap)
    return terms_of(problem, [clause for clause in clauses if clause.name != TARGET_CLAUSE], terms.funds)


_WHOLE = PositionCap(1.0, name="fully invested")
"""No weight exceeds 1 where all add up to 1 and none is negative; backends and proofs want it said."""


def _frame(clauses: Sequence[Clause], funds: Funds) -> CompiledMandate:
    without = [clause for clause in clauses if not limits_of(clause, 0, funds)]
    return compile_mandate([*without, _WHOLE], funds)


def _beta_target(mandate: CompiledMandate) -> list[Clause]:
    """A beta target is a row of the problem without a clause; as a clause it can be dropped and moved like any."""
    return [
        BetaRange(low if np.isfinite(low) else None, high if np.isfinite(high) else None, name=TARGET_CLAUSE)
        for low, high, label in zip(
            mandate.row_lower.tolist(), mandate.row_upper.tolist(), mandate.row_labels, strict=True
        )
        if label.clause == TARGET_CLAUSE
    ]


def _require_same(mandate: CompiledMandate, compiled: CompiledMandate) -> None:
    same = mandate.tickers == compiled.tickers and all(
        one.shape == other.shape and np.allclose(one, other, rtol=0.0, atol=_SAME)
        for one, other in (
            (mandate.A, compiled.A),
            (mandate.row_lower, compiled.row_lower),
            (mandate.row_upper, compiled.row_upper),
            (mandate.lower, compiled.lower),
            (mandate.upper, compiled.upper),
        )
    )
    if not same or (mandate.turnover is None) != (compiled.turnover is None):
        raise OptimizerError(
            "the clauses do not lead to the rows and bounds of this problem: expected the clauses and funds that its "
            "mandate was compiled from"
        )
