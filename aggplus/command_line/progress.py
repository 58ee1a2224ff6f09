"""What a command says while it works, on standard error of a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Watch = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@contextmanager
def counting(what: str, *, quiet: bool = False) -> Iterator[Watch]:
    """A bar of things done, gone when all are.

    Parameters
    ----------
    what : str
        What is counted: "sessions".
    quiet : bool
        No bar at all.
    """
    with _bar(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), quiet=quiet) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def waiting(what: str, *, quiet: bool = False) -> Iterator[None]:
    """A line in motion while something runs whose length nobody knows.

    Parameters
    ----------
    what : str
        What is being done: "reading the market".
    quiet : bool
        No line at all.
    """
    with _bar(BarColumn(), quiet=quiet) as progress:
        progress.add_task(what, total=None)
        yield


def _bar(*columns: BarColumn | MofNCompleteColumn | TimeRemainingColumn, quiet: bool) -> Progress:
    terminal = Console(stderr=True)
    # A bar that nobody sees would only fill the log of a job.
    return Progress(
        TextColumn("{task.description}"),
        *columns,
        console=terminal,
        transient=True,
        disable=quiet or not terminal.is_terminal,
    )
