"""Prices of limits against what really happens when the limit moves: every one by solving again on either side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from constraints import BETA, Label
from constraints.clauses import FundRange, GroupRange, PositionCap
from optimizer import TARGET_CLAUSE, Problem, ShadowPrice, Solved, solve_problem

State = Callable[..., Problem]

STEP = 1e-5


def with_limit(problem: Problem, price: ShadowPrice, change: float) -> Problem:
    """The same problem with that one limit moved."""
    mandate = problem.mandate
    if price.clause == "turnover":
        assert mandate.turnover is not None
        turnover = replace(mandate.turnover, limit=mandate.turnover.limit + change)
        return replace(problem, mandate=replace(mandate, turnover=turnover))
    for j, label in enumerate(mandate.row_labels):
        if label.clause == price.clause:
            low, high = mandate.row_lower.copy(), mandate.row_upper.copy()
            if low[j] == high[j] or price.limit == high[j]:
                high[j] += change
            if low[j] == mandate.row_upper[j] or price.limit == low[j]:
                low[j] += change
            return replace(problem, mandate=replace(mandate, row_lower=low, row_upper=high))
    if price.clause == TARGET_CLAUSE:
        assert problem.cap is not None
        return replace(problem, cap=problem.cap + change)
    low, high = mandate.lower.copy(), mandate.upper.copy()
    for i in range(problem.size):
        upper, lower = mandate.upper_labels[i], mandate.lower_labels[i]
        if upper is not None and upper.clause == price.clause and high[i] == price.limit:
            high[i] += change
        if lower is not None and lower.clause == price.clause and low[i] == price.limit:
            low[i] += change
    return replace(problem, mandate=replace(mandate, lower=low, upper=high))


def figure(problem: Problem) -> float | None:
    """The goal at its best, the volatility with its sign turned where that is the goal; None where it is unsolved."""
    answer = solve_problem(problem)
    if not isinstance(answer, Solved):
        return None
    return -problem.risk.value(answer.w) if problem.goal == "min_volatility" else problem.value(answer.w)


def verified(problem: Problem) -> list[str]:
    """Clauses whose price agrees with re-solves; where the two sides differ (a corner) it must lie between them."""
    answer = solve_problem(problem)
    assert isinstance(answer, Solved), answer
    seen = []
    for price in answer.prices:
        here, up = figure(problem), figure(with_limit(problem, price, STEP))
        down = figure(with_limit(problem, price, -STEP))
        if here is None or up is None or down is None:
            continue
        # Basis points for one unit of print.
        per_unit = 100.0 / STEP / price.unit.per_one
        right, left = (up - here) * per_unit, (here - down) * per_unit
        slack = 1e-3 * max(abs(right), abs(left)) + 100.0 * 1e-9 / STEP / price.unit.per_one
        assert min(left, right) - slack <= price.price_bp <= max(left, right) + slack, (price, left, right)
        if abs(left - right) <= 0.01 * abs(price.price_bp):
            seen.append(price.clause)
    return seen


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"groups": 3, "duration": True, "target": 0.5}, {"risk target"}),
        ({"groups": 2, "duration": True, "minimum": True, "target": 0.2}, {"risk target"}),
        ({"turnover": True, "costs": True, "target": 0.6}, {"risk target", "turnover"}),
        ({"tracking": True, "groups": 3, "ridge": 0.5}, {"risk target"}),
        ({"goal": "utility", "groups": 3, "duration": True, "target": None}, set()),
        ({"goal": "min_volatility", "groups": 3, "duration": True}, set()),
    ],
    ids=lambda case: str(sorted(case) if isinstance(case, set) else case),
)
def test_against_solves_on_either_side(make_problem, features: dict[str, object], expected: set[str]) -> None:
    seen: list[str] = []
    for seed in range(3, 8):
        problem = make_problem(**({"seed": seed, "funds": 16} | features))
        if isinstance(solve_problem(problem), Solved):
            seen += verified(problem)
    assert expected <= set(seen)
    assert any(clause.startswith("group") or clause in ("duration", "turnover") for clause in seen)
    assert len(seen) >= 5


@pytest.mark.parametrize("backend", ["parametric", "conic", "osqp"])
def test_of_a_beta_target(stated: State, backend: str) -> None:
    """A linear program of two funds: one more of beta moves weight from the one of beta 0.4 to that of 1.4."""
    problem = stated([1, 1], [1.0, 3.0])
    mandate = problem.mandate.with_row(np.array([0.4, 1.4]), -np.inf, 1.0, Label(TARGET_CLAUSE, BETA))
    answer = solve_problem(replace(problem, mandate=mandate), backend)
    assert isinstance(answer, Solved)
    np.testing.assert_allclose(answer.w, [0.4, 0.6], atol=1e-12)
    assert answer.prices == (ShadowPrice(TARGET_CLAUSE, 1.0, pytest.approx(1.0), pytest.approx(200.0), BETA),)


def test_of_a_minimum_is_negative(stated: State) -> None:
    answer = solve_problem(
        stated([1, 1, 1], [1.0, 2.0, 4.0], FundRange("F0", 0.2, None), GroupRange("g", (), ("F1",), 0.1, None))
    )
    assert isinstance(answer, Solved)
    prices = {price.clause: (price.limit, price.price_bp) for price in answer.prices}
    assert prices == {"fund F0": (0.2, pytest.approx(-3.0)), "g": (0.1, pytest.approx(-2.0))}


def test_nobody_moves_the_frame(make_problem: Callable[..., Problem]) -> None:
    answer = solve_problem(make_problem(seed=3, funds=15))
    assert isinstance(answer, Solved)
    assert not {"fully invested", "long only"} & {price.clause for price in answer.prices}


def test_limits_that_do_not_bind_are_left_out(stated: State) -> None:
    answer = solve_problem(stated([1, 5, 6], [1.0, 3.0, 4.0], GroupRange("slack", (), ("F0",), None, 0.9), cap=3.0))
    assert isinstance(answer, Solved)
    assert [price.clause for price in answer.prices] == [TARGET_CLAUSE]


class TestAtTheHoldings:
    """A fund held exactly at its limit pays to move: the limit is worth only what is left after the cost.

    The other fund trades for nothing, so that its return is the price of the budget.
    """

    held = np.array([0.4, 0.6])
    costs = np.array([0.0, 0.25])

    def prices(self, problem: Problem) -> dict[str, float]:
        answer = solve_problem(problem)
        assert isinstance(answer, Solved)
        np.testing.assert_allclose(answer.w, self.held, atol=1e-12)
        return {price.clause: price.price_bp for price in answer.prices}

    def test_a_cap(self, stated: State) -> None:
        limit = FundRange("F1", None, 0.6)
        problem = stated([1, 1], [1.0, 3.0], limit, trade_cost=self.costs, held=self.held)
        # A percent more: 3 - 1 gained, 0.25 paid.
        assert self.prices(problem) == {"fund F1": pytest.approx(1.75, abs=1e-9)}

    def test_a_minimum(self, stated: State) -> None:
        limit = FundRange("F1", 0.6, None)
        problem = stated([1, 1], [3.0, 1.0], limit, trade_cost=self.costs, held=self.held)
        # A percent less of the minimum would add 3 - 1 and cost 0.25.
        assert self.prices(problem) == {"fund F1": pytest.approx(-1.75, abs=1e-9)}

    @pytest.mark.parametrize("own", [1.2, 0.8])
    def test_a_limit_that_costs_keep_from_mattering(self, stated: State, own: float) -> None:
        limit = FundRange("F1", 0.6, 0.6) if own == 1.2 else FundRange("F1", None, 0.6)
        assert self.prices(stated([1, 1], [1.0, own], limit, trade_cost=self.costs, held=self.held)) == {}


def test_where_volatility_is_the_goal_prices_are_of_volatility(stated: State) -> None:
    """Two funds, the calmer one capped at 30 %: dR/dx = (x a^2 - (1-x) b^2) / R."""
    a, b, x = 1.0, 4.0, 0.3
    answer = solve_problem(stated([a, b], [0.0, 0.0], FundRange("F0", None, x), goal="min_volatility"))
    assert isinstance(answer, Solved)
    risk = float(np.hypot(x * a, (1.0 - x) * b))
    (price,) = [p for p in answer.prices if p.clause == "fund F0"]
    assert price.price_bp == pytest.approx(((1.0 - x) * b**2 - x * a**2) / risk, rel=1e-7)


def test_a_position_cap_is_the_sum_over_its_funds(stated: State) -> None:
    problem = stated([1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 3.5, 4.0], PositionCap(0.3), cap=2.1)
    answer = solve_problem(problem)
    assert isinstance(answer, Solved)
    assert np.count_nonzero(answer.w >= 0.3) >= 2
    assert "position cap" in verified(problem)
