"""Forecasts of every candidate on a real market: `make bench-risk`, and docs/forecasts.md: `make bench-docs`."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.markdown import markdown_table

_ROOT = Path(__file__).resolve().parents[1]
SOURCE, PICTURE, PAGE = _ROOT / "out" / "bench-risk.json", _ROOT / "out" / "bench-risk.png", _ROOT / "docs/forecasts.md"

_LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn")

_HEAD = """# How good the risk models forecast

Every figure on this page is from one run of `make bench-risk`, on a real market of fixed-income ETFs, and the page
itself from `make bench-docs`: nothing is typed by hand. `aggplus risk report` does the same on any market.

At the close of every month each candidate forecasts the volatility of the benchmark, of an equally weighted portfolio
of each sector, of 20 random long-only portfolios of ten funds, and of the portfolios that the shipped models would
hold if they stood on this candidate. The month that follows is bought and held. With sigma the forecast:

- **ratio**: mean of realised volatilities over mean of forecasts;
- **daily bias**: root mean square of daily returns over sigma a day; **monthly bias**: standard deviation of monthly
  returns over sigma a month. 1 is perfect, and with T observations of normal returns 1 +- sqrt(2/T) is to be expected;
- **calm**: the same without 24 February to 15 April 2020, and without the months that these days are in;
- **QLIKE**: mean of log sigma^2 + r^2 / sigma^2, the less, the better.

The default is chosen on the first period alone, by the rule in `aggplus/forecasts/choice.py`; the rule and its outcome
were committed before a forecast of the second period was looked at. The second period is reported as it is.

Known flaws of the market weigh on this: assets under management are today's, funds that closed early are missing, and
thin funds repeat their last close.
"""


def run(market: str) -> None:
    """Make the report and keep it, with the machine and the versions that made it."""
    SOURCE.parent.mkdir(exist_ok=True)
    program = [str(Path(sys.executable).parent / "aggplus"), "risk", "report", "--market", market]
    files = ["--json", str(SOURCE), "--chart", str(PICTURE)]
    workers = ["--workers", str(os.cpu_count() or 1)]
    subprocess.run([*program, *workers, *files], check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    report = json.loads(SOURCE.read_text())
    made = {name: version(name) for name in _LIBRARIES}
    report["made_with"] = {"machine": platform.machine(), "python": platform.python_version(), **made}
    SOURCE.write_text(json.dumps(report, indent=2) + "\n")


def page(report: Mapping[str, Any]) -> str:
    """The page as Markdown.

    Parameters
    ----------
    report : mapping
        As `run` keeps it.
    """
    made = ", ".join(f"{name} {what}" for name, what in report["made_with"].items())
    default = report["default"]
    parts = [_HEAD, f"Made with {made}.\n"]
    for period, figures in report["periods"].items():
        portfolios = figures["portfolios"]
        parts += [f"## {period}\n", _kinds(portfolios, default)]
        of_interest = [
            row
            for row in portfolios
            if row["kind"] in ("benchmark", "model")
            and row["estimator"] in ("sample", "raw Ledoit-Wolf", "Ledoit-Wolf", default)
        ]
        columns = ("ratio", "daily_bias", "calm_daily_bias", "monthly_bias", "calm_monthly_bias")
        parts.append(_table(("estimator", "portfolio"), columns, of_interest))
        betas = [row for row in figures["betas"] if row["portfolio"] == "Conservative"]
        parts += ["Beta of Conservative to the benchmark, ex ante and realised:\n"]
        parts.append(_table(("estimator",), ("ex_ante", "daily", "monthly"), betas))
    parts.append("![forecast and realised volatility through time](forecasts.png)\n")
    parts += [f"## Ratio by year, {default}\n", _years(report["years"])]
    parts += [f"## The choice\n\nThe rule chooses **{report['chosen']}**; the models stand on **{default}**.\n"]
    parts.append(_table(("estimator",), ("beyond", "loss", "behind", "standard_error"), report["choice"], digits=4))
    return "\n".join(parts)


def _kinds(portfolios: Iterable[Mapping[str, Any]], default: str) -> str:
    """Mean figures over the portfolios of each kind, then over kinds."""
    sums: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in portfolios:
        sums.setdefault(row["estimator"], {}).setdefault(row["kind"], []).append(row)
    rows = []
    for estimator, kinds in sums.items():
        means = {
            figure: [_mean([row[figure] for row in kinds[kind] if row[figure] is not None]) for kind in kinds]
            for figure in ("monthly_qlike", "daily_qlike", "monthly_bias", "daily_bias")
        }
        by_kind = dict(zip((f"QLIKE {kind}" for kind in kinds), means["monthly_qlike"], strict=True))
        name = f"**{estimator}**" if estimator == default else estimator
        overall = {figure.replace("_", " "): _mean(values) for figure, values in means.items()}
        rows.append({"estimator": name, **overall, **by_kind})
    return _table(("estimator",), tuple(rows[0])[1:], rows, digits=3)


def _years(rows: Iterable[Mapping[str, Any]]) -> str:
    by_portfolio: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_portfolio.setdefault(row["portfolio"], {"portfolio": row["portfolio"]})[str(row["year"])] = row["ratio"]
    years = tuple(dict.fromkeys(str(row["year"]) for row in rows))
    return _table(("portfolio",), years, by_portfolio.values())


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _table(names: tuple[str, ...], figures: tuple[str, ...], rows: Iterable[Mapping[str, Any]], digits: int = 2) -> str:
    lines = [
        [str(row[name]) for name in names]
        + ["" if row.get(figure) is None else f"{row[figure]:.{digits}f}" for figure in figures]
        for row in rows
    ]
    return markdown_table([*names, *(figure.replace("_", " ") for figure in figures)], lines, words=len(names))


def _main(words: list[str]) -> None:
    if words == ["--page"]:
        if not SOURCE.exists():
            raise SystemExit(f"{SOURCE.relative_to(_ROOT)} is missing: run `make bench-risk` first")
        PAGE.write_text(page(json.loads(SOURCE.read_text())), encoding="utf-8")
        shutil.copyfile(PICTURE, PAGE.with_suffix(".png"))
        return
    market = os.environ.get("AGGPLUS_MARKET")
    if not market:
        raise SystemExit("make bench-risk judges forecasts on a real market: set AGGPLUS_MARKET to its folder")
    run(market)


if __name__ == "__main__":
    _main(sys.argv[1:])
