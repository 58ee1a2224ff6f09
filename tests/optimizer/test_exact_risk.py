"""Risk targets that are to be met exactly, where the best portfolio lies below them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggplus import load_model, simulated_market, solve
from constraints import CompiledMandate, Label
from constraints.units import WEIGHT
from optimizer import Failed, Infeasible, Problem, Solved, solve_at_exact_risk, solve_problem
from optimizer.risk_measure import RiskMeasure
from optimizer.risk_target import ConstantVolatility, Match
from riskmodels import factorise


def mandate(n: int, cap: float) -> CompiledMandate:
    label = Label("position cap", WEIGHT)
    return CompiledMandate(
        tickers=tuple(f"F{i:02d}" for i in range(n)),
        A=np.ones((1, n)),
        row_lower=np.ones(1),
        row_upper=np.ones(1),
        row_labels=(Label("fully invested", WEIGHT),),
        lower=np.zeros(n),
        upper=np.full(n, cap),
        lower_labels=(Label("long only", WEIGHT),) * n,
        upper_labels=(label,) * n,
        turnover=None,
        turnover_label=None,
    )


def stated(mu: np.ndarray, sigma: np.ndarray, cap: float, target: float) -> Problem:
    n = mu.size
    form = factorise(sigma)
    risk = RiskMeasure(form, np.zeros(form.loadings.shape[1]), np.zeros(n), 0.0)
    nothing = np.zeros(n)
    return Problem(mandate(n, cap), mu, risk, target, "expected_return", 0.0, 0.0, nothing, nothing)


def test_two_funds_by_hand() -> None:
    # The best portfolio is all of the calm fund (4 %); at 7 % a share of the wild one (10 %, uncorrelated) is needed:
    # 16 (1 - x)^2 + 100 x^2 = 49, of which only the positive root has x in [0, 1].
    problem = stated(np.array([5.0, 3.0]), np.diag([16.0, 100.0]), 1.0, 7.0)
    outcome = solve_at_exact_risk(problem)
    assert isinstance(outcome, Solved)
    x = (32.0 + np.sqrt(32.0**2 + 4.0 * 116.0 * 33.0)) / (2.0 * 116.0)
    assert outcome.w == pytest.approx([1.0 - x, x], abs=1e-9)
    assert problem.risk.value(outcome.w) == pytest.approx(7.0, rel=1e-12)
    assert outcome.certificate.gap_bp == pytest.approx(100.0 * 2.0 * x, rel=1e-9)
    assert not outcome.certificate.ok, "nobody proved that this is the best portfolio at that risk"
    assert "gives up" in outcome.remarks[0]


def test_a_target_that_binds_by_itself_is_left_alone() -> None:
    problem = stated(np.array([3.0, 5.0]), np.diag([16.0, 100.0]), 1.0, 7.0)
    exact, at_most = solve_at_exact_risk(problem), solve_problem(problem)
    assert isinstance(exact, Solved)
    assert isinstance(at_most, Solved)
    assert np.array_equal(exact.w, at_most.w)
    assert exact.remarks == ()
    assert exact.certificate.ok


def test_more_risk_than_any_fund_has_is_ruled_out() -> None:
    outcome = solve_at_exact_risk(stated(np.array([5.0, 3.0]), np.diag([16.0, 100.0]), 1.0, 11.0))
    assert isinstance(outcome, Infeasible)
    assert "11 %" in outcome.findings[0]
    assert "10 %" in outcome.findings[0]


def test_between_found_and_ruled_out_nothing_is_claimed() -> None:
    # Half of each at most: the only portfolio has sqrt(4 + 25) = 5.39 %, the ceiling is 7 %.
    outcome = solve_at_exact_risk(stated(np.array([5.0, 3.0]), np.diag([16.0, 100.0]), 0.5, 6.0))
    assert isinstance(outcome, Failed)
    assert "5.385 %" in outcome.words[0]
    assert "7 %" in outcome.words[0]


@given(st.integers(0, 2**32 - 1))
def test_random_problems_against_a_grid(seed: int) -> None:
    """Three funds: no point of a fine grid at the target's risk is better by more than the grid is coarse."""
    draw = np.random.default_rng(seed)
    root = draw.normal(size=(3, 3)) * 4.0
    sigma, mu = root @ root.T + np.eye(3), draw.uniform(1.0, 8.0, size=3)
    best = solve_problem(stated(mu, sigma, 1.0, 1e3))
    assert isinstance(best, Solved)
    problem = stated(mu, sigma, 1.0, 1e3)
    low, high = problem.risk.value(best.w), float(np.sqrt(np.diag(sigma).max()))
    if high < low * 1.05:
        return
    problem = stated(mu, sigma, 1.0, low + 0.5 * (high - low))
    outcome = solve_at_exact_risk(problem)
    assert isinstance(outcome, Solved)
    assert problem.risk.value(outcome.w) == pytest.approx(problem.cap, rel=1e-9)
    assert outcome.w.sum() == pytest.approx(1.0, abs=1e-9)
    assert outcome.w.min() >= -1e-12
    # Along every edge of the simplex the portfolios at the target's risk are roots of a quadratic: a local search
    # may miss the best of them, but never one of its own value's upper bound.
    bound = problem.value(outcome.w) + outcome.certificate.gap_bp / 100.0
    for i, j in itertools.combinations(range(3), 2):
        for x in np.linspace(0.0, 1.0, 201):
            w = np.zeros(3)
            w[i], w[j] = x, 1.0 - x
            if abs(problem.risk.value(w) - (problem.cap or 0.0)) < 1e-2:
                assert problem.value(w) <= bound + 1e-9


def test_model_that_asks_for_more_risk_than_its_best_portfolio_has() -> None:
    market, baseline = simulated_market(), load_model("baseline")
    easy = solve(baseline.model_copy(update={"target": _target(0.30, "at_most")}), market)
    assert easy.risk is not None
    asked = easy.risk.volatility * 1.05 / 100.0
    exact = solve(baseline.model_copy(update={"target": _target(asked, "equal")}), market)
    assert exact.status == "solved"
    assert exact.risk is not None
    assert exact.risk.volatility == pytest.approx(100.0 * asked, rel=1e-9)
    assert exact.expected_return is not None
    assert easy.expected_return is not None
    assert exact.expected_return <= easy.expected_return
    assert any("meeting it exactly" in warning for warning in exact.setting.warnings)
    beyond = solve(baseline.model_copy(update={"target": _target(0.90, "equal")}), market)
    assert beyond.status == "infeasible"


def _target(value: float, match: Match) -> ConstantVolatility:
    return ConstantVolatility(algorithm="constant_volatility", value=value, match=match)
