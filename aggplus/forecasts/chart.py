"""Forecast against realised volatility through time, a panel a portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from aggplus.charts import BENCHMARK_COLOUR, Key, Plate, colour_of_model, picture_of
from aggplus.charts.theme import FAINT
from aggplus.forecasts.report import DECIDED_BY, ForecastReport

if TYPE_CHECKING:
    import altair as alt

_HEIGHT = 170
_UNSEEN: dict[str, Any] = {"opacity": 0.0, "size": 40}
"""Points that answer to a pointer and are not drawn."""

_COMPARED = "Ledoit-Wolf"
_TICKS = (0.5, 1, 2, 5, 10, 20, 50)
_REALISED = "realised in the month after"


def forecast_plate(report: ForecastReport) -> Plate:
    """A chart a portfolio, below one another.

    Parameters
    ----------
    report : ForecastReport
    """
    panels = panels_of(report)
    keys = tuple(_key(name, report) for name in next(iter(panels.values())).columns)
    pictures = tuple(
        picture_of(
            panel_chart(lines, tuple(_key(name, report) for name in lines.columns)),
            key=f"forecast-{place}",
            title=portfolio,
            words=f"Forecast and realised volatility of {portfolio} through time.",
        )
        for place, (portfolio, lines) in enumerate(panels.items())
    )
    title = f"Forecast against realised volatility, % a year, {report.market}"
    words = (
        f"Each forecast stands at its day, beside what was realised in the month after. Up to {DECIDED_BY:%Y-%m-%d}, "
        "the dotted line, forecasts decided which risk model the shipped models stand on."
    )
    return Plate(title, words, pictures, keys)


def panels_of(report: ForecastReport) -> dict[str, pd.DataFrame]:
    """What is drawn: by portfolio, volatilities by date, annualised percent.

    Parameters
    ----------
    report : ForecastReport

    Returns
    -------
    dict of portfolio to DataFrame
        Its columns are the default candidate, Ledoit-Wolf where it is another and there, and what was realised.
    """
    table = report.record.table
    table = table[table["kind"].isin(["benchmark", "model"])]
    panels = {}
    for portfolio in table["portfolio"].unique():
        own = table[table["portfolio"] == portfolio]
        columns = {}
        for name in dict.fromkeys((report.default, _COMPARED)):
            of_name = own[own["estimator"] == name].set_index("date")
            if not of_name.empty:
                columns[name] = of_name["forecast"]
        columns[_REALISED] = own[own["estimator"] == report.default].set_index("date")["realised"]
        panels[str(portfolio)] = pd.DataFrame(columns)
    return panels


def panel_chart(lines: pd.DataFrame, keys: Sequence[Key]) -> alt.LayerChart:
    """One portfolio: a line a column, on a logarithmic scale.

    Parameters
    ----------
    lines : DataFrame
        Annualised percent by date.
    keys : sequence of Key
        Of the columns.
    """
    import altair as alt

    values = lines.to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    # March 2020 would press everything else to the floor.
    scale = alt.Scale(type="log", domain=[0.9 * float(known.min()), 1.1 * float(known.max())], nice=False)
    y = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(values=list(_TICKS), format="~g", labelOverlap=False))
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%Y"), scale=alt.Scale(type="utc", nice=False))
    days = pd.DatetimeIndex(lines.index).strftime("%Y-%m-%d")
    layers: list[alt.Chart] = []
    if lines.index[0] <= DECIDED_BY <= lines.index[-1]:
        decided = alt.Chart(_data([{"day": f"{DECIDED_BY:%Y-%m-%d}"}]))
        layers.append(decided.mark_rule(color=FAINT, strokeDash=[2, 3]).encode(x=x))
    for key, column in zip(keys, lines.columns, strict=True):
        rows = [
            {"day": day, "value": float(f"{value:.5g}"), "name": key.label}
            for day, value in zip(days, lines[column].tolist(), strict=True)
            if np.isfinite(value)
        ]
        line = alt.Chart(_data(rows)).mark_line(
            color=key.colour, strokeWidth=1.2 if column == _REALISED else 1.8, point=_UNSEEN
        )
        tooltip = [
            alt.Tooltip("day:T", title="Date", timeUnit="utcyearmonthdate", format="%Y-%m-%d"),
            alt.Tooltip("name:N", title="line"),
            alt.Tooltip("value:Q", title="% a year", format=".2f"),
        ]
        layers.append(line.encode(x=x, y=y, tooltip=tooltip))
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    import altair as alt

    return alt.InlineData(values=rows, format=alt.JsonDataFormat(type="json", parse={"day": "utc:'%Y-%m-%d'"}))


def _key(name: str, report: ForecastReport) -> Key:
    if name == _REALISED:
        return Key(name, BENCHMARK_COLOUR)
    return Key(name, colour_of_model(0 if name == report.default else 1))
