"""What building or updating a market did, in print."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from universe.stored.building import Outcome
from universe.stored.changes import TROUBLE, FundChange
from universe.wording import fund_count

_TITLES = {
    "new": "new",
    "appended": "rows added",
    "unchanged": "nothing new",
    "readjusted": "past scaled by the source, fetched whole",
    "revised": "returns of the past revised, fetched whole",
    "stopped": "nothing new for a month or more",
    "refused": "past has changed and cannot be had whole; kept as it was",
    "failed": "could not be had",
}
_MOST = 12


def outcome_view(outcome: Outcome) -> RenderableType:
    """The market as it is now, a table of what became of its funds, and everything a user should know.

    Parameters
    ----------
    outcome : Outcome
    """
    done = "Built" if outcome.action == "build" else "Updated"
    parts: list[RenderableType] = [
        Text(
            f"{done} {outcome.folder} from {outcome.source}: {outcome.first:%Y-%m-%d} to {outcome.last:%Y-%m-%d}, "
            f"{fund_count(outcome.funds)}, {outcome.rows:,} price{'' if outcome.rows == 1 else 's'}",
            style="bold",
        ),
        _funds(outcome),
    ]
    changes = outcome.changes
    parts += _lines("Could not be had, or kept as it was", [_trouble(c) for c in changes if c.status in TROUBLE])
    parts += _lines("Returns that were revised", [_revised(c) for c in changes if c.revisions])
    parts += _lines("Days that the source no longer has", [_withdrawn(c) for c in changes if c.withdrawn])
    if outcome.catalog:
        cells = [f"{c.ticker} {c.column}: {c.old or 'unknown'} -> {c.new or 'unknown'}" for c in outcome.catalog]
        parts += _lines("Changed in the catalog", cells)
    held = [f"{line.ticker}: {line.words}" for line in outcome.quarantine]
    parts += _lines("Lines of quarantine.csv whose closes changed", held)
    if held:
        parts.append(Text("They stay. Run aggplus market check, and delete those that no longer hold from the file"))
    parts += [Text(f"Note: {note}", style="yellow") for note in outcome.notes]
    return Group(*parts)


def _funds(outcome: Outcome) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("funds", justify="right")
    table.add_column("rows added", justify="right")
    table.add_column("")
    for status, title in _TITLES.items():
        added = [change.added for change in outcome.changes if change.status == status]
        if added:
            table.add_row(f"{len(added):,}", f"{sum(added):,}", Text(title))
    return table


def _lines(title: str, lines: list[str]) -> list[RenderableType]:
    if not lines:
        return []
    more = [Text(f"  and {len(lines) - _MOST} more; --json has them all")] if len(lines) > _MOST else []
    return [Text(f"{title}:", style="yellow"), *(Text(f"  {line}") for line in lines[:_MOST]), *more]


def _trouble(change: FundChange) -> str:
    return f"{change.ticker}: {change.why}"


def _revised(change: FundChange) -> str:
    first = change.revisions[0]
    more = f", and {len(change.revisions) - 1} more" if len(change.revisions) > 1 else ""
    return f"{change.ticker}: {first.date:%Y-%m-%d} was {first.old:+.3%}, is {first.new:+.3%}{more}"


def _withdrawn(change: FundChange) -> str:
    days = ", ".join(f"{day:%Y-%m-%d}" for day in change.withdrawn[:3])
    return f"{change.ticker}: {days}{', ...' if len(change.withdrawn) > 3 else ''}"
