"""Activeness as charts: correlation against the instability of beta, and both through time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from aggplus.activeness.activeness import Activeness
from aggplus.activeness.labels import Label, placed
from aggplus.charts import BENCHMARK_COLOUR, SECTOR_COLOURS, Key, Plate, colour_of_model, picture_of
from aggplus.charts.theme import FAINT, INK
from aggplus.charts.through_time import lines_chart
from universe import SECTORS

if TYPE_CHECKING:
    import altair as alt

_HEIGHT, _LOW, _NARROWEST = 380, 220, 300
"""Pixels; names are placed so that they have room on a telephone's width, too."""

_LINES = (0.2, 0.4, 0.6, 0.8)
_MANY = 15
"""Funds up to which every dot has its name; of more only models and the benchmark do, and the others on hover."""

_HOVER = (
    ("ticker", "N", "ticker", ""),
    ("name", "N", "name", ""),
    ("what", "N", "sector", ""),
    ("score", "Q", "score", ".0%"),
    ("correlation", "Q", "correlation, mean", ".2f"),
    ("instability", "Q", "instability of beta", ".0%"),
    ("beta", "Q", "beta, mean", ".2f"),
    ("beta_deviation", "Q", "beta, deviation", ".2f"),
    ("beta_noise", "Q", "of that noise", ".2f"),
    ("note", "N", "note", ""),
)


def activeness_plate(found: Activeness) -> Plate:
    """`activeness_chart` with its title and its words.

    Parameters
    ----------
    found : Activeness
    """
    scored = int(found.table["score"].notna().sum()) - 1
    title = f"Activeness against {found.benchmark}, {found.market}, {found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}"
    words = (
        f"{scored} {'fund or model has' if scored == 1 else 'funds and models have'} a score, "
        f"rolling over {found.window}. "
        "Low correlation and unstable beta mark an active one: up and to the left. Curves join equal scores."
    )
    return Plate(
        title,
        words,
        (picture_of(activeness_chart(found), key="activeness", title=title, words=words),),
        activeness_keys(found),
    )


def activeness_keys(found: Activeness) -> tuple[Key, ...]:
    """The legend of `activeness_chart`: sectors of funds; models and the benchmark bear their names.

    Parameters
    ----------
    found : Activeness
    """
    return tuple(Key(SECTORS[key].title, SECTOR_COLOURS[key]) for key in sectors_of(found))


def activeness_chart(found: Activeness, models: Sequence[str] = ()) -> alt.LayerChart:
    """Every fund and model that has a score: mean rolling correlation against the instability of beta.

    Funds are dots in the colour of their sector, models diamonds, the benchmark a square; curves join equal scores.

    Parameters
    ----------
    found : Activeness
    models : sequence of str
        In the order of their colours, where a page has one; by default by name.
    """
    import altair as alt

    table = found.table[found.table["score"].notna()]
    left = min(0.0, float(np.floor(10.0 * table["correlation"].min()) / 10.0))
    top = max(0.2, float(np.ceil(10.0 * table["instability"].max() + 0.2) / 10.0))
    x = alt.X("correlation:Q").title(f"mean rolling correlation to {found.benchmark} (lower: more active)")
    y = alt.Y("instability:Q").title("instability of beta (higher: more active)").axis(format=".0%")
    x = x.scale(domain=[left, 1.0], nice=False).axis(format=".1f", values=[step / 5.0 for step in range(-5, 6)])
    y = y.scale(domain=[0.0, top], nice=False)
    rows = _rows(table, models or sorted(table.index[table["kind"] == "model"]))
    tooltip = [alt.Tooltip(f"{key}:{kind}", title=title, format=form) for key, kind, title, form in _HOVER]
    own = alt.Fill("colour:N").scale(None).legend(None)
    # Names lie below the dots, which answer to a pointer.
    layers: list[Any] = [_curves(x, y, left, top), *_names(rows, x, y, left, top)]
    for kind, mark, paint in (
        ("fund", alt.MarkDef("circle", size=55, opacity=0.85, stroke="white", strokeWidth=0.5), own),
        ("benchmark", alt.MarkDef("point", shape="square", filled=True, size=80, opacity=1.0), own),
        ("model", alt.MarkDef("point", shape="diamond", filled=True, size=150, opacity=1.0), own),
    ):
        there = [row for row in rows if row["kind"] == kind]
        if there:
            marks = alt.Chart(alt.InlineData(values=there), mark=mark)
            layers.append(marks.encode(paint, x=x, y=y, tooltip=tooltip))
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def sectors_of(found: Activeness) -> list[str]:
    """Keys of the sectors of the funds that have a score, in the order of the taxonomy.

    Parameters
    ----------
    found : Activeness
    """
    scored = found.table[found.table["score"].notna() & (found.table["kind"] == "fund")]
    return [key for key in SECTORS if key in set(scored["sector"])]


