"""Correlated fat-tailed daily shocks with slow volatility regimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

DRIVERS = ("level", "slope", "risk", "inflation", "dollar")
RATE_DEGREES_OF_FREEDOM, RISK_DEGREES_OF_FREEDOM = 8.0, 5.0

# Correlation of each factor's shock with the five independent drivers; what is left is its own.
LOADINGS: Mapping[str, tuple[float, float, float, float, float]] = {
    "treasury_3m": (0.20, -0.35, -0.10, 0.00, 0.00),
    "treasury_2y": (0.78, -0.48, -0.14, 0.00, 0.00),
    "treasury_5y": (0.93, -0.20, -0.18, 0.00, 0.00),
    "treasury_10y": (0.93, 0.20, -0.20, 0.00, 0.00),
    "treasury_30y": (0.84, 0.46, -0.18, 0.00, 0.00),
    "municipal_10y": (0.62, 0.08, 0.05, 0.00, 0.00),
    "foreign_10y": (0.62, 0.05, -0.10, 0.00, 0.00),
    "emerging_local_yield": (0.30, 0.00, 0.45, 0.00, 0.25),
    "breakeven_10y": (0.20, 0.00, -0.40, 0.75, 0.00),
    "mortgage_spread": (0.15, 0.00, 0.35, 0.00, 0.00),
    "corporate_spread": (-0.10, 0.00, 0.80, 0.00, 0.00),
    "high_yield_spread": (-0.10, 0.00, 0.90, 0.00, 0.00),
    "loan_spread": (-0.05, 0.00, 0.85, 0.00, 0.00),
    "emerging_spread": (-0.08, 0.00, 0.78, 0.00, 0.20),
    "equity": (0.08, 0.00, -0.82, 0.05, 0.00),
    "foreign_currency": (-0.15, 0.00, -0.15, 0.00, -0.85),
    "emerging_currency": (-0.08, 0.00, -0.50, 0.00, -0.60),
    "fund_discount": (0.00, 0.00, 0.40, 0.00, 0.00),
}
RATES = frozenset(
    name
    for name in LOADINGS
    if name.startswith("treasury") or name in ("municipal_10y", "foreign_10y", "breakeven_10y")
)

# Multiples of normal volatility, straight lines between the dates: the 2013 taper, August 2015, the oil
# credits of early 2016, end 2018, March 2020, the inflation of 2022, the banks of March 2023.
# fmt: off
RATE_REGIME: Mapping[str, float] = {
    "2013-01-02": 0.75, "2013-05-15": 0.90, "2013-06-01": 1.50, "2013-09-20": 1.20, "2013-12-01": 0.95,
    "2014-06-01": 0.80, "2015-01-15": 1.10, "2016-07-01": 0.95, "2017-01-15": 0.85, "2018-01-15": 0.75,
    "2018-12-15": 0.95, "2019-08-15": 1.10, "2020-02-15": 1.00, "2020-03-09": 2.60, "2020-03-23": 2.20,
    "2020-04-15": 0.90, "2020-07-01": 0.65, "2021-02-20": 1.00, "2021-12-01": 1.10, "2022-03-15": 1.60,
    "2022-10-15": 1.90, "2023-02-15": 1.60, "2023-03-13": 2.20, "2023-04-15": 1.70, "2024-01-31": 1.40,
}
RISK_REGIME: Mapping[str, float] = {
    "2013-01-02": 0.90, "2013-06-15": 1.30, "2013-10-01": 0.90, "2014-06-15": 0.75, "2014-12-15": 1.40,
    "2015-07-15": 1.00, "2015-08-25": 1.80, "2016-02-11": 1.80, "2016-07-15": 0.95, "2017-06-01": 0.70,
    "2018-02-08": 1.40, "2018-07-01": 0.80, "2018-12-24": 1.80, "2019-03-01": 0.85, "2020-02-19": 0.90,
    "2020-03-01": 2.20, "2020-03-12": 3.40, "2020-03-24": 3.40, "2020-04-20": 2.20, "2020-07-15": 1.30,
    "2021-01-15": 0.90, "2021-09-01": 0.75, "2022-03-01": 1.30, "2022-07-01": 1.50, "2023-01-15": 1.05,
    "2023-03-13": 1.50, "2023-06-15": 0.90, "2024-01-31": 0.75,
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Shocks:
    """Per factor, T daily shocks (unit variance in normal times) and the variance regime they were drawn in."""

    shocks: Mapping[str, Array]
    variance: Mapping[str, Array]


def _regime(sessions: pd.DatetimeIndex, table: Mapping[str, float], rng: np.random.Generator) -> Array:
    """Volatility multiples, T: the table times a slow random drift (half-life about six weeks)."""
    days = sessions.to_numpy().astype("datetime64[D]").astype(np.float64)
    known = np.array(list(table), dtype="datetime64[D]").astype(np.float64)
    base = np.interp(days, known, np.array(list(table.values())))
    memory = 0.5 ** (np.arange(200) / 30.0)
    drift = np.convolve(rng.standard_normal(len(days) + 199), memory / np.linalg.norm(memory), mode="valid")
    regime: Array = base * np.exp(0.22 * drift - 0.22**2)
    return regime


def _heavy_tail(degrees_of_freedom: float, periods: int, rng: np.random.Generator) -> Array:
    """Daily scale that turns a normal shock into a Student t shock of unit variance."""
    scale: Array = np.sqrt((degrees_of_freedom - 2.0) / rng.chisquare(degrees_of_freedom, periods))
    return scale


def draw_shocks(sessions: pd.DatetimeIndex, rng: np.random.Generator) -> Shocks:
    """Draw T daily shocks for every factor of `LOADINGS`.

    Rates share one regime and one heavy tail, risk assets another, so that large days come together.
    """
    periods = len(sessions)
    rate_regime, risk_regime = _regime(sessions, RATE_REGIME, rng), _regime(sessions, RISK_REGIME, rng)
    rate_tail = _heavy_tail(RATE_DEGREES_OF_FREEDOM, periods, rng)
    risk_tail = _heavy_tail(RISK_DEGREES_OF_FREEDOM, periods, rng)
    drivers = rng.standard_normal((periods, len(DRIVERS)))
    shocks: dict[str, Array] = {}
    variance: dict[str, Array] = {}
    for name, loading in LOADINGS.items():
        weights = np.array(loading)
        own = np.sqrt(1.0 - weights @ weights)
        regime, tail = (rate_regime, rate_tail) if name in RATES else (risk_regime, risk_tail)
        shocks[name] = regime * tail * (drivers @ weights + own * rng.standard_normal(periods))
        variance[name] = regime**2
    return Shocks(shocks=shocks, variance=variance)
