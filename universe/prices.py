"""Prices of a market: one file, long or wide, to a panel of adjusted closes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.errors import MarketError
from universe.price_files import (
    as_codes,
    as_days,
    as_floats,
    cell_text,
    column_names,
    find_price_file,
    read_columns,
)
from universe.tickers import ticker_fault
from universe.wording import clipped, closest, did_you_mean, listed

LONG_COLUMNS = ("date", "ticker", "adj_close")

# pandas writes an index without a name under these: the first to CSV, the second to Parquet.
_NAMELESS_INDEX = ("", "__index_level_0__")

# Below it, short tickers start to look like column names ("TICK" like "ticker").
_COLUMN_CUTOFF = 0.82


def read_prices(folder: Path) -> pd.DataFrame:
    """Adjusted closes of a market folder.

    The folder holds ``prices.parquet`` or ``prices.csv``, in long form (columns ``date, ticker, adj_close``, others
    ignored) or in wide form (a column ``date`` or a date index, and a column of adjusted closes for every ticker).
    A blank or NaN price means that the fund had no close that day. Rows may come in any order as long as the dates
    of each ticker go forward.

    Parameters
    ----------
    folder
        The market folder.

    Returns
    -------
    DataFrame, shape (sessions, tickers)
        float64, NaN where a fund has no close. The index "date" is ascending, unique, at midnight and without a
        time zone; the columns "ticker" are sorted. Every row and every column holds at least one close.

    Raises
    ------
    MarketError
        If there is no price file or there are two; if a column is missing or misspelt, a date or a ticker blank or
        unreadable, a price zero, negative, infinite or text; if a (date, ticker) pair comes twice, or the dates of a
        ticker go backwards; if there is no price at all. Rows are counted from 1, below the header.
    """
    path = find_price_file(folder)
    names = column_names(path)
    if not names:
        raise MarketError(f"{path} is empty; expected columns {', '.join(LONG_COLUMNS)}")
    panel = _read_long(path, names) if _is_long(names) else _read_wide(path, names)
    if panel.empty:
        raise MarketError(f"{path} holds no prices; expected one row per date and ticker")
    return panel


def _is_long(names: Sequence[str]) -> bool:
    return any(name in names or closest(name, names, _COLUMN_CUTOFF) is not None for name in ("ticker", "adj_close"))


def _read_long(path: Path, names: list[str]) -> pd.DataFrame:
    for name in LONG_COLUMNS:
        if name not in names:
            raise _column_missing(path, name, names)
        if names.count(name) > 1:
            raise MarketError(f"{path} has the column {name!r} {names.count(name)} times; once is expected")
    table = read_columns(path, text=("date", "ticker"), numbers=("adj_close",))
    if table.num_rows == 0:
        return pd.DataFrame()
    days = as_days(table["date"])
    coded = as_codes(table["ticker"])
    if coded is None:
        raise MarketError(f"{path}: column 'ticker' is of type {table['ticker'].type}; expected text")
    codes, tickers = coded
    prices, textual = as_floats(table["adj_close"])

    _check_tickers(path, codes, tickers)
    if np.isnat(days).any():
        row = int(np.isnat(days).argmax())
        raise _bad_date(f"{path} row {row + 1} ({tickers[codes[row]]})", cell_text(table["date"], row))

    def place(row: int) -> str:
        return f"{path} row {row + 1} ({tickers[codes[row]]}, {days[row]})"

    if textual is not None:
        raise _bad_price(place(textual), repr(clipped(cell_text(table["adj_close"], textual))))
    bad = _first_bad_price(prices)
    if bad is not None:
        raise _bad_price(place(bad), f"{prices[bad]}")

    order = np.argsort(np.array(tickers, dtype=object), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    sessions, session = _session_numbers(days)
    # One integer a (date, ticker) pair: the position of its cell in the panel.
    cell = session * len(order) + rank[codes]
    taken = np.zeros(len(sessions) * len(order), dtype=bool)
    taken[cell] = True
    if np.count_nonzero(taken) < len(cell):
        first, second = _first_repeat(cell)
        raise MarketError(
            f"{place(second)}: this date and ticker are already in row {first + 1}; expected one row for each"
        )
    _check_dates_go_forward(path, codes, tickers, days)

    panel = np.full(len(taken), np.nan)
    panel[cell] = prices
    return _frame(panel.reshape(-1, len(order)), sessions, [tickers[code] for code in order])


def _session_numbers(days: NDArray[np.datetime64]) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """The distinct days, ascending, and the place of each of `days` among them; counting, so without a sort."""
    first = days.min()
    offset = (days - first).astype(np.int32)
    is_session = np.zeros(int(offset.max()) + 1, dtype=bool)
    is_session[offset] = True
    number = np.cumsum(is_session, dtype=np.int64) - 1
    return first + np.flatnonzero(is_session), number[offset]


def _read_wide(path: Path, names: list[str]) -> pd.DataFrame:
    date_name = "date" if "date" in names else next((name for name in _NAMELESS_INDEX if name in names), None)
    if date_name is None:
        raise _column_missing(path, "date", names)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise MarketError(f"{path} has the column {clipped(repeated[0])!r} twice; expected one column per ticker")
    tickers = [name for name in names if name != date_name]
    for position, name in enumerate(names):
        fault = ticker_fault(name)
        if name != date_name and fault is not None:
            raise MarketError(f"{path} column {position + 1}: the ticker {fault}")
    table = read_columns(path, text=(date_name,), numbers=tickers)
    if table.num_rows == 0 or not tickers:
        return pd.DataFrame()
    days = as_days(table[date_name])
    if np.isnat(days).any():
        row = int(np.isnat(days).argmax())
        raise _bad_date(f"{path} row {row + 1}", cell_text(table[date_name], row))
    order = sorted(range(len(tickers)), key=tickers.__getitem__)
    panel = np.empty((table.num_rows, len(tickers)))
    for position, ticker in enumerate(tickers[column] for column in order):
        prices, textual = as_floats(table[ticker])
        bad = textual if textual is not None else _first_bad_price(prices)
        if bad is not None:
            place = f"{path} row {bad + 1} ({ticker}, {days[bad]})"
            shown = repr(clipped(cell_text(table[ticker], bad))) if textual is not None else f"{prices[bad]}"
            raise _bad_price(place, shown, "read as wide form, a column per ticker")
        panel[:, position] = prices

    steps = np.diff(days).astype(np.int64)
    if (steps <= 0).any():
        row = int((steps <= 0).argmax()) + 1
        seen = np.flatnonzero(days[:row] == days[row])
        if seen.size:
            raise MarketError(
                f"{path} row {row + 1}: date {days[row]} is already in row {seen[0] + 1}; expected one row a date"
            )
        raise MarketError(
            f"{path} row {row + 1}: date {days[row]} comes after {days[row - 1]}; "
            "expected ascending dates, sort the file if it is not damaged"
        )
    return _frame(panel, days, [tickers[column] for column in order])


def _frame(panel: NDArray[np.float64], days: NDArray[np.datetime64], tickers: list[str]) -> pd.DataFrame:
    index = pd.DatetimeIndex(days.astype("datetime64[us]"), name="date")
    priced = ~np.isnan(panel)
    rows, columns = np.flatnonzero(priced.any(axis=1)), np.flatnonzero(priced.any(axis=0))
    if (len(rows), len(columns)) != panel.shape:
        panel, index = panel[np.ix_(rows, columns)], index[rows]
        tickers = [tickers[column] for column in columns]
    return pd.DataFrame(panel, index=index, columns=pd.Index(tickers, name="ticker", dtype="str"), copy=False)


def _first_bad_price(prices: NDArray[np.float64]) -> int | None:
    good = (prices > 0) & (prices < np.inf)
    if good.all():
        return None
    bad = np.flatnonzero(~good & ~np.isnan(prices))
    return int(bad[0]) if bad.size else None


def _first_repeat(cell: NDArray[np.int64]) -> tuple[int, int]:
    """The first row whose cell an earlier row already holds: (earlier row, this row)."""
    order = np.argsort(cell, kind="stable")
    again = np.flatnonzero(np.diff(cell[order]) == 0)
    at = again[order[again + 1].argmin()]
    return int(order[at]), int(order[at + 1])


def _check_dates_go_forward(
    path: Path, codes: NDArray[np.int32], tickers: Sequence[str], days: NDArray[np.datetime64]
) -> None:
    day = days.view(np.int64)
    backwards = day[1:] < day[:-1]
    if not backwards.any():
        return
    # The usual file has all of a ticker in one run of rows, and a step back in time from each to the next alone.
    same = codes[1:] == codes[:-1]
    if len(codes) - int(np.count_nonzero(same)) == len(np.unique(codes)) and not (backwards & same).any():
        return
    # A narrow integer makes numpy's stable sort a radix sort, ten times faster on ten million rows.
    narrow = codes.astype(np.int16) if len(tickers) < np.iinfo(np.int16).max else codes
    order = np.argsort(narrow, kind="stable")
    back = np.flatnonzero((np.diff(day[order]) < 0) & (np.diff(codes[order]) == 0))
    if back.size == 0:
        return
    at = back[order[back + 1].argmin()]
    earlier, later = int(order[at]), int(order[at + 1])
    raise MarketError(
        f"{path} row {later + 1} ({tickers[codes[later]]}): date {days[later]} comes after {days[earlier]} in "
        f"row {earlier + 1}; expected ascending dates within a ticker, sort the file if it is not damaged"
    )


def _check_tickers(path: Path, codes: NDArray[np.int32], tickers: Sequence[str]) -> None:
    if codes.min() < 0:
        raise MarketError(f"{path} row {int((codes < 0).argmax()) + 1}: the ticker is blank")
    for code, ticker in enumerate(tickers):
        fault = ticker_fault(ticker)
        if fault is not None and (codes == code).any():
            raise MarketError(f"{path} row {int((codes == code).argmax()) + 1}: the ticker {fault}")


def _column_missing(path: Path, name: str, names: Sequence[str]) -> MarketError:
    unclaimed = [found for found in names if found not in LONG_COLUMNS]
    suggestion = did_you_mean(name, unclaimed, _COLUMN_CUTOFF)
    return MarketError(f"{path} has no column {name!r} (found: {listed(names)}){suggestion}")


def _bad_date(place: str, value: str) -> MarketError:
    if not value.strip():
        return MarketError(f"{place}: the date is blank")
    return MarketError(f"{place}: date {clipped(value)!r} cannot be read; expected YYYY-MM-DD")


def _bad_price(place: str, shown: str, how_read: str = "") -> MarketError:
    remark = f" ({how_read})" if how_read else ""
    return MarketError(f"{place}: the price is {shown}; expected a positive number{remark}")
