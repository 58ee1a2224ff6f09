"""Series through time: lines, and weights stacked to one. A rule follows the pointer and reads all of them at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from aggplus.charts.theme import FAINT, POINTER

if TYPE_CHECKING:
    import altair as alt

_YEARS_ALONE = 2.5
"""An axis of more years than this is marked with years."""

_MONTHS_ALONE = 100
"""Days: an axis of more than these is marked with months, a shorter one with days."""

_QUARTERS_ALONE = 400
"""Days: an axis of months is marked with every third of them where it is longer."""

_STEPS = 5
"""Into which the theme divides an axis of figures."""

_DAILY_UP_TO = 520
"""Rows: two years. A longer table is drawn by the week, which is finer than the eye on any screen."""


@dataclass(frozen=True)
class Key:
    """A series of a chart, as its legend shows it."""

    label: str
    colour: str
    dashed: bool = False
    stepped: bool = False


def lines_chart(
    table: pd.DataFrame, keys: Sequence[Key], *, height: int, axis_format: str, hover_format: str, zero: bool = False
) -> alt.LayerChart | alt.FacetChart:
    """One line a column.

    Parameters
    ----------
    table : DataFrame
        Figures by date; a missing one breaks the line.
    keys : sequence of Key
        Of the columns, in their order.
    height : int
        Pixels.
    axis_format, hover_format : str
        Of d3: ".0%". The axis has more decimals where its steps are finer.
    zero : bool
        Whether the scale takes in zero.
    """
    import altair as alt

    axis = alt.Axis(format=_fine_enough(axis_format, table, zero=zero))
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(zero=zero, nice=True))
    data, names = _data(thinned(table, keep_extremes=True))
    base = alt.Chart(data)
    layers: list[alt.Chart] = []
    for stepped in (False, True):
        own = [name for name, key in zip(names, keys, strict=True) if key.stepped is stepped]
        if own:
            folded = base.transform_fold([*own], as_=["key", "value"])
            how: Literal["step-after", "linear"] = "step-after" if stepped else "linear"
            layers.append(folded.mark_line(interpolate=how).encode(x=_time(table), y=y, **_look(names, keys)))
    return alt.layer(*layers, _pointer(base, _time(table), names, keys, hover_format)).properties(height=height)


def stacked_chart(table: pd.DataFrame, keys: Sequence[Key], *, height: int) -> alt.LayerChart | alt.FacetChart:
    """Weights stacked on one another, each held until the next row.

    Parameters
    ----------
    table : DataFrame
        Fractions by date.
    keys : sequence of Key
        Of the columns, in their order: the first at the bottom.
    height : int
        Pixels.
    """
    import altair as alt

    data, names = _data(table)
    base = alt.Chart(data)
    y = alt.Y("value:Q", title=None, stack="zero", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1]))
    colour = alt.Color("key:N", scale=alt.Scale(domain=names, range=[key.colour for key in keys]), legend=None)
    areas = (
        base.transform_fold([*names], as_=["key", "value"])
        .mark_area(interpolate="step-after", clip=True, stroke="white", strokeWidth=0.5)
        .encode(x=_time(table), y=y, color=colour, order=alt.Order("key:N", sort="ascending"))
    )
    return alt.layer(areas, _pointer(base, _time(table), names, keys, ".1%")).properties(height=height)


def thinned(table: pd.DataFrame, *, keep: pd.DatetimeIndex | None = None, keep_extremes: bool = False) -> pd.DataFrame:
    """The last day of every week, the first and the last day, and those to be kept; a short table as it is.

    Parameters
    ----------
    table : DataFrame
        By date.
    keep : DatetimeIndex, optional
    keep_extremes : bool
        Whether days of a column's lowest and highest figure stay.
    """
    if len(table) <= _DAILY_UP_TO:
        return table
    days = pd.DatetimeIndex(table.index)
    weeks = days.to_period("W")
    chosen = weeks != weeks[1:].append(weeks[-1:].shift(1))
    chosen[0] = True
    if keep is not None:
        chosen |= days.isin(keep)
    if keep_extremes:
        chosen |= days.isin([*table.idxmin(), *table.idxmax()])
    return table[chosen]


def _data(table: pd.DataFrame) -> tuple[alt.InlineData, list[str]]:
    """The rows with rounded figures; columns get names that need no care in any expression.

    Text as CSV would be shorter, but its reader makes code from the column names, which a page's policy forbids.
    """
    import altair as alt

    names = [f"s{place:02d}" for place in range(table.shape[1])]
    days = pd.DatetimeIndex(table.index).strftime("%Y-%m-%d")
    rows = [
        {"t": day} | {name: _short(value) for name, value in zip(names, values, strict=True) if value == value}
        for day, values in zip(days, table.to_numpy(dtype=float).tolist(), strict=True)
    ]
    return alt.InlineData(values=rows, format=alt.JsonDataFormat(type="json", parse={"t": "utc:'%Y-%m-%d'"})), names


def _short(value: float) -> float:
    return float(f"{round(value, 5) + 0.0:.5g}")


def _time(table: pd.DataFrame) -> alt.X:
    """The axis of days: years where there are some, else months, else days; never a mark with the words of another."""
    import altair as alt

    days = (table.index[-1] - table.index[0]).days
    if days / 365.25 > _YEARS_ALONE:
        axis = alt.Axis(format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=1))
    elif days > _MONTHS_ALONE:
        step = 3 if days > _QUARTERS_ALONE else 1
        axis = alt.Axis(format="%b %Y", tickCount=alt.TimeIntervalStep(interval="month", step=step))
    else:
        axis = alt.Axis(format="%-d %b", tickCount=alt.TimeIntervalStep(interval="week", step=1))
    return alt.X("t:T", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def _fine_enough(axis_format: str, table: pd.DataFrame, *, zero: bool) -> str:
    """The format with decimals enough that no two steps of the axis read alike."""
    figures = table.to_numpy(dtype=float)
    if not (figures == figures).any():
        return axis_format
    lowest, highest = float(table.min().min()), float(table.max().max())
    if zero:
        lowest, highest = min(lowest, 0.0), max(highest, 0.0)
    if highest <= lowest:
        return axis_format
    least, kind = int(axis_format[1:-1]), axis_format[-1]
    # A step is 1, 2, 5 or 10 times this power of ten: d3 divides the axis so.
    power = math.floor(math.log10((highest - lowest) / _STEPS))
    return f".{max(least, -power - (2 if kind == '%' else 0))}{kind}"


def _look(names: Sequence[str], keys: Sequence[Key]) -> dict[str, Any]:
    import altair as alt

    colours = alt.Scale(domain=list(names), range=[key.colour for key in keys])
    dashes = alt.Scale(domain=list(names), range=[[5, 3] if key.dashed else [1, 0] for key in keys])
    return {
        "color": alt.Color("key:N", scale=colours, legend=None),
        "strokeDash": alt.StrokeDash("key:N", scale=dashes, legend=None),
    }


def _pointer(base: alt.Chart, x: alt.X, names: Sequence[str], keys: Sequence[Key], hover_format: str) -> alt.Chart:
    """An invisible rule on every row; the one nearest to the pointer shows, with the figures of its day."""
    import altair as alt

    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointerover", clear="pointerout", fields=["t"], empty=False
    )
    figures = [
        alt.Tooltip(f"{name}:Q", title=key.label, format=hover_format) for name, key in zip(names, keys, strict=True)
    ]
    day = alt.Tooltip("t:T", title="Date", timeUnit="utcyearmonthdate", format="%Y-%m-%d")
    shown = alt.when(nearest).then(alt.value(0.7)).otherwise(alt.value(0))
    rule = base.mark_rule(color=FAINT, strokeWidth=1, aria=False).properties(name=POINTER)
    chart: alt.Chart = rule.encode(x=x, opacity=shown, tooltip=[day, *figures]).add_params(nearest)
    return chart
