"""From models and a market to everything that a monthly report says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from aggplus.charts import colour_of_model
from aggplus.errors import ReportError
from aggplus.json_record import versions
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.performance.returns import compounded
from aggplus.report.contents import LedgerNote, MonthlyReport
from aggplus.report.data_warnings import data_warnings
from aggplus.report.model_month import Change, Line, ModelMonth, Nearness, Trade
from aggplus.report.month import ReportMonth, report_month, walk_start
from aggplus.report.peers import peers_of
from aggplus.walks import Rebalance, TrackRecord, walk_together
from aggplus.walks.closes import Closes
from aggplus.walks.daily_holdings import DailyHoldings, daily_holdings
from aggplus.walks.figures import published_table
from universe import SECTORS, Market

_ROUNDING = 1e-12

_DUST = 5e-7
"""Weights below this print as 0.00 % of a portfolio and are left out of tables."""


def monthly_report(
    models: Sequence[Model],
    market: Market,
    month: str,
    start: str | dt.date | None = None,
    ledger: LedgerNote | None = None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> MonthlyReport:
    """Walk models to the end of a month, and gather what a report of it says.

    Parameters
    ----------
    models : sequence of Model
        Each with an id of its own.
    market : Market
    month : str
        YYYY-MM.
    start : date, optional
        Close of the first solve; see `walk_start`.
    ledger : LedgerNote, optional
        See `aggplus.report.ledger_note`.
    watch : callable
        Told how many sessions are done, and of how many.

    Raises
    ------
    ReportError, MarketError, EstimationError, MandateError, OptimizerError
        When the month cannot be reported on, or a model cannot be walked: a report that lacks a model is none.
    """
    when = report_month(month, market)
    first = walk_start(start, models, market, when)
    tracks = []
    for result in walk_together(models, market, first, when.last, watch):
        if isinstance(result, Refusal):
            raise ReportError(f"{result.model}: {result.why}")
        if not result.rebalances:
            raise ReportError(f"{result.model.id}: no portfolio was ever held: {_first_finding(result)}")
        tracks.append(result)
    closes = Closes(market)
    labels = _labels(models)
    gathered = tuple(
        _model_month(track, label, colour_of_model(place), closes, when)
        for place, (track, label) in enumerate(zip(tracks, labels, strict=True))
    )
    catalog = market.catalog["sector"]
    held = sorted({str(ticker) for one in gathered for ticker in one.held.weights.columns})
    fund_sector = {ticker: str(catalog[ticker]) for ticker in held}
    return MonthlyReport(
        month=when,
        market=market.name,
        simulated=market.simulated,
        start=tracks[0].start,
        models=gathered,
        fund_sector=fund_sector,
        peers=peers_of(tracks, labels, market, sorted({*fund_sector.values()}), when),
        published=published_table(tracks),
        warnings=data_warnings(market, tracks),
        versions=versions(),
        ledger=ledger,
    )


def _first_finding(track: TrackRecord) -> str:
    return "; ".join(track.misses[0].findings) if track.misses else "nothing was asked for"


def _labels(models: Sequence[Model]) -> list[str]:
    """Names in print: with the id where two models have the same."""
    count = Counter(model.name for model in models)
    return [f"{model.name} ({model.id})" if count[model.name] > 1 else model.name for model in models]


def _model_month(track: TrackRecord, label: str, colour: str, closes: Closes, month: ReportMonth) -> ModelMonth:
    held = daily_holdings(track, closes)
    catalog = closes.market.catalog
    days = track.daily.loc[month.first :]
    lines = _lines(track, held, catalog, month)
    net = compounded(days["net"])
    in_month = [made for made in track.rebalances if made.date > month.eve or made.traded > month.eve]
    before = [made for made in track.rebalances if made not in in_month]
    at = held.weights.loc[month.eve :]
    return ModelMonth(
        track=track,
        label=label,
        colour=colour,
        held=held,
        lines=lines,
        cash=(1.0 - float(at.iloc[0].sum()), 1.0 - float(at.iloc[-1].sum())),
        month_return=net,
        costs=_costs(net, lines),
        trades=tuple(_trade(made, catalog) for made in in_month),
        in_force=_trade(before[-1], catalog) if before else None,
        nearness=_nearness(track, month),
        misses=tuple(miss for miss in track.misses if miss.date > month.eve),
        payouts=tuple(paid for paid in track.payouts if paid.date > month.eve),
    )


def _costs(net: float, lines: tuple[Line, ...]) -> float:
    left = net - sum(line.contribution for line in lines)
    # Without a trade and a fee only rounding is left.
    return left if abs(left) > _ROUNDING else 0.0


def _lines(track: TrackRecord, held: DailyHoldings, catalog: pd.DataFrame, month: ReportMonth) -> tuple[Line, ...]:
    weights = held.weights.loc[month.eve :]
    net = track.daily["net"].loc[month.first :].to_numpy(dtype=float)
    # Worth of the portfolio at the close before each day, in units of that before the month.
    worth = np.concatenate(([1.0], np.cumprod(1.0 + net)))[:-1]
    added = worth @ held.contributions.loc[month.first :].to_numpy()
    there = np.flatnonzero((weights.to_numpy() > _DUST).any(axis=0))
    first, last = weights.iloc[0].to_numpy(dtype=float), weights.iloc[-1].to_numpy(dtype=float)
    lines = [
        Line(
            ticker=str(ticker := weights.columns[place]),
            name=str(catalog.loc[ticker, "name"]),
            sector=str(catalog.loc[ticker, "sector"]),
            before=float(first[place]),
            after=float(last[place]),
            contribution=float(added[place]),
        )
        for place in there.tolist()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.after, -line.before, line.ticker)))


def _trade(made: Rebalance, catalog: pd.DataFrame) -> Trade:
    order = list(SECTORS)
    changes = [
        Change(
            ticker,
            str(catalog.loc[ticker, "name"]),
            str(catalog.loc[ticker, "sector"]),
            made.before.get(ticker, 0.0),
            made.after.get(ticker, 0.0),
        )
        for ticker in {*made.before, *made.after}
    ]
    kept = [change for change in changes if max(change.before, change.after) > _DUST]
    return Trade(made, tuple(sorted(kept, key=lambda change: (order.index(change.sector), change.ticker))))


def _nearness(track: TrackRecord, month: ReportMonth) -> tuple[Nearness, ...]:
    """Of the last day's triggers; a solve sets them back, so that the peak counts from the last one on."""
    decision = track.last_decision
    if decision is None:
        return ()
    since = max(month.eve, track.rebalances[-1].date)
    if since >= month.last:
        # What the last day's triggers read called for the solve that was just made.
        return ()
    days = track.readings.loc[track.readings.index > since]
    near = []
    for reading in decision.readings:
        share = _share(reading.value, reading.threshold)
        days_value = days.get(reading.trigger.name, pd.Series(dtype=float)).dropna()
        # A gain is measured against each day's own cost: only today's threshold is known.
        alike = share is not None and reading.trigger.name != "expected_gain" and not days_value.empty
        peak = _share(float(days_value.max()), reading.threshold) if alike else None
        near.append(Nearness(reading.trigger.name, reading.words, share, peak))
    return tuple(near)


def _share(value: float | None, threshold: float | None) -> float | None:
    return None if value is None or threshold is None or threshold <= 0.0 else max(value, 0.0) / threshold
