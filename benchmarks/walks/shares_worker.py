"""Where the time of a batch goes, in one process; seconds of each part go to standard output.

python -m benchmarks.walks.shares_worker COUNT START END
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from aggplus.batch_run import WalkThrough, crew_of, run_batch
from benchmarks.walks.batch_worker import models_of
from benchmarks.walks.market import market_of_the_run
from benchmarks.walks.stopwatch import Stopwatch

_FUNCTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "screens and estimates": (
        ("aggplus.batch", "questions_of"),
        ("aggplus.walks.deciding", "questions_of"),
        ("aggplus.walks.walk", "benchmark_volatility"),
    ),
    "solving and proving": (
        ("aggplus.batch", "solve_problems"),
        ("aggplus.batch", "solve_problem"),
        ("aggplus.batch", "solve_at_exact_risk"),
    ),
    "problems and answers": (("aggplus.walks.walk", "solve_day"),),
    "decisions": (("aggplus.walks.walk", "decisions_on"),),
    "drift, trades, books": (("aggplus.batch_run.task", "walk_together"),),
}

REST = "statistics and records"
"""What is left of the batch: every track record as plain values."""

PARTS = (*_FUNCTIONS, REST)


def main(count: int, start: str, end: str) -> dict[str, Any]:
    """Walk twice, the first time to warm up and without a stopwatch."""
    market, models = market_of_the_run(), models_of("example", count)
    task, watch = WalkThrough.between(market, start, end), Stopwatch()
    with crew_of(workers=1) as crew:
        began = time.perf_counter()
        run_batch(models, market, task, crew)
        unwatched = time.perf_counter() - began
        parts = {part: [_found(*where) for where in of] for part, of in _FUNCTIONS.items()}
        with watch.watching(parts), watch.during(REST):
            run_batch(models, market, task, crew)
    return {"seconds": {part: watch.seconds[part] for part in PARTS}, "unwatched_s": unwatched}


def _found(module: str, name: str) -> tuple[ModuleType, str]:
    return importlib.import_module(module), name


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2], sys.argv[3])))
