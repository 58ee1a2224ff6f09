"""One price file of somebody else, long or wide, to a price table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.errors import MarketError
from universe.price_files import as_codes, as_days, as_floats, cell_text, column_names, read_columns
from universe.sources.column_map import ColumnMap
from universe.sources.protocol import NUMBERS, in_order
from universe.tickers import ticker_fault
from universe.wording import clipped, did_you_mean, listed

# How an index without a name comes out of pandas, in CSV and in Parquet, and with one, out of Yahoo's own files.
_DATE_NAMES = ("date", "Date", "", "__index_level_0__")

_Shown = Callable[[int], str]


def read_price_table(path: Path, columns: ColumnMap) -> pd.DataFrame:
    """The prices in a CSV or Parquet file.

    Three forms are told apart by the columns. Long: a column of tickers, and adjusted closes (with closes, volumes,
    distributions and splits where there are). One fund: adjusted closes and no tickers; the file is named after the
    fund. Wide: a column of dates and one of adjusted closes for every ticker.

    Parameters
    ----------
    path
        A file that ends in .csv or .parquet.
    columns
        What its columns are called.

    Returns
    -------
    DataFrame
        As `universe.sources.protocol.Fetched.table`; rows without an adjusted close are left out.

    Raises
    ------
    MarketError
        If the file is missing or damaged, a mapped or needed column is not there, a date or a ticker is blank or
        unreadable, an adjusted close is not positive or a number is text, or a date and ticker come twice.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise MarketError(f"{path}: cannot tell what it is; expected a file that ends in .csv or .parquet")
    if not path.is_file():
        raise MarketError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; expected a file of prices")
    names = column_names(path)
    fault = columns.missing(names)
    if fault is not None:
        raise MarketError(f"{path} {fault}")
    date = _date_column(path, columns, names)
    if columns.name("adj_close") in names:
        return _read_rows(path, columns, names, date)
    if columns.name("ticker") in names:
        theirs = columns.name("adj_close")
        unclaimed = [name for name in names if name not in (date, columns.name("ticker"))]
        hint = did_you_mean(theirs, unclaimed) or "; say which column holds total-return prices: --map adj_close=NAME"
        raise MarketError(f"{path} has no column {theirs!r} (found: {listed(names)}){hint}")
    return _read_wide(path, names, date)


def _date_column(path: Path, columns: ColumnMap, names: Sequence[str]) -> str:
    if "date" in columns.names:
        return columns.name("date")
    found = next((name for name in _DATE_NAMES if name in names), None)
    if not names:
        raise MarketError(f"{path} is empty; expected a row with the names of the columns")
    if found is None:
        if len(names) == 1 and (mark := next((each for each in ";\t|" if each in names[0]), None)):
            raise MarketError(f"{path} has {mark!r} between its columns; expected commas")
        hint = did_you_mean("date", names) or "; say which column holds the days: --map date=NAME"
        raise MarketError(f"{path} has no column 'date' (found: {listed(list(names))}){hint}")
    return found


def _read_rows(path: Path, columns: ColumnMap, names: Sequence[str], date: str) -> pd.DataFrame:
    ticker = columns.name("ticker") if columns.name("ticker") in names else None
    numbers = {ours: columns.name(ours) for ours in NUMBERS if columns.name(ours) in names}
    for name in (date, *filter(None, (ticker,)), *numbers.values()):
        if list(names).count(name) > 1:
            raise MarketError(f"{path} has the column {clipped(name)!r} {list(names).count(name)} times; expected once")
    text = (date,) if ticker is None else (date, ticker)
    table = read_columns(path, text=text, numbers=tuple(numbers.values()))
    days = _days(path, as_days(table[date]), lambda row: cell_text(table[date], row))
    if ticker is None:
        funds = np.full(table.num_rows, path.stem, dtype=object)
        _check_ticker(f"{path}: the file's name is taken for a ticker, which", path.stem)
    else:
        funds = _tickers(path, as_codes(table[ticker]))
    read = {ours: _numbers(path, ours, *as_floats(table[theirs]), funds, days) for ours, theirs in numbers.items()}
    frame = pd.DataFrame({"date": days.astype("datetime64[us]"), "ticker": pd.Series(funds, dtype="str"), **read})
    frame = frame.reindex(columns=["date", "ticker", *NUMBERS])
    repeated = frame.duplicated(["date", "ticker"]).to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        raise MarketError(
            f"{path} row {row + 1}: {funds[row]} on {days[row]} is in an earlier row already; expected one row for each"
        )
    return in_order(frame.astype(dict.fromkeys(NUMBERS, np.float64)).loc[frame["adj_close"].notna()])


