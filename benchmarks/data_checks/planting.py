"""Errors of six kinds, planted by a seed, and three kinds that are harder to see.

A fund is drawn uniformly among those with at least 252 closes in the period, then a day uniformly among its closes that
have 63 closes before them and 42 after; a fund has at most one error, so that none hides another.

- spike: one close off by 2 to 20 %, uniform in the logarithm, up or down;
- gap: 2 to 10 closes missing;
- distribution: one of 20 to 50 basis points counted once more, from its day on;
- stale: five closes repeat the one before;
- shift: closes times 10, 100, 1/10 or 1/100, on one day, on 5 to 60 days, or from the day on;
- swap: from the day on the closes of two funds stand under each other's ticker;
- small spike: one close off by 1 to 2 %;
- missing distribution: one of 20 to 50 basis points not counted, from its day on;
- chained swap: as a swap, but each goes on from the other's last close, so that there is no jump, only other returns.

Errors are planted in adjusted closes alone. For distributions that is how they arise: a source that counts one twice
adjusts twice, and its plain closes stay as they are. Where a fund has plain closes one is drawn among those days on
which they fall by 20 to 50 basis points more than the adjusted ones and stay there; a fund that has closes and never
paid so much is passed over. A fund without closes gets a size uniform in that range on the first close of a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FAULTS = ("spike", "gap", "distribution", "stale", "shift", "swap")
HARDER = ("small_spike", "missing_distribution", "chained_swap")

_BEFORE, _AFTER, _CLOSES = 63, 42, 252
_LEAST, _MOST = 0.0020, 0.0050
WITH_CLOSES, WITHOUT_CLOSES = "with closes", "without closes"


@dataclass(frozen=True)
class Planted:
    """An error that was planted.

    Parameters
    ----------
    fault : str
        One of `FAULTS` or `HARDER`.
    ticker : str
    first, last : Timestamp
        Days with wrong closes; the first alone for a swap and distributions.
    size : float
        Fraction of the price; sessions for gap and stale; ratio of the levels for a swap.
    detail : str
        How long a shift lasts; whether a distribution is one of a fund with closes.
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
    prices: pd.DataFrame,
    seed: int,
    each: int,
    faults: Sequence[str] = FAULTS,
    closes: pd.DataFrame | None = None,
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
    closes : DataFrame or None
        Closes without distributions of some of the funds.
    """
    plain = pd.DataFrame(np.nan, prices.index, prices.columns) if closes is None else closes.reindex_like(prices)
    field = _Field(prices, plain, np.random.default_rng([seed, 20240628]))
    enough = np.flatnonzero((~np.isnan(field.panel)).sum(axis=0) >= _CLOSES)
    field.free = [int(fund) for fund in field.random.permutation(enough)]
    planted = [_PLANTERS[fault](field, field.free.pop(), number) for number in range(each) for fault in faults]
    return pd.DataFrame(field.panel, index=prices.index, columns=prices.columns), planted


class _Field:
    """The panel that is planted in, the funds without an error, and the seed's numbers."""

    def __init__(self, prices: pd.DataFrame, plain: pd.DataFrame, random: np.random.Generator) -> None:
        self.prices, self.panel, self.random = prices, prices.to_numpy().copy(), random
        self.plain = plain.to_numpy()
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
    return _counted(field, fund, "distribution", 1.0)


def _missing_distribution(field: _Field, fund: int, number: int) -> Planted:
    return _counted(field, fund, "missing_distribution", -1.0)


def _counted(field: _Field, fund: int, fault: str, once: float) -> Planted:
    """A distribution counted once more, or once less."""
    closes = field.closes(fund)
    if np.isnan(field.plain[:, fund]).all():
        row, size, detail = closes[_month(field, closes, field.start(fund))], field.random.uniform(_LEAST, _MOST), ""
    else:
        rows, sizes = _payments(field.panel[closes, fund], field.plain[closes, fund])
        fitting = (rows >= _BEFORE) & (rows < len(closes) - _AFTER)
        if not fitting.any():
            return _counted(field, field.free.pop(), fault, once)
        drawn = field.random.choice(np.flatnonzero(fitting))
        row, size, detail = closes[rows[drawn]], float(sizes[drawn]), WITH_CLOSES
    field.panel[row:, fund] *= (1.0 + size) ** once
    return field.planted(fault, fund, np.array([row]), float((1.0 + size) ** once - 1.0), detail or WITHOUT_CLOSES)


def _month(field: _Field, closes: NDArray[np.intp], start: int) -> int:
    """The first close of a month from a close on."""
    months = pd.DatetimeIndex(field.prices.index[closes]).month.to_numpy()
    while months[start] == months[start - 1]:
        start += 1
    return start


def _payments(
    adjusted: NDArray[np.float64], plain: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places among a fund's closes of distributions of 20 to 50 basis points, and by what each raised the return."""
    factor = adjusted / plain
    step = factor[1:] / factor[:-1] - 1.0
    over_a_week = factor[6:] / factor[:-6] - 1.0
    inner = step[3:-2]
    stays = np.abs(over_a_week - inner) < 0.1 * inner
    chosen = np.flatnonzero((inner >= _LEAST) & (inner < _MOST) & stays)
    return chosen + 4, inner[chosen]


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
    "missing_distribution": _missing_distribution,
    "chained_swap": _chained_swap,
}
