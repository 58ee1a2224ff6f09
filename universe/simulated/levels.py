"""Yields, spreads and prices of the simulated market: the levels at year ends, and daily bridges through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from universe.simulated.shocks import Shocks, draw_shocks

Array = npt.NDArray[np.float64]
Scale = Literal["yield", "log", "plain"]

PUBLISHED: Mapping[str, Mapping[int, float]] = {
    "treasury_2y": dict(zip(range(2015, 2024), (1.06, 1.20, 1.89, 2.48, 1.58, 0.13, 0.73, 4.41, 4.23), strict=True)),
    "treasury_10y": dict(zip(range(2015, 2024), (2.27, 2.45, 2.40, 2.69, 1.92, 0.93, 1.52, 3.88, 3.88), strict=True)),
    "high_yield_spread": dict(
        zip(range(2015, 2024), (6.95, 4.22, 3.63, 5.33, 3.60, 3.86, 3.10, 4.81, 3.39), strict=True)
    ),
}
"""Published year-end figures, percent. The simulated levels equal them exactly on the year's last session."""

_NO = float("nan")
# Our own assumptions, rounded to what the period felt like; not published figures. End of 2012 ... end of
# 2023, then January 2024. Where PUBLISHED has a figure there is none here.
ASSUMED_YEAR_ENDS: Mapping[str, tuple[float, ...]] = {
    "treasury_3m": (0.05, 0.07, 0.04, 0.16, 0.50, 1.40, 2.40, 1.55, 0.09, 0.06, 4.40, 5.35, 5.35),
    "treasury_2y": (0.25, 0.38, 0.67, *([_NO] * 9), 4.25),
    "treasury_5y": (0.72, 1.75, 1.65, 1.75, 1.95, 2.20, 2.50, 1.70, 0.36, 1.26, 4.00, 3.85, 3.90),
    "treasury_10y": (1.78, 3.04, 2.17, *([_NO] * 9), 3.95),
    "treasury_30y": (2.95, 3.95, 2.75, 3.00, 3.05, 2.75, 3.00, 2.40, 1.65, 1.90, 3.95, 4.05, 4.20),
    "municipal_10y": (1.75, 2.80, 2.05, 1.95, 2.35, 2.00, 2.30, 1.45, 0.70, 1.05, 2.65, 2.30, 2.40),
    "foreign_10y": (1.60, 1.90, 1.10, 1.05, 0.95, 1.00, 1.00, 0.55, 0.30, 0.60, 2.90, 2.40, 2.55),
    "emerging_local_yield": (5.50, 6.80, 6.50, 7.10, 6.80, 6.10, 6.40, 5.30, 4.30, 5.70, 6.90, 6.20, 6.25),
    "breakeven_10y": (2.45, 2.25, 1.70, 1.60, 1.95, 1.95, 1.70, 1.75, 2.00, 2.60, 2.30, 2.15, 2.25),
    "mortgage_spread": (0.80, 1.00, 0.95, 1.00, 0.95, 0.85, 1.00, 0.95, 0.80, 0.75, 1.45, 1.40, 1.40),
    "corporate_spread": (1.40, 1.20, 1.35, 1.70, 1.30, 1.00, 1.55, 1.00, 1.05, 1.00, 1.40, 1.05, 1.00),
    "high_yield_spread": (5.35, 4.00, 5.05, *([_NO] * 9), 3.60),
    "loan_spread": (5.40, 4.60, 5.30, 6.40, 4.60, 4.10, 5.40, 4.60, 4.90, 4.30, 6.40, 5.20, 5.10),
    "emerging_spread": (2.70, 3.10, 3.60, 4.10, 3.40, 2.90, 4.10, 2.80, 3.50, 3.70, 4.40, 3.70, 3.75),
    "equity": (100, 130, 147, 149, 166, 200, 191, 248, 292, 372, 305, 383, 389),
    "foreign_currency": (100, 99, 89, 81, 78, 87, 83, 83, 89, 84, 77, 79, 77.5),
    "emerging_currency": (100, 91, 85, 74, 75, 81, 74, 76, 74, 68, 66, 69, 68.5),
    "fund_discount": (0.0,) * 13,
}

