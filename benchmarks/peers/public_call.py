"""What one `aggplus.solve` takes beyond the estimate of its risk model: `python -m benchmarks.peers.public_call`.

On the built-in market, prints JSON. Its stages are timed by themselves, in turns with the whole call.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np

from aggplus import load_model, simulated_market, solve
from aggplus.one_thread import one_thread
from optimizer import solve_problem
from riskmodels import estimate_risk_model
from universe import close_on, screen, until

_REPEATS = 15


def main() -> None:
    """Measure and print."""
    market, model = simulated_market(), load_model("baseline")
    setting = solve(model, market).setting
    day = close_on(market, setting.asof).date
    known, funds = until(market, day), list(setting.risk_model.tickers)
    jobs: dict[str, Callable[[], object]] = {
        "whole": lambda: solve(model, market),
        "estimate": lambda: estimate_risk_model(
            known.prices, funds, model.benchmark, model.risk_model, model.expected_return
        ),
        "screens": lambda: screen(known, day, model.universe, model.window_days),
        "solve_problem": lambda: solve_problem(setting.problem),
    }
    seconds = {name: np.empty(_REPEATS) for name in jobs}
    for repeat in range(_REPEATS):
        for name, job in jobs.items():
            # As the whole call keeps linear algebra to one thread, so do its parts.
            with one_thread():
                began = time.perf_counter()
                job()
                seconds[name][repeat] = time.perf_counter() - began
    beyond = seconds["whole"] - seconds["estimate"]
    figures = {f"{name}_ms": 1000.0 * float(np.median(found)) for name, found in seconds.items()}
    figures["beyond_estimate_ms"] = 1000.0 * float(np.median(beyond))
    print(json.dumps({"funds": len(funds), "repeats": _REPEATS, **figures}))


if __name__ == "__main__":
    main()
