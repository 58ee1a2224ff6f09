"""Closes without distributions, where a market's price file has them beside the adjusted ones.

Models read adjusted closes alone; only the data checks look at these.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from universe.price_files import as_codes, as_days, as_floats, column_names, find_price_file, read_columns
from universe.stored.generations import current_folder

COLUMN = "close"


def read_closes(folder: Path) -> pd.DataFrame | None:
    """Closes adjusted for splits and not for distributions.

    Parameters
    ----------
    folder
        Of a market that can be loaded.

    Returns
    -------
    DataFrame, shape (sessions, funds), or None
        NaN where a cell is blank or no positive number: unknown. None where the file has no column `close`, or is a
        table of a column for every ticker.

    Raises
    ------
    MarketError
        If the price file is missing or damaged.
    """
    path = find_price_file(current_folder(folder))
    if not {"date", "ticker", COLUMN} <= set(column_names(path)):
        return None
    table = read_columns(path, text=("date", "ticker"), numbers=(COLUMN,))
    coded = as_codes(table["ticker"])
    if coded is None:
        return None
    codes, tickers = coded
    days, (values, _) = as_days(table["date"]), as_floats(table[COLUMN])
    kept = np.isfinite(values) & (values > 0.0) & ~np.isnat(days) & (codes >= 0)
    if not kept.any():
        return None
    sessions, session = np.unique(days[kept], return_inverse=True)
    panel = np.full((len(sessions), len(tickers)), np.nan)
    panel[session, codes[kept]] = values[kept]
    index = pd.DatetimeIndex(sessions.astype("datetime64[us]"), name="date")
    closes = pd.DataFrame(panel, index=index, columns=pd.Index(tickers, name="ticker", dtype="str"))
    return closes.dropna(axis=1, how="all")
