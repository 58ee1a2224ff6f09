"""Numbers that no portfolio problem has are refused by name, before a solver chokes on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from constraints import WEIGHT, Label
from constraints.clauses import Turnover
from optimizer import OptimizerError, Problem, RiskMeasure
from riskmodels import FactorForm

State = Callable[..., Problem]


@pytest.fixture
def problem(stated: State) -> Problem:
    return stated([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], cap=2.0)


def with_value(values: np.ndarray, at: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[at] = value
    return changed


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("field", "words"), [("mu", "expected return of F1"), ("trade_cost", "trading cost of F1"), ("held", "held of F1")]
)
def test_by_fund(problem: Problem, field: str, words: str, value: float) -> None:
    with pytest.raises(OptimizerError, match=words):
        replace(problem, **{field: with_value(getattr(problem, field), 1, value)})


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("part", ["loadings", "specific"])
def test_the_covariance(problem: Problem, part: str, value: float) -> None:
    form = problem.risk.form
    spoilt = {"loadings": form.loadings, "specific": form.specific}
    spoilt[part] = with_value(spoilt[part], 2, value)
    risk = replace(problem.risk, form=FactorForm(**spoilt))
    with pytest.raises(OptimizerError, match="covariance of F2"):
        replace(problem, risk=risk)


def test_the_benchmark(problem: Problem) -> None:
    risk = RiskMeasure(problem.risk.form, np.array([np.nan]), np.zeros(3), 0.0)
    with pytest.raises(OptimizerError, match="benchmark"):
        replace(problem, risk=risk)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize(("field", "words"), [("cap", "risk target"), ("ridge", "ridge"), ("aversion", "aversion")])
def test_single_numbers(problem: Problem, field: str, words: str, value: float) -> None:
    with pytest.raises(OptimizerError, match=words):
        replace(problem, **{field: value})


def test_a_negative_cost_pays_for_trading(problem: Problem) -> None:
    with pytest.raises(OptimizerError, match=r"trading cost of F0 is -0\.1"):
        replace(problem, trade_cost=np.array([-0.1, 0.0, 0.0]))


def test_a_weight_without_a_cap(problem: Problem) -> None:
    mandate = replace(problem.mandate, upper=np.array([1.0, np.inf, 1.0]))
    with pytest.raises(OptimizerError, match=r"F1 has no bound .* position cap"):
        replace(problem, mandate=mandate)


@pytest.mark.parametrize(
    ("row", "low", "high"), [([1.0, np.nan, 0.0], 0.0, 1.0), ([1.0, 0.0, 0.0], np.nan, 1.0), ([1.0, 0, 0], 0.0, np.nan)]
)
def test_a_clause_that_is_no_number(problem: Problem, row: list[float], low: float, high: float) -> None:
    mandate = problem.mandate.with_row(np.array(row), low, high, Label("duration", WEIGHT))
    with pytest.raises(OptimizerError, match="clause 'duration'"):
        replace(problem, mandate=mandate)


def test_turnover_from_other_holdings_than_costs(stated: State) -> None:
    with pytest.raises(OptimizerError, match="turnover is measured from other holdings"):
        stated([1, 2, 3], [1.0, 2.0, 3.0], Turnover(0.5, {"F0": 1.0}), held=np.array([0.0, 1.0, 0.0]))


@pytest.mark.parametrize("limit", [np.nan, np.inf])
def test_a_turnover_limit_that_is_no_number(stated: State, limit: float) -> None:
    with pytest.raises(OptimizerError, match="turnover limit"):
        stated([1, 2], [1.0, 2.0], Turnover(limit, {"F0": 1.0}), held=np.array([1.0, 0.0]))
