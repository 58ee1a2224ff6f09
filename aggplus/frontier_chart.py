"""A frontier as a picture; the marks differ in shape as well as in colour."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np

from aggplus.chart_files import BLUE, GREEN, GREY, VERMILION, html_page, png_bytes, require_chart
from aggplus.frontier_record import largest_holdings
from aggplus.model_frontier import ModelFrontier
from optimizer import Frontier
from riskmodels.factor_form import Floats

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


def chart_bytes(frontier: ModelFrontier, path: Path) -> bytes:
    """The chart as the content of a file.

    Parameters
    ----------
    frontier : ModelFrontier
        Solved.
    path : Path
        Its extension says which kind.

    Raises
    ------
    OutputError
        See `require_chart`.
    """
    require_chart(path)
    drawing = drawing_of(frontier)
    return _png(drawing) if path.suffix.lower() == ".png" else _html(drawing)


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
        own = Mark(f"{setting.model.name} ({setting.model.id})", problem.risk.value(w), problem.value(w))
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


def _png(drawing: Drawing) -> bytes:
    # No pyplot: it would look for a display and keep figures alive.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 6.0), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(*drawing.curve.T, color=BLUE, linewidth=2.0, label="efficient frontier", zorder=2)
    axes.plot(*drawing.corners.T, color=BLUE, linestyle="none", marker="o", markersize=4, label="corner portfolios")
    if drawing.target is not None:
        axes.axvline(drawing.target, color=GREY, linestyle="--", linewidth=1.0, label="risk target", zorder=1)
    marks = [(drawing.benchmark, GREEN, "s"), *([(drawing.model, VERMILION, "D")] if drawing.model else [])]
    for mark, colour, shape in marks:
        words = f"{mark.name}: {mark.risk:.2f} %, {mark.net_return:.2f} %"
        axes.plot(
            mark.risk,
            mark.net_return,
            color=colour,
            linestyle="none",
            marker=shape,
            markersize=9,
            label=words,
            zorder=3,
        )
    # Dollar signs in names are no mathematics.
    axes.set_title(drawing.title, loc="left", parse_math=False)
    axes.set_xlabel(drawing.risk_title)
    axes.set_ylabel(drawing.return_title)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    for text in figure.legend(frameon=False, loc="outside lower center", ncols=3).get_texts():
        text.set_parse_math(False)
    return png_bytes(figure)


def _html(drawing: Drawing) -> bytes:
    import plotly.graph_objects as go

    figures = "risk %{x:.2f} %<br>return %{y:.2f} %<extra></extra>"
    (risk, net), (at, earned) = drawing.curve.T.tolist(), drawing.corners.T.tolist()
    figure = go.Figure(layout={"template": "plotly_white"})
    figure.add_scatter(
        x=risk, y=net, mode="lines", name="efficient frontier", line={"color": BLUE, "width": 3}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=at,
        y=earned,
        mode="markers",
        name="corner portfolios",
        marker={"color": BLUE, "size": 7},
        text=[escape(words) for words in drawing.hover],
        hovertemplate="%{text}<br>" + figures,
    )
    marks = [
        (drawing.benchmark, GREEN, "square"),
        *([(drawing.model, VERMILION, "diamond")] if drawing.model else []),
    ]
    for mark, colour, shape in marks:
        name = escape(mark.name)
        figure.add_scatter(
            x=[mark.risk],
            y=[mark.net_return],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 13, "symbol": shape},
            text=[name],
            hovertemplate="%{text}<br>" + figures,
        )
    if drawing.target is not None:
        figure.add_vline(
            drawing.target, line={"color": GREY, "dash": "dash", "width": 1}, annotation_text="risk target"
        )
    figure.update_layout(
        title={"text": escape(drawing.title)}, xaxis_title=drawing.risk_title, yaxis_title=drawing.return_title
    )
    return html_page(figure)
