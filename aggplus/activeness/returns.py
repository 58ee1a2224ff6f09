"""Returns of funds and models side by side: daily, or of whole calendar months; nothing is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.activeness.window import Window
from aggplus.performance import PerformanceError, daily_record
from aggplus.performance.months import ends_month
from aggplus.performance.returns import Floats

_MOST, _LEAST = 2.0, 0.5
"""A close over the close before beyond which a price is a misprint, as for the risk model."""


@dataclass(frozen=True, eq=False)
class Side:
    """Returns side by side.

    Parameters
    ----------
    returns : DataFrame, shape (periods, n)
        Fractions by the period's last session; missing where either close is.
    unchanged : Series, length n
        Share of daily returns that are zero: closes that repeat the one before.
    misprints : dict of name to str
        Those with a return that no fund of fixed income ever had, and what it is.
    """

    returns: pd.DataFrame
    unchanged: pd.Series
    misprints: dict[str, str]


def side_by_side(prices: pd.DataFrame, models: Mapping[str, pd.Series], window: Window) -> Side:
    """Returns of funds and models over the rows of a price panel.

    Parameters
    ----------
    prices : DataFrame, shape (sessions, funds)
        Total-return prices; the first row is the close before the first return.
    models : mapping of name to Series
        Daily net returns as fractions by date, on sessions of the panel in a row.
    window : Window
        Its unit says which returns.

    Raises
    ------
    PerformanceError
        When a model's returns cannot be used, or miss a session.
    """
    levels = pd.concat(
        [prices, *(_levels(name, net, pd.DatetimeIndex(prices.index)) for name, net in models.items())], axis=1
    )
    daily = _changes(levels)
    values = daily.to_numpy()
    known = np.isfinite(values)
    still = np.where(known, np.abs(values) < 1e-12, False).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    returns = daily if window.unit == "days" else _changes(levels.loc[_month_ends(pd.DatetimeIndex(levels.index))])
    return Side(returns, pd.Series(still, index=daily.columns), _misprints(daily))


def _levels(name: str, net: pd.Series, sessions: pd.DatetimeIndex) -> pd.Series:
    record = daily_record(net, name)
    record = record.loc[record.index > sessions[0]]
    record = record.loc[: sessions[-1]]
    if record.empty:
        raise PerformanceError(f"{name}: has no return from {sessions[0]:%Y-%m-%d} to {sessions[-1]:%Y-%m-%d}")
    first = int(sessions.searchsorted(record.index[0]))
    there = sessions[first : first + len(record)]
    if not record.index.equals(there):
        odd = record.index.symmetric_difference(there)[0]
        raise PerformanceError(
            f"{name}: its days are not the market's sessions, the first difference is {odd:%Y-%m-%d}"
        )
    levels = np.full(len(sessions), np.nan)
    levels[first - 1] = 1.0
    levels[first : first + len(record)] = np.cumprod(1.0 + record.to_numpy())
    return pd.Series(levels, index=sessions, name=name)


def _changes(levels: pd.DataFrame) -> pd.DataFrame:
    values = levels.to_numpy(dtype=float)
    changes: Floats = values[1:] / values[:-1] - 1.0
    return pd.DataFrame(changes, index=levels.index[1:], columns=levels.columns)


def _month_ends(sessions: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The last session of every month that ends within the panel: from one to the next are whole months."""
    months = sessions.year.to_numpy() * 12 + sessions.month.to_numpy()
    ends = sessions.take(np.flatnonzero(np.diff(months, append=months[-1] + 1)))
    return ends if ends_month(ends[-1]) else ends[:-1]


def _misprints(daily: pd.DataFrame) -> dict[str, str]:
    values = daily.to_numpy()
    with np.errstate(invalid="ignore"):
        odd = (1.0 + values > _MOST) | (1.0 + values < _LEAST)
    found = {}
    for column in np.flatnonzero(odd.any(axis=0)).tolist():
        row = int(np.argmax(odd[:, column]))
        found[str(daily.columns[column])] = (
            f"returns {100.0 * values[row, column]:.0f} % on {daily.index[row]:%Y-%m-%d}, which looks like a misprint: "
            f"expected between {100.0 * (_LEAST - 1.0):.0f} and {100.0 * (_MOST - 1.0):.0f} % in a day"
        )
    return found
