"""Clauses given from Python: solved by the cone program, proven by tangents, checked by another solver and by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constraints import TARGET_CLAUSE, WEIGHT, Label
from constraints.clauses import GroupRange, PositionCap
from optimizer import (
    Claim,
    ExpressionClause,
    Failed,
    Infeasible,
    Multipliers,
    NoClaim,
    OptimizerError,
    Problem,
    RiskMeasure,
    Solved,
    Weights,
    certify,
    expression,
    solve_exactly_with_expressions,
    solve_problem,
    solve_with_expressions,
)
from optimizer.expressions import solving
from optimizer.expressions.clause import Stated
from optimizer.expressions.outer import excess, gradient
from optimizer.expressions.proof import Approximated, certify_with
from riskmodels import FactorForm

Floats = NDArray[np.float64]
State = Callable[..., Problem]
Make = Callable[..., Problem]
States = Callable[[Weights], object]


def catalog_of(problem: Problem) -> pd.DataFrame:
    sectors = ["treasury" if i % 2 else "high_yield" for i in range(problem.size)]
    table = pd.DataFrame({"sector": sectors, "issuer": "Acme"}, index=list(problem.tickers))
    table.loc["OUT"] = ["mbs", "Other"]
    if "F2" in table.index:
        table.loc["F2", "issuer"] = "Other"
    return table


def solve(problem: Problem, *states: States, **more: Any) -> Solved:
    clauses = [expression(f"clause {i}", one) for i, one in enumerate(states)]
    outcome = solve_with_expressions(problem, clauses, catalog_of(problem), **more)
    assert isinstance(outcome, Solved), outcome
    return outcome


def by_hand(problem: Problem, states: States, solver: str, **settings: Any) -> Floats:
    """The same problem stated anew in dense numbers, for another solver."""
    mandate, n = problem.mandate, problem.size
    w = cp.Variable(n)
    gain = problem.mu @ w - 0.5 * problem.ridge * cp.sum_squares(w) - problem.trade_cost @ cp.abs(w - problem.held)
    finite_low, finite_high = np.isfinite(mandate.row_lower), np.isfinite(mandate.row_upper)
    rules = [
        mandate.A[finite_low] @ w >= mandate.row_lower[finite_low],
        mandate.A[finite_high] @ w <= mandate.row_upper[finite_high],
        w >= mandate.lower,
        w <= mandate.upper,
    ]
    if problem.cap is not None:
        values, vectors = np.linalg.eigh(problem.risk.form.matrix)
        rules.append(cp.norm((vectors * np.sqrt(np.maximum(values, 0.0))).T @ w) <= problem.cap)
    returned = states(Weights(w, problem.tickers, catalog_of(problem)))
    rules += list(returned) if isinstance(returned, list) else [returned]
    cp.Problem(cp.Maximize(gain), rules).solve(solver=solver, **settings)
    return np.asarray(w.value)


def scenarios(problem: Problem, days: int = 120) -> Floats:
    """Daily returns with the covariance of the problem, percent."""
    rng = np.random.default_rng(3)
    form = problem.risk.form
    common = rng.normal(size=(days, form.loadings.shape[1])) @ form.loadings.T
    return np.asarray((common + rng.normal(size=(days, problem.size)) * form.specific) / np.sqrt(252.0))


def named_clauses(problem: Problem, best: Floats) -> dict[str, States]:
    """Clauses that the best portfolio without them breaks."""
    n, returns = problem.size, scenarios(problem)
    even = np.full(n, 1.0 / n)
    root = np.linalg.cholesky(problem.risk.form.matrix + 1e-9 * np.eye(n)).T
    tail = float(cp.cvar(-returns @ best, 0.95).value)
    entropy = -float(best[best > 1e-12] @ np.log(best[best > 1e-12]))
    return {
        "effective number": lambda w: cp.sum_squares(w.weights) <= 0.7 * best @ best,
        "tail loss": lambda w: cp.cvar(-returns @ w.weights, 0.95) <= 0.8 * tail,
        "entropy": lambda w: cp.sum(cp.entr(w.weights)) >= 0.6 * entropy + 0.4 * np.log(n),
        "active share": lambda w: 0.5 * cp.norm1(w.weights - even) <= 0.4 * np.abs(best - even).sum(),
        "five largest": lambda w: cp.sum_largest(w.weights, 5) <= 0.9 * np.sort(best)[-5:].sum(),
        "tracking": lambda w: cp.norm(root @ (w.weights - even)) <= 0.8 * np.linalg.norm(root @ (best - even)),
        "square": lambda w: cp.quad_form(w.weights, np.eye(n)) + w.weights[0] <= 0.7 * best @ best,
    }


NAMES = ["effective number", "tail loss", "entropy", "active share", "five largest", "tracking", "square"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [11, 14])
def test_is_the_answer_of_another_solver(make_problem: Make, name: str, seed: int) -> None:
    problem = make_problem(seed=seed, funds=20, target=0.7)
    free = solve_problem(problem)
    assert isinstance(free, Solved)
    states = named_clauses(problem, free.w)[name]
    outcome = solve(problem, states)
    other = by_hand(problem, states, "SCS", eps=1e-6, max_iters=100_000)
    # SCS is at home at 1e-6: by the goal, because portfolios that are nearly as good differ in their weights.
    assert problem.value(outcome.w) == pytest.approx(problem.value(other), abs=5e-4)
    assert problem.value(outcome.w) < problem.value(free.w) - 1e-3
    assert outcome.certificate.ok
    assert outcome.certificate.proves == "optimality"
    assert outcome.certificate.gap_bp <= 0.01
    w = cp.Variable(problem.size, value=outcome.w)
    with np.errstate(all="ignore"):
        constraint = states(Weights(w, problem.tickers, catalog_of(problem)))
        assert isinstance(constraint, cp.constraints.constraint.Constraint)
        assert float(np.max(constraint.violation())) <= 1e-7


class TestClosedForms:
    def test_the_largest_reward_in_a_ball(self, stated: State) -> None:
        """max mu'w with 1'w = 1 and ||w||^2 <= r: w = 1/n + sqrt(r - 1/n) (mu - mean) / ||mu - mean||."""
        mu = np.array([1.0, 2.0, 3.0, 4.0])
        problem = stated([1.0] * 4, mu, PositionCap(1.0))
        radius = 0.3
        outcome = solve(problem, lambda w: cp.sum_squares(w.weights) <= radius)
        away = mu - mu.mean()
        expected = 0.25 + np.sqrt(radius - 0.25) * away / np.linalg.norm(away)
        np.testing.assert_allclose(outcome.w, expected, atol=1e-7)
        # d(mu'w)/d(radius) = ||mu - mean|| / (2 sqrt(radius - 1/n)), percent a year: 100 bp each.
        (price,) = outcome.prices
        assert price.clause == "clause 0"
        assert (price.limit, price.value) == (radius, pytest.approx(radius, abs=1e-9))
        assert price.price_bp == pytest.approx(100.0 * np.linalg.norm(away) / (2.0 * np.sqrt(radius - 0.25)), rel=1e-4)

    def test_the_price_of_a_minimum_is_negative(self, stated: State) -> None:
        problem = stated([1.0] * 3, [1.0, 2.0, 4.0], PositionCap(1.0))
        for states in (lambda w: w["F0"] >= 0.2, lambda w: w["F0"] >= 0.2):
            (price,) = solve(problem, states).prices
            # A unit more of F0 is one less of F2: 4 % - 1 % is 300 bp.
            assert price.price_bp == pytest.approx(-300.0, abs=1e-5)
            assert (price.limit, price.value) == (0.2, pytest.approx(0.2, abs=1e-8))

    def test_linear_clauses_are_rows(self, make_problem: Make) -> None:
        problem = make_problem(seed=5, funds=20)
        sector = np.array([i % 2 == 0 for i in range(20)], dtype=float)
        row = problem.mandate.with_row(sector, -np.inf, 0.3, Label("high yield", WEIGHT))
        expected = solve_problem(replace(problem, mandate=row))
        assert isinstance(expected, Solved)
        outcome = solve(problem, lambda w: w.where(sector="high_yield") <= 0.3)
        np.testing.assert_allclose(outcome.w, expected.w, atol=1e-6)

    @pytest.mark.parametrize("share", [0.2, 1.8])
    def test_an_equality_pushes_either_way(self, make_problem: Make, share: float) -> None:
        problem = make_problem(seed=6, funds=20, groups=0)
        free = solve_problem(problem)
        assert isinstance(free, Solved)
        at = int(np.flatnonzero((free.w > 0.01) & (free.w < 0.5 * problem.mandate.upper))[0])
        outcome = solve(problem, lambda w: w.weights[at] == share * free.w[at])
        assert outcome.w[at] == pytest.approx(share * free.w[at], abs=1e-9)
        assert outcome.certificate.proves == "optimality"
        (price,) = [price for price in outcome.prices if price.clause == "clause 0"]
        assert np.sign(price.price_bp) == np.sign(1.0 - share)

    def test_clauses_of_many_entries_have_no_single_price(self, stated: State) -> None:
        problem = stated([1.0] * 3, [1.0, 2.0, 4.0])
        for states in (lambda w: w.weights <= 0.4, lambda w: [w["F2"] <= 0.4, w["F1"] <= 0.4]):
            outcome = solve(problem, states)
            np.testing.assert_allclose(outcome.w, [0.2, 0.4, 0.4], atol=1e-8)
            assert outcome.prices == ()

    def test_equalities_and_several_at_once(self, make_problem: Make) -> None:
        problem = make_problem(seed=6, funds=20, groups=0)
        outcome = solve(problem, lambda w: [w["F001"] == 0.02, w["F003"] <= 0.01, w["OUT"] <= 0.0])
        assert outcome.w[1] == pytest.approx(0.02, abs=1e-9)
        assert outcome.w[3] <= 0.01 + 1e-9
        assert outcome.certificate.proves == "optimality"

    @pytest.mark.parametrize("goal", ["min_volatility", "utility"])
    def test_other_goals(self, make_problem: Make, goal: str) -> None:
        problem = make_problem(seed=7, funds=15, goal=goal, target=None)
        outcome = solve(problem, lambda w: cp.max(w.weights) <= 0.12, lambda w: cp.sum_squares(w.weights) <= 0.1)
        n = problem.size
        w = cp.Variable(n)
        risk = cp.quad_form(w, problem.risk.form.matrix, assume_PSD=True)
        wanted = risk if goal == "min_volatility" else 0.5 * problem.aversion * risk - problem.mu @ w
        mandate = problem.mandate
        finite = [np.isfinite(mandate.row_lower), np.isfinite(mandate.row_upper)]
        rules = [
            mandate.A[finite[0]] @ w >= mandate.row_lower[finite[0]],
            mandate.A[finite[1]] @ w <= mandate.row_upper[finite[1]],
            w >= mandate.lower,
            w <= mandate.upper,
            w <= 0.12,
            cp.sum_squares(w) <= 0.1,
        ]
        cp.Problem(cp.Minimize(wanted), rules).solve(solver="SCS", eps=1e-8, max_iters=200_000)
        np.testing.assert_allclose(problem.value(outcome.w), problem.value(w.value), rtol=1e-4, atol=1e-5)
        assert outcome.certificate.gap_bp <= 0.01

    def test_a_bound_on_the_least_risk_heeds_every_round(self, make_problem: Make) -> None:
        """The first tangent of a kink leaves a gap in volatility, which must not be taken for none."""
        problem = make_problem(seed=7, funds=15, goal="min_volatility", target=None)
        free = solve_problem(problem)
        assert isinstance(free, Solved)
        even = np.full(15, 1.0 / 15.0)
        w = cp.Variable(15)
        stated = (Stated("largest", cp.max(w) <= 0.5),)
        short = 100.0 * (problem.risk.value(even) - problem.risk.value(free.w))
        claim = Claim(even, Multipliers(np.zeros(problem.mandate.row_upper.size), 0.0, 0.0))
        assert certify_with(Approximated(problem, claim), stated, w).gap_bp >= short - 0.01 > 1.0


@given(seed=st.integers(0, 2**32 - 1), funds=st.integers(5, 25), which=st.sampled_from(NAMES))
@settings(deadline=None, max_examples=15)
def test_no_allowed_portfolio_beats_the_bound(make_problem: Make, seed: int, funds: int, which: str) -> None:
    """Portfolios between the answer and others that the clause allows: none has more than the certificate says."""
    problem = make_problem(seed=seed, funds=funds, target=None, groups=0)
    free = solve_problem(problem)
    assert isinstance(free, Solved)
    states = named_clauses(problem, free.w)[which]
    outcome = solve_with_expressions(problem, [expression("x", states)], catalog_of(problem))
    if not isinstance(outcome, Solved):
        return
    rng = np.random.default_rng(seed)
    w = cp.Variable(funds)
    constraint: Any = states(Weights(w, problem.tickers, catalog_of(problem)))
    best = -np.inf
    for _ in range(200):
        other = rng.dirichlet(np.full(funds, 0.3))
        other = outcome.w + rng.random() * (other - outcome.w)
        w.value = other
        with np.errstate(all="ignore"):
            allowed = float(np.max(constraint.violation())) <= 0.0 and (other <= problem.mandate.upper).all()
        best = max(best, problem.value(other)) if allowed else best
    assert best <= problem.value(outcome.w) + outcome.certificate.gap_bp / 100.0 + 1e-9


class TestWrongAnswers:
    """What a solver might come back with, put in the place of its answer."""

    def inject(self, monkeypatch: pytest.MonkeyPatch, change: Callable[[Claim], Claim | NoClaim]) -> None:
        honest = solving.solve_conic_statement

        def wrong(*arguments: Any) -> Claim | NoClaim:
            answer = honest(*arguments)
            assert isinstance(answer, Claim)
            return change(answer)

        monkeypatch.setattr(solving, "solve_conic_statement", wrong)

    @pytest.fixture
    def problem(self, make_problem: Make) -> Problem:
        return make_problem(seed=21, funds=20, groups=0, target=None)

    def smooth(self, problem: Problem) -> list[Any]:
        best = solve_problem(problem)
        assert isinstance(best, Solved)
        return [expression("effective number", lambda w: cp.sum_squares(w.weights) <= 0.9 * best.w @ best.w)]

    def test_one_that_breaks_the_clause(self, monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
        best = solve_problem(problem)
        assert isinstance(best, Solved)
        clauses = self.smooth(problem)
        self.inject(monkeypatch, lambda claim: replace(claim, w=claim.w + 0.1 * (best.w - claim.w)))
        outcome = solve_with_expressions(problem, clauses, catalog_of(problem))
        assert isinstance(outcome, Failed)
        assert "effective number broken by" in outcome.words[0]

    def test_one_that_is_not_the_best(self, monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
        even = np.full(problem.size, 1.0 / problem.size)
        clauses = self.smooth(problem)
        self.inject(monkeypatch, lambda claim: replace(claim, w=claim.w + 0.01 * (even - claim.w)))
        outcome = solve_with_expressions(problem, clauses, catalog_of(problem))
        assert isinstance(outcome, Failed)
        assert "bp better is possible" in outcome.words[0]

    def test_wrong_multipliers(self, monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
        clauses = self.smooth(problem)

        def change(claim: Claim) -> Claim:
            dual = claim.multipliers
            return replace(claim, multipliers=Multipliers(dual.rows + 0.1, dual.risk, dual.turnover))

        self.inject(monkeypatch, change)
        assert isinstance(solve_with_expressions(problem, clauses, catalog_of(problem)), Failed)

    def test_with_a_kink_the_gap_tells(self, monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
        """Half way to even weights a tail loss has no active piece; the bound must not come out at zero."""
        best = solve_problem(problem)
        assert isinstance(best, Solved)
        clauses = [expression("tail", named_clauses(problem, best.w)["tail loss"])]
        honest = solve_with_expressions(problem, clauses, catalog_of(problem))
        assert isinstance(honest, Solved)
        even = np.full(problem.size, 1.0 / problem.size)
        self.inject(monkeypatch, lambda claim: replace(claim, w=claim.w + 0.2 * (even - claim.w)))
        outcome = solve_with_expressions(problem, clauses, catalog_of(problem))
        if isinstance(outcome, Solved):
            short = 100.0 * (problem.value(honest.w) - problem.value(outcome.w))
            assert outcome.certificate.proves == "feasibility"
            assert outcome.certificate.gap_bp >= short - 0.01 > 0.1

    def test_one_that_breaks_a_clause_without_a_gradient(
        self, monkeypatch: pytest.MonkeyPatch, problem: Problem
    ) -> None:
        best = solve_problem(problem)
        assert isinstance(best, Solved)
        clauses = [expression("largest", lambda w: cp.norm_inf(w.weights) <= 0.9 * best.w.max())]
        self.inject(monkeypatch, lambda claim: replace(claim, w=best.w))
        outcome = solve_with_expressions(problem, clauses, catalog_of(problem))
        assert isinstance(outcome, Failed)
        assert "largest broken by" in outcome.words[0]

    def test_a_solver_that_doubts(self, monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
        """Without a gradient only its word is left, and a doubtful one is not taken."""
        best = solve_problem(problem)
        assert isinstance(best, Solved)
        clauses = [expression("largest", lambda w: cp.norm_inf(w.weights) <= 0.9 * best.w.max())]
        assert isinstance(solve_with_expressions(problem, clauses, catalog_of(problem)), Solved)
        self.inject(monkeypatch, lambda claim: replace(claim, doubtful=True))
        assert isinstance(solve_with_expressions(problem, clauses, catalog_of(problem)), Failed)


def test_without_a_gradient_only_feasibility_is_proven(make_problem: Make) -> None:
    """cvxpy has no gradient of norm_inf: the optimum is Clarabel's word, and the result says so."""
    problem = make_problem(seed=22, funds=20, groups=0, target=None)
    free = solve_problem(problem)
    assert isinstance(free, Solved)
    cap = 0.9 * float(free.w.max())
    outcome = solve(problem, lambda w: cp.norm_inf(w.weights) <= cap)
    assert outcome.certificate.proves == "feasibility"
    assert outcome.certificate.ok
    (remark,) = outcome.remarks
    assert "that no portfolio is better is Clarabel's word" in remark
    # The gap is that of the problem without the clause: an honest bound.
    exact = solve_problem(
        replace(problem, mandate=replace(problem.mandate, upper=np.minimum(problem.mandate.upper, cap)))
    )
    assert isinstance(exact, Solved)
    assert problem.value(outcome.w) == pytest.approx(problem.value(exact.w), abs=1e-6)
    assert outcome.certificate.gap_bp >= 100.0 * (problem.value(free.w) - problem.value(outcome.w)) - 1e-4


