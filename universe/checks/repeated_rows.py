"""The same date and ticker twice in a price file: the one fault that keeps a market from being loaded at all."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

from universe.checks.finding import Finding
from universe.errors import MarketError
from universe.price_files import as_codes, as_days, column_names, find_price_file, read_columns

_ACTION = "refused: the market cannot be loaded until one row is left of each"


def repeated_rows(folder: Path) -> list[Finding]:
    """Every date and ticker that a long price file has more than once; empty where the file is none or cannot be read.

    Parameters
    ----------
    folder
        With the price file.
    """
    try:
        path = find_price_file(folder)
        if not {"date", "ticker"} <= set(column_names(path)):
            return []
        table = read_columns(path, text=("date", "ticker"), numbers=())
    except MarketError:
        return []
    coded = as_codes(table["ticker"])
    if coded is None:
        return []
    codes, tickers = coded
    days = as_days(table["date"])
    readable = (codes >= 0) & ~np.isnat(days)
    rows = defaultdict(list)
    for row in np.flatnonzero(readable).tolist():
        rows[int(codes[row]), days[row]].append(row + 1)
    return [_finding(tickers[code], pd.Timestamp(day), at) for (code, day), at in rows.items() if len(at) > 1]


def _finding(ticker: str, day: pd.Timestamp, rows: list[int]) -> Finding:
    return Finding(
        ticker=ticker,
        date=day,
        last=day,
        kind="repeated_row",
        severity="error",
        size=float(len(rows)),
        unit="rows",
        why=f"this date and ticker stand in rows {', '.join(map(str, rows))} of the price file; one is expected",
        known_from=day,
        action=_ACTION,
    )