def _rows(table: pd.DataFrame, models: Sequence[str]) -> list[dict[str, Any]]:
    """One dot a row; models and the benchmark last, so that they lie on top."""
    kinds = {"fund": 0, "benchmark": 1, "model": 2}
    rows = []
    for ticker, row in table.iterrows():
        kind = str(row["kind"])
        of_sector = SECTOR_COLOURS.get(str(row["sector"]), FAINT) if kind == "fund" else BENCHMARK_COLOUR
        colour = colour_of_model(models.index(ticker)) if kind == "model" else of_sector
        what = SECTORS[row["sector"]].title if row["sector"] in SECTORS else kind
        figures = {key: round(float(row[key]), 4) for key, measure, *_ in _HOVER if measure == "Q"}
        words = {"ticker": str(ticker), "name": row["name"], "note": row["note"], "what": what}
        ink = colour if kind == "model" else INK
        rows.append({**words, **figures, "kind": kind, "colour": colour, "ink": ink})
    return sorted(rows, key=lambda row: kinds[row["kind"]])


def _curves(x: alt.X, y: alt.Y, left: float, top: float) -> alt.LayerChart:
    """Where the score is the same: instability = score^2 / (1 - correlation)."""
    import altair as alt

    points: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for score in reversed(_LINES):
        correlation = np.linspace(left, 1.0 - score**2 / top, 60)
        instability = score**2 / np.minimum(1.0, 1.0 - correlation)
        curve = [
            {
                "correlation": round(float(rho), 4),
                "instability": round(float(unstable), 4),
                "line": f"{score:.0%}" if ends else f"score {score:.0%}",
            }
            for rho, unstable in zip(correlation, instability, strict=True)
            if unstable <= top
        ]
        points += curve
        ends += curve[-1:]
    lines = alt.Chart(alt.InlineData(values=points)).mark_line(color="#BBBBBB", strokeWidth=1.0, strokeDash=[2, 3])
    names = alt.Chart(alt.InlineData(values=ends)).mark_text(align="right", dx=-6, dy=8, color=FAINT, fontSize=10)
    return alt.LayerChart(layer=[lines.encode(x=x, y=y, detail="line:N"), names.encode(x=x, y=y, text="line:N")])


def _names(rows: Sequence[dict[str, Any]], x: alt.X, y: alt.Y, left: float, top: float) -> list[alt.Chart]:
    """Names beside the dots, as many as have room."""
    import altair as alt

    few = sum(row["kind"] == "fund" for row in rows) <= _MANY
    named = [row for row in reversed(rows) if few or row["kind"] != "fund"]
    dots = [
        (
            row["ticker"],
            _NARROWEST * (row["correlation"] - left) / (1.0 - left),
            _HEIGHT * (1.0 - row["instability"] / top),
        )
        for row in named
    ]
    groups: dict[Label, list[dict[str, Any]]] = {}
    for row, label in zip(named, placed(dots, _NARROWEST, _HEIGHT), strict=True):
        if label is not None:
            groups.setdefault(label, []).append(
                {key: row[key] for key in ("ticker", "correlation", "instability", "ink")}
            )
    return [
        alt.Chart(alt.InlineData(values=values))
        .mark_text(align=label.align, dx=label.dx, dy=label.dy, baseline="middle")
        .encode(alt.Fill("ink:N").scale(None).legend(None), x=x, y=y, text="ticker:N")
        for label, values in groups.items()
    ]


def rolling_chart(
    found: Activeness, names: Sequence[str], figure: Literal["correlation", "beta"]
) -> alt.LayerChart | alt.FacetChart:
    """Rolling correlation or beta through time, a line each.

    Parameters
    ----------
    found : Activeness
    names : sequence of str
        Funds or models, in the order of `rolling_keys`.
    figure : {"correlation", "beta"}
    """
    table: pd.DataFrame = getattr(found, figure)[list(names)]
    return lines_chart(table, rolling_keys(names), height=_LOW, axis_format=".1f", hover_format=".2f")


def rolling_keys(names: Sequence[str]) -> tuple[Key, ...]:
    """The legend of `rolling_chart`: colours of models by their places.

    Parameters
    ----------
    names : sequence of str
    """
    return tuple(Key(name, colour_of_model(place)) for place, name in enumerate(names))


def rolling_plate(found: Activeness, names: Sequence[str]) -> Plate:
    """Both rolling figures below one another.

    Parameters
    ----------
    found : Activeness
    names : sequence of str
    """
    title = f"Rolling correlation and beta to {found.benchmark}, over {found.window}, {found.market}"
    figures: tuple[Literal["correlation", "beta"], ...] = ("correlation", "beta")
    pictures = tuple(
        picture_of(rolling_chart(found, names, figure), key=f"rolling-{figure}", title=figure.capitalize(), words=title)
        for figure in figures
    )
    words = f"{found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}; each day looks back over {found.window}."
    return Plate(title, words, pictures, rolling_keys(names))
