"""One library on the monthly walk, in a process of its own; its figures go to standard output.

python -m benchmarks.walks.peer_worker LIBRARY START END
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

from benchmarks.walks.case import case_of, figures_of, month_ends
from benchmarks.walks.market import market_of_the_run


def main(library: str, start: str, end: str) -> dict[str, Any]:
    """Walk twice: the first walk in a process, and one after it."""
    case = case_of(market_of_the_run(), start, end)
    walk = importlib.import_module(f"benchmarks.walks.routes.{library}_walk").walk
    began = time.perf_counter()
    values = walk(case)
    first = time.perf_counter()
    walk(case)
    again = time.perf_counter()
    months = month_ends(values)
    return {
        "funds": case.prices.shape[1],
        "credit_funds": int(case.credit.sum()),
        "first_s": first - began,
        "again_s": again - first,
        **figures_of(months),
        "worth": [float(value) for value in months / months.iloc[0]],
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
