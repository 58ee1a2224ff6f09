"""A measurement in a process of its own: what it tells, how long it took as a whole, and the memory of its tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.measure import ONE_THREAD, ROOT

_EVERY_S = 0.25
_KB = 1024.0


@dataclass(frozen=True)
class Measured:
    """A process that has ended.

    Parameters
    ----------
    told : dict
        What it printed.
    whole_s : float
        From before its start to its end.
    peak_mb : float or None
        The largest resident memory of it and of each of its descendants, added up: no moment had more. None where the
        system does not tell.
    load : float
        One-minute load average of the machine before its start.
    """

    told: dict[str, Any]
    whole_s: float
    peak_mb: float | None
    load: float


@dataclass(frozen=True)
class Missing:
    """No figures.

    Parameters
    ----------
    missing : str
        Why not.
    """

    missing: str


def measured(module: str, *words: str) -> Measured | Missing:
    """Run a module of this package as a program.

    Parameters
    ----------
    module : str
    *words : str
        Its arguments.
    """
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.walks.{module}", *words]
    print(" ".join(["measured:", module, *words]), file=sys.stderr)
    load, began = os.getloadavg()[0], time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        peaks: dict[int, float] = {}
        while True:
            peaks |= peaks_below(process.pid)
            try:
                out, err = process.communicate(timeout=_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                continue
        whole = time.perf_counter() - began
    if process.returncode != 0:
        return Missing((err.strip().splitlines() or [f"its process ended with {process.returncode}"])[-1])
    # A library that greets on standard output does so before the figures.
    told: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return Measured(told, whole, sum(peaks.values()) / _KB if peaks else None, load)


def peaks_below(pid: int) -> dict[int, float]:
    """The largest resident memory so far, in kB, of a process and its descendants.

    Parameters
    ----------
    pid : int
    """
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        parent = _field(folder, "PPid:")
        if parent is not None:
            children.setdefault(int(parent), []).append(int(folder.name))
    peaks, left = dict[int, float](), [pid]
    while left:
        one = left.pop()
        left += children.get(one, [])
        peak = _field(Path("/proc") / str(one), "VmHWM:")
        if peak is not None:
            peaks[one] = float(peak)
    return peaks


def _field(folder: Path, name: str) -> str | None:
    try:
        lines = (folder / "status").read_text().splitlines()
    except OSError:  # it has ended
        return None
    return next((line.split()[1] for line in lines if line.startswith(name)), None)


def best(runs: Sequence[Measured | Missing], key: str) -> Measured | Missing:
    """The run with the smallest figure; the reason of the first where there is none.

    Parameters
    ----------
    runs : sequence of Measured or Missing
    key : str
        Of what they told.
    """
    there = [run for run in runs if isinstance(run, Measured)]
    return min(there, key=lambda run: float(run.told[key])) if there else runs[0]


def plain(run: Measured | Missing) -> Mapping[str, Any]:
    """As it is written to disk.

    Parameters
    ----------
    run : Measured or Missing
    """
    if isinstance(run, Missing):
        return {"missing": run.missing}
    return {**run.told, "whole_s": run.whole_s, "peak_mb": run.peak_mb, "load": run.load}
