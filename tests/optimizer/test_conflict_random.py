"""Conflicts, repairs and margins of random mandates, judged by a statement of the clauses in cvxpy of its own.

The judge never sees a compiled row: it states what each clause says to the client, and asks Clarabel for the largest
slack with which all of them hold; below zero nothing is allowed.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constraints import BETA, TARGET_CLAUSE, Clause, Funds, Label, compile_mandate
from constraints.clauses import (
    AverageRange,
    BetaRange,
    FullyInvested,
    FundRange,
    GroupRange,
    LongOnly,
    Participation,
    PositionCap,
    Turnover,
    duration_range,
)
from optimizer import Problem, RiskMeasure, Solved, solve_problem
from optimizer.conflicts.conflict import find_conflict
from optimizer.conflicts.margin import margin
from optimizer.conflicts.repair import Move, cheapest_repairs
from optimizer.conflicts.terms import Terms, terms_of
from riskmodels import FactorForm

SECTORS = ("treasury", "mbs", "high_yield")
CLEAR = 1e-5
"""Slack from which on a random mandate is clearly allowed or clearly not."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Clauses without the frame, the risk target among them as a number, and the funds."""

    clauses: tuple[Clause, ...]
    target: float | None
    funds: Funds
    sigma: Floats
    held: Floats

    def problem(self) -> Problem:
        mandate = compile_mandate((FullyInvested(), LongOnly(), *self.limits), self.funds)
        if self.beta_target is not None:
            target = self.beta_target
            low = -np.inf if target.lower is None else target.lower
            mandate = mandate.with_row(self.funds.beta, low, target.upper or 0.0, Label(TARGET_CLAUSE, BETA))
        n = len(self.funds)
        values, vectors = np.linalg.eigh(self.sigma)
        form = FactorForm(vectors * np.sqrt(np.maximum(values, 0.0)), np.zeros(n))
        numbers: dict[str, Any] = {"goal": "expected_return", "ridge": 0.0, "aversion": 0.0}
        return Problem(
            mandate=mandate,
            mu=np.linspace(1.0, 3.0, n),
            risk=RiskMeasure(form, np.zeros(n), np.zeros(n), 0.0),
            cap=self.target,
            trade_cost=np.zeros(n),
            held=self.held,
            **numbers,
        )

    @property
    def limits(self) -> tuple[Clause, ...]:
        """The clauses of the mandate, without a beta target."""
        return tuple(clause for clause in self.clauses if clause.name != TARGET_CLAUSE)

    @property
    def beta_target(self) -> BetaRange | None:
        return next((c for c in self.clauses if isinstance(c, BetaRange) and c.name == TARGET_CLAUSE), None)

    def without(self, name: str) -> Case:
        rest = tuple(clause for clause in self.clauses if clause.name != name)
        return replace(self, clauses=rest, target=None if name == TARGET_CLAUSE else self.target)

    def only(self, names: Sequence[str]) -> Case:
        rest = tuple(clause for clause in self.clauses if clause.name in names)
        return replace(self, clauses=rest, target=self.target if TARGET_CLAUSE in names else None)

    def with_limit(self, move: Move, value: float) -> Case:
        """One number of the mandate changed as the client would change it."""
        if move.clause == TARGET_CLAUSE and self.target is not None:
            return replace(self, target=value)

        changed = (_changed(c, move.side, value) if c.name == move.clause else c for c in self.clauses)
        return replace(self, clauses=tuple(changed))


def _changed(clause: Clause, side: str, value: float) -> Clause:
    match clause:
        case PositionCap():
            return replace(clause, cap=value)
        case Participation():
            return replace(clause, share=value)
        case Turnover():
            return replace(clause, limit=value)
        case BetaRange(lower=float(), upper=float(), name="risk target"):
            return replace(clause, lower=value, upper=value)
        case GroupRange() | FundRange() | AverageRange() | BetaRange():
            return replace(clause, lower=value) if side == "min" else replace(clause, upper=value)
    raise AssertionError(clause)


