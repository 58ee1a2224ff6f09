"""When to re-solve: the choice on 2009 to 2015, and what triggers are worth after it: `make bench-rebalancing`.

The rule: of the settings under which no shipped model turns over more than 1.5 times a year on 2009 to 2015, the one
with the most alpha, the mean over the three models. The bound leaves room for wilder years than those. Nothing after
2015 is looked at for it. Docs: `make bench-docs` writes docs/rebalancing.md.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

import aggplus
from aggplus.model import SHIPPED, Model
from aggplus.walks import TrackRecord, walk_together
from benchmarks.markdown import markdown_table
from optimizer import RebalanceRules

_ROOT = Path(__file__).resolve().parents[1]
SOURCE, PAGE = _ROOT / "out" / "bench-rebalancing.json", _ROOT / "docs" / "rebalancing.md"

CHOICE, REPORT = ("2008-12-31", "2015-12-31"), ("2015-12-31", "2024-01-31")
MOST_TURNOVER = 1.5

_QUICK = {"volatility_change": 0.25, "benchmark_move": 0.015, "max_days": 63}
_SLOW = {"volatility_change": 0.5, "benchmark_move": 0.03, "max_days": 126}
_SLOWER = {"volatility_change": 0.5, "benchmark_move": 0.04, "max_days": 252}

CANDIDATES: Mapping[str, Mapping[str, Any]] = {
    f"{name}, cool-down {days}": {"cool_down_days": days, "triggers": triggers}
    for name, triggers in (
        ("25 %, 1.5 %, 63 days", _QUICK),
        ("50 %, 3 %, 126 days", _SLOW),
        ("50 %, 4 %, 252 days", _SLOWER),
    )
    for days in (0, 42)
}
"""Change of benchmark volatility, benchmark return, days since the last solve; and no sooner than the cool-down."""

WAYS: Mapping[str, Mapping[str, Any] | None] = {
    "as shipped": None,
    "monthly": {"triggers": {"calendar": "month_end"}},
    "quarterly": {"triggers": {"calendar": "quarter_end"}},
    "never": {"triggers": {}},
}

_FIGURES = ("cumulative", "alpha", "beta", "correlation", "relative_volatility", "sharpe", "positive_months")

_HEAD = """# When to re-solve

Every figure on this page is from one run of `make bench-rebalancing` on a real market of fixed-income ETFs, and the
page itself from `make bench-docs`: nothing is typed by hand. The market is survivorship-biased, and its assets under
management are today's: no return here is one that could have been had.

The settings of the shipped models are chosen on 2009 to 2015 alone: of those under which no model turns over more than
1.5 times a year, the one with the most alpha, the mean over the three. What came after 2015 is reported as it is.
Turnover is one-way, without the first purchase; cost is of trades at the half-spread of the model; alpha, beta and
correlation are of monthly returns; volatility is daily, over the AGG's.
"""


def figures(record: TrackRecord) -> dict[str, Any]:
    """What is compared of a record."""
    statistics = record.statistics
    return {
        "model": record.model.name,
        **{name: getattr(statistics, name) for name in _FIGURES},
        "turnover": record.turnover_per_year,
        "cost_bp": 1e4 * record.cost_per_year,
        "rebalances": len(record.rebalances),
        "misses": len(record.misses),
        "ex_ante_beta": float(record.daily["beta"].mean()),
    }


def walked(folder: str, rebalance: Mapping[str, Any] | None, period: tuple[str, str]) -> list[dict[str, Any]]:
    """The shipped models under other rules of rebalancing; under their own where none are given."""
    models = [_with(aggplus.load_model(name), rebalance) for name in SHIPPED]
    records = walk_together(models, aggplus.load_market(folder), *period)
    return [figures(record) for record in records if isinstance(record, TrackRecord)]


def _with(model: Model, rebalance: Mapping[str, Any] | None) -> Model:
    rules = model.rebalance if rebalance is None else RebalanceRules.model_validate(rebalance)
    return model.model_copy(update={"rebalance": rules})


def chosen(rows: Mapping[str, list[dict[str, Any]]]) -> str:
    """The candidate that the rule chooses."""
    allowed = {name: of for name, of in rows.items() if max(row["turnover"] for row in of) <= MOST_TURNOVER}
    return max(allowed, key=lambda name: sum(row["alpha"] for row in allowed[name]))


def run(folder: str) -> dict[str, Any]:
    """Walk everything, on as many processes as there are cores."""
    tasks = [(rules, CHOICE) for rules in CANDIDATES.values()] + [(rules, REPORT) for rules in WAYS.values()]
    done = Parallel(n_jobs=os.cpu_count())(delayed(walked)(folder, rules, period) for rules, period in tasks)
    choice = dict(zip(CANDIDATES, done[: len(CANDIDATES)], strict=True))
    libraries = {name: version(name) for name in ("numpy", "scipy", "pandas", "scikit-learn", "numba")}
    return {
        "made_with": {"machine": platform.machine(), "python": platform.python_version(), **libraries},
        "chosen": chosen(choice),
        "choice": choice,
        "report": dict(zip(WAYS, done[len(CANDIDATES) :], strict=True)),
    }


def page(report: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    made = ", ".join(f"{name} {what}" for name, what in report["made_with"].items())
    parts = [_HEAD, f"Made with {made}.\n", f"## {REPORT[0]} to {REPORT[1]}\n", _table("rebalanced", report["report"])]
    parts += [f"## The choice, {CHOICE[0]} to {CHOICE[1]}\n", f"The rule chooses **{report['chosen']}**.\n"]
    return "\n".join([*parts, _table("triggers", report["choice"])])


def _table(first: str, rows: Mapping[str, list[dict[str, Any]]]) -> str:
    percent = {"cumulative", "alpha", "positive_months"}
    columns = [*_FIGURES, "turnover", "cost_bp", "rebalances", "ex_ante_beta"]
    lines = []
    for name, of in rows.items():
        for row in of:
            cells = [f"{100 * row[key]:.1f} %" if key in percent else f"{row[key]:.2f}" for key in columns]
            lines.append([name, row["model"], *cells])
    return markdown_table([first, "model", *(column.replace("_", " ") for column in columns)], lines, words=2)


def _main(words: list[str]) -> None:
    if words == ["--page"]:
        if not SOURCE.exists():
            raise SystemExit(f"{SOURCE.relative_to(_ROOT)} is missing: run `make bench-rebalancing` first")
        PAGE.write_text(page(json.loads(SOURCE.read_text())), encoding="utf-8")
        return
    market = os.environ.get("AGGPLUS_MARKET")
    if not market:
        raise SystemExit("make bench-rebalancing walks a real market: set AGGPLUS_MARKET to its folder")
    report = run(market)
    SOURCE.parent.mkdir(exist_ok=True)
    SOURCE.write_text(json.dumps(report, indent=2) + "\n")
    print(page(report))


if __name__ == "__main__":
    _main(sys.argv[1:])
