"""The figures of a report as tables of text; what prints them and what writes a page are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.markdown import markdown_table

_PLAIN_WIDTH = 190


@dataclass(frozen=True)
class Table:
    """A table of text.

    Parameters
    ----------
    title : str
    columns : tuple of str
        The first is the name of the row.
    rows : tuple of tuple of str
        Shorter than `columns` where there are no figures.
    notes : tuple of str
        Sentences below.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def draw(lines: Sequence[str], tables: Sequence[Table]) -> None:
    """Print tables.

    Parameters
    ----------
    lines : sequence of str
        Above the first.
    tables : sequence of Table
    """
    terminal = Console(highlight=False)
    page = terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
    for line in lines:
        page.print(line)
    for table in tables:
        page.print(f"\n{table.title}", style="bold")
        drawn = RichTable(box=None, padding=(0, 2, 0, 0))
        for i, column in enumerate(table.columns):
            drawn.add_column(column, justify="left" if i == 0 else "right", overflow="fold")
        for row in table.rows:
            drawn.add_row(*row)
        page.print(drawn)
        for note in table.notes:
            page.print(note)


def as_markdown(head: str, lines: Sequence[str], tables: Sequence[Table]) -> str:
    """A page of tables.

    Parameters
    ----------
    head : str
        Title and what is measured.
    lines : sequence of str
        Where the figures come from, a paragraph each.
    tables : sequence of Table
    """
    parts = [head, *(f"{line}\n" for line in lines)]
    for table in tables:
        rows = [(*row, *("" for _ in table.columns[len(row) :])) for row in table.rows]
        parts += [f"## {table.title}\n", markdown_table(table.columns, rows, words=1)]
        parts += [f"{note}\n" for note in table.notes]
    return "\n".join(parts)


def figure(value: float) -> str:
    """Three significant digits, without an exponent.

    Parameters
    ----------
    value : float
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100.0 else f"{rounded:.3g}"
