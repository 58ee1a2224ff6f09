"""The parametric engine from the inside: the inverse it keeps, the segments of its path, the way out of trouble."""

from __future__ import annotations

import logging
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer import Problem, Solved, solve_problem
from optimizer.parametric.compiled import announce_compilation
from optimizer.parametric.exact import is_the_only_one, restate
from optimizer.parametric.exchange import DONE
from optimizer.parametric.path import ARRIVED, HIT, morph, set_off, turn, walk, walking
from optimizer.parametric.standard_form import StandardForm, standard_form
from optimizer.parametric.start import set_goal, start_from_nothing
from optimizer.parametric.state import Data, Move, Program, State, new_move, new_state
from optimizer.parametric.target import TARGET_SLACK, Target, approach
from optimizer.parametric.working_set import border, drop, enlist, insert, rebuild, strike

Floats = NDArray[np.float64]
Make = Callable[..., Problem]


def kkt(program: Program, members: list[int]) -> Floats:
    """K of a working set, entry by entry from Sigma and A."""
    n = program.mu.size
    sigma = program.columns.loadings.T @ program.columns.loadings
    sigma[np.diag_indices(n)] = np.diag(program.columns.value)
    matrix = np.zeros((len(members), len(members)))
    for k, a in enumerate(members):
        for h, b in enumerate(members):
            if a < n and b < n:
                matrix[k, h] = sigma[a, b]
            elif a < n <= b:
                matrix[k, h] = program.A[b - n, a]
            elif b < n <= a:
                matrix[k, h] = program.A[a - n, b]
    return matrix


@pytest.fixture
def form(make_problem: Make) -> StandardForm:
    problem = make_problem(seed=12, funds=30, factors=5, groups=3, duration=True, target=0.4)
    return standard_form(problem, curvature=1.0, ridge=0.0)


def set_out(form: StandardForm, t: float, shift: float = 1e-9) -> tuple[Program, State, Move]:
    """At the optimum of risk tolerance t."""
    program, limits = form.program, Data(form.lower[0], form.upper[0], np.zeros(form.program.mu.size))
    state, move = new_state(program.mu.size, program.A.shape[0]), new_move(program.mu.size, program.A.shape[0])
    set_goal(program, limits, t, shift, move)
    start_from_nothing(program, move, state)
    assert morph(program, state, move).outcome == ARRIVED
    return program, state, move


def optimality_error(program: Program, state: State) -> float:
    """How far the state is from an optimum of its own data, by plain numpy."""
    n = program.mu.size
    sigma = program.columns.loadings.T @ program.columns.loadings
    sigma[np.diag_indices(n)] = np.diag(program.columns.value)
    w, lam, data = state.x[:n], state.p[n:], state.data
    values = program.A @ w
    gradient = sigma @ w + data.q - program.A.T @ lam
    x, p = np.append(w, values), np.append(gradient, lam)
    inside = np.maximum(np.maximum(data.lower - x, x - data.upper), 0.0).max()
    # A price pushes up at the lower limit and down at the upper, and is zero in between.
    scale = max(np.abs(data.q).max(), np.diag(program.columns.value).mean())
    prices = np.minimum(np.where(p > 0.0, x - data.lower, data.upper - x), np.abs(p) / scale).max()
    return float(max(inside, prices))


