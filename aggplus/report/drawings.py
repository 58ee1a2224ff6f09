"""The charts of a monthly report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.activeness.chart import activeness_chart, activeness_keys
from aggplus.charts import CASH_COLOUR, SECTOR_COLOURS, Picture, picture_of
from aggplus.charts.through_time import Key, lines_chart, stacked_chart, thinned
from aggplus.performance import underwater
from aggplus.report.contents import MonthlyReport
from aggplus.report.model_month import ModelMonth
from aggplus.report.numbers import day_of, percent, plain
from aggplus.report.peers import Peers
from aggplus.report.story import RISK_TITLES
from aggplus.walks import TrackRecord
from universe import SECTORS

ROLLING_DAYS = 63
"""Returns that realised risk is read from: a quarter."""

_ANNUAL = np.sqrt(252.0)
_CASH = Key("Cash", CASH_COLOUR)
_LEAST_CASH = 5e-4


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart, its legend, and a line below it."""

    picture: Picture
    keys: tuple[Key, ...]
    note: str


def growth(report: MonthlyReport) -> Drawing:
    """What 1 at the start has become, model by model and of each benchmark.

    Parameters
    ----------
    report : MonthlyReport
    """
    returns = _side_by_side(report)
    table = (1.0 + returns).cumprod()
    table.loc[report.start] = 1.0
    table, keys = table.sort_index(), _keys(report)
    chart = lines_chart(table, keys, height=280, axis_format=".2f", hover_format=".3f")
    ended = _at_the_end(table, keys, plain)
    words = f"From 1 on {day_of(report.start)} to {day_of(report.month.last)}. {ended}"
    picture = picture_of(chart, key="growth", title="Growth of 1", words=words)
    return Drawing(picture, keys, f"Net of costs, distributions reinvested; 1 at the close of {day_of(report.start)}.")


def drawdowns(report: MonthlyReport) -> Drawing:
    """How far below its highest close each model and benchmark has been.

    Parameters
    ----------
    report : MonthlyReport
    """
    table = _side_by_side(report).apply(underwater)
    table.loc[report.start] = 0.0
    keys = _keys(report)
    chart = lines_chart(table.sort_index(), keys, height=190, axis_format=".0%", hover_format=".2%", zero=True)
    deepest = ", ".join(f"{key.label} {100 * value:.1f} %" for key, value in zip(keys, table.min(), strict=True))
    picture = picture_of(chart, key="drawdowns", title="Drawdowns", words=f"The deepest: {deepest}.")
    return Drawing(picture, keys, "Loss from the highest close so far, net of costs.")


def activeness(report: MonthlyReport, peers: Peers) -> tuple[Drawing, ...]:
    """Correlation against the instability of beta among all peers; then both of the models through time.

    Parameters
    ----------
    report : MonthlyReport
    peers : Peers
    """
    found, names = peers.found, peers.models
    places = {one.id: one for one in report.models}
    among = picture_of(
        activeness_chart(found, [names.get(one.id, "") for one in report.models]),
        key="activeness",
        title=f"Activeness against {found.benchmark}",
        words="Scores: "
        + ", ".join(f"{places[model].label} {percent(peers.figure(model, 'score'), 0)}" for model in names),
    )
    note = (
        f"Each dot a fund, in the colour of its sector; diamonds are the models. Low correlation and an unstable beta "
        f"mark an active one; dotted curves join equal scores. Rolling over {found.window}."
    )
    drawn = [Drawing(among, activeness_keys(found), note)]
    keys = tuple(Key(places[model].label, places[model].colour) for model in names)
    for figure, table in (("correlation", found.correlation), ("beta", found.beta)):
        own = table[list(names.values())].dropna(how="all")
        if own.empty:
            continue
        chart = lines_chart(own, keys, height=190, axis_format=".1f", hover_format=".2f", zero=True)
        title = f"Rolling {figure} to {found.benchmark}"
        picture = picture_of(chart, key=f"rolling-{figure}", title=title, words=_at_the_end(own, keys, plain))
        drawn.append(Drawing(picture, keys, f"Over {found.window}."))
    return tuple(drawn)


def sector_weights(report: MonthlyReport, one: ModelMonth) -> Drawing:
    """Weights of the sectors at every close, drift between trades included.

    Parameters
    ----------
    report : MonthlyReport
    one : ModelMonth
    """
    weights = one.held.weights
    table = weights.T.groupby([report.fund_sector[ticker] for ticker in weights.columns]).sum().T
    table = table[[key for key in report.sectors if key in table.columns]]
    keys = [Key(SECTORS[sector].title, SECTOR_COLOURS[sector]) for sector in table.columns]
    cash = (1.0 - table.sum(axis=1)).clip(lower=0.0)
    if float(cash.max()) > _LEAST_CASH:
        table, keys = table.assign(cash=cash), [*keys, _CASH]
    trades = pd.DatetimeIndex([made.traded for made in one.track.rebalances])
    chart = stacked_chart(thinned(table, keep=trades), keys, height=210)
    last = table.iloc[-1]
    held = ", ".join(
        f"{key.label} {100 * weight:.0f} %" for key, weight in zip(keys, last, strict=True) if weight >= 0.005
    )
    picture = picture_of(
        chart, key=f"sectors-{_place(report, one)}", title=f"{one.label}: sector weights", words=f"At the end: {held}."
    )
    return Drawing(
        picture,
        tuple(keys),
        "At the close, as weights drift from trade to trade. From the bottom up in the order of the legend.",
    )


