"""A frontier as a picture; the marks differ in shape as well as in colour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from aggplus.charts import BENCHMARK_COLOUR, Plate, colour_of_model, picture_of
from aggplus.charts.theme import FAINT
from aggplus.frontier_record import largest_holdings
from aggplus.model_frontier import ModelFrontier
from optimizer import Frontier
from riskmodels.factor_form import Floats

if TYPE_CHECKING:
    import altair as alt

_LINE, _MODEL = colour_of_model(0), colour_of_model(1)
_HEIGHT = 440
_NARROWEST, _LETTER, _LONGEST = 300, 6.5, 28
"""Pixels: a chart on a telephone, and a letter; letters of a name."""

_STEPS = 24
"""Points of the curve between two corners."""


@dataclass(frozen=True)
class Mark:
    """A portfolio beside the frontier: risk and return in percent."""

    name: str
    risk: float
    net_return: float


@dataclass(frozen=True, eq=False)
class Drawing:
    """What there is to draw, in percent.

    Parameters
    ----------
    title, risk_title, return_title : str
    curve : ndarray, shape (P, 2)
        Risk and return along the frontier.
    corners : ndarray, shape (K, 2)
    hover : tuple of str, length K
        What there is to say of each corner.
    model : Mark or None
        The model's own portfolio, where there is one.
    benchmark : Mark
    target : float or None
        The risk target, where it speaks of the risk drawn.
    """

    title: str
    risk_title: str
    return_title: str
    curve: Floats
    corners: Floats
    hover: tuple[str, ...]
    model: Mark | None
    benchmark: Mark
    target: float | None


def frontier_plate(frontier: ModelFrontier) -> Plate:
    """The chart with its title and its words.

    Parameters
    ----------
    frontier : ModelFrontier
        Solved.
    """
    drawing = drawing_of(frontier)
    marks = [mark for mark in (drawing.model, drawing.benchmark) if mark is not None]
    told = "; ".join(f"{mark.name}: risk {mark.risk:.2f} %, return {mark.net_return:.2f} %" for mark in marks)
    words = f"The line is the efficient frontier, its dots are the {len(drawing.corners)} corner portfolios. {told}."
    picture = picture_of(frontier_chart(drawing), key="frontier", title=drawing.title, words=words)
    return Plate(drawing.title, words, (picture,))


def frontier_chart(drawing: Drawing) -> alt.LayerChart:
    """Curve, corners with what they hold on hover, the model, the benchmark and the risk target.

    Parameters
    ----------
    drawing : Drawing
    """
    import altair as alt

    x = alt.X("risk:Q", title=drawing.risk_title, scale=alt.Scale(zero=False, padding=16))
    y = alt.Y("net:Q", title=drawing.return_title, scale=alt.Scale(zero=False, padding=16))
    figures = [
        alt.Tooltip("risk:Q", format=".2f", title="risk, %"),
        alt.Tooltip("net:Q", format=".2f", title="return, %"),
    ]
    curve = [{"risk": risk, "net": net, "step": step} for step, (risk, net) in enumerate(drawing.curve.tolist())]
    corners = [
        {"risk": risk, "net": net, "words": words}
        for (risk, net), words in zip(drawing.corners.tolist(), drawing.hover, strict=True)
    ]
    layers: list[alt.Chart] = []
    if drawing.target is not None:
        target = alt.Chart(alt.InlineData(values=[{"risk": drawing.target, "words": "risk target"}]))
        layers.append(target.mark_rule(color=FAINT, strokeDash=[5, 3]).encode(x=x))
        above = target.mark_text(align="right", baseline="top", dx=-5, y=0, color=FAINT)
        layers.append(above.encode(x=x, text="words:N"))
    line = alt.Chart(alt.InlineData(values=curve)).mark_line(color=_LINE, strokeWidth=2)
    # By the way along it: a frontier of least risk may turn back.
    layers.append(line.encode(x=x, y=y, order="step:Q"))
    dots = alt.Chart(alt.InlineData(values=corners)).mark_circle(color=_LINE, size=36, opacity=1.0)
    layers.append(dots.encode(x=x, y=y, tooltip=[alt.Tooltip("words:N", title="portfolio"), *figures]))
    marks: tuple[tuple[Mark | None, str, Literal["square", "diamond"]], ...] = (
        (drawing.benchmark, BENCHMARK_COLOUR, "square"),
        (drawing.model, _MODEL, "diamond"),
    )
    for mark, colour, shape in marks:
        if mark is not None:
            point = alt.Chart(alt.InlineData(values=[{"risk": mark.risk, "net": mark.net_return, "words": mark.name}]))
            shown = point.mark_point(shape=shape, filled=True, size=130, color=colour, opacity=1.0)
            layers.append(shown.encode(x=x, y=y, tooltip=[alt.Tooltip("words:N", title="portfolio"), *figures]))
            name = _named(point, mark, colour, float(drawing.curve[:, 0].max()))
            layers.append(name.encode(x=x, y=y, text="words:N"))
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def _named(point: alt.Chart, mark: Mark, colour: str, largest: float) -> alt.Chart:
    """The name of a mark, below it to the right: a frontier rises, so that nothing else is there."""
    fits = _LETTER * min(len(mark.name), _LONGEST) < _NARROWEST * (1.0 - mark.risk / max(largest, mark.risk))
    place: dict[str, Any] = {"align": "left", "dx": 11, "dy": 7} if fits else {"align": "right", "dx": -4, "dy": 20}
    named: alt.Chart = point.mark_text(**place, baseline="top", color=colour, limit=_LETTER * _LONGEST)
    return named


def drawing_of(frontier: ModelFrontier) -> Drawing:
    """Curve, corners and marks.

    Parameters
    ----------
    frontier : ModelFrontier

    Raises
    ------
    ValueError
        When there is no frontier.
    """
    found, setting = frontier.found, frontier.portfolio.setting
    if found is None:
        raise ValueError(f"there is no frontier: {'; '.join(frontier.findings)}")
    problem, model = found.problem, setting.risk_model
    corners = np.column_stack([found.risk, found.net_return])
    tracking = frontier.measure == "tracking_error"
    own = None
    if frontier.portfolio.status == "solved":
        w = frontier.portfolio.w
        own = Mark(setting.model.name, problem.risk.value(w), problem.value(w))
    return Drawing(
        title=f"{setting.model.name} ({setting.model.id}): efficient frontier on {setting.asof:%Y-%m-%d}, "
        f"{setting.market}",
        risk_title=f"{'tracking error' if tracking else 'volatility'}, % a year",
        return_title=f"expected return{' less trading costs' if problem.kink.any() else ''}, % a year",
        curve=_curve(found),
        corners=corners,
        hover=tuple(
            f"corner {k + 1}: {largest_holdings(frontier, k, 5)} ({int(row['holdings'])} funds, beta {row['beta']:.2f})"
            for k, (_, row) in enumerate(frontier.corners.iterrows())
        ),
        model=own,
        benchmark=Mark(setting.model.benchmark, 0.0 if tracking else model.sigma_b, model.mu_b),
        target=setting.target.value if setting.target.kind == frontier.measure else None,
    )


def _curve(frontier: Frontier) -> Floats:
    """Risk and return of the mixtures of neighbouring points, shape (P, 2)."""
    problem, W = frontier.problem, frontier.weights
    mixtures = [
        here + s * (there - here) for here, there in pairwise(W) for s in np.linspace(0.0, 1.0, _STEPS, endpoint=False)
    ]
    return np.array([[problem.risk.value(w), problem.value(w)] for w in (*mixtures, W[-1])])
