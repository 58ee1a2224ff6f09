"""The desk: from a market and a model to a portfolio, in one direction and point in time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from aggplus.account import checked_holdings, require_known_tickers
from aggplus.model import Model
from aggplus.palette import Palette, admitted, rated, require_funds, screened
from aggplus.portfolio import ModelPortfolio, Setting
from aggplus.soft_clauses import ranks_of, remarks_on, target_after
from aggplus.targeting import correlation_of_record, todays_target
from constraints import Clause, clauses_of, compile_mandate, funds_of
from optimizer import (
    AUTO,
    ExpressionClause,
    Infeasible,
    Outcome,
    RiskTarget,
    SearchLimits,
    Settlement,
    Solve,
    Solved,
    assemble,
    solve_by_priority,
    solve_exactly_with_expressions,
    solve_few_names,
    solve_with_expressions,
)
from riskmodels import Outlook, OwnEstimates, RiskModel, estimate_risk_model, given_risk_model, outlook_for
from universe import AsOf, Market, MarketError, close_on, until
from universe.wording import did_you_mean

NEGLIGIBLE_WEIGHT = 1e-9
"""Weights below this are rounding, not holdings; polished answers have exact zeros."""


def solve(
    model: Model,
    market: Market,
    asof: str | dt.date | pd.Timestamp | None = None,
    holdings: Mapping[str, float] | pd.Series | None = None,
    record: pd.Series | None = None,
    backend: str = AUTO,
    clauses: Sequence[ExpressionClause] = (),
    estimates: OwnEstimates | None = None,
) -> ModelPortfolio:
    """Build the model portfolio of one day.

    Parameters
    ----------
    model : Model
    market : Market
    asof : date, optional
        By default the market's last close; a day without a close stands for the last close before it.
    holdings : mapping or Series of ticker to weight, optional
        What the account holds now, as fractions; what is missing to 1 is cash. Turnover and trading costs are
        measured from it.
    record : Series, optional
        The model's own daily net returns so far, as fractions by date; `risk_scaling` reads its correlation.
    backend : str
        "auto", "parametric", "osqp" or "conic".
    clauses : sequence of ExpressionClause, optional
        Further clauses as convex cvxpy expressions of the weights, made by `expression`. Such a model goes to `conic`.
        Soft clauses of the model do not give way to them.
    estimates : OwnEstimates, optional
        A covariance, and expected returns, in the place of those estimated from prices.

    Returns
    -------
    ModelPortfolio
        With status "infeasible" and the findings when no portfolio is allowed.

    Raises
    ------
    MarketError, EstimationError, MandateError, OptimizerError
        When the input cannot be used.
    """
    started = time.perf_counter()
    day = close_on(market, asof)
    known = known_on(market, day, model.benchmark)
    held = checked_holdings(holdings)
    require_known_tickers(model, market, held)
    limits, priorities = clauses_of(model.limits, held), ranks_of(model)
    wide = screened(known, day, model.universe, model.window_days, model.risk_model.window_days)
    outlook = outlook_for(model.expected_return, known.catalog["sector"])
    palette = rated(admitted(wide, limits, day), outlook.yields)
    require_funds(palette, day, model.name)
    risk_model = estimated(known, palette, model, outlook, estimates)
    funds = funds_of(palette.catalog, risk_model.tickers, risk_model.beta)
    mandate = compile_mandate(limits, funds)

    def settled(target: RiskTarget, solved: Solve) -> Settlement:
        problem = assemble(risk_model, mandate, target, model.objective, model.costs, held)
        return solve_by_priority(problem, limits, funds, priorities, solved)

    at_best = partial(solve_with_expressions, clauses=clauses, catalog=known.catalog, backend=backend)
    exactly = partial(solve_exactly_with_expressions, clauses=clauses, catalog=known.catalog, backend=backend)

    def at_most(unscaled: RiskTarget) -> Outcome:
        return settled(unscaled, with_few_names(model, at_best, backend)).outcome

    realised = correlation_of_record(model.target, record, known.prices[model.benchmark])
    target = todays_target(model.target, risk_model, realised, at_most)
    settlement = settled(target, with_few_names(model, exactly if demands_equality(target) else at_best, backend))
    setting = Setting(
        model=model,
        market=market.name,
        asof=day.date,
        catalog=palette.catalog,
        excluded=palette.excluded,
        risk_model=risk_model,
        target=target_after(target, settlement.given_up),
        clauses=settlement.clauses,
        problem=settlement.problem,
        expressions=tuple(clause.name for clause in clauses),
        warnings=(
            *palette.warnings,
            *repair_of(risk_model),
            *risk_model.remarks,
            *unmeasured(model, limits),
            *remarks_on(settlement),
        ),
    )
    return portfolio_of(setting, settlement, time.perf_counter() - started)


def known_on(market: Market, day: AsOf, benchmark: str) -> Market:
    """The market up to a day on which its benchmark traded.

    Parameters
    ----------
    market : Market
    day : AsOf
    benchmark : str

    Raises
    ------
    MarketError
        When the benchmark is unknown or has no price on the day.
    """
    known = until(market, day.date)
    if benchmark not in known.prices.columns:
        hint = did_you_mean(benchmark, known.prices.columns)
        raise MarketError(
            f"the benchmark {benchmark} is not a fund of {known.name} with prices and a row in the catalog{hint}"
        )
    traded = known.prices.index[known.prices[benchmark].notna()]
    if not len(traded) or traded[-1] != day.date:
        when = f"its last before that is of {traded[-1]:%Y-%m-%d}" if len(traded) else "nor on any day before"
        raise MarketError(
            f"the benchmark {benchmark} has no price on {day.date:%Y-%m-%d} ({when}): choose a day on which it traded"
        )
    return known


def estimated(
    known: Market, palette: Palette, model: Model, outlook: Outlook, own: OwnEstimates | None = None
) -> RiskModel:
    """The risk model over a palette; models with the same palette, benchmark and estimators share it.

    Parameters
    ----------
    known : Market
        Up to the day.
    palette : Palette
    model : Model
    outlook : Outlook
        What expected returns need beside prices.
    own : OwnEstimates, optional
        In the place of estimates from prices.
    """
    tickers = list(palette.catalog.index)
    if own is not None:
        return given_risk_model(known.prices, tickers, model.benchmark, own, model.expected_return, outlook)
    return estimate_risk_model(known.prices, tickers, model.benchmark, model.risk_model, model.expected_return, outlook)


def repair_of(risk_model: RiskModel) -> tuple[str, ...]:
    """What was done to a covariance before anything was solved with it.

    Parameters
    ----------
    risk_model : RiskModel
    """
    return () if risk_model.repair is None else (risk_model.repair.sentence,)


def unmeasured(model: Model, clauses: tuple[Clause, ...]) -> tuple[str, ...]:
    """What the model asks for and its clauses cannot hold it to.

    Parameters
    ----------
    model : Model
    clauses : tuple of Clause
    """
    if model.limits.max_turnover is None or any(clause.name == "turnover" for clause in clauses):
        return ()
    return ("max_turnover is not applied: no holdings were given to measure it from",)


def demands_equality(target: RiskTarget) -> bool:
    """Whether the target takes more than the convex problem.

    Parameters
    ----------
    target : RiskTarget
    """
    # A beta to be met exactly is an equality row.
    return target.match == "equal" and target.kind != "beta"


def with_few_names(model: Model, solve: Solve, backend: str) -> Solve:
    """A way to solve, held to the model's number of funds and least weight.

    Parameters
    ----------
    model : Model
    solve : callable
        For problems without such limits.
    backend : str
    """
    limits = model.limits
    until_then = SearchLimits(limits.search_seconds, limits.search_nodes)
    return partial(solve_few_names, few=limits.few_names, limits=until_then, solve=solve, backend=backend)


def portfolio_of(setting: Setting, settlement: Settlement, seconds: float) -> ModelPortfolio:
    """The result of a solve as the client sees it.

    Parameters
    ----------
    setting : Setting
    settlement : Settlement
    seconds : float
        From market to result.
    """
    outcome = settlement.outcome
    if isinstance(outcome, Solved):
        everything = pd.Series(outcome.w, index=pd.Index(setting.risk_model.tickers, name="ticker"), name="weight")
        held = everything[np.abs(everything) > NEGLIGIBLE_WEIGHT]
        return ModelPortfolio(
            setting=setting,
            status="solved",
            # By weight, then by ticker, so that equal weights cannot swap places.
            weights=held.sort_index().sort_values(ascending=False, kind="stable"),
            certificate=outcome.certificate,
            shadow_prices=outcome.prices,
            backend=outcome.backend,
            fallbacks=outcome.fallbacks,
            given_up=settlement.given_up,
            findings=(),
            seconds=seconds,
        )
    return ModelPortfolio(
        setting=setting,
        status="infeasible" if isinstance(outcome, Infeasible) else "failed",
        weights=pd.Series(dtype=float, name="weight", index=pd.Index([], name="ticker", dtype="str")),
        certificate=None,
        shadow_prices=(),
        backend=None,
        fallbacks=(),
        given_up=(),
        findings=outcome.findings if isinstance(outcome, Infeasible) else outcome.words,
        seconds=seconds,
    )