def _read_wide(path: Path, names: Sequence[str], date: str) -> pd.DataFrame:
    tickers = [name for name in names if name != date]
    for position, name in enumerate(names):
        if name != date:
            _check_ticker(f"{path} column {position + 1} (read as wide form, a column per ticker): the ticker", name)
        if list(names).count(name) > 1:
            raise MarketError(f"{path} has the column {clipped(name)!r} twice; expected one column per ticker")
    table = read_columns(path, text=(date,), numbers=tickers)
    days = _days(path, as_days(table[date]), lambda row: cell_text(table[date], row))
    if len(np.unique(days)) < len(days):
        day, counts = np.unique(days, return_counts=True)
        raise MarketError(
            f"{path}: {day[counts.argmax()]} comes {counts.max()} times, read as wide form, a column per ticker; "
            "expected one row a date, or for long form its columns: --map ticker=NAME --map adj_close=NAME"
        )
    parts = []
    for ticker in tickers:
        fund = np.full(len(days), ticker, dtype=object)
        prices = _numbers(path, "adj_close", *as_floats(table[ticker]), fund, days)
        known = ~np.isnan(prices)
        parts.append(
            pd.DataFrame(
                {
                    "date": days[known].astype("datetime64[us]"),
                    "ticker": pd.Series(fund[known], dtype="str"),
                    "adj_close": prices[known],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["date", "ticker", "adj_close"])
    frame = frame.reindex(columns=["date", "ticker", *NUMBERS])
    return in_order(frame.astype({"date": "datetime64[us]", "ticker": "str", **dict.fromkeys(NUMBERS, np.float64)}))


def _days(path: Path, days: NDArray[np.datetime64], shown: _Shown) -> NDArray[np.datetime64]:
    if np.isnat(days).any():
        row = int(np.isnat(days).argmax())
        raise MarketError(f"{path} row {row + 1}: date {clipped(shown(row))!r} cannot be read; expected YYYY-MM-DD")
    return days


def _tickers(path: Path, coded: tuple[NDArray[np.int32], list[str]] | None) -> NDArray[np.object_]:
    if coded is None:
        raise MarketError(f"{path}: the column of tickers holds no text; expected tickers, as text")
    codes, texts = coded
    if codes.size and codes.min() < 0:
        raise MarketError(f"{path} row {int((codes < 0).argmax()) + 1}: the ticker is blank")
    used = np.unique(codes)
    for code in used.tolist():
        _check_ticker(f"{path} row {int((codes == code).argmax()) + 1}: the ticker", texts[code])
    return np.array(texts, dtype=object)[codes]


def _check_ticker(where: str, ticker: str) -> None:
    fault = ticker_fault(ticker)
    if fault is not None:
        raise MarketError(f"{where} {fault}")


def _numbers(
    path: Path,
    ours: str,
    numbers: NDArray[np.float64],
    textual: int | None,
    funds: NDArray[np.object_],
    days: NDArray[np.datetime64],
) -> NDArray[np.float64]:
    if textual is not None:
        place = f"{path} row {textual + 1} ({funds[textual]}, {days[textual]})"
        raise MarketError(f"{place}: {ours} is text; expected a number or a blank")
    # A price of nothing would be a return of minus all; a volume or a distribution of nothing is one.
    wrong = (numbers <= 0) if ours in ("adj_close", "close", "split") else (numbers < 0)
    # Yahoo writes a split of 0 on days without one.
    bad = np.flatnonzero((wrong & ~((ours == "split") & (numbers == 0))) | np.isinf(numbers))
    if bad.size:
        row = int(bad[0])
        place = f"{path} row {row + 1} ({funds[row]}, {days[row]})"
        raise MarketError(f"{place}: {ours} is {numbers[row]}; expected a positive number or a blank")
    return numbers
