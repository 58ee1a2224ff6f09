"""How long the way from a market to a portfolio takes, cold and warm: `make bench-spine`.

Prints a table and writes out/bench-spine.json. Cold figures are whole processes as the operating system accounts for
them; warm figures are medians of repeats in one process, as ratios to the same problem stated in cvxpy the obvious way
(dense quad_form, Clarabel), solved in the same run.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cvxpy as cp
import numpy as np

from aggplus import load_model, solve
from aggplus.terminal import console
from optimizer import BACKENDS, Claim, Problem
from optimizer.polishing import polish
from riskmodels import estimate_risk_model
from universe import screen, simulated_market, until
from universe.market import Market, close_on, load_market

COLD_RUNS = 5
WARM_RUNS = 7
ASOF = "2024-01-31"
LIBRARIES = ("clarabel", "cvxpy", "numba", "numpy", "osqp", "pandas", "scikit-learn", "scipy")


def cold(command: list[str]) -> dict[str, float]:
    """Median wall and processor seconds and peak memory (MB) of a command as a whole process."""
    walls, processors, peaks = [], [], []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        walls.append(time.perf_counter() - started)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
        processors.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / 1024)
    return {
        "wall_s": statistics.median(walls),
        "cpu_s": statistics.median(processors),
        "peak_mb": statistics.median(peaks),
    }


def warm(job: Callable[[], object]) -> float:
    """Median seconds of a call after a first one."""
    job()
    seconds = []
    for _ in range(WARM_RUNS):
        started = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def dense_cvxpy(problem: Problem) -> float:
    """The problem as anyone would write it first; returns its expected return as the proof of equal work."""
    mandate, sigma = problem.mandate, problem.risk.form.matrix
    w = cp.Variable(problem.size)
    low, high = np.isfinite(mandate.row_lower), np.isfinite(mandate.row_upper)
    rows = [
        mandate.A[low] @ w >= mandate.row_lower[low],
        mandate.A[high] @ w <= mandate.row_upper[high],
        w >= mandate.lower,
        w <= mandate.upper,
    ]
    if problem.cap is not None:
        rows.append(cp.quad_form(w, cp.psd_wrap(sigma)) <= problem.cap**2)
    stated = cp.Problem(cp.Maximize(problem.mu @ w), rows)
    stated.solve(solver=cp.CLARABEL)
    return float(stated.value)


def polished(problem: Problem, name: str) -> float:
    """A backend's answer after polishing."""
    answer = BACKENDS[name](problem)
    if not isinstance(answer, Claim):
        raise SystemExit(f"{name}: {answer.words}")
    return problem.expected_return(polish(problem, answer).w)


def stages(market: Market) -> dict[str, float]:
    """Seconds of each stage of the baseline model, and of the whole Python call."""
    model = load_model("baseline")
    day = close_on(market, ASOF).date
    known = until(market, day)
    funds = list(screen(known, day, model.universe, model.window_days).eligible)
    problem = solve(model, market, ASOF).setting.problem
    answers = {name: polished(problem, name) for name in BACKENDS}
    answers["cvxpy, dense quad_form"] = dense_cvxpy(problem)
    spread = max(answers.values()) - min(answers.values())
    if spread > 1e-4:
        raise SystemExit(f"the routes disagree by {spread:.2g} % of expected return: {answers}")
    return {
        "screen": warm(lambda: screen(known, day, model.universe, model.window_days)),
        "risk model": warm(
            lambda: estimate_risk_model(known.prices, funds, model.benchmark, model.risk_model, model.expected_return)
        ),
        **{f"backend {name}": warm(partial(polished, problem, name)) for name in BACKENDS},
        "cvxpy, dense quad_form": warm(lambda: dense_cvxpy(problem)),
        "aggplus.solve": warm(lambda: solve(model, market, ASOF)),
    }


def main() -> None:
    """Measure, print and write."""
    aggplus = [sys.executable, "-m", "aggplus", "solve", "baseline", "--asof", ASOF]
    folder = os.environ.get("AGGPLUS_MARKET")
    markets = {"built-in market": simulated_market()}
    commands = {
        "import aggplus": [sys.executable, "-c", "import aggplus"],
        "simulate the built-in market": [sys.executable, "-c", "import aggplus; aggplus.simulated_market()"],
    }
    os.environ.pop("AGGPLUS_MARKET", None)
    commands["solve baseline, built-in market"] = aggplus
    if folder:
        markets["market of $AGGPLUS_MARKET"] = load_market(folder)
        commands["solve baseline, market of $AGGPLUS_MARKET"] = [*aggplus, "--market", folder]
    report: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "cold": {title: cold(command) for title, command in commands.items()},
        "warm_s": {title: stages(market) for title, market in markets.items()},
    }
    page = console()
    page.print(report["machine"], report["versions"])
    for title, figures in report["cold"].items():
        page.print(
            f"cold  {title}: {figures['wall_s']:.2f} s wall, {figures['cpu_s']:.2f} s cpu, {figures['peak_mb']:.0f} MB"
        )
    for market, seconds in report["warm_s"].items():
        base = seconds["cvxpy, dense quad_form"]
        for title, value in seconds.items():
            page.print(f"warm  {market}: {title}: {1000 * value:.1f} ms, {value / base:.3f} of dense cvxpy")
    out = Path("out")
    out.mkdir(exist_ok=True)
    (out / "bench-spine.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
