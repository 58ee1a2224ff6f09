"""What a model asks on a day: the funds, the risk model and the limits, before any target is set or problem solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from aggplus.model import Model
from aggplus.palette import Palette, admitted, rated, require_funds
from aggplus.targeting import correlation_of_record
from constraints import Clause, CompiledMandate, Funds, clauses_of, compile_mandate, funds_of
from optimizer import Correlation, Problem, RiskTarget, assemble
from riskmodels import Outlook, RiskModel
from universe import AsOf, Market
from universe.quarantine import require_not_quarantined


@dataclass(frozen=True, eq=False)
class Question:
    """A model on a day.

    Parameters
    ----------
    model : Model
    market : str
        Its name.
    day : AsOf
    palette : Palette
        Who may be held.
    clauses : tuple of Clause
    risk_model : RiskModel
        Over the palette.
    funds : Funds
    mandate : CompiledMandate
    held : mapping of ticker to weight, or None
    realised : Correlation or None
        Of the model's own record, where its target asks for one and it is long enough.
    """

    model: Model
    market: str
    day: AsOf
    palette: Palette
    clauses: tuple[Clause, ...]
    risk_model: RiskModel
    funds: Funds
    mandate: CompiledMandate
    held: Mapping[str, float] | None
    realised: Correlation | None

    def problem_at(self, target: RiskTarget) -> Problem:
        """The portfolio problem at a target."""
        costs = self.model.costs
        trade_cost = costs.a_year(costs.half_spreads(self.funds.tickers, self.funds.sector.tolist()))
        return assemble(self.risk_model, self.mandate, target, self.model.objective, trade_cost, self.held)


def pose(
    model: Model,
    known: Market,
    day: AsOf,
    wide: Palette,
    outlook: Outlook,
    estimate: Callable[[Palette], RiskModel],
    held: Mapping[str, float] | None,
    record: pd.Series | None,
) -> Question:
    """Work out what a model asks.

    Parameters
    ----------
    model : Model
    known : Market
        Up to the day.
    day : AsOf
    wide : Palette
        Funds that pass the model's screens.
    outlook : Outlook
        What its expected returns need beside prices.
    estimate : callable
        The risk model over a palette.
    held : mapping of ticker to weight, or None
        Checked holdings.
    record : Series or None
        The model's own daily net returns so far.

    Raises
    ------
    MarketError, EstimationError, MandateError
        When the input cannot be used.
    """
    require_benchmark_trusted(known, day, model.benchmark, model.window_days)
    clauses = clauses_of(model.limits, held)
    palette = rated(admitted(wide, clauses, day), outlook.yields)
    require_funds(palette, day, model.name)
    risk_model = estimate(palette)
    funds = funds_of(palette.catalog, risk_model.tickers, risk_model.beta)
    return Question(
        model=model,
        market=known.name,
        day=day,
        palette=palette,
        clauses=clauses,
        risk_model=risk_model,
        funds=funds,
        mandate=compile_mandate(clauses, funds),
        held=held,
        realised=correlation_of_record(model.target, record, known.prices[model.benchmark]),
    )


def require_benchmark_trusted(known: Market, day: AsOf, benchmark: str, window_days: int) -> None:
    """Refuse a benchmark with quarantined prices in its window.

    Parameters
    ----------
    known : Market
        Up to the day.
    day : AsOf
    benchmark : str
    window_days : int
        Daily returns that are read of it.

    Raises
    ------
    MarketError
        Naming the span.
    """
    first = known.prices.index[max(0, len(known.prices) - 1 - window_days)]
    require_not_quarantined(known.quarantine, benchmark, first, day.date)