def risk(report: MonthlyReport, one: ModelMonth) -> tuple[Drawing, ...]:
    """The risk target against the ex-ante figure and what was realised; volatility as well where it is not the target.

    Parameters
    ----------
    report : MonthlyReport
    one : ModelMonth
    """
    kind = one.track.rebalances[-1].kind
    drawn = [_against_target(report, one, kind)]
    if kind != "volatility":
        drawn.append(_volatility_alone(report, one, kind))
    return tuple(drawn)


def _against_target(report: MonthlyReport, one: ModelMonth, kind: str) -> Drawing:
    daily, made = one.track.daily, one.track.rebalances
    steps = pd.DataFrame(
        {"ex ante": [solved.ex_ante for solved in made], "target": [solved.target for solved in made]},
        index=pd.DatetimeIndex([solved.traded for solved in made]),
    )
    scale = 1.0 if kind == "beta" else 100.0
    table = (steps / scale).reindex(daily.index.union(steps.index), method="ffill")
    table["realised"] = _realised(daily, kind)
    words = RISK_TITLES[kind]
    unit = "a year" if kind != "beta" else f"to {one.track.model.benchmark}"
    keys: tuple[Key, ...] = (
        Key("Ex ante", one.colour, stepped=True),
        Key("Target", "#000000", dashed=True, stepped=True),
        Key(f"Realised over {ROLLING_DAYS} days", "#8A8A8A"),
    )
    form = (".1f", ".2f") if kind == "beta" else (".0%", ".2%")
    table, keys = _with_figures(table, keys)
    chart = lines_chart(table, keys, height=190, axis_format=form[0], hover_format=form[1], zero=True)
    shown = plain if kind == "beta" else percent
    picture = picture_of(
        chart,
        key=f"risk-{_place(report, one)}",
        title=f"{one.label}: {words} {unit}",
        words=_at_the_end(table, keys, shown),
    )
    note = (
        f"Target and ex-ante figure as of each solve; realised from the daily returns of the last {ROLLING_DAYS} days."
    )
    return Drawing(picture, keys, note)


def _volatility_alone(report: MonthlyReport, one: ModelMonth, kind: str) -> Drawing:
    daily, ticker = one.track.daily, one.track.model.benchmark
    table = pd.DataFrame(
        {
            "ex ante": daily["volatility"] / 100.0,
            "realised": _realised(daily, "volatility"),
            "benchmark": daily["benchmark"].rolling(ROLLING_DAYS).std() * _ANNUAL,
        }
    )
    keys: tuple[Key, ...] = (
        Key("Ex ante", one.colour, stepped=True),
        Key(f"Realised over {ROLLING_DAYS} days", "#8A8A8A"),
        Key(f"{ticker}, realised", report.benchmark_colours[ticker], dashed=True),
    )
    table, keys = _with_figures(table, keys)
    chart = lines_chart(table, keys, height=190, axis_format=".0%", hover_format=".2%", zero=True)
    picture = picture_of(
        chart,
        key=f"volatility-{_place(report, one)}",
        title=f"{one.label}: volatility a year",
        words=_at_the_end(table, keys, percent),
    )
    return Drawing(picture, keys, f"This model has a target for {RISK_TITLES[kind]} and none for volatility.")


def _with_figures(table: pd.DataFrame, keys: tuple[Key, ...]) -> tuple[pd.DataFrame, tuple[Key, ...]]:
    """Without the columns that have no figure at all: a short record has nothing to read realised risk from."""
    there = table.notna().any().tolist()
    return table.loc[:, there], tuple(key for key, kept in zip(keys, there, strict=True) if kept)


def _at_the_end(table: pd.DataFrame, keys: Sequence[Key], shown: Callable[[float], str]) -> str:
    ends = (f"{key.label} {shown(float(value))}" for key, value in zip(keys, table.iloc[-1], strict=True))
    return f"At the end: {', '.join(ends)}."


def _realised(daily: pd.DataFrame, kind: str) -> pd.Series:
    net, benchmark = daily["net"], daily["benchmark"]
    if kind == "beta":
        beta: pd.Series = net.rolling(ROLLING_DAYS).cov(benchmark) / benchmark.rolling(ROLLING_DAYS).var()
        return beta
    own = net - benchmark if kind == "tracking_error" else net
    deviation: pd.Series = own.rolling(ROLLING_DAYS).std() * _ANNUAL
    return deviation


def _side_by_side(report: MonthlyReport) -> pd.DataFrame:
    """Daily returns, a model a column and then the benchmarks."""
    columns = [track.daily["net"] for track in report.tracks]
    columns += [_of_benchmark(report.tracks, ticker) for ticker in report.benchmarks]
    return pd.concat(columns, axis=1).set_axis(range(len(columns)), axis=1)


def _of_benchmark(tracks: Sequence[TrackRecord], ticker: str) -> pd.Series:
    return next(track.daily["benchmark"] for track in tracks if track.model.benchmark == ticker)


def _keys(report: MonthlyReport) -> tuple[Key, ...]:
    models = [Key(one.label, one.colour) for one in report.models]
    return (*models, *(Key(ticker, colour, dashed=True) for ticker, colour in report.benchmark_colours.items()))


def _place(report: MonthlyReport, one: ModelMonth) -> int:
    return report.models.index(one) + 1