class TestInfeasible:
    def test_the_rows_alone(self, stated: State) -> None:
        problem = stated([1.0, 2.0], [1.0, 2.0], PositionCap(0.4))
        outcome = solve_with_expressions(
            problem, [expression("x", lambda w: cp.sum_squares(w.weights) <= 1)], catalog_of(problem)
        )
        assert isinstance(outcome, Infeasible)

    def test_with_the_clause(self, stated: State) -> None:
        """Four funds cannot have fewer than 1/4 as their sum of squares."""
        problem = stated([1.0] * 4, [1.0, 2.0, 3.0, 4.0])
        clause = expression("effective number", lambda w: cp.sum_squares(w.weights) <= 0.2)
        outcome = solve_with_expressions(problem, [clause], catalog_of(problem))
        assert isinstance(outcome, Infeasible)
        assert outcome.findings == (
            "these clauses cannot hold together: fully invested, effective number "
            "(given from Python: effective number)",
        )

    def test_with_the_risk_target(self, stated: State) -> None:
        """Volatilities 1 and 3: half of each has the volatility sqrt(10)/2 = 1.58 %."""
        problem = stated([1.0, 3.0], [1.0, 2.0], cap=1.5)
        clause = expression("even", lambda w: cp.abs(w["F0"] - w["F1"]) <= 0.0)
        outcome = solve_with_expressions(problem, [clause], catalog_of(problem))
        assert isinstance(outcome, Infeasible)
        assert outcome.findings == (
            "risk target: volatility cannot go below 1.581 %; the target is 1.5 % "
            "(with the clauses given from Python: even)",
        )

    def test_without_a_proof_it_is_the_solvers_word(self, stated: State) -> None:
        problem = stated([1.0] * 4, [1.0, 2.0, 3.0, 4.0])
        clause = expression("largest", lambda w: cp.norm_inf(w.weights) <= 0.2)
        outcome = solve_with_expressions(problem, [clause], catalog_of(problem))
        assert isinstance(outcome, Failed)
        assert (
            "by its word no portfolio meets the mandate together with the clauses given from Python (largest)"
            in (outcome.words[0])
        )


