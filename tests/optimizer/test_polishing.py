"""Polishing makes an answer exact or leaves it alone; it never makes one worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constraints.clauses import FundRange, GroupRange, PositionCap, Turnover
from optimizer import Claim, Multipliers, Problem, Solved, certify, solve_problem
from optimizer.backends import Backend
from optimizer.backends.conic import solve_conic
from optimizer.backends.first_order import solve_first_order
from optimizer.polishing import polish

Floats = NDArray[np.float64]
State = Callable[..., Problem]

ROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
BACKENDS = ("parametric", "conic", "osqp")


@given(data=st.data())
@settings(ROUGH, max_examples=30)
def test_an_answer_becomes_exact_and_clean(data: st.DataObject, recipes, from_recipe) -> None:
    problem: Problem = from_recipe(data.draw(recipes))
    answer = solve_conic(problem)
    assume(isinstance(answer, Claim) and certify(problem, answer).ok)
    before, claim = certify(problem, answer), polish(problem, answer)
    after = certify(problem, claim)
    assert after.max_violation <= max(1e-10, before.max_violation)
    assert after.gap_bp <= max(1e-8, before.gap_bp)
    assert after.kkt_residual <= max(1e-10, before.kkt_residual)
    # Where the optimum is nearly flat, as between clones, the active set may stay open.
    assert after.kkt_residual <= 1e-4
    # Interior-point dust of 1e-9 in every fund is gone.
    assert np.count_nonzero((claim.w > 0.0) & (claim.w < 1e-7)) <= 1


@pytest.mark.parametrize("solve", [solve_conic, solve_first_order])
@pytest.mark.parametrize("seed", range(6))
def test_exact_to_rounding(make_problem: Callable[..., Problem], seed: int, solve: Backend) -> None:
    problem = make_problem(seed=seed, funds=25, groups=2, duration=True, costs=seed % 2 == 0, tracking=seed % 3 == 0)
    answer = solve(problem)
    assert isinstance(answer, Claim)
    certificate = certify(problem, polish(problem, answer))
    assert certificate.kkt_residual <= 1e-11
    assert certificate.max_violation <= 1e-12
    assert certificate.gap_bp <= 1e-9


@given(data=st.data(), seed=st.integers(0, 2**32 - 1), size=st.sampled_from([1e-6, 1e-3, 1.0, 1e3]))
@settings(ROUGH, max_examples=30)
def test_nonsense_is_never_made_worse(data: st.DataObject, seed: int, size: float, recipes, from_recipe) -> None:
    problem: Problem = from_recipe(data.draw(recipes))
    rng = np.random.default_rng(seed)
    rows = problem.mandate.A.shape[0]
    w = rng.dirichlet(np.ones(problem.size)) + size * rng.normal(size=problem.size)
    claim = Claim(w, Multipliers(size * rng.normal(size=rows), size * abs(rng.normal()), size * abs(rng.normal())))
    before, after = certify(problem, claim), certify(problem, polish(problem, claim))
    assert after.max_violation <= max(1e-10, before.max_violation)
    assert after.kkt_residual <= max(1e-10, before.kkt_residual)
    assert after.gap_bp <= max(1e-8, before.gap_bp)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("features", [{}, {"turnover": True, "costs": True}, {"tracking": True}], ids=str)
def test_a_nearly_right_guess_is_put_right(make_problem, seed: int, features: dict[str, object]) -> None:
    """An answer that is off by a part in 100,000 still tells most of the active set; the rest is corrected."""
    problem: Problem = make_problem(seed=seed, funds=20, target=0.5, **features)
    best, answer = solve_problem(problem), solve_conic(problem)
    if not isinstance(best, Solved) or not isinstance(answer, Claim):
        pytest.skip("nothing is allowed under this draw of turnover")
    rng = np.random.default_rng(seed)
    rough = Claim(
        np.clip(answer.w + 1e-5 * rng.normal(size=20), problem.mandate.lower, problem.mandate.upper),
        replace(answer.multipliers, rows=answer.multipliers.rows * 1.00001),
    )
    assert not certify(problem, rough).ok
    np.testing.assert_allclose(polish(problem, rough).w, best.w, atol=1e-9)


def exact(problem: Problem, backend: str) -> Solved:
    answer = solve_problem(problem, backend)
    assert isinstance(answer, Solved), answer
    assert answer.certificate.kkt_residual <= 1e-10
    return answer


@pytest.mark.parametrize("backend", BACKENDS)
class TestDegenerate:
    def test_a_vertex_has_no_free_fund(self, stated: State, backend: str) -> None:
        answer = exact(stated([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], PositionCap(0.5), cap=50.0), backend)
        np.testing.assert_array_equal(answer.w, [0.0, 0.0, 0.5, 0.5])

    def test_caps_that_sum_to_one(self, stated: State, backend: str) -> None:
        answer = exact(stated([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], PositionCap(0.25), cap=50.0), backend)
        np.testing.assert_array_equal(answer.w, np.full(4, 0.25))

    def test_caps_that_sum_to_one_at_their_own_risk(self, stated: State, backend: str) -> None:
        risk = float(np.linalg.norm([0.25, 0.5, 0.75, 1.0]))
        answer = exact(stated([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], PositionCap(0.25), cap=risk), backend)
        np.testing.assert_allclose(answer.w, np.full(4, 0.25), atol=1e-12)

    def test_equal_funds(self, stated: State, backend: str) -> None:
        """Any split between clones is as good; the sum is not free."""
        twins = exact(stated([2, 2, 6, 6], [1.0, 1.0, 4.0, 4.0], cap=4.0, correlation=1.0), backend)
        assert twins.w[2:].sum() == pytest.approx(0.5, abs=1e-9)
        np.testing.assert_array_less(-1e-15, twins.w)

    def test_all_funds_alike(self, stated: State, backend: str) -> None:
        problem = stated([3, 3, 3], [2.0, 2.0, 2.0], cap=2.5, correlation=0.2)
        answer = exact(problem, backend)
        assert problem.expected_return(answer.w) == pytest.approx(2.0, abs=1e-12)
        assert problem.risk.value(answer.w) <= 2.5 + 1e-9

    def test_rows_that_repeat_each_other(self, stated: State, backend: str) -> None:
        rows = [GroupRange(name, (), ("F0", "F1"), 0.5, 0.5) for name in ("one", "two", "three")]
        rows.append(GroupRange("rest", (), ("F2", "F3"), 0.5, 0.5))
        plain = exact(stated([1, 5, 6, 7], [1.0, 3.0, 4.0, 2.0], rows[0], cap=3.5), backend)
        answer = exact(stated([1, 5, 6, 7], [1.0, 3.0, 4.0, 2.0], *rows, cap=3.5), backend)
        np.testing.assert_allclose(answer.w, plain.w, atol=1e-9)

    def test_a_fund_without_variance(self, stated: State, backend: str) -> None:
        # Cash and one risky fund: exactly cap / volatility of it.
        answer = exact(stated([0.0, 5.0], [1.0, 3.0], cap=2.0), backend)
        np.testing.assert_allclose(answer.w, [0.6, 0.4], atol=1e-12)

    def test_least_volatility_of_zero(self, stated: State, backend: str) -> None:
        answer = exact(stated([0.0, 5.0, 6.0], [1.0, 3.0, 4.0], goal="min_volatility"), backend)
        np.testing.assert_allclose(answer.w, [1.0, 0.0, 0.0], atol=1e-12)
        assert all(np.isfinite(price.price_bp) for price in answer.prices)

    def test_a_cap_at_the_least_risk(self, stated: State, backend: str) -> None:
        volatility = np.array([1.0, 5.0, 6.0, 7.0])
        least = float(1.0 / np.sqrt(np.sum(volatility**-2)))
        problem = stated(volatility, [1.0, 3.0, 4.0, 2.0], cap=least * (1.0 + 1e-9))
        answer = exact(problem, backend)
        np.testing.assert_allclose(answer.w, least**2 * volatility**-2, atol=1e-3)

    def test_a_cap_a_hair_above_the_highest_risk(self, stated: State, backend: str) -> None:
        answer = exact(stated([1, 5, 6], [1.0, 3.0, 4.0], cap=6.0 * (1.0 + 1e-6)), backend)
        np.testing.assert_allclose(answer.w, [0.0, 0.0, 1.0], atol=1e-9)
        assert "risk target" not in {price.clause for price in answer.prices}

    def test_every_weight_given(self, stated: State, backend: str) -> None:
        given = [FundRange(f"F{i}", w, w) for i, w in enumerate((0.1, 0.2, 0.3, 0.4))]
        answer = exact(stated([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], *given, cap=50.0), backend)
        np.testing.assert_allclose(answer.w, [0.1, 0.2, 0.3, 0.4], atol=1e-15)

    def test_no_turnover_at_all(self, stated: State, backend: str) -> None:
        held = np.array([0.5, 0.5, 0.0])
        problem = stated([1, 2, 3], [1.0, 2.0, 3.0], Turnover(0.0, {"F0": 0.5, "F1": 0.5}), cap=50.0, held=held)
        np.testing.assert_allclose(exact(problem, backend).w, held, atol=1e-12)

    def test_one_fund(self, stated: State, backend: str) -> None:
        np.testing.assert_array_equal(exact(stated([3.0], [2.0], cap=3.0), backend).w, [1.0])

    def test_returns_that_nearly_tie(self, stated: State, backend: str) -> None:
        """A hundred-thousandth of a percent apart: first-order steps of fixed size would take 10,000."""
        answer = exact(stated([1, 1, 1], [2.0, 2.00001, 1.0], PositionCap(0.6)), backend)
        np.testing.assert_allclose(answer.w, [0.4, 0.6, 0.0], atol=1e-9)


def test_resting_places_of_a_fund(stated: State) -> None:
    """With costs a fund may rest at its holdings; polished, it is there to the last bit."""
    held = np.array([0.25, 0.25, 0.25, 0.25])
    problem = stated([1, 2, 4, 8], [1.0, 1.8, 2.6, 4.0], trade_cost=np.full(4, 0.5), held=held, cap=2.4)
    first, second = solve_conic(problem), solve_first_order(problem)
    for answer in (first, second):
        assert isinstance(answer, Claim)
        w = polish(problem, answer).w
        assert certify(problem, Claim(w, polish(problem, answer).multipliers)).kkt_residual <= 1e-12
        resting = np.abs(w - held) < 1e-6
        assert resting.any()
        np.testing.assert_array_equal(w[resting], held[resting])
