"""Run workers, one after the other, and judge what they bring back."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.peers.agreement import Agreement, agreement
from benchmarks.peers.instance import Day, Setup
from benchmarks.peers.optima import Optimum, certified
from benchmarks.peers.problems import problems
from benchmarks.peers.registry import BatchRoute, Route
from benchmarks.peers.simulation import days
from benchmarks.peers.storage import store
from benchmarks.peers.timing import Timing

ROOT = Path(__file__).resolve().parents[2]
"""Where processes find this package."""

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


@dataclass(frozen=True, eq=False)
class Instance:
    """An instance on disk, and the certified optima of the first variants of its first date.

    Parameters
    ----------
    folder : Path
    first : Day
    optima : tuple of Optimum
    """

    folder: Path
    first: Day
    optima: tuple[Optimum, ...]


@dataclass(frozen=True)
class Measured:
    """One worker's figures.

    Parameters
    ----------
    timing : Timing
    agreement : Agreement
    proof : mapping or None
        Of a batch: how many answers are certified, and the largest gap, violation and residual.
    """

    timing: Timing
    agreement: Agreement
    proof: Mapping[str, float] | None


@dataclass(frozen=True)
class Missing:
    """No figures.

    Parameters
    ----------
    missing : str
        Why not.
    """

    missing: str


def prepare(setup: Setup, checked: int, folder: Path) -> Instance:
    """Make an instance, and certify the optima that peers will be held to.

    Parameters
    ----------
    setup : Setup
    checked : int
        How many variants.
    folder : Path
        Where it is kept, empty.
    """
    dates = days(setup)
    first = next(dates)
    optima = tuple(certified(problem) for problem in problems(first)[:checked])
    known = replace(first, aversions=tuple(best.aversion for best in optima))
    store(chain([known], dates), folder)
    return Instance(folder, known, optima)


def measure(
    route: Route | BatchRoute,
    instance: Instance,
    seconds: float,
    patience: float,
    environment: Mapping[str, str] = ONE_THREAD,
) -> Measured | Missing:
    """Run one worker.

    Parameters
    ----------
    route : Route or BatchRoute
    instance : Instance
    seconds : float
        Time for solves, after the first.
    patience : float
        Seconds after which a worker is stopped, whatever it does.
    environment : mapping
        Variables of its process beside those of this one.
    """
    if not _importable(route.needs):
        return Missing(f"not installed: {route.needs}")
    with tempfile.TemporaryDirectory() as name:
        result = Path(name)
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.worker", route.title]
        try:
            ended = subprocess.run(
                [*command, str(instance.folder), name, str(seconds)],
                cwd=ROOT,
                env={**os.environ, **environment},
                capture_output=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Missing(f"stopped after {patience:.0f} s")
        if (result / "failed.txt").exists():
            return Missing((result / "failed.txt").read_text().splitlines()[0])
        if ended.returncode != 0:
            return Missing(f"its process ended with {ended.returncode}")
        figures = json.loads((result / "timing.json").read_text())
        found = agreement(instance.first, instance.optima, np.load(result / "portfolios.npy"))
        return Measured(Timing(**figures["timing"]), found, figures["proof"])


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
