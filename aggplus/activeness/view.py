"""Activeness in print."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.activeness.activeness import Activeness

_GAP = 2
_NOTES = 8
_NAME = 34


def activeness_view(found: Activeness) -> Iterator[RenderableType]:
    """The table, the most active first, who has no figures, and what to know.

    Parameters
    ----------
    found : Activeness
    """
    yield Text(
        f"Activeness against {found.benchmark}, rolling over {found.window}, {found.market}, "
        f"{found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}",
        style="bold",
    )
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("score", "correlation", "latest", "beta", "latest", "deviation", "noise", "unstable"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, max_width=_NAME, overflow="ellipsis")
    for ticker, row in found.table.iterrows():
        figures = ("correlation", "latest_correlation", "beta", "latest_beta", "beta_deviation", "beta_noise")
        table.add_row(
            Text(str(ticker)),
            _percent(row["score"]),
            *(_figure(row[key]) for key in figures),
            _percent(row["instability"]),
            Text(str(row["name"])),
        )
    yield table
    lines = [f"Left out: {ticker} {why}" for ticker, why in found.left_out.items()]
    lines += [f"Note: {note}" for note in found.notes]
    yield Text("\n".join(["", *lines[:_NOTES]]), style="yellow")
    if len(lines) > _NOTES:
        yield Text(f"... and {len(lines) - _NOTES} more notes, in --json", style="yellow")


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100.0 * value:.0f} %"
