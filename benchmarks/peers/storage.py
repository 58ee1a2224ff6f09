"""Dates of an instance on disk, for workers in processes of their own."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers.instance import Day


def store(days: Iterator[Day], folder: Path) -> None:
    """Keep the dates of an instance.

    Parameters
    ----------
    days : iterator of Day
    folder : Path
    """
    for date, day in enumerate(days):
        (folder / f"day-{date:03d}.pickle").write_bytes(pickle.dumps(day))


def stored(folder: Path) -> Iterator[Day]:
    """The dates of a folder, in order, each with its dense covariance made: that is no peer's work.

    Parameters
    ----------
    folder : Path
    """
    for path in sorted(folder.glob("day-*.pickle")):
        day: Day = pickle.loads(path.read_bytes())
        assert day.sigma.size
        yield day