# Days the period is remembered for; our own assumptions as well.
# fmt: off
WAYPOINTS: Mapping[str, Mapping[str, float]] = {
    "2013-05-02": {"treasury_5y": 0.65, "treasury_10y": 1.65, "treasury_30y": 2.85, "municipal_10y": 1.70},
    "2013-09-05": {"treasury_5y": 1.85, "treasury_10y": 2.98, "treasury_30y": 3.90, "municipal_10y": 3.00},
    "2016-02-11": {"treasury_10y": 1.65, "corporate_spread": 2.15, "high_yield_spread": 8.60, "equity": 134},
    "2016-07-08": {"treasury_2y": 0.62, "treasury_5y": 0.97, "treasury_10y": 1.40, "treasury_30y": 2.15},
    "2018-10-05": {"treasury_10y": 3.20, "high_yield_spread": 3.25, "corporate_spread": 1.10, "equity": 220},
    "2018-12-24": {"high_yield_spread": 5.40, "loan_spread": 5.50, "corporate_spread": 1.57, "equity": 180},
    "2019-09-03": {"treasury_2y": 1.47, "treasury_5y": 1.33, "treasury_10y": 1.47, "treasury_30y": 1.96},
    "2020-02-19": {
        "treasury_3m": 1.55, "treasury_2y": 1.42, "treasury_5y": 1.40, "treasury_10y": 1.56,
        "treasury_30y": 2.00, "municipal_10y": 1.20, "breakeven_10y": 1.65, "mortgage_spread": 0.95,
        "corporate_spread": 1.00, "high_yield_spread": 3.60, "loan_spread": 4.60, "emerging_spread": 2.90,
        "equity": 262, "fund_discount": 0.0,
    },
    "2020-03-09": {
        "treasury_3m": 0.40, "treasury_2y": 0.40, "treasury_5y": 0.47, "treasury_10y": 0.57,
        "treasury_30y": 1.05, "municipal_10y": 0.80, "breakeven_10y": 0.95, "fund_discount": 0.6,
    },
    "2020-03-12": {"corporate_spread": 2.20, "high_yield_spread": 7.20, "loan_spread": 7.80, "equity": 194},
    "2020-03-18": {
        "treasury_2y": 0.54, "treasury_5y": 0.79, "treasury_10y": 1.15, "treasury_30y": 1.75,
        "municipal_10y": 2.10, "breakeven_10y": 0.65, "mortgage_spread": 1.75, "fund_discount": 4.0,
    },
    "2020-03-23": {
        "treasury_3m": 0.05, "treasury_2y": 0.30, "treasury_5y": 0.42, "treasury_10y": 0.78,
        "treasury_30y": 1.35, "municipal_10y": 2.75, "mortgage_spread": 1.20, "corporate_spread": 3.90,
        "high_yield_spread": 10.75, "loan_spread": 11.50, "emerging_spread": 6.60, "equity": 175,
        "foreign_currency": 79, "emerging_currency": 66, "fund_discount": 3.0,
    },
    "2020-04-06": {"corporate_spread": 2.60, "high_yield_spread": 9.00, "loan_spread": 8.80, "equity": 208},
    "2020-04-15": {"municipal_10y": 1.25, "mortgage_spread": 0.85, "fund_discount": 0.6},
    "2020-06-08": {"corporate_spread": 1.55, "high_yield_spread": 5.50, "equity": 250, "fund_discount": 0.1},
    "2020-08-04": {"treasury_2y": 0.12, "treasury_5y": 0.21, "treasury_10y": 0.53, "municipal_10y": 0.65},
    "2021-03-31": {"treasury_2y": 0.16, "treasury_5y": 0.92, "treasury_10y": 1.74, "treasury_30y": 2.40},
    "2022-06-14": {"treasury_3m": 1.70, "treasury_2y": 3.40, "treasury_10y": 3.45, "high_yield_spread": 5.10},
    "2022-10-24": {"treasury_5y": 4.35, "treasury_10y": 4.22, "treasury_30y": 4.38, "municipal_10y": 3.40},
    "2023-03-08": {"treasury_2y": 5.05, "treasury_5y": 4.33, "treasury_10y": 3.97, "treasury_30y": 3.88},
    "2023-03-24": {"treasury_2y": 3.76, "treasury_5y": 3.41, "treasury_10y": 3.38, "treasury_30y": 3.64},
    "2023-10-19": {
        "treasury_2y": 5.15, "treasury_5y": 4.93, "treasury_10y": 4.95, "treasury_30y": 5.05,
        "municipal_10y": 3.60, "foreign_10y": 3.20, "mortgage_spread": 1.75,
    },
}
# fmt: on

