"""A date of the instance as the optimizer's own problems."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.instance import ROWS, Day, Variant
from constraints import CompiledMandate, Label
from constraints.units import BETA, WEIGHT, YEARS
from optimizer import Problem, RiskMeasure
from riskmodels import FactorForm

_UNITS = {"beta": BETA, "duration": YEARS}


def problems(day: Day) -> tuple[Problem, ...]:
    """One for each variant; they share the risk model.

    Parameters
    ----------
    day : Day
    """
    n, k = day.loadings.shape
    risk = RiskMeasure(FactorForm(day.loadings, day.specific), np.zeros(k), np.zeros(n), 0.0)
    return tuple(_problem(day, variant, risk) for variant in day.variants)


def _problem(day: Day, variant: Variant, risk: RiskMeasure) -> Problem:
    n = day.mu.size
    mandate = CompiledMandate(
        tickers=day.names,
        A=day.A,
        row_lower=variant.row_lower,
        row_upper=variant.row_upper,
        row_labels=tuple(Label(row, _UNITS.get(row, WEIGHT)) for row in ROWS),
        lower=np.zeros(n),
        upper=variant.upper,
        lower_labels=(Label("long only", WEIGHT),) * n,
        upper_labels=(Label("position cap", WEIGHT),) * n,
        turnover=None,
        turnover_label=None,
    )
    return Problem(
        mandate=mandate,
        mu=day.mu,
        risk=risk,
        cap=variant.target,
        goal="expected_return",
        ridge=0.0,
        aversion=0.0,
        trade_cost=np.zeros(n),
        held=np.zeros(n),
    )
