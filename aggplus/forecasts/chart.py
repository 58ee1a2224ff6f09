"""Forecast against realised volatility through time, a panel a portfolio."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from aggplus.chart_files import BLUE, GREY, VERMILION, html_page, png_bytes, require_chart
from aggplus.forecasts.report import DECIDED_BY, ForecastReport

_COMPARED = "Ledoit-Wolf"
_TICKS = (0.5, 1, 2, 5, 10, 20, 50)
_REALISED = "realised in the month after"


def chart_bytes(report: ForecastReport, path: Path) -> bytes:
    """The picture as the content of a file.

    Parameters
    ----------
    report : ForecastReport
    path : Path
        Its extension says which kind.

    Raises
    ------
    OutputError
        When the extension is unknown or the library for it is not installed.
    """
    require_chart(path)
    panels = panels_of(report)
    return _png(report, panels) if path.suffix.lower() == ".png" else _html(report, panels)


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


def _style(name: str, report: ForecastReport) -> tuple[str, float]:
    if name == _REALISED:
        return GREY, 0.9
    return (BLUE, 1.8) if name == report.default else (VERMILION, 1.2)


def _title(report: ForecastReport) -> str:
    return f"Forecast against realised volatility, % a year, {report.market}"


def _png(report: ForecastReport, panels: dict[str, pd.DataFrame]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 2.6 * len(panels) + 1.0), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (portfolio, lines) in zip(axes, panels.items(), strict=True):
        for name in lines.columns:
            colour, width = _style(name, report)
            axis.plot(lines.index, lines[name], color=colour, linewidth=width, label=name)
        axis.axvline(DECIDED_BY, color=GREY, linestyle=":", linewidth=1.0)
        axis.set_title(portfolio, loc="left", parse_math=False)
        # March 2020 would press everything else to the floor.
        axis.set_yscale("log")
        axis.set_yticks(_TICKS, labels=[f"{tick:g}" for tick in _TICKS])
        axis.minorticks_off()
        axis.set_ylim(0.9 * np.nanmin(lines.to_numpy()), 1.1 * np.nanmax(lines.to_numpy()))
        axis.grid(color="#DDDDDD", linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(_title(report), x=0.01, ha="left", parse_math=False)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, loc="outside lower center", ncols=3)
    return png_bytes(figure)


def _html(report: ForecastReport, panels: dict[str, pd.DataFrame]) -> bytes:
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=len(panels), cols=1, shared_xaxes=True, subplot_titles=[escape(name) for name in panels]
    )
    for row, lines in enumerate(panels.values(), start=1):
        for name in lines.columns:
            colour, width = _style(name, report)
            figure.add_scatter(
                x=list(lines.index),
                y=lines[name].tolist(),
                name=escape(name),
                legendgroup=name,
                showlegend=row == 1,
                line={"color": colour, "width": width},
                hovertemplate="%{x|%Y-%m-%d}: %{y:.2f} %",
                row=row,
                col=1,
            )
    figure.update_yaxes(type="log")
    figure.update_layout(
        template="plotly_white", height=260 * len(panels) + 120, title={"text": escape(_title(report))}
    )
    return html_page(figure)
