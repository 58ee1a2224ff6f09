"""Optima that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from constraints.clauses import GroupRange, PositionCap, Turnover
from optimizer import Problem, RiskMeasure, Solved, solve_problem
from riskmodels import FactorForm

BACKENDS = ("parametric", "conic", "osqp")

State = Callable[..., Problem]


def solved(problem: Problem, backend: str) -> Solved:
    answer = solve_problem(problem, backend)
    assert isinstance(answer, Solved), answer
    return answer


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("low", "high", "correlation", "cap"), [(2.0, 9.0, 0.3, 5.0), (0.2, 12.0, 0.8, 1.5)])
def test_two_funds_at_a_volatility(
    stated: State, backend: str, low: float, high: float, correlation: float, cap: float
) -> None:
    # (1-x)^2 a^2 + x^2 b^2 + 2 r x (1-x) a b = cap^2, the larger root x; the second fund promises more.
    a2, b2, cross = low**2, high**2, correlation * low * high
    x = max(np.roots([a2 + b2 - 2.0 * cross, 2.0 * (cross - a2), a2 - cap**2]).real)
    answer = solved(stated([low, high], [1.0, 4.0], cap=cap, correlation=correlation), backend)
    np.testing.assert_allclose(answer.w, [1.0 - x, x], atol=1e-10)
    # d return / d cap = (mu_b - mu_a) dx/dcap, and dx/dcap from differentiating the quadratic.
    slope = 3.0 * cap / (x * (a2 + b2 - 2.0 * cross) + cross - a2)
    (price,) = [price for price in answer.prices if price.clause == "risk target"]
    assert price.price_bp == pytest.approx(100.0 * slope, rel=1e-7)
    assert (price.limit, price.value) == (cap, pytest.approx(cap, abs=1e-9))


@pytest.mark.parametrize("backend", BACKENDS)
def test_least_volatility_of_uncorrelated_funds(stated: State, backend: str) -> None:
    volatility = np.array([0.3, 1.0, 4.0, 5.5, 12.0])
    answer = solved(stated(volatility, np.zeros(5), goal="min_volatility"), backend)
    np.testing.assert_allclose(answer.w, volatility**-2 / np.sum(volatility**-2), atol=1e-10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_utility_of_two_funds(stated: State, backend: str) -> None:
    # d/dx [4x + (1-x) - k/2 ((1-x)^2 a^2 + x^2 b^2)] = 0
    a, b, aversion = 2.0, 6.0, 0.25
    x = (3.0 / aversion + a**2) / (a**2 + b**2)
    answer = solved(stated([a, b], [1.0, 4.0], goal="utility", aversion=aversion), backend)
    np.testing.assert_allclose(answer.w, [1.0 - x, x], atol=1e-10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ridge_spreads_over_funds(stated: State, backend: str) -> None:
    # mu_i - ridge w_i is the same for all: w_i = 1/n + (mu_i - mean mu) / ridge.
    mu = np.array([1.0, 1.2, 0.9, 1.3])
    answer = solved(stated([1.0, 2.0, 3.0, 4.0], mu, ridge=3.0), backend)
    np.testing.assert_allclose(answer.w, 0.25 + (mu - mu.mean()) / 3.0, atol=1e-10)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("inside", [True, False])
def test_tracking_error_is_least_at_the_benchmark(backend: str, inside: bool, stated: State) -> None:
    """Where the benchmark's parts may be held it is zero; specific risk of a benchmark outside stays."""
    rng = np.random.default_rng(5)
    form = FactorForm(rng.normal(size=(6, 3)) * 3.0, rng.uniform(0.5, 2.0, 6))
    benchmark = np.array([0.4, 0.3, 0.2, 0.1, 0.0, 0.0])
    own, outside = (form.specific * benchmark, 0.0) if inside else (np.zeros(6), 0.7)
    risk = RiskMeasure(form, form.loadings.T @ benchmark, own, outside)
    problem = stated(np.ones(6), np.zeros(6), goal="min_volatility", risk=risk)
    answer = solved(problem, backend)
    if inside:
        np.testing.assert_allclose(answer.w, benchmark, atol=1e-6)
        assert risk.value(answer.w) <= 1e-5
    else:
        assert risk.value(answer.w) >= 0.7
        assert risk.value(answer.w) <= risk.value(benchmark)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_slack_cap_leaves_the_best_caps_full(stated: State, backend: str) -> None:
    answer = solved(stated([1, 2, 3, 4, 5], [5.0, 4.0, 3.0, 2.0, 1.0], PositionCap(0.3), cap=50.0), backend)
    np.testing.assert_array_equal(answer.w > 0.0, [True, True, True, True, False])
    np.testing.assert_allclose(answer.w, [0.3, 0.3, 0.3, 0.1, 0.0], atol=1e-14)
    assert [price.clause for price in answer.prices] == ["position cap"]
    # One more percent in each of three capped funds is taken from the fourth.
    assert answer.prices[0].price_bp == pytest.approx((3.0 + 2.0 + 1.0), abs=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_costs_leave_a_small_gain_alone(stated: State, backend: str) -> None:
    """Moving weight costs both ways: 0.3 + 0.3 beats a gain of 0.5, and not one of 0.7."""
    held = np.array([1.0, 0.0])
    costs = np.full(2, 0.3)
    stays = solved(stated([1.0, 1.0], [1.0, 1.5], trade_cost=costs, held=held), backend)
    np.testing.assert_array_equal(stays.w, held)
    moves = solved(stated([1.0, 1.0], [1.0, 1.7], trade_cost=costs, held=held), backend)
    np.testing.assert_array_equal(moves.w, [0.0, 1.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_turnover_is_spent_where_it_pays_most(stated: State, backend: str) -> None:
    """From the worst fund held to the best: 0.2 one way, cash of 0.1 counting half of itself."""
    holdings = {"F0": 0.5, "F1": 0.4}
    held = np.array([0.5, 0.4, 0.0])
    problem = stated([1, 1, 1], [1.0, 2.0, 5.0], Turnover(0.25, holdings), held=held)
    answer = solved(problem, backend)
    # |sold| + |bought| + cash = 0.5, bought = sold + 0.1.
    np.testing.assert_allclose(answer.w, [0.35, 0.4, 0.25], atol=1e-12)
    (price,) = answer.prices
    # One more percent of turnover moves one more percent from the first to the third fund.
    assert (price.clause, price.price_bp) == ("turnover", pytest.approx(4.0, abs=1e-9))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_group_takes_its_share(stated: State, backend: str) -> None:
    group = GroupRange("credit", (), ("F2", "F3"), None, 0.35)
    answer = solved(stated([1, 1, 1, 1], [1.0, 2.0, 3.0, 4.0], group, cap=9.0), backend)
    np.testing.assert_allclose(answer.w, [0.0, 0.65, 0.0, 0.35], atol=1e-14)
    assert {price.clause: price.price_bp for price in answer.prices} == {"credit": pytest.approx(2.0, abs=1e-9)}