class TestRefusals:
    def refusal(self, stated: State, *clauses: Any, **more: Any) -> str:
        problem = stated([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], GroupRange("credit", ("high_yield",), (), None, 0.6))
        with pytest.raises(OptimizerError) as caught:
            solve_with_expressions(problem, clauses, catalog_of(problem), **more)
        said = str(caught.value)
        assert "\n" not in said
        return said

    @pytest.mark.parametrize(
        ("states", "words"),
        [
            (
                lambda w: cp.sum_squares(w.weights) >= 0.1,
                "0.1 is constant and quad_over_lin.* is convex; expected convex",
            ),
            (lambda w: cp.sqrt(cp.sum_squares(w.weights)) <= 1, "does not know the curvature of .*quad_over_lin"),
            (lambda w: cp.sum_squares(w.weights) == 0.1, "both sides of == have to be affine"),
            (lambda w: True, "returned a bool; expected a cvxpy constraint"),
            (lambda w: cp.sum_squares(w.weights), "returned a .*; expected a cvxpy constraint"),
            (lambda w: None, "returned a NoneType"),
            (lambda w: [], "returned no constraint"),
            (lambda w: cp.diag(w.weights) >> 0, "returned a PSD constraint; expected one written with <="),
            (lambda w: cp.Variable(3, name="other") + w.weights <= 1, "uses the variable 'other'"),
            (lambda w: cp.Parameter() * w.weights[0] <= 1, "parameter without a value"),
            (lambda w: np.array([1.0, np.nan, 1.0]) @ w.weights <= 1, "a constant that is not a finite number"),
            (lambda w: w["F9"] <= 0.1, "'F9' is not a fund of this market"),
            (lambda w: w.where(sektor="mbs") <= 0.1, "'sektor' is not a column of the catalog; did you mean 'sector'"),
            (
                lambda w: w.where(sector="hihg_yield") <= 0.1,
                "no fund .* sector = 'hihg_yield'; did you mean 'high_yield'",
            ),
            (lambda w: 1 / 0, "its function raised ZeroDivisionError: division by zero"),
            (lambda w: np.ones(5) @ w.weights <= 1, "its function raised ValueError"),
        ],
    )
    def test_what_it_states(self, stated: State, states: States, words: str) -> None:
        said = self.refusal(stated, expression("mine", states))
        assert said.startswith("clause 'mine': ")
        assert re.search(words, said), said

    def test_names(self, stated: State) -> None:
        one = expression("mine", lambda w: w.weights <= 0.5)
        assert "a clause of that name" in self.refusal(stated, one, one)
        assert "a clause of that name" in self.refusal(stated, expression("credit", lambda w: w.weights <= 0.5))
        assert "a clause of that name" in self.refusal(stated, expression(TARGET_CLAUSE, lambda w: w.weights <= 0.5))
        with pytest.raises(OptimizerError, match="needs a name"):
            expression(" ", lambda w: w.weights <= 0.5)
        with pytest.raises(OptimizerError, match=r"'mine': expected a function from the weights .* found a bool"):
            expression("mine", True)

    def test_a_bare_function(self, stated: State) -> None:
        assert "expected expression(name, function" in self.refusal(stated, lambda w: w.weights <= 0.5)

    def test_one_that_is_no_list(self, stated: State) -> None:
        problem = stated([1.0, 2.0], [1.0, 2.0])
        with pytest.raises(OptimizerError, match="found a ExpressionClause; expected a list"):
            solve_with_expressions(problem, expression("mine", lambda w: True), catalog_of(problem))

    @pytest.mark.parametrize("backend", ["osqp", "parametric", "gurobi"])
    def test_other_backends(self, stated: State, backend: str) -> None:
        said = self.refusal(stated, expression("mine", lambda w: w.weights <= 0.5), backend=backend)
        assert f"backend '{backend}'" in said
        assert "conic" in said


