"""The desk: from a market and a model to a portfolio, in one direction and point in time."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.model import Model
from aggplus.portfolio import ModelPortfolio, Setting
from aggplus.reasons import FIGURE_UNKNOWN, REASON_TITLES, UNMOVING
from aggplus.track import realised_correlation
from constraints import (
    FIGURE_WORDS,
    FIGURES,
    CompiledMandate,
    MandateError,
    barred,
    clauses_of,
    compile_mandate,
    funds_of,
)
from constraints.clauses import Clause
from optimizer import (
    AUTO,
    Correlation,
    Failed,
    Infeasible,
    Outcome,
    Problem,
    RiskScaling,
    RiskTarget,
    Solved,
    assemble,
    plain_target,
    scaled_target,
    solve_at_exact_risk,
    solve_problem,
)
from riskmodels import RiskModel, estimate_risk_model, unmoving
from universe import AsOf, Market, MarketError, close_on, look_ahead, screen, until
from universe.wording import did_you_mean

NEGLIGIBLE_WEIGHT = 1e-9
"""Weights below this are rounding, not holdings; polished answers have exact zeros."""

_HOLDINGS_SUM = 1e-6


@dataclass(frozen=True, eq=False)
class _Palette:
    """Who may be held, everybody else with a reason, and what to know about it."""

    catalog: pd.DataFrame
    excluded: pd.DataFrame
    warnings: tuple[str, ...]


def solve(
    model: Model,
    market: Market,
    asof: str | dt.date | pd.Timestamp | None = None,
    holdings: Mapping[str, float] | pd.Series | None = None,
    record: pd.Series | None = None,
    backend: str = AUTO,
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
        "auto", "conic" or "osqp".

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
    known = until(market, day.date)
    _require_benchmark(known, model.benchmark, day)
    held = None if holdings is None else _weights(holdings)
    _require_known_tickers(model, market, held or {})
    clauses = clauses_of(model.limits, held)
    palette = _palette(known, model, clauses, day)
    risk_model = estimate_risk_model(
        known.prices, list(palette.catalog.index), model.benchmark, model.risk_model, model.expected_return
    )
    mandate = compile_mandate(clauses, funds_of(palette.catalog, risk_model.tickers, risk_model.beta))
    target = _target(model, risk_model, mandate, held, record, known, backend)
    problem = _problem(model, risk_model, mandate, target, held)
    exactly = target.match == "equal" and target.kind != "beta"
    outcome = solve_at_exact_risk(problem, backend) if exactly else solve_problem(problem, backend)
    remarks = outcome.remarks if isinstance(outcome, Solved) else ()
    setting = Setting(
        model=model,
        market=market.name,
        asof=day.date,
        catalog=palette.catalog,
        excluded=palette.excluded,
        risk_model=risk_model,
        target=target,
        problem=problem,
        warnings=(*palette.warnings, *remarks),
    )
    return _portfolio(setting, outcome, time.perf_counter() - started)


def _require_benchmark(known: Market, benchmark: str, day: AsOf) -> None:
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


def _require_known_tickers(model: Model, market: Market, held: Mapping[str, float]) -> None:
    named = {
        "limits.fund": model.limits.fund,
        "limits.group": [ticker for group in model.limits.group for ticker in group.tickers],
        "holdings": held,
    }
    for where, tickers in named.items():
        for ticker in tickers:
            if ticker not in market.catalog.index:
                hint = did_you_mean(ticker, market.catalog.index)
                raise MandateError(f"{where}: {ticker!r} is not in the catalog of {market.name}{hint}")


def _weights(holdings: Mapping[str, float] | pd.Series) -> dict[str, float]:
    """Holdings as a plain mapping, checked."""
    held: dict[str, float] = {}
    for ticker, weight in holdings.items():
        try:
            fraction = float(weight)
        except (TypeError, ValueError):
            fraction = math.nan
        if not math.isfinite(fraction) or fraction < 0.0:
            raise MandateError(f"holdings: {ticker} = {weight!r}: expected a weight of at least 0, as a fraction")
        if str(ticker) in held:
            raise MandateError(f"holdings: {ticker} is there twice; expected one weight a fund")
        held[str(ticker)] = fraction
    total = math.fsum(held.values())
    if total > 1.0 + _HOLDINGS_SUM:
        raise MandateError(f"holdings: the weights sum to {total:.6g}; expected fractions that sum to at most 1")
    return held


def _palette(known: Market, model: Model, clauses: tuple[Clause, ...], day: AsOf) -> _Palette:
    """Screen the catalog, then leave out funds that the mandate or the risk model cannot judge."""
    eligibility = screen(known, day.date, model.universe, model.window_days)
    catalog = known.catalog.loc[eligibility.eligible]
    still = unmoving(known.prices[list(catalog.index)], model.risk_model.window_days)
    words = f"its return never varied in the {model.risk_model.window_days} days to {day.date:%Y-%m-%d}"
    further = dict.fromkeys(still, (UNMOVING, words))
    for ticker, reason in barred(clauses, catalog).items():
        further.setdefault(ticker, (FIGURE_UNKNOWN, reason))
    excluded = pd.DataFrame({"kind": eligibility.kind, "reason": eligibility.excluded})
    if further:
        excluded = pd.concat([excluded, pd.DataFrame.from_dict(further, orient="index", columns=["kind", "reason"])])
    catalog = catalog.drop(index=list(further))
    if catalog.empty:
        counts = ", ".join(f"{n} {REASON_TITLES[str(kind)]}" for kind, n in excluded["kind"].value_counts().items())
        raise MarketError(
            f"no eligible fund on {day.date:%Y-%m-%d} for {model.name}: all {len(excluded)} are left out ({counts}); "
            "loosen the universe or shorten the windows of the estimates"
        )
    figures = [FIGURE_WORDS[f] for f in FIGURES if any(f in clause.needs for clause in clauses)]
    warnings = [*known.warnings, *([day.note] if day.note else []), *eligibility.warnings]
    if figures:
        warnings += look_ahead(figures, catalog["as_of"], day.date, "the limits look ahead")
    if model.limits.max_turnover is not None and not any(clause.name == "turnover" for clause in clauses):
        warnings.append("max_turnover is not applied: no holdings were given to measure it from")
    return _Palette(catalog, excluded.sort_index(), tuple(warnings))


def _problem(
    model: Model,
    risk_model: RiskModel,
    mandate: CompiledMandate,
    target: RiskTarget,
    holdings: Mapping[str, float] | None,
) -> Problem:
    return assemble(risk_model, mandate, target, model.objective, model.costs, holdings)


def _target(
    model: Model,
    risk_model: RiskModel,
    mandate: CompiledMandate,
    holdings: Mapping[str, float] | None,
    record: pd.Series | None,
    known: Market,
    backend: str,
) -> RiskTarget:
    rule = model.target
    if not isinstance(rule, RiskScaling):
        return plain_target(rule, risk_model.sigma_b)
    correlation = None if record is None else realised_correlation(record, known.prices[model.benchmark])
    if correlation is None:
        correlation = _ex_ante_correlation(model, risk_model, mandate, holdings, rule, backend)
    return scaled_target(rule, risk_model.sigma_b, correlation)


def _ex_ante_correlation(
    model: Model,
    risk_model: RiskModel,
    mandate: CompiledMandate,
    holdings: Mapping[str, float] | None,
    rule: RiskScaling,
    backend: str,
) -> Correlation:
    """Correlation of the portfolio that the model would hold at correlation one, where there is no record yet."""
    unscaled = scaled_target(rule, risk_model.sigma_b, Correlation(1.0, "assumed"))
    outcome = solve_problem(_problem(model, risk_model, mandate, unscaled, holdings), backend)
    if not isinstance(outcome, Solved):
        return Correlation(1.0, "assumed: no portfolio could be solved to estimate it from")
    w = outcome.w
    covariance = float(risk_model.benchmark_covariance @ w)
    volatility = risk_model.form.volatility(w)
    return Correlation(
        covariance / (volatility * risk_model.sigma_b) if volatility > 0.0 else 0.0,
        "ex ante, of the portfolio at correlation 1, for want of a year of its own record",
    )


def _portfolio(setting: Setting, outcome: Outcome, seconds: float) -> ModelPortfolio:
    empty = pd.Series(dtype=float, name="weight", index=pd.Index([], name="ticker", dtype="str"))
    match outcome:
        case Solved():
            everything = pd.Series(outcome.w, index=pd.Index(setting.risk_model.tickers, name="ticker"), name="weight")
            held = everything[np.abs(everything) > NEGLIGIBLE_WEIGHT]
            # By weight, then by ticker, so that equal weights cannot swap places.
            weights = held.sort_index().sort_values(ascending=False, kind="stable")
            return ModelPortfolio(
                setting,
                "solved",
                weights,
                outcome.certificate,
                outcome.prices,
                outcome.backend,
                outcome.fallbacks,
                (),
                seconds,
            )
        case Infeasible():
            return ModelPortfolio(setting, "infeasible", empty, None, (), None, (), outcome.findings, seconds)
        case Failed():
            return ModelPortfolio(setting, "failed", empty, None, (), None, (), outcome.words, seconds)
