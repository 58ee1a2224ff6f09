"""Write docs/benchmark-walks.md from the figures of the last full run: `make bench-docs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.table import as_markdown
from benchmarks.walks.tables import origin, tables

_ROOT = Path(__file__).resolve().parents[2]
SOURCE, PAGE = _ROOT / "out" / "bench-walks.json", _ROOT / "docs" / "benchmark-walks.md"

_HEAD = """# Walks through history: how long they take

Every figure on this page is from one run of `make bench-walks`, which is part of `make bench`, and the page itself from
`make bench-docs`: nothing is typed by hand. Each measurement has a process of its own, one after the other.
"""


def page(report: Mapping[str, Any]) -> str:
    """The page as Markdown.

    Parameters
    ----------
    report : mapping
        As `make bench-walks` writes it.
    """
    return as_markdown(_HEAD, origin(report), tables(report))


if __name__ == "__main__":
    if not SOURCE.exists():
        raise SystemExit("out/bench-walks.json is missing: run `make bench-walks` first (QUICK=1 does not write it)")
    PAGE.write_text(page(json.loads(SOURCE.read_text())), encoding="utf-8")
