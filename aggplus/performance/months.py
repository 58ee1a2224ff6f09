"""Calendar months and years of a record, and which of them it covers from the first session to the last."""

from __future__ import annotations

import datetime as dt
import functools
import warnings

import exchange_calendars
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.performance.returns import Floats, compounded

MONTHS_A_YEAR = 12


def monthly_returns(record: pd.Series) -> pd.Series:
    """Compounded return of every calendar month that the record covers whole.

    A month that the record enters or leaves between its first and its last session is left out: ten days are no month.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.

    Returns
    -------
    Series
        By the month's number since year 0 (12 x year + month - 1); empty when no month is whole.
    """
    days = pd.DatetimeIndex(record.index)
    months = days.year.to_numpy() * MONTHS_A_YEAR + days.month.to_numpy() - 1
    starts = np.flatnonzero(np.diff(months, prepend=-1))
    growth: Floats = np.multiply.reduceat(1.0 + record.to_numpy(dtype=float), starts)
    numbers = months[starts]
    whole = np.ones(len(numbers), dtype=bool)
    whole[0] &= begins_month(days[0])
    whole[-1] &= ends_month(days[-1])
    return pd.Series(growth[whole] - 1.0, index=pd.Index(numbers[whole], name="month"), name=record.name)


def begins_month(day: pd.Timestamp) -> bool:
    """Whether no session of the New York Stock Exchange stands between the month's beginning and this day.

    Parameters
    ----------
    day : Timestamp
    """
    return day.date() <= _first_and_last_session(day.year, day.month)[0]


def ends_month(day: pd.Timestamp) -> bool:
    """Whether no session of the New York Stock Exchange stands between this day and the month's end.

    Parameters
    ----------
    day : Timestamp
    """
    return day.date() >= _first_and_last_session(day.year, day.month)[1]


def calendar_years(record: pd.Series) -> dict[int, float]:
    """Compounded return of each calendar year; the first and the last may be part of a year.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    years = pd.DatetimeIndex(record.index).year.to_numpy()
    values = record.to_numpy(dtype=float)
    return {int(year): compounded(values[years == year]) for year in np.unique(years)}


def month_to_date(record: pd.Series) -> float | None:
    """Return of the record's last calendar month up to its last day; None when the record begins inside it.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    last = record.index[-1]
    return _return_since(record, pd.Timestamp(last.year, last.month, 1))


def year_to_date(record: pd.Series) -> float | None:
    """Return of the record's last calendar year up to its last day; None when the record begins inside it.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    return _return_since(record, pd.Timestamp(record.index[-1].year, 1, 1))


def trailing_year(record: pd.Series) -> pd.Series | None:
    """The daily returns of the last year; None when the record is shorter.

    The last twelve calendar months when the record ends with a month; otherwise since the same date a year before.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    last = record.index[-1]
    if ends_month(last):
        start = pd.Timestamp(last.year, last.month, 1) + pd.DateOffset(months=1 - MONTHS_A_YEAR)
    else:
        start = last - pd.DateOffset(years=1) + pd.DateOffset(days=1)
    return record.loc[start:] if _covers(record, start) else None


def _return_since(record: pd.Series, start: pd.Timestamp) -> float | None:
    return compounded(record.loc[start:]) if _covers(record, start) else None


def _covers(record: pd.Series, start: pd.Timestamp) -> bool:
    """Whether the record has every session from `start` on."""
    first = record.index[0]
    if np.busday_count(start.date(), first.date()) <= 0:
        return True
    # A year may begin with a holiday, and so may a month.
    same_month = (first.year, first.month) == (start.year, start.month)
    return bool(same_month and start.day == 1 and begins_month(first))


def _first_and_last_session(year: int, month: int) -> tuple[dt.date, dt.date]:
    sessions = _sessions_of_century(year // 100)
    begin = np.datetime64(f"{year:04d}-{month:02d}")
    first, after = np.searchsorted(sessions, np.array([begin, begin + 1], dtype="datetime64[D]"))
    return sessions[first].item(), sessions[after - 1].item()


@functools.cache
def _sessions_of_century(century: int) -> NDArray[np.datetime64]:
    """Sessions as days; read once, as making a calendar takes a fifth of a second whatever its length."""
    with warnings.catch_warnings():
        # exchange_calendars 4.13 calls what pandas deprecates; nothing a user could act on.
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=f"{century}00-01-01", end=f"{century}99-12-31")
    sessions: NDArray[np.datetime64] = calendar.sessions.to_numpy().astype("datetime64[D]")
    return sessions
