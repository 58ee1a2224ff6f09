"""Put risk model, mandate, target and costs together into one problem."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from constraints import TARGET_CLAUSE, CompiledMandate, Label
from optimizer.problem import Problem
from optimizer.risk_measure import tracking_measure, volatility_measure
from optimizer.risk_target import RiskTarget
from optimizer.rules import ObjectiveRules
from riskmodels import RiskModel
from riskmodels.factor_form import Floats


def assemble(
    risk_model: RiskModel,
    mandate: CompiledMandate,
    target: RiskTarget,
    objective: ObjectiveRules,
    trade_cost: Floats,
    holdings: Mapping[str, float] | None,
) -> Problem:
    """The portfolio problem of one day.

    Parameters
    ----------
    risk_model : RiskModel
        Over the n funds of the mandate, in the same order.
    mandate : CompiledMandate
    target : RiskTarget
        A beta target becomes a row, any other the cap of the risk measure.
    objective : ObjectiveRules
    trade_cost : ndarray, shape (n,)
        As of `CostRules.a_year`, charged on changes from the holdings. Without holdings every portfolio is bought from
        cash, and nothing is charged.
    holdings : mapping of ticker to weight, or None
    """
    n = len(risk_model.tickers)
    if target.kind == "beta":
        lower = target.value if target.match == "equal" else -np.inf
        mandate = mandate.with_row(risk_model.beta, lower, target.value, Label(TARGET_CLAUSE, target.unit))
    held, charged = np.zeros(n), np.zeros(n)
    if holdings is not None:
        held = np.array([holdings.get(ticker, 0.0) for ticker in risk_model.tickers])
        charged = trade_cost
    return Problem(
        mandate=mandate,
        mu=risk_model.mu,
        risk=tracking_measure(risk_model) if target.kind == "tracking_error" else volatility_measure(risk_model),
        cap=None if target.kind == "beta" else target.value,
        goal=objective.goal,
        ridge=objective.ridge,
        # mu - a/2 var in fractions is mu - a/200 var in percent.
        aversion=(objective.risk_aversion or 0.0) / 100.0,
        trade_cost=charged,
        held=held,
    )
