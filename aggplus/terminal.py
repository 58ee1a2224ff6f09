"""The terminal that results are printed on, or the pipe in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Column, Table

_PLAIN_WIDTH = 120
"""Columns when the output is no terminal: the same wherever a job runs, whatever COLUMNS says."""
_SHORT = 24
"""A word of so many letters is a ticker, a date or a key, and not to be cut."""
_LEAST = 12
"""A text that folds keeps so many columns."""
_ENDLESS = 10_000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""What would colour, clear or retitle the terminal of whoever reads a name from a file; line feeds aside."""


class Page(Console):
    """A console on which no number is ever cut.

    rich shortens every column of a table that is too wide. Here long texts give way alone, by folding or by an ellipsis
    as the table has it; where that is not enough, lines run over the edge.
    """

    def print(self, *objects: Any, **settings: Any) -> None:
        """Print as a console does.

        Parameters
        ----------
        *objects : renderable
        **settings
            Of `rich.console.Console.print`.
        """
        for part in objects:
            self._fit(part)
        super().print(*objects, **{"crop": False, **settings})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as a console does, without the control characters of names and cells from files.

        Parameters
        ----------
        renderable : renderable
        options : ConsoleOptions, optional
        """
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROL.search(segment.text):
                yield segment
            else:
                yield Segment(_CONTROL.sub("", segment.text), segment.style)

    def _fit(self, part: object) -> None:
        if isinstance(part, Group):
            for inner in part.renderables:
                self._fit(inner)
        elif isinstance(part, Table):
            self._fit_table(part)

    def _fit_table(self, table: Table) -> None:
        widest = [self._widest(column) for column in table.columns]
        _, right, _, left_of = table.padding
        around = (right + left_of) * len(widest) + (0 if table.box is None else len(widest) + 1)
        around -= 0 if table.pad_edge else right + left_of
        if sum(widest) + around <= self.width:
            return
        whole = [
            column.justify == "right" or (column.no_wrap is True and width <= _SHORT)
            for column, width in zip(table.columns, widest, strict=True)
        ]
        left = self.width - around - sum(width for width, kept in zip(widest, whole, strict=True) if kept)
        giving = whole.count(False)
        # The shortest first: what it does not need is for the others.
        for i in sorted(range(len(widest)), key=lambda i: widest[i]):
            if not whole[i]:
                widest[i] = min(widest[i], max(_LEAST, left // giving))
                left, giving = left - widest[i], giving - 1
        for column, width in zip(table.columns, widest, strict=True):
            column.width = width
        table.width = max(self.width, sum(widest) + around)

    def _widest(self, column: Column) -> int:
        wide = self.options.update(width=_ENDLESS)
        widest = max(Measurement.get(self, wide, cell).maximum for cell in (column.header, *column.cells))
        return max(column.min_width or 0, min(widest, column.max_width or widest))


def console(*, quiet: bool = False) -> Page:
    """A console on standard output; wide enough for the tables when that is a pipe or a file.

    Parameters
    ----------
    quiet : bool
        Whether nothing is printed.
    """
    terminal = Page(highlight=False, quiet=quiet)
    return terminal if terminal.is_terminal else Page(highlight=False, width=_PLAIN_WIDTH, quiet=quiet)
