"""The real palette: 200 funds with a shrunk covariance, a third of the pairs all but the same fund."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from constraints import BETA, Label, compile_mandate, funds_of
from constraints.clauses import Clause, FullyInvested, GroupRange, LongOnly, PositionCap, Turnover
from optimizer import TARGET_CLAUSE, Infeasible, Problem, Solved, solve_problem, tracking_measure, volatility_measure
from riskmodels import ExpectedReturnRules, RiskModel, RiskModelRules, estimate_risk_model
from universe import Market

HELD = 0.125


@pytest.fixture(scope="module")
def estimate(real_market: Market) -> RiskModel:
    """January 2024, sectors of the three shipped models."""
    closes = real_market.prices.loc[: pd.Timestamp("2024-01-31")].iloc[-253:]
    catalog = real_market.catalog
    wanted = ["aggregate", "treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "tips", "high_yield", "bank_loan"]
    fit = catalog.index[catalog["sector"].isin(wanted) & (catalog["currency_exposure"] == "USD")]
    complete = closes.columns[closes.notna().all() & (closes.nunique() > 20)]
    return estimate_risk_model(closes, sorted(set(fit) & set(complete)), "AGG", RiskModelRules(), ExpectedReturnRules())


def problem(estimate: RiskModel, market: Market, *more: Clause, **fields: Any) -> Problem:
    funds = funds_of(market.catalog, estimate.tickers, estimate.beta)
    credit = GroupRange("credit", ("high_yield", "bank_loan"), (), None, 0.6)
    mandate = compile_mandate([FullyInvested(), LongOnly(), PositionCap(0.25), credit, *more], funds)
    nothing = np.zeros(len(funds))
    numbers: dict[str, Any] = {
        "risk": volatility_measure(estimate),
        "cap": estimate.sigma_b,
        "trade_cost": nothing,
        "held": nothing,
    }
    return Problem(
        mandate=mandate, mu=estimate.mu, goal="expected_return", ridge=0.0, aversion=0.0, **(numbers | fields)
    )


def agreed(problem: Problem) -> Solved:
    answers = [solve_problem(problem, backend) for backend in ("conic", "osqp", "parametric")]
    for answer in answers:
        assert isinstance(answer, Solved), answer
        assert answer.certificate.kkt_residual <= 1e-9
    for other in answers[1:]:
        assert problem.value(answers[0].w) == pytest.approx(problem.value(other.w), rel=0.0, abs=1e-8)
        np.testing.assert_allclose(answers[0].w, other.w, rtol=0.0, atol=1e-7)
    return answers[0]


@pytest.mark.parametrize("multiple", [0.2, 1.0])
def test_a_multiple_of_the_benchmarks_volatility(estimate: RiskModel, real_market: Market, multiple: float) -> None:
    stated = problem(estimate, real_market)
    answer = agreed(replace(stated, cap=multiple * estimate.sigma_b))
    assert stated.risk.value(answer.w) <= multiple * estimate.sigma_b * (1.0 + 1e-9)
    assert np.count_nonzero(answer.w) < 20


def test_the_benchmarks_beta(estimate: RiskModel, real_market: Market) -> None:
    stated = problem(estimate, real_market)
    mandate = stated.mandate.with_row(estimate.beta, -np.inf, 1.0, Label(TARGET_CLAUSE, BETA))
    assert estimate.beta @ agreed(replace(stated, mandate=mandate, cap=None)).w <= 1.0 + 1e-9


def test_tracking_error_and_turnover(estimate: RiskModel, real_market: Market) -> None:
    n = len(estimate.tickers)
    held = np.zeros(n)
    held[: int(1 / HELD)] = HELD
    holdings = dict(zip(estimate.tickers, held, strict=True))
    stated = problem(
        estimate,
        real_market,
        Turnover(0.6, holdings),
        trade_cost=np.full(n, 0.08),
        held=held,
        risk=tracking_measure(estimate),
        cap=3.0,
    )
    answer = agreed(stated)
    assert 0.5 * np.abs(answer.w - held).sum() <= 0.6 + 1e-9


def test_a_volatility_that_no_mixture_has(estimate: RiskModel, real_market: Market) -> None:
    stated = problem(estimate, real_market, cap=0.1)
    said = [solve_problem(stated, backend) for backend in ("conic", "osqp", "parametric")]
    assert isinstance(said[0], Infeasible)
    assert said[0] == said[1] == said[2]
