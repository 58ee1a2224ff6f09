"""What a command says while it works, on standard error of a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeRemainingColumn

Watch = Callable[[float, int], None]
"""Told how much is done, the thing in hand in part, and of how much."""

_A_DAY = 86400.0


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
    columns = (
        TextColumn("{task.fields[said]} {task.description}"),
        BarColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with _bar(*columns, quiet=quiet) as progress:
        task = progress.add_task(what, total=None, said="")

        def watch(done: float, of: int) -> None:
            progress.update(task, completed=done, total=of, said=f"{done:.0f} of {of}")

        yield watch


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
    with _bar(SpinnerColumn(), TextColumn("{task.description}"), quiet=quiet) as progress:
        progress.add_task(what, total=None)
        yield


def _bar(*columns: ProgressColumn, quiet: bool) -> Progress:
    terminal = Console(stderr=True, highlight=False)
    # A bar that nobody sees would only fill the log of a job.
    return Progress(
        *columns,
        console=terminal,
        transient=True,
        disable=quiet or not terminal.is_terminal,
        # Some steps take minutes: a speed of the last half minute would often be unknown.
        speed_estimate_period=_A_DAY,
    )