# Below about this yield (percent) daily moves die down, so a bridge near zero stays above it.
_LOWER_BOUND_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Factor:
    """How one level moves: the scale its walk is on, and its daily volatility on that scale."""

    scale: Scale
    daily_volatility: float


# "yield" and "plain" in percent a day, "log" as a fraction of the level a day.
FACTORS: Mapping[str, Factor] = {
    "treasury_3m": Factor("yield", 0.010),
    "treasury_2y": Factor("yield", 0.046),
    "treasury_5y": Factor("yield", 0.053),
    "treasury_10y": Factor("yield", 0.050),
    "treasury_30y": Factor("yield", 0.048),
    "municipal_10y": Factor("yield", 0.038),
    "foreign_10y": Factor("yield", 0.036),
    "emerging_local_yield": Factor("log", 0.008),
    "breakeven_10y": Factor("plain", 0.030),
    "mortgage_spread": Factor("log", 0.018),
    "corporate_spread": Factor("log", 0.015),
    "high_yield_spread": Factor("log", 0.022),
    "loan_spread": Factor("log", 0.013),
    "emerging_spread": Factor("log", 0.017),
    "equity": Factor("log", 0.0095),
    "foreign_currency": Factor("log", 0.0042),
    "emerging_currency": Factor("log", 0.0050),
    "fund_discount": Factor("plain", 0.020),
}


def _to_walk(scale: Scale, level: Array) -> Array:
    if scale == "log":
        return np.log(level)
    if scale == "yield":
        walk: Array = _LOWER_BOUND_SCALE * np.log(np.expm1(level / _LOWER_BOUND_SCALE))
        return walk
    return level


def _from_walk(scale: Scale, walk: Array) -> Array:
    if scale == "log":
        return np.exp(walk)
    if scale == "yield":
        level: Array = _LOWER_BOUND_SCALE * np.logaddexp(0.0, walk / _LOWER_BOUND_SCALE)
        return level
    return walk


def _fixed_levels(name: str, days: pd.DatetimeIndex) -> tuple[npt.NDArray[np.intp], Array]:
    """Positions in `days` where the level of `name` is given, ascending, and the levels there."""
    year_ends = [pd.Timestamp(year, 12, 31) for year in range(2012, 2024)] + [pd.Timestamp(2024, 1, 31)]
    given = {
        date: PUBLISHED.get(name, {}).get(date.year, assumed) if date.month == 12 else assumed
        for date, assumed in zip(year_ends, ASSUMED_YEAR_ENDS[name], strict=True)
    }
    given |= {pd.Timestamp(date): row[name] for date, row in WAYPOINTS.items() if name in row}
    dates = sorted(given)
    positions = days.searchsorted(pd.DatetimeIndex(dates), side="right") - 1
    return positions.astype(np.intp), np.array([given[date] for date in dates])


def _bridge(name: str, days: pd.DatetimeIndex, shocks: Shocks) -> Array:
    """One level, T + 1 days, percent or index: a fat-tailed walk bent through its given levels.

    The correction between two given levels grows with the variance the walk has used up, as it does for a
    Brownian bridge on a stochastic clock, so quiet weeks stay quiet.
    """
    factor = FACTORS[name]
    steps = factor.daily_volatility * shocks.shocks[name]
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    clock = np.concatenate([[0.0], np.cumsum(shocks.variance[name])])
    at, levels = _fixed_levels(name, days)
    miss = _to_walk(factor.scale, levels) - walk[at]
    bridge = _from_walk(factor.scale, walk + np.interp(clock, clock[at], miss))
    bridge[at] = levels
    return bridge


def simulate_levels(sessions: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the daily levels of the simulated market.

    Parameters
    ----------
    sessions : DatetimeIndex
        The T trading days, 2013-01-02 to 2024-01-31.
    rng : Generator
        Consumed.

    Returns
    -------
    DataFrame
        T + 1 rows: the last day of 2012, then `sessions`. Yields, spreads and `fund_discount` in percent;
        `equity`, `foreign_currency` and `emerging_currency` as indices, 100 at the end of 2012.
    """
    days = sessions.insert(0, pd.Timestamp(2012, 12, 31))
    shocks = draw_shocks(sessions, rng)
    return pd.DataFrame({name: _bridge(name, days, shocks) for name in FACTORS}, index=days)
