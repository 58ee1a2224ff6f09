"""Daily returns as a record: checked, matched to the benchmark's days, and compounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.desk_errors import PerformanceError

SESSIONS_A_YEAR = 252
"""Sessions that a year is counted as when a daily figure is annualised."""

SHORTEST_YEAR = 250
"""Sessions of the shortest common calendar year (2023 for one); nothing shorter is annualised as a return."""

Floats = NDArray[np.float64]


def daily_record(returns: pd.Series, what: str = "record") -> pd.Series:
    """Daily returns by plain calendar day, in order.

    Parameters
    ----------
    returns : Series
        Fractions by date, such as 0.0012. A time of day or a time zone is dropped (the day stays the one written).
    what : str
        What an error calls them.

    Returns
    -------
    Series
        Floats with an ascending DatetimeIndex named "date"; the name is kept.

    Raises
    ------
    PerformanceError
        When there is no return, the index holds no dates, a day is there twice, or a return is missing, infinite, no
        number, or -100 % or less.
    """
    if not isinstance(returns, pd.Series) or not isinstance(returns.index, pd.DatetimeIndex):
        raise PerformanceError(f"{what}: expected daily returns as a Series indexed by date")
    if returns.empty:
        raise PerformanceError(f"{what}: holds no return; expected at least one day")
    days = returns.index.tz_localize(None).normalize().rename("date")
    if days.hasnans:
        raise PerformanceError(f"{what}: a date is missing; expected one date a return")
    if days.has_duplicates:
        raise PerformanceError(
            f"{what}: {days[days.duplicated()][0]:%Y-%m-%d} is there twice; expected one return a day"
        )
    try:
        values = returns.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise PerformanceError(f"{what}: holds {returns.dtype} values; expected fractions such as 0.0012") from None
    bad = ~np.isfinite(values) | (values <= -1.0)
    if bad.any():
        first = int(np.argmax(bad))
        raise PerformanceError(
            f"{what}: the return of {days[first]:%Y-%m-%d} is {values[first]}; "
            "expected a fraction above -1 for every day"
        )
    return pd.Series(values, index=days, name=returns.name).sort_index()


def on_days_of(record: pd.Series, other: pd.Series, what: str = "benchmark") -> pd.Series:
    """The returns of `other` on the days of a record, which have to be the same days.

    `other` may begin earlier and end later. In between both need the same days: a return that spans a day which the
    record lacks would be set against one day of the benchmark. Nothing is filled in and no day is left out.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    other : Series
        As `daily_record` gives it.
    what : str
        What an error calls `other`.

    Raises
    ------
    PerformanceError
        When either has a day, from the record's first to its last, that the other lacks.
    """
    first, last = record.index[0], record.index[-1]
    within = other.loc[first:last]
    for days, holder, lacking in (
        (record.index.difference(within.index), "the record", f"the {what}"),
        (within.index.difference(record.index), f"the {what}", "the record"),
    ):
        if len(days):
            raise PerformanceError(
                f"{lacking} lacks {len(days)} of the days of {holder} from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
                f"the first {days[0]:%Y-%m-%d}; expected a return of both on every day"
            )
    return within


def compounded(returns: pd.Series | Floats) -> float:
    """Return over all the periods together: prod(1 + r) - 1.

    Parameters
    ----------
    returns : Series or array
        Fractions a period.
    """
    return float(np.prod(1.0 + np.asarray(returns, dtype=float)) - 1.0)


def annual_return(record: pd.Series) -> float | None:
    """Geometric return a year, (1 + cumulative)^(252 / days) - 1; None for a record of less than a year.

    Parameters
    ----------
    record : Series
        As `daily_record` gives it.
    """
    if len(record) < SHORTEST_YEAR:
        return None
    return float((1.0 + compounded(record)) ** (SESSIONS_A_YEAR / len(record)) - 1.0)