def slack(case: Case) -> float:
    """The largest slack with which all clauses hold (negative: by how much they have to be missed)."""
    funds, n = case.funds, len(case.funds)
    w, t = cp.Variable(n), cp.Variable()
    said = [cp.sum(w) == 1.0, w >= 0.0]

    def between(figures: Floats, low: float | None, high: float | None) -> None:
        scale = max(1.0, float(figures.max()))
        said.extend([] if low is None else [figures @ w >= low + scale * t])
        said.extend([] if high is None else [figures @ w <= high - scale * t])

    for clause in case.clauses:
        match clause:
            case PositionCap(cap=cap):
                said.append(w <= cap - t)
            case GroupRange():
                members = [float(sector in clause.sectors) for sector in funds.sector]
                between(np.array(members), clause.lower, clause.upper)
            case FundRange():
                between((np.array(funds.tickers) == clause.ticker).astype(float), clause.lower, clause.upper)
            case AverageRange():
                between(funds.figures[clause.figure], clause.lower, clause.upper)
            case BetaRange():
                between(funds.beta, clause.lower, clause.upper)
            case Participation():
                said.append(w * clause.account_size_mm <= clause.share * funds.figures[clause.figure] * (1.0 - t))
            case Turnover():
                gone = sum(v for k, v in clause.holdings.items() if k not in funds.tickers)
                cash = 1.0 - sum(clause.holdings.values())
                said.append(0.5 * (cp.norm1(w - case.held) + gone + cash) <= clause.limit - t)
            case _:
                raise AssertionError(clause)
    if case.target is not None:
        values, vectors = np.linalg.eigh(case.sigma)
        said.append(
            cp.norm((vectors * np.sqrt(np.maximum(values, 0.0))).T @ w) <= case.target - max(1.0, case.target) * t
        )
    stated = cp.Problem(cp.Maximize(t), [*said, t <= 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stated.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    assert stated.status in ("optimal", "optimal_inaccurate"), stated.status
    return float(stated.value)


def random_case(seed: int, target: str) -> Case:
    """Limits that clash about as often as not."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 13))
    volatility = rng.uniform(0.5, 12.0, n)
    correlation = rng.uniform(0.0, 0.8)
    sigma = np.outer(volatility, volatility) * (correlation + (1.0 - correlation) * np.eye(n))
    figures = {"effective_duration_years": rng.uniform(0.5, 10.0, n), "adv_usd_mm": rng.uniform(5.0, 60.0, n)}
    tickers = tuple(f"F{i}" for i in range(n))
    funds = Funds(tickers, rng.choice(SECTORS, n), figures, rng.uniform(0.0, 2.0, n))
    held = rng.dirichlet(np.ones(n)) * 0.8
    holdings: dict[str, float] = {**dict(zip(tickers, held.tolist(), strict=True)), "GONE": 0.1}
    group = str(rng.choice(SECTORS))
    weight = float(rng.uniform(0.1, 0.9))
    pool: list[Clause] = [
        GroupRange(group, (group,), (), weight, min(1.0, weight + 0.1)),
        GroupRange("pair", SECTORS[:2], (), None, float(rng.uniform(0.05, 0.8))),
        FundRange("F1", float(rng.uniform(0.05, 0.5)), None),
        duration_range(*sorted(rng.uniform(0.5, 10.0, 2).tolist())),
        BetaRange(*sorted(rng.uniform(0.1, 1.9, 2).tolist())),
        Participation("share of daily volume", "adv_usd_mm", 0.1, float(rng.uniform(2.0, 20.0))),
        Turnover(float(rng.uniform(0.05, 0.6)), holdings),
    ]
    chosen = [clause for clause in pool if rng.random() < 0.45]
    clauses = [PositionCap(float(rng.uniform(0.9, 4.0)) / n), *chosen]
    beta = float(rng.uniform(0.0, 2.0))
    if target.startswith("beta"):
        clauses.append(BetaRange(beta if target == "beta exactly" else None, beta, name=TARGET_CLAUSE))
    cap = float(rng.uniform(0.1, 5.0)) if target == "volatility" else None
    turnover = any(isinstance(clause, Turnover) for clause in chosen)
    return Case(tuple(clauses), cap, funds, sigma, held if turnover else np.zeros(n))


seeds = st.integers(0, 2**32 - 1)
targets = st.sampled_from(["none", "volatility", "volatility", "beta", "beta exactly"])


def taken_apart(case: Case) -> Terms:
    return terms_of(case.problem(), (FullyInvested(), LongOnly(), *case.limits), case.funds)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, target=targets)
def test_conflicts_are_irreducible_and_repairs_solve(seed: int, target: str) -> None:
    case = random_case(seed, target)
    room, terms = slack(case), taken_apart(case)
    # An exact target leaves no slack even where it can be met.
    assume(abs(room) > CLEAR)
    conflict = find_conflict(terms)
    if room > 0.0:
        assert conflict is None
        return
    assert conflict is not None
    names = [member.clause for member in conflict.members]
    together = case.only(names)
    assert slack(together) < -1e-8
    for name in names:
        assert slack(together.without(name)) > -1e-7, name

    repairs = cheapest_repairs(terms, conflict)
    assert repairs
    for repair in repairs:
        repaired = case
        for move in repair.moves:
            repaired = repaired.with_limit(move, move.to)
            assert abs(move.to - move.start) <= 1.1 * abs(move.least - move.start) + 1e-12
        assert slack(repaired) > -1e-7
        outcome = solve_problem(repaired.problem())
        assert isinstance(outcome, Solved)
        assert outcome.certificate.ok
        if len(repair.moves) == 1 and abs(move.least - move.start) > 1e-2:
            short = move.start + (1.0 - 1e-4) * (move.least - move.start)
            assert slack(case.with_limit(move, short)) < 0.0
    assert [repair.relative for repair in repairs] == sorted(repair.relative for repair in repairs)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, target=targets)
def test_no_smaller_set_of_clauses_is_in_conflict(seed: int, target: str) -> None:
    case = random_case(seed, target)
    assume(slack(case) < -CLEAR)
    conflict = find_conflict(taken_apart(case))
    assert conflict is not None
    assert conflict.smallest
    names = [clause.name for clause in case.clauses] + ([TARGET_CLAUSE] if case.target is not None else [])
    for fewer in itertools.combinations(names, len(conflict.members) - 1):
        assert slack(case.only(fewer)) > -1e-7, fewer


@settings(max_examples=30, deadline=None)
@given(seed=seeds, target=st.sampled_from(["none", "volatility", "beta"]))
def test_the_margin_is_the_slack_of_all_clauses_together(seed: int, target: str) -> None:
    case = random_case(seed, target)
    room = margin(taken_apart(case))

    assert room is not None
    assert room.value == pytest.approx(slack(case), abs=1e-7)