class TestWorkingSet:
    def test_the_inverse_follows_members_that_come_and_go(self, form: StandardForm) -> None:
        program, state, move = set_out(form, 1.0)
        working, n = state.working, program.mu.size
        rng = np.random.default_rng(3)
        for _ in range(60):
            size = int(working.size[0])
            members = [int(c) for c in working.code[:size]]
            loose = [c for c in members if c < n]
            if rng.random() < 0.5 or len(loose) <= working.size[1] + 2:
                code = int(rng.choice([i for i in range(n) if i not in members]))
                s = border(program, working, code, move.right, move.solution)
                insert(working.inverse, size, move.solution, s)
                enlist(working, code, n)
            else:
                code = int(rng.choice(loose))
                drop(working.inverse, size, int(working.place[code]))
                strike(working, code, n)
            members = [int(c) for c in working.code[: working.size[0]]]
            assert [working.place[c] for c in members] == list(range(len(members)))
            matrix = kkt(program, members)
            if np.linalg.cond(matrix) > 1e9:
                continue
            error = working.inverse[: len(members), : len(members)] @ matrix - np.eye(len(members))
            assert np.abs(error).max() < 1e-6

    def test_a_fresh_inverse(self, form: StandardForm) -> None:
        program, state, _ = set_out(form, 1.0)
        assert rebuild(program, state.working)
        size = int(state.working.size[0])
        matrix = kkt(program, [int(c) for c in state.working.code[:size]])
        np.testing.assert_allclose(state.working.inverse[:size, :size] @ matrix, np.eye(size), atol=1e-8)

    def test_a_singular_matrix_is_noticed(self, form: StandardForm) -> None:
        program = form.program
        doubled = replace_rows(program, np.vstack([program.A, program.A[:1]]))
        n, m = program.mu.size, doubled.A.shape[0]
        working = new_state(n, m).working
        for code in (0, 1, 2, n, n + m - 1):
            enlist(working, code, n)
        assert not rebuild(doubled, working)


def replace_rows(program: Program, rows: Floats) -> Program:
    rows = np.ascontiguousarray(rows)
    return program._replace(A=rows, At=np.ascontiguousarray(rows.T))


class TestPath:
    @pytest.mark.parametrize("seed", range(8))
    def test_every_breakpoint_is_an_optimum(self, make_problem: Make, seed: int) -> None:
        problem = make_problem(
            seed=seed, funds=25, factors=4, groups=2, duration=seed % 2 == 0, clones=seed % 4, costs=seed % 3 == 0
        )
        program, state, move = set_out(standard_form(problem, curvature=1.0, ridge=0.0), 0.0)
        assert optimality_error(program, state) < 1e-9
        noise = walking(program, 1.0, move)
        set_off(program, move)
        variance, turns = -np.inf, 0
        while True:
            segment = turn(program, state, 1e6 * variance_over_return(program), np.inf, noise, move)
            assert optimality_error(program, state) < 1e-9
            w = state.x[: program.mu.size]
            assert problem_variance(program, w) >= variance - 1e-9
            variance, turns = problem_variance(program, w), turns + 1
            if segment.outcome == ARRIVED:
                break
            assert segment.outcome == DONE
        assert turns > 3

    def test_the_target_is_met_within_a_segment(self, form: StandardForm) -> None:
        program, state, move = set_out(form, 0.0)
        least = problem_variance(program, state.x[: program.mu.size])
        for missing in (0.3 * least, -0.1 * least, 0.01 * least):
            before = problem_variance(program, state.x[: program.mu.size])
            assert walk(program, state, np.inf, missing, move).outcome == HIT
            after = problem_variance(program, state.x[: program.mu.size])
            assert after - before == pytest.approx(missing, rel=1e-9)
            assert optimality_error(program, state) < 1e-9

    def test_a_spoilt_inverse_is_made_afresh(self, form: StandardForm) -> None:
        """Residuals show the drift; without the fresh inverse the path would leave the optimum."""
        program, state, move = set_out(form, 0.01)
        size = int(state.working.size[0])
        state.working.inverse[:size, :size] *= 1.0 + 1e-2 * np.random.default_rng(1).normal(size=(size, size))
        least = problem_variance(program, state.x[: program.mu.size])
        assert walk(program, state, np.inf, 0.5 * least, move).outcome == HIT
        assert optimality_error(program, state) < 1e-9


