"""The desk: from a market and a model to a portfolio, in one direction and point in time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from aggplus.answer import demands_equality, plain_or_scaled, portfolio_of, settled
from aggplus.holdings import checked_holdings, require_known_tickers
from aggplus.model import Model
from aggplus.one_thread import one_thread
from aggplus.palette import Palette, screened
from aggplus.portfolio import ModelPortfolio
from aggplus.question import pose
from optimizer import (
    AUTO,
    ExpressionClause,
    solve_exactly_with_expressions,
    solve_with_expressions,
)
from riskmodels import Outlook, OwnEstimates, RiskModel, estimate_risk_model, given_risk_model, outlook_for
from universe import AsOf, Market, MarketError, close_on, until
from universe.wording import did_you_mean


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
    with one_thread():
        day = close_on(market, asof)
        known = known_on(market, day, model.benchmark)
        held = checked_holdings(holdings)
        require_known_tickers(model, market, held)
        wide = screened(known, day, model.universe, model.window_days, model.risk_model.window_days)
        outlook = outlook_for(model.expected_return, known.catalog["sector"])
        estimate = partial(estimated, known, model=model, outlook=outlook, own=estimates)
        question = pose(model, known, day, wide, outlook, estimate, held, record)
        at_most = partial(solve_with_expressions, clauses=clauses, catalog=known.catalog, backend=backend)
        exactly = partial(solve_exactly_with_expressions, clauses=clauses, catalog=known.catalog, backend=backend)
        target = plain_or_scaled(question, settled(at_most, backend))
        settle = settled(exactly if demands_equality(target) else at_most, backend)
        settlement = settle(question, question.problem_at(target))
        names = tuple(clause.name for clause in clauses)
        return portfolio_of(question, target, settlement, names, time.perf_counter() - started)


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
    closes = known.prices[benchmark]
    if known.prices.index[-1] != day.date or np.isnan(closes.to_numpy()[-1]):
        traded = closes.index[closes.notna()]
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
