"""How long an estimate of risk and return takes, by estimator, and a walk of month-ends: `make bench-estimates`.

Prints a table and writes out/bench-estimates.json: 400 funds, 252 daily returns, one thread, medians after a first
call. The prices are simulated here, 33 years of them: no market of bond funds is long enough for 400 month-ends.

In a walk each estimate is made anew, from views of one price panel. What two months have in common is most of their
daily returns, and `walk` tells how little of the time those take; the rest is not in common, because every window has
means and volatilities of its own to standardise by. What is shared is the estimate itself, between the models of a day
(`aggplus.solve_many`).
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aggplus.one_thread import one_thread
from aggplus.terminal import console
from benchmarks.spine import LIBRARIES, warm
from riskmodels import ExpectedReturnRules, RiskModel, RiskModelRules, daily_returns, estimate_risk_model
from riskmodels.estimators import COVARIANCES

FUNDS = 400
DAYS = 252
YOUNG = 40
MONTH_ENDS = 400
MONTH = 21
MOST_MS = 30.0
"""What the default is held to."""

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "the default": {},
    **{name: {"estimator": name, "lags": 0} for name in COVARIANCES},
    "ledoit_wolf, 5 lags": {"estimator": "ledoit_wolf", "lags": 5, "lag_volatility": "lagged"},
    "ledoit_wolf, overlapping 5 days": {"estimator": "ledoit_wolf", "horizon_days": 5, "lag_volatility": "lagged"},
    f"ledoit_wolf, {YOUNG} funds inferred": {"estimator": "ledoit_wolf", "lags": 0, "short_histories": "infer"},
}


def simulated_prices(days: int, funds: int) -> pd.DataFrame:
    """Prices of funds with a dozen factors in common and noise of their own, shape (days, funds)."""
    random = np.random.default_rng(4)
    factors = random.normal(0.0, 0.003, (days, 12))
    returns = factors @ random.normal(0.0, 0.4, (12, funds)) + random.normal(0.0, 0.001, (days, funds))
    tickers = [f"F{i:03d}" for i in range(funds)]
    return pd.DataFrame(
        100.0 * np.cumprod(1.0 + returns, axis=0),
        index=pd.bdate_range(end="2024-01-31", periods=days),
        columns=tickers,
    )


def with_young_funds(prices: pd.DataFrame, young: int, window_days: int) -> pd.DataFrame:
    """The same where the last `young` funds have between a quarter and nine tenths of the window."""
    younger = prices.copy()
    for i, closes in enumerate(np.linspace(0.25, 0.9, young) * window_days):
        younger.iloc[: -int(closes), -1 - i] = np.nan
    return younger


def estimate(prices: pd.DataFrame, rules: Mapping[str, Any], days: int) -> RiskModel:
    """A risk model of all columns, the first of which is the benchmark."""
    # Expected returns are never inferred: with young funds they look back as far as the youngest can.
    look_back = max(20, days // 5) if rules.get("short_histories") == "infer" else days
    tickers = [str(ticker) for ticker in prices.columns]
    risk = RiskModelRules(window_days=days, **rules)
    return estimate_risk_model(prices, tickers, tickers[0], risk, ExpectedReturnRules(window_days=look_back))


def by_estimator(prices: pd.DataFrame, days: int, young: int) -> dict[str, float]:
    """Milliseconds of one estimate after the first."""
    younger = with_young_funds(prices, young, days)
    return {
        name: 1000.0 * warm(partial(estimate, younger if "short_histories" in rules else prices, rules, days))
        for name, rules in VARIANTS.items()
    }


def walk(prices: pd.DataFrame, days: int, month_ends: int) -> dict[str, float]:
    """The default at each of so many month-ends, and what of it would overlap with the month before."""
    ends = [len(prices) - MONTH * i for i in range(month_ends)][::-1]
    started = time.perf_counter()
    for end in ends:
        estimate(prices.iloc[:end], {}, days)
    seconds = time.perf_counter() - started
    returns = warm(lambda: daily_returns(prices, days))
    return {
        "seconds": seconds,
        "ms_each": 1000.0 * seconds / month_ends,
        "prices_to_returns_ms": 1000.0 * returns,
        "overlap_share": max(0.0, 1.0 - MONTH / days),
    }


def main() -> None:
    """Measure, print and write."""
    prices = simulated_prices(DAYS + 1 + MONTH * MONTH_ENDS, FUNDS)
    with one_thread():
        estimates = by_estimator(prices.iloc[-DAYS - 1 :], DAYS, YOUNG)
        walked = walk(prices, DAYS, MONTH_ENDS)
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "funds": FUNDS,
        "days": DAYS,
        "estimate_ms": estimates,
        "most_ms": MOST_MS,
        "month_ends": MONTH_ENDS,
        "walk": walked,
    }
    page = console()
    page.print(report["machine"], report["versions"])
    for name, milliseconds in estimates.items():
        verdict = "within" if milliseconds <= MOST_MS else "above"
        page.print(f"{FUNDS} funds, {DAYS} days  {name}: {milliseconds:.1f} ms, {verdict} {MOST_MS:g} ms")
    share = 100.0 * walked["overlap_share"]
    page.print(f"walk of {MONTH_ENDS} month-ends, default: {walked['seconds']:.1f} s, {walked['ms_each']:.1f} ms each")
    page.print(
        f"of this {walked['prices_to_returns_ms']:.2f} ms are daily returns, {share:.0f} % of them as a month before"
    )
    out = Path("out")
    out.mkdir(exist_ok=True)
    (out / "bench-estimates.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
