"""The terminal that results are printed on, or the pipe in its place."""

from __future__ import annotations

from rich.console import Console

_PLAIN_WIDTH = 120
"""Columns when the output is no terminal: the same wherever a job runs, whatever COLUMNS says."""


def console(*, quiet: bool = False) -> Console:
    """A console on standard output; wide enough for the tables when that is a pipe or a file.

    Parameters
    ----------
    quiet : bool
        Whether nothing is printed.
    """
    terminal = Console(highlight=False, quiet=quiet)
    return terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH, quiet=quiet)
