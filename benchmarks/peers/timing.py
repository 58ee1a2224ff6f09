"""How long solves take, and how much memory."""

from __future__ import annotations

import importlib
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.registry import BatchRoute, Route

LEAST_SOLVES = 2
"""Timed however long they take."""

_LEAST_REPEATS, _MOST_REPEATS = 3, 15
"""Of a batch."""


@dataclass(frozen=True)
class Timing:
    """What a worker measured, in seconds.

    Parameters
    ----------
    start_s : float
        Import, whatever is set up once, and the first solve, which is in no other figure; for a batch the first run.
    open_s : list of float
        What is done once a date.
    solve_s : list of float
        Each variant, dates in order; a batch has its mean over all variants, one for each repeat.
    solves : int
        How many solves that is.
    memory_mb : float
        By how much the largest resident memory of the process grew beyond interpreter and instance.
    """

    start_s: float
    open_s: list[float]
    solve_s: list[float]
    solves: int
    memory_mb: float


def one_by_one(route: Route, days: Iterator[Day], seconds: float) -> tuple[Timing, list[Floats]]:
    """Time variant after variant, date after date, until all are done or the time is up.

    Parameters
    ----------
    route : Route
    days : iterator of Day
    seconds : float

    Returns
    -------
    timing : Timing
    portfolios : list of ndarray, shape (n,)
        Of the first date.
    """
    clock = time.perf_counter
    opened, solved, portfolios = list[float](), list[float](), list[Floats]()
    first = next(days)
    before_mb, began = _peak_mb(), clock()
    open_date = route.start(importlib.import_module(f"benchmarks.peers.routes.{route.module}"))
    solve = open_date(first)
    solve(0)
    start_s = clock() - began
    end = clock() + seconds
    for date, day in enumerate(chain([first], days)):
        if date:
            # One more date is opened even when the time is up, to know what that takes.
            if clock() > end and opened:
                break
            began = clock()
            solve = open_date(day)
            opened.append(clock() - began)
        for variant in range(route.count(day)):
            if clock() > end and len(solved) >= LEAST_SOLVES:
                break
            began = clock()
            w = solve(variant)
            solved.append(clock() - began)
            if date == 0:
                portfolios.append(w)
    while len(solved) < LEAST_SOLVES:
        began = clock()
        solve(0)
        solved.append(clock() - began)
    return Timing(start_s, opened, solved, len(solved), _peak_mb() - before_mb), portfolios


def in_one_call(route: BatchRoute, days: list[Day], seconds: float) -> tuple[Timing, list[Floats], dict[str, float]]:
    """Time the batch: once to warm up, then again until the time is up.

    Parameters
    ----------
    route : BatchRoute
    days : list of Day
    seconds : float

    Returns
    -------
    timing : Timing
    portfolios : list of ndarray, shape (n,)
        Of the first date.
    proof : dict
        The certificates of all answers, made once more after the clock has stopped.
    """
    variants = sum(len(day.variants) for day in days)
    clock = time.perf_counter
    before_mb, began = _peak_mb(), clock()
    from benchmarks.peers.routes import ours_batch
    from optimizer.batch import solve_families

    families = ours_batch.families(days)
    answers = solve_families(families, route.workers)
    start_s, end, repeats = clock() - began, clock() + seconds, list[float]()
    while len(repeats) < _LEAST_REPEATS or (clock() < end and len(repeats) < _MOST_REPEATS):
        began = clock()
        answers = solve_families(families, route.workers)
        repeats.append((clock() - began) / variants)
    timing = Timing(start_s, [], repeats, variants * len(repeats), _peak_mb() - before_mb)
    return timing, list(answers[0].w), vars(ours_batch.proof(days, answers))


def _peak_mb() -> float:
    """Largest resident memory of this process.

    What the operating system accounts for a process also counts its parent's memory at the time of the fork, where the
    kernel's own figure starts with the program.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024.0
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return float(line.split()[1]) / 1024.0
