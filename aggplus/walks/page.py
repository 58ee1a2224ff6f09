"""A walk as a notebook shows it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aggplus.walks.figures import Rows, published_rows, published_table, statistics_rows

if TYPE_CHECKING:
    from aggplus.walks.track_record import TrackRecord


def track_html(track: TrackRecord) -> str:
    """A small HTML fragment: figures beside the benchmark's, published ones where there are any, and every rebalance.

    Parameters
    ----------
    track : TrackRecord
    """
    model, last = track.model, track.daily.index[-1]
    title = f"{model.name} ({model.id}) from {track.start:%Y-%m-%d} to {last:%Y-%m-%d}, {track.market}"
    parts = [f"<h4>{escape(title)}</h4>", _table(["", model.id, model.benchmark], statistics_rows([track]))]
    beside = published_table([track])
    if beside is not None:
        head = ["to 2024-01-31", *(f"{name}, {source}" for name, source in beside.index)]
        parts.append(_table(head, published_rows(beside)))
    rebalances = {
        f"{made.date:%Y-%m-%d}": [f"{100.0 * made.turnover:.0f} %", "; ".join(made.reasons)]
        for made in track.rebalances
    }
    parts.append(_table(["solved", "turnover", "why"], rebalances))
    parts += [f"<p>{miss.date:%Y-%m-%d}: {escape('; '.join(miss.findings))}</p>" for miss in track.misses[:_MISSES]]
    parts += [f"<p><small>{escape(warning)}</small></p>" for warning in track.warnings]
    return "".join(parts)


_MISSES = 5


def _table(head: list[str], rows: Rows) -> str:
    heading = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in (words, *cells)) + "</tr>"
        for words, cells in rows.items()
    )
    return f"<table><tr>{heading}</tr>{body}</table>"
