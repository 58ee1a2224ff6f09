"""Which months, quarters and years have ended, on the calendar of the exchange.

The calendar is published years ahead, so on the last session of a month it is known that it is the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.errors import OptimizerError
from universe import exchange_sessions

FIRST_DAY, LAST_DAY = "1990-01-01", "2050-12-31"
"""The calendar is known from and to these days."""

_MONTHS = 12
_EPOCH_YEAR = 1970

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeriodsEnded:
    """How far the calendar had come at the close of a day.

    Parameters
    ----------
    sessions : int
        Sessions of the exchange from the first one of 1990 to this day.
    month, quarter, year : int
        The last one that had ended, counted from the first of 1970 as 0.
    """

    sessions: int
    month: int
    quarter: int
    year: int


@dataclass(frozen=True, eq=False)
class SessionEnds:
    """Calendar facts for n days, in their order.

    Parameters
    ----------
    month_end, quarter_end, year_end : ndarray of bool, shape (n,)
        Whether the day is the last session of one; a day on which the exchange is closed never is.
    periods : tuple of PeriodsEnded, length n
    """

    month_end: Booleans
    quarter_end: Booleans
    year_end: Booleans
    periods: tuple[PeriodsEnded, ...]


def session_ends(days: pd.DatetimeIndex) -> SessionEnds:
    """Calendar facts for a whole history at once.

    Parameters
    ----------
    days : DatetimeIndex, length n
        In any order. Days on which the exchange is closed stand where the session before them stands.

    Raises
    ------
    OptimizerError
        When a day lies outside the known calendar, or is none.
    """
    exchange = _exchange()
    asked = days.to_numpy().astype("datetime64[D]")
    known = (asked >= np.datetime64(FIRST_DAY)) & (asked <= np.datetime64(LAST_DAY))
    if not known.all():
        stray = asked[~known][0]
        what = "not a day (NaT)" if np.isnat(stray) else f"{stray} lies outside the calendar"
        raise OptimizerError(
            f"{what}: month ends are known from {FIRST_DAY} to {LAST_DAY}; leave such days out, or use triggers "
            "other than calendar and every_days"
        )
    at = np.searchsorted(exchange.days, asked, side="right") - 1
    # 1990-01-01 was a holiday: what had ended by then ended in December 1989.
    month = np.where(at >= 0, exchange.month_ended[at], exchange.month_ended[0])
    last = (at >= 0) & (exchange.days[at] == asked) & exchange.last_of_month[at]
    quarter, year = (month + 1) // 3 - 1, (month + 1) // _MONTHS - 1
    rows = zip((at + 1).tolist(), month.tolist(), quarter.tolist(), year.tolist(), strict=True)
    return SessionEnds(
        month_end=last,
        quarter_end=last & ((month + 1) % 3 == 0),
        year_end=last & ((month + 1) % _MONTHS == 0),
        periods=tuple(PeriodsEnded(*row) for row in rows),
    )


def month_name(month: int) -> str:
    """The month of a `PeriodsEnded`, such as 2024-03."""
    return f"{_EPOCH_YEAR + month // _MONTHS}-{month % _MONTHS + 1:02d}"


def quarter_name(quarter: int) -> str:
    """The quarter of a `PeriodsEnded`, such as 2024 Q1."""
    return f"{_EPOCH_YEAR + quarter // 4} Q{quarter % 4 + 1}"


def year_name(year: int) -> str:
    """The year of a `PeriodsEnded`."""
    return str(_EPOCH_YEAR + year)


@dataclass(frozen=True, eq=False)
class _Exchange:
    """All sessions of the known calendar, whether each is the last of its month, and the last month that ended."""

    days: NDArray[np.datetime64]
    last_of_month: Booleans
    month_ended: Integers


@lru_cache(maxsize=1)
def _exchange() -> _Exchange:
    days = exchange_sessions(FIRST_DAY, LAST_DAY).to_numpy().astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64)
    # The known calendar ends with a year, so its last session ends a month.
    last = np.append(month[1:] != month[:-1], True)
    return _Exchange(days, last, np.where(last, month, month - 1))
