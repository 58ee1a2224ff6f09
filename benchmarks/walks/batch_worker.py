"""One batch in a process of its own; its figures go to standard output.

python -m benchmarks.walks.batch_worker example|multiplied COUNT WORKERS START END
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from aggplus.batch_run import BatchResult, WalkThrough, crew_of, run_batch
from aggplus.model import Model
from benchmarks.walks.grids import example, multiplied
from benchmarks.walks.market import market_of_the_run


def fingerprint(result: BatchResult) -> str:
    """Of the daily net returns of all variants: the same for the same bits.

    Parameters
    ----------
    result : BatchResult
    """
    digest = hashlib.sha256()
    for outcome in result.finished:
        if outcome.net is not None:
            digest.update(outcome.model.encode())
            digest.update(np.ascontiguousarray(outcome.net.index.to_numpy()).tobytes())
            digest.update(np.ascontiguousarray(outcome.net.to_numpy(dtype=float)).tobytes())
    return digest.hexdigest()


def models_of(grid: str, count: int) -> tuple[Model, ...]:
    """The variants of a grid.

    Parameters
    ----------
    grid : {"example", "multiplied"}
    count : int
        0 for all.
    """
    return example(count or None) if grid == "example" else multiplied(count)


def main(grid: str, count: int, workers: int, start: str, end: str) -> dict[str, Any]:
    """Walk, and tell how long it took from a loaded market."""
    began = time.perf_counter()
    market, models = market_of_the_run(), models_of(grid, count)
    task = WalkThrough.between(market, start, end)
    loaded = time.perf_counter()
    with crew_of(workers=workers) as crew:
        result = run_batch(models, market, task, crew)
    walked = time.perf_counter()
    return {
        "load_s": loaded - began,
        "walk_s": walked - loaded,
        "variants": len(models),
        "finished": len(result.finished),
        "sessions": _sessions(result),
        "solves": sum(len(outcome.record["rebalances"]) for outcome in result.finished),
        "returns_sha256": fingerprint(result),
    }


def _sessions(result: BatchResult) -> int:
    return 0 if result.returns is None else len(result.returns)


def _main(words: Sequence[str]) -> None:
    grid, count, workers, start, end = words
    print(json.dumps(main(grid, int(count), int(workers), start, end)))


if __name__ == "__main__":
    _main(sys.argv[1:])
