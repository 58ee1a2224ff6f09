"""The order of funds, of calls and of neighbours must not show in an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from constraints import CompiledMandate
from optimizer import Problem, RiskMeasure, Solved, solve_problem

BACKENDS = ("parametric", "conic", "osqp")

FEATURES = [
    {},
    {"groups": 3, "duration": True, "ridge": 0.5},
    {"turnover": True, "costs": True},
    {"tracking": True, "minimum": True},
    {"goal": "utility", "target": 0.3},
    {"goal": "min_volatility"},
]


def reordered(problem: Problem, order: NDArray[np.intp]) -> Problem:
    """The same problem with its funds in another order."""
    old = problem.mandate
    turnover = None if old.turnover is None else replace(old.turnover, held=old.turnover.held[order])
    mandate = CompiledMandate(
        tickers=tuple(old.tickers[i] for i in order),
        A=old.A[:, order],
        row_lower=old.row_lower,
        row_upper=old.row_upper,
        row_labels=old.row_labels,
        lower=old.lower[order],
        upper=old.upper[order],
        lower_labels=tuple(old.lower_labels[i] for i in order),
        upper_labels=tuple(old.upper_labels[i] for i in order),
        turnover=turnover,
        turnover_label=old.turnover_label,
    )
    risk = problem.risk
    return replace(
        problem,
        mandate=mandate,
        mu=problem.mu[order],
        risk=RiskMeasure(risk.form.take(order), risk.factor_target, risk.specific_target[order], risk.unhedgeable),
        trade_cost=problem.trade_cost[order],
        held=problem.held[order],
    )


def solved(problem: Problem, backend: str) -> Solved:
    answer = solve_problem(problem, backend)
    assert isinstance(answer, Solved), answer
    return answer


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("features", FEATURES, ids=str)
def test_the_order_of_funds(make_problem: Callable[..., Problem], features: dict[str, object], backend: str) -> None:
    problem = make_problem(**({"seed": 13, "funds": 25, "target": 0.5} | features))
    order = np.random.default_rng(2).permutation(25)
    straight, mixed = solved(problem, backend), solved(reordered(problem, order), backend)
    np.testing.assert_allclose(mixed.w, straight.w[order], rtol=0.0, atol=1e-9)
    for one, other in zip(straight.prices, mixed.prices, strict=True):
        assert one.clause == other.clause
        assert one.price_bp == pytest.approx(other.price_bp, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("features", FEATURES, ids=str)
def test_the_same_bits_whatever_was_solved_before(make_problem, features: dict[str, object], backend: str) -> None:
    problem: Problem = make_problem(**({"seed": 17, "funds": 25, "target": 0.5} | features))
    first = solved(problem, backend)
    for other in FEATURES[:3]:
        solve_problem(make_problem(**({"seed": 18, "funds": 20} | other)), backend)
    again = solved(problem, backend)
    np.testing.assert_array_equal(first.w, again.w)
    assert first.certificate == again.certificate
    assert first.prices == again.prices


def test_a_fund_that_may_not_be_held_changes_nothing(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=23, funds=20, groups=2)
    whole = solved(problem, "conic")
    out = int(np.argmax(whole.w == 0.0))
    upper = problem.mandate.upper.copy()
    upper[out] = 0.0
    barred = solved(replace(problem, mandate=replace(problem.mandate, upper=upper)), "conic")
    np.testing.assert_allclose(barred.w, whole.w, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_return_that_all_funds_share_changes_nothing(make_problem: Callable[..., Problem], backend: str) -> None:
    """Fully invested, a constant added to every expected return is earned whatever is held."""
    problem = make_problem(seed=29, funds=20, groups=2)
    richer = replace(problem, mu=problem.mu + 3.0)
    np.testing.assert_allclose(solved(richer, backend).w, solved(problem, backend).w, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("factor", [1e-2, 1e2])
def test_units_of_risk(make_problem: Callable[..., Problem], factor: float) -> None:
    """Risk and its cap in other units: the same portfolio, as far as two ranks of magnitude go."""
    problem = make_problem(seed=37, funds=20, groups=1)
    assert problem.cap is not None
    risk = replace(problem.risk, form=problem.risk.form.scaled(factor))
    scaled = solve_problem(replace(problem, risk=risk, cap=problem.cap * factor))
    assert isinstance(scaled, Solved), scaled
    np.testing.assert_allclose(scaled.w, solved(problem, "conic").w, rtol=0.0, atol=1e-6)