class TestExactTarget:
    """Two funds of volatility 1 and 3; sum of squares at most 0.68 is at most 80 % of one."""

    def clause(self) -> ExpressionClause:
        return expression("spread", lambda w: cp.sum_squares(w.weights) <= 0.68)

    def test_met_by_the_best_portfolio(self, stated: State) -> None:
        problem = stated([1.0, 3.0], [1.0, 2.0], cap=2.0)
        outcome = solve_exactly_with_expressions(problem, [self.clause()], catalog_of(problem))
        assert isinstance(outcome, Solved)
        assert problem.risk.value(outcome.w) == pytest.approx(2.0, rel=1e-6)

    def test_out_of_reach(self, stated: State) -> None:
        """The most is hypot(0.2, 2.4) = 2.408 %."""
        problem = stated([1.0, 3.0], [1.0, 2.0], cap=2.9)
        outcome = solve_exactly_with_expressions(problem, [self.clause()], catalog_of(problem))
        assert isinstance(outcome, Failed)
        assert "exactly 2.9 % is asked for, and the best portfolio has 2.408 %" in outcome.words[0]


def test_without_clauses_it_is_the_ordinary_solve(make_problem: Make) -> None:
    problem = make_problem(seed=9, funds=10)
    expected, outcome = solve_problem(problem), solve_with_expressions(problem, (), catalog_of(problem))
    assert isinstance(expected, Solved)
    assert isinstance(outcome, Solved)
    np.testing.assert_array_equal(outcome.w, expected.w)
    assert outcome.remarks == ()


