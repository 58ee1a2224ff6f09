"""How long walks through history take: `python -m benchmarks.walks.run [--quick]`.

Every figure is from a process of its own, one after the other, the best of several rounds, with the load average of the
machine beside it. Prints tables and writes out/bench-walks.json, or out/bench-walks-quick.json.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.origin import machine, versions
from benchmarks.table import draw
from benchmarks.walks.market import market_of_the_run, words_of
from benchmarks.walks.plan import FULL, QUICK, Plan
from benchmarks.walks.registry import LIBRARIES
from benchmarks.walks.tables import origin, tables
from benchmarks.walks.whole_process import Measured, Missing, best, measured, plain

WORKERS = (1, 2)
_BENEATH = ("cvxpy", "clarabel", "numba", "numpy", "scipy", "scikit-learn", "pandas", "joblib")


def batch(grid: str, count: int, workers: int, start: str, end: str, rounds: int) -> list[Measured | Missing]:
    """A batch, round after round."""
    words = (grid, str(count), str(workers), start, end)
    return [measured("batch_worker", *words) for _ in range(rounds)]


def fastest(runs: list[Measured | Missing], key: str) -> dict[str, Any]:
    """The best of some rounds, and what all of them took."""
    every = [run.told[key] for run in runs if isinstance(run, Measured)]
    return {**plain(best(runs, key)), "rounds": every}


def variants(plan: Plan) -> dict[str, Any]:
    """The variants of the example through all of history, by one worker and by two."""
    count = plan.variants or 0
    runs = {w: batch("example", count, w, plan.start, plan.end, plan.rounds) for w in WORKERS}
    prints = {run.told["returns_sha256"] for of in runs.values() for run in of if isinstance(run, Measured)}
    if len(prints) > 1:
        raise SystemExit(f"one worker and two do not give the same returns: {sorted(prints)}")
    return {str(w): fastest(of, "walk_s") for w, of in runs.items()}


def shares(plan: Plan) -> Mapping[str, Any]:
    """Where the time goes, in one process."""
    return plain(measured("shares_worker", str(plan.variants or 0), plan.start, plan.end))


def by_years(plan: Plan, whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The example's variants over more and more years; those over all of them are known."""
    count, rounds = plan.variants or 0, plan.many_rounds

    def over(workers: int, end: str) -> Mapping[str, Any]:
        if end == plan.end:
            return dict(whole[str(workers)])
        return fastest(batch("example", count, workers, plan.start, end, rounds), "walk_s")

    return [{"size": years, "end": end, **{str(w): over(w, end) for w in WORKERS}} for years, end in plan.ends]


def by_variants(plan: Plan) -> list[dict[str, Any]]:
    """More and more variants over the same days."""

    def of(count: int, workers: int) -> Mapping[str, Any]:
        return fastest(batch("multiplied", count, workers, plan.start, plan.many_until, plan.many_rounds), "walk_s")

    return [{"size": n, "end": plan.many_until, **{str(w): of(n, w) for w in WORKERS}} for n in plan.many]


def peers(plan: Plan) -> dict[str, Any]:
    """Every library on the monthly walk; the rounds go through all of them in turn."""
    runs: dict[str, list[Measured | Missing]] = {name: [] for name in LIBRARIES}
    for _ in range(plan.peer_rounds):
        for name, of in runs.items():
            of.append(measured("peer_worker", name, plan.start, plan.end))
    return {name: fastest(of, "again_s") for name, of in runs.items()}


def main(plan: Plan) -> None:
    """Measure, print and write."""
    load = os.getloadavg()[0]
    # Compiling the engine, once after an installation, is no part of a walk.
    measured("batch_worker", "example", "2", "1", plan.ends[0][1], plan.end)
    whole = variants(plan)
    report = {
        "plan": {"name": plan.name, "start": plan.start, "end": plan.end},
        "market": words_of(market_of_the_run()),
        "machine": machine(),
        "versions": versions([*(library.distribution for library in LIBRARIES.values()), *_BENEATH]),
        "variants": whole,
        "shares": shares(plan),
        "by_years": by_years(plan, whole),
        "by_variants": by_variants(plan),
        "peers": peers(plan),
        "load": {"before": load, "after": os.getloadavg()[0]},
    }
    out = Path("out")
    out.mkdir(exist_ok=True)
    name = "bench-walks.json" if plan is FULL else f"bench-walks-{plan.name}.json"
    (out / name).write_text(json.dumps(report, indent=2) + "\n")
    draw(origin(report), tables(report))


if __name__ == "__main__":
    main(QUICK if "--quick" in sys.argv[1:] else FULL)
