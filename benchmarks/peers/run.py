"""The optimizer side by side with its peers: `python -m benchmarks.peers.run [--quick]`.

Every figure is a median of rounds in which each peer has a process, a thread and a time of its own, one after the
other; ratios are formed within a round, so that a busy machine bends them less than milliseconds. Prints tables and
writes out/bench-peers.json, or out/bench-peers-quick.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.origin import machine, versions
from benchmarks.peers.agreement import SAME_BP, SAME_VIOLATION
from benchmarks.peers.instance import Setup
from benchmarks.peers.measure import ONE_THREAD, ROOT, Instance, Measured, measure, prepare
from benchmarks.peers.plan import FULL, QUICK, Plan
from benchmarks.peers.registry import BATCHES, GROWTH, LIBRARIES, ROUTES, SINGLE
from benchmarks.peers.summary import Round, summarise
from benchmarks.peers.tables import show

_TINY = Setup(funds=50, variants=2, dates=1)
_FIRST = (SINGLE, BATCHES[0])
_COMPILATION_S = 600.0
"""Patience with a compilation."""


@contextmanager
def instance(setup: Setup, checked: int) -> Iterator[Instance]:
    """An instance on disk for as long as it is needed."""
    with tempfile.TemporaryDirectory() as name:
        yield prepare(setup, checked, Path(name))


def meet(setup: Setup, titles: Sequence[str], rounds: int, plan: Plan) -> dict[str, Any]:
    """Some routes on one instance, round after round."""
    measured: list[Round] = []
    told = f"{setup.funds} funds, {setup.variants} x {setup.dates}, {setup.covariance}"
    with instance(setup, plan.checked) as ready:
        for number in range(rounds):
            found = {}
            for title in titles:
                print(f"{told}, round {number + 1} of {rounds}: {title}", file=sys.stderr)
                found[title] = measure(ROUTES[title], ready, plan.seconds, plan.patience)
            measured.append(found)
    lines = {title: asdict(summarise(title, measured, setup)) for title in titles}
    return {
        "setup": asdict(setup),
        "rounds": rounds,
        "certified_within_bp": max(best.gap_bp for best in ready.optima),
        "lines": lines,
    }


def compile_ours() -> None:
    """See to it that the machine code of ours is on disk: compiling it is no part of a solve."""
    with instance(_TINY, 1) as ready:
        for route in _FIRST:
            print(f"compiled: {route.title}", file=sys.stderr)
            measure(route, ready, 0.0, _COMPILATION_S)


def first_calls(plan: Plan) -> list[dict[str, float | str]]:
    """Import and first solve of ours in a new process: with nothing compiled, and with what that has left on disk."""
    found: list[dict[str, float | str]] = []
    with instance(_TINY, 1) as ready:
        for route in _FIRST * plan.compilations:
            print(f"first call: {route.title}", file=sys.stderr)
            with tempfile.TemporaryDirectory() as kept:
                there = {**ONE_THREAD, "NUMBA_CACHE_DIR": kept}
                compiling, cached = (measure(route, ready, 0.0, _COMPILATION_S, there) for _ in range(2))
            if isinstance(compiling, Measured) and isinstance(cached, Measured):
                seconds = {"compiling_s": compiling.timing.start_s, "cached_s": cached.timing.start_s}
                found.append({"title": route.title, **seconds})
    return found


def public_call() -> dict[str, float]:
    """`aggplus.solve`, stage by stage, in a process of its own."""
    print("public call", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.peers.public_call"]
    told = subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(told.stdout)
    return figures


def main(plan: Plan) -> None:
    """Measure, print and write."""
    load = os.getloadavg()[0]
    compile_ours()
    report = {
        "plan": plan.name,
        "machine": machine(),
        "versions": versions(LIBRARIES),
        "threads": "one thread of linear algebra and solver each; our batch has as many threads as workers",
        "seconds_each": plan.seconds,
        "same_answer": {"expected_return_bp": SAME_BP, "violation": SAME_VIOLATION},
        "peers": [
            meet(setup, [title for title, route in ROUTES.items() if setup.covariance in route.on], rounds, plan)
            for setup, rounds in plan.meetings
        ],
        "by_funds": [meet(setup, GROWTH, 1, plan) for setup in plan.by_funds],
        "by_variants": [meet(setup, GROWTH, 1, plan) for setup in plan.by_variants],
        "public_call": public_call(),
        "first_calls": first_calls(plan),
        "load": {"before": load, "after": os.getloadavg()[0]},
    }
    out = Path("out")
    out.mkdir(exist_ok=True)
    name = "bench-peers.json" if plan is FULL else f"bench-peers-{plan.name}.json"
    (out / name).write_text(json.dumps(report, indent=2) + "\n")
    show(report)


if __name__ == "__main__":
    main(QUICK if "--quick" in sys.argv[1:] else FULL)
