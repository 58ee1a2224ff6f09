"""Against other formulations: the dense covariance as a quadratic form, and linear programs of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from numpy.typing import NDArray

from constraints import BETA, Label
from optimizer import TARGET_CLAUSE, Infeasible, Problem, Solved, solve_problem

Floats = NDArray[np.float64]


def dense_optimum(problem: Problem) -> float | None:
    """The best value of the goal, None where nothing is allowed: R^2 = w'Sw - 2 c'w + b, its entries from loops."""
    mandate, form = problem.mandate, problem.risk.form
    n, k = form.loadings.shape
    sigma = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            sigma[i, j] = sum(form.loadings[i, f] * form.loadings[j, f] for f in range(k))
        sigma[i, i] += form.specific[i] ** 2
    with_benchmark = form.loadings @ problem.risk.factor_target + form.specific * problem.risk.specific_target
    benchmark = (
        problem.risk.factor_target @ problem.risk.factor_target
        + problem.risk.specific_target @ problem.risk.specific_target
        + problem.risk.unhedgeable**2
    )
    w = cp.Variable(n)
    square = cp.quad_form(w, cp.psd_wrap(sigma)) - 2.0 * with_benchmark @ w + benchmark
    limits = [w >= mandate.lower, w <= mandate.upper]
    for a, low, high in zip(mandate.A, mandate.row_lower, mandate.row_upper, strict=True):
        limits += [a @ w >= low] if np.isfinite(low) else []
        limits += [a @ w <= high] if np.isfinite(high) else []
    if mandate.turnover is not None:
        traded = cp.sum(cp.abs(w - mandate.turnover.held)) / 2.0 + mandate.turnover.outside / 2.0
        limits.append(traded <= mandate.turnover.limit)
    if problem.cap is not None:
        limits.append(square <= problem.cap**2)
    if problem.goal == "min_volatility":
        goal = -square / 2.0
    else:
        goal = problem.mu @ w - problem.trade_cost @ cp.abs(w - problem.held) - problem.ridge / 2.0 * cp.sum_squares(w)
        goal -= problem.aversion / 2.0 * square if problem.goal == "utility" else 0.0
    stated = cp.Problem(cp.Maximize(goal), limits)
    stated.solve(solver=cp.CLARABEL)
    return None if stated.status == cp.INFEASIBLE else float(stated.value)


CASES = [
    {},
    {"target": 0.02},
    {"target": 0.97, "groups": 3, "duration": True},
    {"target": -0.2},
    {"target": 1.2},
    {"tracking": True, "groups": 2},
    {"turnover": True, "costs": True, "groups": 0},
    {"costs": True, "ridge": 2.0},
    {"goal": "utility"},
    {"goal": "utility", "tracking": True, "target": None},
    {"goal": "min_volatility", "groups": 2, "duration": True},
    {"goal": "min_volatility", "ridge": 5.0, "costs": True},
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_dense_quadratic_form(make_problem: Callable[..., Problem], case: dict[str, object], seed: int) -> None:
    problem = make_problem(**({"seed": seed, "funds": 18, "target": 0.4} | case))
    expected = dense_optimum(problem)
    for backend in ("parametric", "conic", "osqp"):
        answer = solve_problem(problem, backend)
        if expected is None:
            assert isinstance(answer, Infeasible), answer
        else:
            assert isinstance(answer, Solved), answer
            assert problem.value(answer.w) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_a_beta_target_makes_it_a_linear_program(make_problem, highest_by_linprog, seed: int) -> None:
    problem: Problem = make_problem(seed=seed, funds=25, groups=2, turnover=seed % 2 == 0, target=None)
    rng = np.random.default_rng(seed)
    beta = np.sqrt((problem.risk.form.loadings**2).sum(axis=1)) / 5.0 + 0.05 * rng.normal(size=25)
    within = highest_by_linprog(problem.mandate, rng.normal(size=25))
    if within is None:
        assert isinstance(solve_problem(problem), Infeasible)
        return
    mandate = problem.mandate.with_row(beta, -np.inf, float(beta @ within), Label(TARGET_CLAUSE, BETA))
    problem = replace(problem, mandate=mandate)
    expected: Floats = highest_by_linprog(mandate, problem.mu)
    for backend in ("parametric", "conic", "osqp"):
        answer = solve_problem(problem, backend)
        assert isinstance(answer, Solved), answer
        assert problem.value(answer.w) == pytest.approx(float(problem.mu @ expected), abs=1e-9)
