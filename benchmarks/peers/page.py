"""Write docs/benchmark.md from the figures of the last full run: `make bench-docs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers.tables import origin, tables
from benchmarks.table import as_markdown

_ROOT = Path(__file__).resolve().parents[2]
SOURCE, PAGE = _ROOT / "out" / "bench-peers.json", _ROOT / "docs" / "benchmark.md"

_HEAD = """# The optimizer beside its peers

Every figure on this page is from one run of `make bench`, and the page itself from `make bench-docs`: nothing is typed
by hand. Each peer solves the same instance in the way that its own documentation shows, in a process of its own, and
its portfolios are compared with certified optima by plain arithmetic on the instance's arrays.

Solvers without cones (OSQP, PIQP) meet the risk target by finding the root of the risk aversion; cvxportfolio, which
takes no target, is given the aversion at which the certified optimum is its answer; cvxcla traces the whole frontier.
"""


def page(report: Mapping[str, Any]) -> str:
    """The page as Markdown.

    Parameters
    ----------
    report : mapping
        As `make bench` writes it.
    """
    return as_markdown(_HEAD, origin(report), tables(report))


if __name__ == "__main__":
    if not SOURCE.exists():
        raise SystemExit("out/bench-peers.json is missing: run `make bench` first (QUICK=1 does not write it)")
    PAGE.write_text(page(json.loads(SOURCE.read_text())), encoding="utf-8")
