"""From a day's estimate to one problem: units, signs, and which number becomes the row or the cap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from constraints import CompiledMandate, Funds, compile_mandate
from constraints.clauses import FullyInvested, LongOnly, PositionCap, Turnover
from optimizer import (
    TARGET_CLAUSE,
    CostRules,
    ObjectiveRules,
    RiskTarget,
    Solved,
    assemble,
    solve_problem,
    tracking_measure,
    volatility_measure,
)
from riskmodels import FactorForm, RiskModel

TICKERS = ("AAA", "BBB", "CCC")
RULES = CostRules(half_spread_bp=2.0, advisory_fee_bp=0.0, horizon_days=63)
COSTS = RULES.a_year(np.full(3, 2.0))
PLAIN = ObjectiveRules()


def model(benchmark: str = "BMK") -> RiskModel:
    rng = np.random.default_rng(3)
    columns = 3 if benchmark in TICKERS else 4
    joint = FactorForm(rng.normal(size=(columns, 2)) * 4.0, rng.uniform(0.5, 1.5, columns))
    day = pd.Timestamp("2024-01-31")
    at = TICKERS.index(benchmark) if benchmark in TICKERS else 3
    return RiskModel(day, TICKERS, benchmark, joint, at, np.array([1.0, 2.0, 3.0]), 1.5, "test", "test", None, day)


def mandate(*more: Turnover) -> CompiledMandate:
    funds = Funds(TICKERS, np.array(["treasury"] * 3), {}, np.ones(3))
    return compile_mandate([FullyInvested(), LongOnly(), PositionCap(1.0), *more], funds)


def target(kind: str, value: float, match: str = "at_most") -> RiskTarget:
    return RiskTarget("rule", kind, value, match, "by hand")


def test_a_volatility_becomes_the_cap() -> None:
    problem = assemble(model(), mandate(), target("volatility", 3.0), PLAIN, COSTS, None)
    assert problem.cap == 3.0
    assert len(problem.mandate.row_labels) == 1


@pytest.mark.parametrize(("match", "low"), [("at_most", -np.inf), ("equal", 0.9)])
def test_a_beta_becomes_a_row(match: str, low: float) -> None:
    problem = assemble(model(), mandate(), target("beta", 0.9, match), PLAIN, COSTS, None)
    assert problem.cap is None
    assert problem.mandate.row_labels[-1].clause == TARGET_CLAUSE
    assert (problem.mandate.row_lower[-1], problem.mandate.row_upper[-1]) == (low, 0.9)
    np.testing.assert_allclose(problem.mandate.A[-1], model().beta)


@pytest.mark.parametrize("benchmark", ["BMK", "BBB"])
def test_risk_measures_are_those_of_the_joint_covariance(benchmark: str) -> None:
    risk_model = model(benchmark)
    sigma = risk_model.joint.loadings @ risk_model.joint.loadings.T + np.diag(risk_model.joint.specific**2)
    held = np.zeros(sigma.shape[0])
    held[risk_model.benchmark_at] = 1.0
    for w in (np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 0.0])):
        whole = np.zeros(sigma.shape[0])
        whole[:3] = w
        assert volatility_measure(risk_model).value(w) == pytest.approx(np.sqrt(whole @ sigma @ whole), rel=1e-12)
        active = whole - held
        expected = np.sqrt(max(0.0, active @ sigma @ active))
        assert tracking_measure(risk_model).value(w) == pytest.approx(expected, rel=1e-12, abs=1e-7)


def test_gradients_are_those_of_the_measure() -> None:
    risk = tracking_measure(model())
    w = np.array([0.2, 0.3, 0.5])
    for i, step in enumerate(1e-6 * np.eye(3)):
        slope = (risk.value(w + step) - risk.value(w - step)) / 2e-6
        assert risk.gradient(w)[i] == pytest.approx(slope, rel=1e-6, abs=1e-8)
        square = (risk.value(w + step) ** 2 - risk.value(w - step) ** 2) / 4e-6
        assert risk.half_square_gradient(w)[i] == pytest.approx(square, rel=1e-6, abs=1e-7)


def test_a_spread_is_paid_as_often_as_the_horizon_says() -> None:
    """2 bp a trade, every 63 of 252 days: 8 bp a year, 0.08 %."""
    problem = assemble(model(), mandate(), target("volatility", 3.0), PLAIN, COSTS, {"AAA": 0.6, "ZZZ": 0.4})
    np.testing.assert_allclose(problem.trade_cost, np.full(3, 0.08))
    np.testing.assert_array_equal(problem.held, [0.6, 0.0, 0.0])
    yearly = RULES.model_copy(update={"horizon_days": 252}).a_year(np.full(3, 2.0))
    problem = assemble(model(), mandate(), target("volatility", 3.0), PLAIN, yearly, {"AAA": 1.0})
    np.testing.assert_allclose(problem.trade_cost, np.full(3, 0.02))


def test_half_spreads_go_by_fund_then_sector_then_all() -> None:
    rules = CostRules(
        half_spread_bp=2.0, half_spread_by_sector_bp={"bank_loan": 9.0}, half_spread_by_fund_bp={"CCC": 30.0}
    )
    spreads = rules.half_spreads(("AAA", "BBB", "CCC"), ("treasury", "bank_loan", "bank_loan"))
    np.testing.assert_array_equal(spreads, [2.0, 9.0, 30.0])
    with pytest.raises(ValueError, match="'bank_loans' is no sector of the taxonomy; did you mean 'bank_loan'"):
        CostRules(half_spread_by_sector_bp={"bank_loans": 9.0})


def test_nothing_is_charged_without_holdings() -> None:
    problem = assemble(model(), mandate(), target("volatility", 3.0), PLAIN, COSTS, None)
    assert not problem.trade_cost.any()
    assert not problem.held.any()


def test_aversion_is_to_variance_as_a_fraction() -> None:
    """mu - a/2 var in fractions, times 100, is the goal in percent."""
    objective = ObjectiveRules(goal="utility", risk_aversion=6.0)
    problem = assemble(model(), mandate(), target("volatility", 50.0), objective, COSTS, None)
    w = np.array([0.2, 0.3, 0.5])
    fraction = problem.mu @ w / 100.0 - 6.0 / 2.0 * (problem.risk.value(w) / 100.0) ** 2
    assert problem.value(w) == pytest.approx(100.0 * fraction, rel=1e-12)


def test_turnover_and_costs_start_from_the_same_holdings() -> None:
    holdings = {"AAA": 0.5, "ZZZ": 0.5}
    problem = assemble(model(), mandate(Turnover(0.8, holdings)), target("volatility", 9.0), PLAIN, COSTS, holdings)
    answer = solve_problem(problem)
    assert isinstance(answer, Solved)
    bought = np.maximum(answer.w - problem.held, 0.0).sum()
    sold = np.maximum(problem.held - answer.w, 0.0).sum() + 0.5
    assert 0.5 * (bought + sold) <= 0.8 + 1e-9
    assert answer.w.sum() == pytest.approx(1.0, abs=1e-12)
