"""Walks and checks in print."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.model_portfolios import Refusal
from aggplus.walks.figures import (
    Rows,
    benchmarks_of,
    percent,
    published_rows,
    published_table,
    statistics_rows,
)
from aggplus.walks.last_solve import Check
from aggplus.walks.track_record import TrackRecord

_GAP = 2
_MISSES = 5


def walk_view(tracks: Sequence[TrackRecord]) -> RenderableType:
    """Figures of several walks beside their benchmarks', and beside the published ones where there are any.

    Parameters
    ----------
    tracks : sequence of TrackRecord
        Over the same days; at least one.
    """
    first = tracks[0]
    title = f"{first.market}, {first.daily.index[0]:%Y-%m-%d} to {first.daily.index[-1]:%Y-%m-%d}, net of costs"
    head = ["", *(track.model.id for track in tracks), *benchmarks_of(tracks)]
    parts: list[RenderableType] = [Text(title, style="bold"), _table(head, statistics_rows(tracks))]
    beside = published_table(tracks)
    if beside is not None:
        parts.append(Text("\nBeside the published figures, January 2016 to January 2024", style="bold"))
        parts.append(_table(["", *(f"{name}\n{source}" for name, source in beside.index)], published_rows(beside)))
    return Group(*parts, *_notes(tracks))


def decisions_view(track: TrackRecord) -> RenderableType:
    """Every rebalance of a walk with its reasons, and every day on which none could be made.

    Parameters
    ----------
    track : TrackRecord
    """
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for name in ("solved", "traded", "turnover", "cost", "funds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for made in track.rebalances:
        table.add_row(
            f"{made.date:%Y-%m-%d}",
            f"{made.traded:%Y-%m-%d}",
            percent(made.turnover, 1),
            f"{1e4 * made.cost:.2f} bp",
            str(len(made.after)),
            Text("; ".join(made.reasons)),
        )
    lines = [
        Text(
            f"{miss.date:%Y-%m-%d}  {miss.status}: {'; '.join(miss.findings)} ({'; '.join(miss.reasons)})", style="red"
        )
        for miss in track.misses
    ]
    lines += [
        Text(
            f"{paid.date:%Y-%m-%d}  {paid.ticker} closed on {paid.last_close:%Y-%m-%d}: {percent(paid.weight)} as cash"
        )
        for paid in track.payouts
    ]
    return Group(Text(f"\n{track.model.name} ({track.model.id}): rebalances", style="bold"), table, *lines)


def checks_view(found: Sequence[Check | Refusal]) -> RenderableType:
    """For each model whether it needs a solve, since when it stands, and why.

    Parameters
    ----------
    found : sequence of Check or Refusal
    """
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for name in ("model", "as of", "solve?", "last solved"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in found:
        if isinstance(one, Refusal):
            table.add_row(Text(one.model), one.asof, Text("unknown", style="bold red"), "", Text(one.why))
            continue
        since = one.decision.state.sessions_since_solve
        last = (
            "never" if one.solved is None else f"{one.solved:%Y-%m-%d}, {since} session{'' if since == 1 else 's'} ago"
        )
        verdict = Text("yes", style="bold yellow") if one.needs_solve else Text("no", style="green")
        table.add_row(Text(one.model.id), f"{one.day:%Y-%m-%d}", verdict, last, Text("; ".join(one.decision.reasons)))
    return table


def readings_view(found: Check) -> RenderableType:
    """Every trigger of one model against its threshold, in words.

    Parameters
    ----------
    found : Check
    """
    told = (Text(f"  {'! ' if reading.fired else '  '}{reading.words}") for reading in found.decision.readings)
    return Group(*told)


def _table(head: Sequence[str], rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for i, name in enumerate(head):
        table.add_column(Text(name), justify="right" if i else "left", no_wrap=True)
    for words, cells in rows.items():
        table.add_row(words, *cells)
    return table


def _notes(tracks: Sequence[TrackRecord]) -> list[Text]:
    """What to know: once, though several models say it."""
    lines = []
    for track in tracks:
        lines += [
            Text(f"{track.model.id}, {miss.date:%Y-%m-%d}: {'; '.join(miss.findings)}", style="red")
            for miss in track.misses[:_MISSES]
        ]
        if len(track.misses) > _MISSES:
            more = f"{track.model.id}: and {len(track.misses) - _MISSES} more such days; --decisions shows all"
            lines.append(Text(more, style="red"))
    warnings = dict.fromkeys(warning for track in tracks for warning in track.warnings)
    return [Text(), *lines, *(Text(f"Note: {warning}", style="yellow") for warning in warnings)]
