"""Errors of six kinds, planted by a seed, and two kinds that are harder to see.

A fund is drawn uniformly among those with at least 252 closes in the period, then a day uniformly among its closes that
have 63 closes before them and 42 after; a fund has at most one error, so that none hides another.

- spike: one close off by 2 to 20 %, uniform in the logarithm, up or down;
- gap: 2 to 10 closes missing;
- distribution: 20 to 50 basis points more from the first close of a month on;
- stale: five closes repeat the one before;
- shift: closes times 10, 100, 1/10 or 1/100, on one day, on 5 to 60 days, or from the day on;
- swap: from the day on the closes of two funds stand under each other's ticker;
- small spike: one close off by 1 to 2 %;
- chained swap: as a swap, but each goes on from the other's last close, so that there is no jump, only other returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FAULTS = ("spike", "gap", "distribution", "stale", "shift", "swap")
HARDER = ("small_spike", "chained_swap")

_BEFORE, _AFTER, _CLOSES = 63, 42, 252


@dataclass(frozen=True)
class Planted:
    """An error that was planted.

    Parameters
    ----------
    fault : str
        One of `FAULTS` or `HARDER`.
    ticker : str
    first, last : Timestamp
        Days with wrong closes; the first alone for a swap and a distribution.
    size : float
        Fraction of the price; sessions for gap and stale; ratio of the levels for a swap.
    detail : str
    partner : str
        Of a swap; blank elsewhere.
    """

    fault: str
    ticker: str
    first: pd.Timestamp
    last: pd.Timestamp
    size: float
    detail: str = ""
    partner: str = ""


def plant(
    prices: pd.DataFrame, seed: int, each: int, faults: Sequence[str] = FAULTS
) -> tuple[pd.DataFrame, list[Planted]]:
    """Plant errors of each kind in a copy of a panel of closes.

    Parameters
    ----------
    prices : DataFrame, shape (sessions, funds)
    seed : int
    each : int
        Number of errors of a kind.
    faults : sequence of str
        Kinds.
    """
    field = _Field(prices, prices.to_numpy().copy(), np.random.default_rng([seed, 20240628]))
    enough = np.flatnonzero((~np.isnan(field.panel)).sum(axis=0) >= _CLOSES)
    field.free = [int(fund) for fund in field.random.permutation(enough)]
    planted = [_PLANTERS[fault](field, field.free.pop(), number) for number in range(each) for fault in faults]
    return pd.DataFrame(field.panel, index=prices.index, columns=prices.columns), planted


class _Field:
    """The panel that is planted in, the funds without an error, and the seed's numbers."""

    def __init__(self, prices: pd.DataFrame, panel: NDArray[np.float64], random: np.random.Generator) -> None:
        self.prices, self.panel, self.random = prices, panel, random
        self.free: list[int] = []

    def closes(self, fund: int) -> NDArray[np.intp]:
        """Rows on which a fund has a close."""
        return np.flatnonzero(~np.isnan(self.panel[:, fund]))

    def start(self, fund: int) -> int:
        """Which of its closes an error starts at."""
        return int(self.random.integers(_BEFORE, len(self.closes(fund)) - _AFTER))

    def planted(self, fault: str, fund: int, rows: NDArray[np.intp], size: float, detail: str = "") -> Planted:
        days = pd.DatetimeIndex(self.prices.index)
        ticker = str(self.prices.columns[fund])
        return Planted(fault, ticker, days[rows[0]], days[rows[-1]], size, detail)


def _spike(field: _Field, fund: int, number: int) -> Planted:
    return _one_close(field, fund, "spike", 0.02, 0.20)


def _small_spike(field: _Field, fund: int, number: int) -> Planted:
    return _one_close(field, fund, "small_spike", 0.01, 0.02)


def _one_close(field: _Field, fund: int, fault: str, least: float, most: float) -> Planted:
    at = field.closes(fund)[field.start(fund)]
    size = float(np.exp(field.random.uniform(np.log(least), np.log(most))))
    size = -size if field.random.random() < 0.5 else size
    field.panel[at, fund] *= 1.0 + size
    return field.planted(fault, fund, np.array([at]), size)


def _gap(field: _Field, fund: int, number: int) -> Planted:
    start, length = field.start(fund), int(field.random.integers(2, 11))
    rows = field.closes(fund)[start : start + length]
    field.panel[rows, fund] = np.nan
    return field.planted("gap", fund, rows, float(length))


def _distribution(field: _Field, fund: int, number: int) -> Planted:
    closes = field.closes(fund)
    months = pd.DatetimeIndex(field.prices.index[closes]).month.to_numpy()
    start = field.start(fund)
    # The first close of the month, of the next one where the window would end before it.
    while months[start] == months[start - 1]:
        start += 1
    size = float(field.random.uniform(0.0020, 0.0050))
    field.panel[closes[start] :, fund] *= 1.0 + size
    return field.planted("distribution", fund, closes[start : start + 1], size)


def _stale(field: _Field, fund: int, number: int) -> Planted:
    start = field.start(fund)
    rows = field.closes(fund)[start : start + 5]
    field.panel[rows, fund] = field.panel[field.closes(fund)[start - 1], fund]
    return field.planted("stale", fund, rows, 5.0)


def _shift(field: _Field, fund: int, number: int) -> Planted:
    start, closes = field.start(fund), field.closes(fund)
    factor = float(field.random.choice([10.0, 100.0, 0.1, 0.01]))
    lasting = ("one close", "a run", "stays")[number % 3]
    length = {"one close": 1, "a run": int(field.random.integers(5, 61)), "stays": len(closes)}[lasting]
    rows = closes[start : start + length]
    field.panel[rows, fund] *= factor
    return field.planted("shift", fund, rows, factor, lasting)


def _swap(field: _Field, fund: int, number: int) -> Planted:
    return _exchange(field, fund, "swap")


def _chained_swap(field: _Field, fund: int, number: int) -> Planted:
    return _exchange(field, fund, "chained_swap")


def _exchange(field: _Field, fund: int, fault: str) -> Planted:
    row = field.closes(fund)[field.start(fund)]
    trades = [~np.isnan(field.panel[row - 1 : row + _AFTER, other]).any(axis=0) for other in field.free]
    if not any(trades):
        # Nobody trades on that day to be exchanged with: another fund, another day.
        return _exchange(field, field.free.pop(), fault)
    partner = field.free.pop(int(np.flatnonzero(trades)[-1]))
    mine, others = field.panel[row:, fund].copy(), field.panel[row:, partner].copy()
    ratio = float(field.panel[row - 1, fund] / field.panel[row - 1, partner])
    to_mine, to_others = (ratio, 1.0 / ratio) if fault == "chained_swap" else (1.0, 1.0)
    field.panel[row:, fund], field.panel[row:, partner] = others * to_mine, mine * to_others
    place = field.planted(fault, fund, np.array([row]), ratio)
    return replace(place, partner=str(field.prices.columns[partner]))


_PLANTERS = {
    "spike": _spike,
    "gap": _gap,
    "distribution": _distribution,
    "stale": _stale,
    "shift": _shift,
    "swap": _swap,
    "small_spike": _small_spike,
    "chained_swap": _chained_swap,
}
