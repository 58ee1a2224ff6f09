"""The trading days of the New York Stock Exchange, on which the funds are listed."""

from __future__ import annotations

import warnings

import exchange_calendars
import pandas as pd


def exchange_sessions(first: str, last: str) -> pd.DatetimeIndex:
    """The trading days from one day to another, both included.

    Parameters
    ----------
    first, last
        Written ``YYYY-MM-DD``.
    """
    with warnings.catch_warnings():
        # exchange_calendars 4.13 calls what pandas deprecates; nothing a user could act on.
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=first, end=last)
    return pd.DatetimeIndex(calendar.sessions).as_unit("us").rename("date")