def test_weights_know_the_funds(stated: State) -> None:
    problem = stated([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    w = cp.Variable(3, value=[0.5, 0.3, 0.2])
    weights = Weights(w, problem.tickers, catalog_of(problem))
    assert weights["F1"].value == 0.3
    assert weights["OUT"].value == 0.0
    assert weights.where(sector="high_yield").value == pytest.approx(0.7)
    assert weights.where(sector=["high_yield", "treasury"]).value == pytest.approx(1.0)
    assert weights.where(sector="high_yield", issuer="Other").value == pytest.approx(0.2)
    assert weights.where(sector="treasury", issuer="Other").value == 0.0
    assert weights.where(sector="tips").value == 0.0
    assert list(weights.funds.index) == list(problem.tickers)


def test_gradients_support_from_below(stated: State) -> None:
    """What is trusted of cvxpy: h(v) >= h(p) + g'(v - p), for the atoms that a mandate may be written in."""
    rng = np.random.default_rng(0)
    n = 6
    w = cp.Variable(n)
    returns, even, root = rng.normal(size=(40, n)), np.full(n, 1 / n), rng.normal(size=(n, n))
    atoms = {
        "sum_squares": cp.sum_squares(w),
        "norm": cp.norm(root @ (w - even)),
        "norm1": cp.norm1(w - even),
        "cvar": cp.cvar(-returns @ w, 0.9),
        "sum_largest": cp.sum_largest(w, 2),
        "max": cp.max(w),
        "entropy": -cp.sum(cp.entr(w)),
        "log": -cp.sum(cp.log(w)),
        "log_sum_exp": cp.log_sum_exp(5 * w),
        "pos": cp.sum(cp.pos(w - even)),
        "pnorm": cp.pnorm(w, 3),
        "power": cp.sum(cp.power(w, 1.5)),
        "kl": cp.sum(cp.kl_div(w, even)),
        "quad_over_lin": cp.quad_over_lin(w, 1 + w[0]),
        "geo_mean": -cp.geo_mean(w),
        "entries": cp.square(w)[1:4],
    }
    for name, atom in atoms.items():
        one = Stated(name, atom <= 0.0)
        for kinked in (False, True):
            p = even if kinked else rng.dirichlet(np.ones(n))
            slopes, value = gradient(one, w, p), excess(one, w, p)
            assert slopes is not None, name
            for _ in range(20):
                v = rng.dirichlet(np.full(n, 0.4)) * 0.999 + 0.001 / n
                assert (excess(one, w, v) >= value + slopes @ (v - p) - 1e-9).all(), name


def test_the_ordinary_certificate_takes_no_clause_on_trust(make_problem: Make) -> None:
    """The plain problem is not touched: an answer under a clause is far from its optimum, and certify says so."""
    problem = make_problem(seed=23, funds=20, groups=0, target=None)
    outcome = solve(problem, lambda w: cp.sum_squares(w.weights) <= 0.06)
    claim = Claim(outcome.w, Multipliers(np.zeros(problem.mandate.row_upper.size), 0.0, 0.0))
    assert not certify(problem, claim).ok


def test_a_fund_without_variance(stated: State) -> None:
    """A singular covariance in the cone: cash-like and risky, at the volatility that the target lets."""
    form = FactorForm(np.array([[0.0], [4.0]]), np.zeros(2))
    risk = RiskMeasure(form, np.zeros(1), np.zeros(2), 0.0)
    problem = stated([1.0, 1.0], [1.0, 3.0], PositionCap(1.0), cap=1.0, risk=risk)
    outcome = solve(problem, lambda w: cp.sum_squares(w.weights) <= 1.0)
    np.testing.assert_allclose(outcome.w, [0.75, 0.25], atol=1e-7)
