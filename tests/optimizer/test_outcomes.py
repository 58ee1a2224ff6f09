"""Solved, infeasible or failed: each for the right reason, and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constraints.clauses import FundRange, GroupRange, PositionCap, Turnover
from optimizer import (
    BACKENDS,
    Claim,
    Failed,
    Infeasible,
    Multipliers,
    NoClaim,
    OptimizerError,
    Problem,
    RiskMeasure,
    Solved,
    solve_problem,
    violations,
)

State = Callable[..., Problem]


@pytest.fixture
def problem(stated: State) -> Problem:
    return stated([1, 4, 6, 7], [1.0, 3.0, 4.0, 2.0], PositionCap(0.6), cap=3.0)


def test_an_unknown_backend_is_named(problem: Problem) -> None:
    with pytest.raises(OptimizerError, match=r"'gurobi' does not exist: expected auto, parametric, osqp, conic"):
        solve_problem(problem, "gurobi")


class TestInfeasible:
    def test_by_arithmetic(self, stated: State) -> None:
        answer = solve_problem(stated(np.ones(20), np.ones(20), PositionCap(0.01), cap=3.0))
        assert isinstance(answer, Infeasible)
        assert len(answer.findings) == 1
        assert "at most 20 %" in answer.findings[0]
        assert "20 x 1 %" in answer.findings[0]

    def test_by_rows_that_clash(self, stated: State) -> None:
        """Neither row is out of reach alone; together they leave a fifth of the money nowhere to go."""
        rows = [
            GroupRange(name, (), funds, None, 0.4) for name, funds in (("left", ("F0", "F1")), ("right", ("F2", "F3")))
        ]
        for backend in BACKENDS:
            answer = solve_problem(stated([1, 5, 6, 7], [1.0, 3.0, 4.0, 2.0], *rows, cap=3.5), backend)
            assert isinstance(answer, Infeasible)
            clash, nearest = answer.findings[0].split("; ")
            assert clash == "these clauses cannot hold together: fully invested, left, right"
            assert nearest in [f"the nearest portfolio misses {which} by 20 %" for which in ("left", "right")]

    @pytest.mark.parametrize("tracking", [False, True])
    def test_by_a_risk_target_below_the_least_risk(self, make_problem: Callable[..., Problem], tracking: bool) -> None:
        problem = make_problem(seed=31, funds=15, groups=2, duration=True, tracking=tracking, target=-0.1)
        form, mandate = problem.risk.form, problem.mandate
        w = cp.Variable(15)
        active = cp.hstack([form.loadings.T @ w - problem.risk.factor_target, cp.multiply(form.specific, w)])
        limits = [
            mandate.A @ w >= np.maximum(mandate.row_lower, -1e3),
            mandate.A @ w <= np.minimum(mandate.row_upper, 1e3),
        ]
        stated = cp.Problem(cp.Minimize(cp.norm(active)), [*limits, w >= mandate.lower, w <= mandate.upper])
        stated.solve(solver=cp.CLARABEL)
        least = float(np.hypot(stated.value, problem.risk.unhedgeable))
        assert problem.cap is not None
        assert problem.cap < least
        figure = "tracking error" if tracking else "volatility"
        for backend in BACKENDS:
            answer = solve_problem(problem, backend)
            assert isinstance(answer, Infeasible)
            assert answer.findings == (
                f"risk target: {figure} cannot go below {least:.4g} %; the target is {problem.cap:.4g} %",
            )

    def test_by_turnover_that_cannot_reach_the_target(self, stated: State) -> None:
        """Five percent one way from 50 / 50 in the riskiest two: 45 % and 50 % stay, 5 % go to the calmest."""
        held = np.array([0.0, 0.0, 0.5, 0.5])
        turnover = Turnover(0.05, {"F2": 0.5, "F3": 0.5})
        answer = solve_problem(stated([1, 5, 6, 7], [1.0, 3.0, 4.0, 2.0], turnover, cap=2.0, held=held))
        least = np.linalg.norm([0.05 * 1.0, 0.5 * 6.0, 0.45 * 7.0])
        assert isinstance(answer, Infeasible)
        assert f"cannot go below {least:.4g} %" in answer.findings[0]

    def test_figures_a_hair_apart_are_told_apart(self, stated: State) -> None:
        least = float(1.0 / np.sqrt(1.0 + 1.0 / 25.0))
        answer = solve_problem(stated([1, 5], [1.0, 3.0], cap=least * (1.0 - 1e-6)))
        assert isinstance(answer, Infeasible)
        assert "0.980581 %; the target is 0.98058 %" in answer.findings[0]

    def test_bounds_that_cross_by_rounding_are_not_the_reason(self, stated: State) -> None:
        """0.1 + 0.2 against 0.3: the linear program must not trip over it on its way to the real reason."""
        clauses = [PositionCap(0.3), FundRange("F1", 0.1 + 0.2, None)]
        answer = solve_problem(stated([1, 5, 6, 7], [1.0, 3.0, 4.0, 2.0], *clauses, cap=1.5))
        assert isinstance(answer, Infeasible)
        assert "volatility cannot go below" in answer.findings[0]


def saying(*answers: Claim | NoClaim) -> dict[str, Callable[[Problem], Claim | NoClaim]]:
    """Backends `first`, `second` and so on that say what they are told to."""
    names = ("first", "second", "third")
    return {name: (lambda _, answer=answer: answer) for name, answer in zip(names, answers, strict=False)}


@pytest.fixture
def right(problem: Problem) -> Claim:
    answer = BACKENDS["conic"](problem)
    assert isinstance(answer, Claim)
    return answer


class TestFallBack:
    def use(self, monkeypatch: pytest.MonkeyPatch, *answers: Claim | NoClaim) -> None:
        monkeypatch.setattr("optimizer.solving.BACKENDS", saying(*answers))

    def test_a_wrong_answer_is_passed_over_and_recorded(self, monkeypatch, problem: Problem, right: Claim) -> None:
        wrong = Claim(np.array([0.6, 0.2, 0.1, 0.1]), Multipliers(np.zeros(1), 0.0, 0.0))
        self.use(monkeypatch, wrong, right)
        answer = solve_problem(problem)
        assert isinstance(answer, Solved)
        assert answer.backend in ("first", "second")
        if answer.backend == "second":
            assert len(answer.fallbacks) == 1
            assert answer.fallbacks[0].startswith("first: its answer was not certified (up to")
        assert problem.value(answer.w) == pytest.approx(problem.value(right.w), abs=1e-7)

    def test_a_failure_is_recorded_in_its_own_words(self, monkeypatch, problem: Problem, right: Claim) -> None:
        self.use(monkeypatch, NoClaim(infeasible=False, words="out of time"), right)
        answer = solve_problem(problem)
        assert isinstance(answer, Solved)
        assert (answer.backend, answer.fallbacks) == ("second", ("first: out of time",))

    def test_infeasible_without_a_proof_is_not_believed(self, monkeypatch, problem: Problem, right: Claim) -> None:
        self.use(monkeypatch, NoClaim(infeasible=True, words="nothing there"), right)
        answer = solve_problem(problem)
        assert isinstance(answer, Solved)
        assert answer.fallbacks[0].startswith("first: nothing there; no proof of that was found")

    def test_all_words_when_all_fail(self, monkeypatch, problem: Problem) -> None:
        nonsense = Claim(np.full(4, np.nan), Multipliers(np.full(1, np.nan), np.nan, np.nan))
        self.use(
            monkeypatch,
            NoClaim(infeasible=True, words="nothing there"),
            NoClaim(infeasible=False, words="out of time"),
            nonsense,
        )
        answer = solve_problem(problem)
        assert isinstance(answer, Failed)
        assert [line.split(":")[0] for line in answer.words] == ["first", "second", "third"]
        assert "within solver tolerance of infeasible" in answer.words[0]
        assert answer.words[1] == "second: out of time"
        assert "not certified" in answer.words[2]

    def test_one_backend_asked_for_is_the_only_one_asked(self, monkeypatch, problem: Problem, right: Claim) -> None:
        self.use(monkeypatch, NoClaim(infeasible=False, words="out of time"), right)
        answer = solve_problem(problem, "first")
        assert isinstance(answer, Failed)
        assert answer.words == ("first: out of time",)

    def test_a_failure_on_a_problem_without_an_answer_is_infeasible(self, monkeypatch, problem: Problem) -> None:
        real = dict(BACKENDS)
        monkeypatch.setattr(
            "optimizer.solving.BACKENDS",
            {"shy": lambda p: real["conic"](p) if p.cap is None else NoClaim(infeasible=False, words="no idea")},
        )
        answer = solve_problem(replace(problem, cap=0.5))
        assert isinstance(answer, Infeasible)
        assert "volatility cannot go below" in answer.findings[0]

    def test_a_poor_proof_of_the_least_risk_is_not_the_last_word(self, monkeypatch, problem: Problem) -> None:
        """The first backend's answer to the least-risk problem proves nothing; the second one's does."""
        poor = Claim(np.array([0.0, 0.0, 0.5, 0.5]), Multipliers(np.array([1e6]), 0.0, 0.0))
        real = dict(BACKENDS)
        monkeypatch.setattr("optimizer.solving.polish", lambda _, claim: claim)
        monkeypatch.setattr("optimizer.solving.BACKENDS", {"poor": lambda _: poor, "good": real["conic"]})
        answer = solve_problem(replace(problem, cap=0.5))
        assert isinstance(answer, Infeasible)

    def test_a_target_at_the_least_risk_says_so(self, monkeypatch, problem: Problem) -> None:
        least = solve_problem(problem.minimising_risk())
        assert isinstance(least, Solved)
        real = dict(BACKENDS)
        monkeypatch.setattr(
            "optimizer.solving.BACKENDS",
            {"shy": lambda p: real["conic"](p) if p.cap is None else NoClaim(infeasible=False, words="no idea")},
        )
        answer = solve_problem(replace(problem, cap=problem.risk.value(least.w) * (1.0 + 1e-9)))
        assert isinstance(answer, Failed)
        assert "the least risk possible" in answer.words[-1]


@given(
    seed=st.integers(0, 2**32 - 1),
    near=st.sampled_from([0.0, 1e-8, 1e-6, 1e-5, 1e-3, 1.0]),
    scale=st.sampled_from([0.0, 0.5, 0.999, 1.0, 1.001, -1.0]),
)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_backend_claims_solved_means_best_and_allowed(
    make_problem, seed: int, near: float, scale: float
) -> None:
    problem: Problem = make_problem(seed=5, funds=10, groups=2, costs=True, turnover=True, target=0.5)
    truth = BACKENDS["conic"](problem)
    assert isinstance(truth, Claim)
    rng = np.random.default_rng(seed)
    old = truth.multipliers
    claim = Claim(
        truth.w + near * rng.normal(size=10), Multipliers(scale * old.rows, scale * old.risk, scale * old.turnover)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.solving.BACKENDS", saying(claim))
        answer = solve_problem(problem)
    assert isinstance(answer, Solved | Failed)
    if isinstance(answer, Solved):
        assert max(violations(problem, answer.w).values(), default=0.0) <= 1e-7
        assert problem.value(answer.w) >= problem.value(truth.w) - 1.1e-4
    elif near == 0.0 and scale == 1.0:
        pytest.fail(f"the right answer was refused: {answer}")


def test_a_risk_target_of_zero(stated: State) -> None:
    """Met by a fund without variance; otherwise the least risk is told."""
    answer = solve_problem(stated([0.0, 5.0, 6.0], [1.0, 3.0, 4.0], cap=0.0))
    assert isinstance(answer, Solved)
    np.testing.assert_allclose(answer.w, [1.0, 0.0, 0.0], atol=1e-7)
    assert isinstance(solve_problem(stated([1.0, 5.0, 6.0], [1.0, 3.0, 4.0], cap=0.0)), Infeasible)


def test_a_tracking_error_of_zero_is_the_benchmark(stated: State) -> None:
    benchmark = np.array([0.2, 0.5, 0.3])
    form = stated([2, 5, 6], [1.0, 3.0, 4.0], correlation=0.5).risk.form
    risk = RiskMeasure(form, form.loadings.T @ benchmark, form.specific * benchmark, 0.0)
    answer = solve_problem(stated([2, 5, 6], [1.0, 3.0, 4.0], cap=1e-6, risk=risk))
    assert isinstance(answer, Solved)
    np.testing.assert_allclose(answer.w, benchmark, atol=1e-6)
