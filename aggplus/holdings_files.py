"""What a model brings along as a table: what is held now by weight, and its own record so far."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from aggplus.client_tables import read_table
from aggplus.desk_errors import AccountError


def read_holdings(path: Path) -> dict[str, float]:
    """Weights by ticker from a table with the columns `ticker` and `weight` (fractions).

    Parameters
    ----------
    path : Path

    Raises
    ------
    AccountError
        When the file cannot be read, lacks a column, names a ticker twice or holds something that is no weight.
    """
    return {line.key: line.value("weight", "a fraction such as 0.25") for line in read_table(path, "ticker", "weight")}


def read_returns(path: Path) -> pd.Series:
    """Daily net returns by date from a table with the columns `date` and `return` (fractions).

    Parameters
    ----------
    path : Path

    Raises
    ------
    AccountError
        When the file cannot be read, lacks a column, names a date twice or holds something that is no date or no
        return.
    """
    lines = read_table(path, "date", "return")
    dates = pd.to_datetime([line.key for line in lines], format="%Y-%m-%d", errors="coerce")
    returns: dict[pd.Timestamp, float] = {}
    for line, date in zip(lines, dates, strict=True):
        if pd.isna(date):
            raise AccountError(f"{line.place}: date {line.key!r} cannot be read; expected YYYY-MM-DD")
        if date in returns:
            raise AccountError(f"{line.place}: {date:%Y-%m-%d} is there twice; expected one line a day")
        returns[date] = line.value("return", "a fraction such as 0.0012")
    return pd.Series(list(returns.values()), index=dates, name="return", dtype=float).sort_index()
