"""A benchmark too stale to target."""

from __future__ import annotations

import numpy as np
import pandas as pd

from universe.checks.finding import Finding

_WINDOW = 252
_MOST_UNCHANGED = 0.10
"""Of a year's closes: beyond, its volatility is not what it seems. The AGG repeats one in a hundred."""


def late_benchmark(prices: pd.DataFrame, ticker: str) -> list[Finding]:
    """What keeps a benchmark from being a target at the last close.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds).
    ticker
        The benchmark.
    """
    days = pd.DatetimeIndex(prices.index)
    last = days[-1]

    def finding(size: float, unit: str, why: str) -> Finding:
        return Finding(ticker, last, last, "late_benchmark", "error", size, unit, why, last)

    if ticker not in prices.columns or prices[ticker].isna().all():
        return [finding(1.0, "funds", "the benchmark has no prices: no risk can be targeted")]
    closes = prices[ticker].to_numpy()
    there = np.flatnonzero(~np.isnan(closes))
    silent = len(closes) - 1 - int(there[-1])
    if silent:
        why = f"the benchmark has no close on {last:%Y-%m-%d}; its last is of {days[there[-1]]:%Y-%m-%d}"
        return [finding(float(silent), "sessions", why)]
    recent = closes[-_WINDOW - 1 :]
    changes = recent[1:] / recent[:-1]
    share = float(np.mean(changes[~np.isnan(changes)] == 1.0)) if (~np.isnan(changes)).any() else 0.0
    if share > _MOST_UNCHANGED:
        why = f"{100 * share:.0f} % of the benchmark's closes of the last year repeat the one before"
        return [finding(100.0 * share, "percent", why)]
    return []