class TestTies:
    def test_no_two_sums_of_two_shifts_are_the_same(self, form: StandardForm) -> None:
        """A row and a cap are tied to another row and another cap where two groups of funds differ by two funds."""
        n, N = form.program.mu.size, form.lower.shape[1]
        move = new_move(n, N - n)
        set_goal(form.program, Data(np.zeros(N), np.ones(N), np.zeros(n)), 0.0, 1.0, move)
        for moved in (move.goal.upper, move.goal.lower[n:], move.goal.q):
            one, other = np.triu_indices(moved.size)
            sums = np.sort(moved[one] + moved[other])
            assert np.diff(np.sort(moved)).min() > 1e-3 * np.ptp(moved)
            assert np.diff(sums).min() > 1e-7 * np.ptp(moved)

    def test_a_condition_at_its_edge_leaves_another_working_set(self, form: StandardForm) -> None:
        program, state, _ = set_out(form, 1.0)
        n, place = program.mu.size, state.working.place
        assert restate(program, state)
        assert is_the_only_one(program, state)
        loose = int(np.flatnonzero(place[:n] >= 0)[0])
        held = int(np.flatnonzero((place[:n] < 0) & (state.side[:n] > 0.0))[0])
        upper, price = state.data.upper[loose], state.p[held]
        state.data.upper[loose] = state.x[loose] + 1e-13
        assert not is_the_only_one(program, state)
        state.data.upper[loose], state.p[held] = upper, 0.0
        assert not is_the_only_one(program, state)
        state.p[held] = price
        assert is_the_only_one(program, state)

    @pytest.mark.parametrize("seed", range(6))
    def test_the_end_lies_beyond_the_last_corner(self, make_problem: Make, seed: int) -> None:
        """At a corner a price is zero, and the working sets before and after it both hold."""
        problem = make_problem(seed=seed, funds=25, factors=4, groups=2)
        program, state, move = set_out(standard_form(problem, curvature=1.0, ridge=0.0), 0.0)
        everything = Target(np.inf, 0.0, np.inf)
        outcome, _, _ = approach(program, everything, state, 0.0, move, np.zeros(3))
        assert outcome == TARGET_SLACK
        assert restate(program, state)
        assert is_the_only_one(program, state)


def variance_over_return(program: Program) -> float:
    return float(np.diag(program.columns.value).mean() / np.ptp(program.mu))


def problem_variance(program: Program, w: Floats) -> float:
    specific = np.diag(program.columns.value) - (program.columns.loadings**2).sum(axis=0)
    factor = program.columns.loadings @ w
    return float(factor @ factor + specific @ w**2)


def test_an_optimum_does_not_depend_on_the_scale_of_rows(make_problem: Make) -> None:
    """Durations in years, in days, or in thousandths of a year; prices scale along."""
    problem = make_problem(seed=3, funds=30, factors=4, duration=True, target=0.3)
    years = [label.clause for label in problem.mandate.row_labels].index("duration")
    plain = solve_problem(problem, "parametric")
    assert isinstance(plain, Solved)
    for scale in (365.0, 1e-3, 1e4):
        factor = np.ones(problem.mandate.row_upper.size)
        factor[years] = scale
        mandate = replace(
            problem.mandate,
            A=problem.mandate.A * factor[:, None],
            row_lower=problem.mandate.row_lower * factor,
            row_upper=problem.mandate.row_upper * factor,
        )
        scaled = solve_problem(replace(problem, mandate=mandate), "parametric")
        assert isinstance(scaled, Solved)
        np.testing.assert_allclose(scaled.w, plain.w, atol=1e-10)


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 10.0])
def test_an_optimum_does_not_depend_on_the_unit_of_risk(make_problem: Make, unit: float) -> None:
    """The trap of bonds: daily variances near 1e-7 that a first-order solver takes for zero."""
    problem = make_problem(seed=5, funds=30, factors=4, groups=2, target=0.3)
    plain = solve_problem(problem, "parametric")
    small = replace(
        problem,
        mu=problem.mu * unit,
        risk=replace(problem.risk, form=problem.risk.form.scaled(unit)),
        cap=problem.cap * unit,
    )
    scaled = solve_problem(small, "parametric")
    assert isinstance(plain, Solved)
    assert isinstance(scaled, Solved)
    np.testing.assert_allclose(scaled.w, plain.w, atol=1e-9)


def test_the_first_call_says_that_it_compiles(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    # In a folder of its own, which has no machine code of an earlier run beside it.
    file = tmp_path / "doubling.py"
    file.write_text(
        "from optimizer.parametric.compiled import compiled\n\n\n@compiled\ndef double(x):\n    return 2.0 * x\n"
    )
    double = runpy.run_path(str(file))["double"]
    with caplog.at_level(logging.WARNING, logger="aggplus"):
        announce_compilation(double)
        assert "once after an installation" in caplog.text
        assert double(2.0) == 4.0
        caplog.clear()
        announce_compilation(double)
        assert not caplog.records
