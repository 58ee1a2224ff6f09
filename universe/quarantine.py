"""Quarantine: spans of a fund's prices that nothing may be built on, in a file that a person can edit.

A span counts from the day on which it could be known to be wrong, so that a walk through history is not spared what a
user of the day could not have seen. The file is written by `aggplus market check --quarantine`; a line may be deleted
or added by hand, and a line of the kind "released" keeps the check from asking about that span again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.dates import day_from_text, plausible
from universe.errors import MarketError
from universe.tickers import ticker_fault
from universe.wording import clipped, did_you_mean, listed

QUARANTINE_FILE = "quarantine.csv"
QUARANTINE_COLUMNS = ("ticker", "first", "last", "known_from", "kind", "why")
RELEASED = "released"
"""The kind of a span that a person has looked at and trusts."""

_DATES = ("first", "last", "known_from")
_ORDER = ["ticker", "first", "last", "known_from", "kind"]


def no_quarantine() -> pd.DataFrame:
    """The quarantine of a market without the file."""
    return quarantine_table([])


def read_quarantine(path: Path, catalog: pd.Index) -> pd.DataFrame:
    """The quarantine of a market folder.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with the columns ``ticker, first, last, known_from, kind, why`` in any order. ``last`` may
        be blank: until further notice.
    catalog
        Tickers that may be named.

    Returns
    -------
    DataFrame
        Sorted by ticker and first day: ``ticker, kind, why`` (str), ``first, last, known_from`` (datetime64; ``last``
        is NaT where it is open).

    Raises
    ------
    MarketError
        If the file is not such a table, names a ticker that is not in the catalog, has a date that cannot be read, a
        span that ends before it starts, or one that is known before it starts. Rows are counted from 1.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            # A spreadsheet leaves rows of nothing but commas where lines were deleted.
            rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    except UnicodeDecodeError:
        raise MarketError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except (csv.Error, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise MarketError(f"{path} cannot be read as CSV: {why}") from error
    expected = ", ".join(QUARANTINE_COLUMNS)
    if not rows:
        raise MarketError(f"{path} is empty; expected the columns {expected}, or no such file")
    header, *body = rows
    if sorted(header) != sorted(QUARANTINE_COLUMNS):
        raise MarketError(f"{path} has the columns {listed(header, 12)}; expected {expected}, with commas between")
    known = set(catalog)
    read = []
    for number, row in enumerate(body, start=1):
        where = f"{path} row {number}"
        if len(row) != len(header):
            raise MarketError(f"{where} has {len(row)} fields; the header has {len(header)}")
        read.append(_row(dict(zip(header, row, strict=True)), where, known))
    return quarantine_table(read)


def _row(cells: Mapping[str, str], where: str, known: set[str]) -> dict[str, Any]:
    ticker = cells["ticker"].strip()
    fault = ticker_fault(ticker)
    if fault is not None:
        raise MarketError(f"{where}: the ticker {fault}")
    where = f"{where} ({ticker})"
    if ticker not in known:
        raise MarketError(f"{where}: the ticker is not in the catalog{did_you_mean(ticker, known)}")
    days = {name: _day(cells[name].strip(), name, where) for name in _DATES}
    first = days["first"]
    for name in ("last", "known_from"):
        day = days[name]
        if first is not None and day is not None and day < first:
            raise MarketError(f"{where}: {name} {day:%Y-%m-%d} is before first {first:%Y-%m-%d}")
    kind = cells["kind"].strip()
    if not kind:
        raise MarketError(f"{where}: kind is blank; say in a word what is wrong, or {RELEASED!r} where nothing is")
    kind = RELEASED if kind.casefold() == RELEASED else kind
    return {"ticker": ticker, **days, "kind": kind, "why": cells["why"].strip()}


def _day(text: str, name: str, where: str) -> pd.Timestamp | None:
    if not text and name == "last":
        return None
    day = day_from_text(text)
    if day is None or not plausible(np.array([day], dtype="datetime64[D]"))[0]:
        expected = "expected YYYY-MM-DD" + (", or a blank while it goes on" if name == "last" else "")
        raise MarketError(f"{where}: {name} is {clipped(text)!r}; {expected}")
    return pd.Timestamp(day)


def quarantine_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A quarantine from its lines.

    Parameters
    ----------
    rows
        A mapping of every column each; ``last`` is None where a span goes on.
    """
    frame = pd.DataFrame(rows, columns=list(QUARANTINE_COLUMNS))
    for name in QUARANTINE_COLUMNS:
        frame[name] = frame[name].astype("datetime64[us]" if name in _DATES else "str")
    return frame.sort_values(_ORDER, ignore_index=True)


def quarantine_bytes(table: pd.DataFrame) -> bytes:
    """A quarantine as the content of its file.

    Parameters
    ----------
    table
        As `read_quarantine` returns it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(QUARANTINE_COLUMNS)
    dates = {name: table[name].dt.strftime("%Y-%m-%d").fillna("") for name in _DATES}
    writer.writerows(table.assign(**dates)[list(QUARANTINE_COLUMNS)].to_numpy(dtype=object).tolist())
    return text.getvalue().encode()


def merged(kept: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """What is in the file already, and of what was found the spans that lines of the same fund do not settle.

    A line settles the spans that it covers, as a run of repeated closes may have grown since it was written; a
    released one settles those that it touches.

    Parameters
    ----------
    kept, found
        As `read_quarantine` returns them.
    """
    fresh = [
        not _settled(kept[kept["ticker"] == ticker], first, last)
        for ticker, first, last in zip(found["ticker"], found["first"], found["last"], strict=True)
    ]
    whole = pd.concat([kept, found[fresh]]) if any(fresh) else kept
    return whole.sort_values(_ORDER, ignore_index=True)


def _settled(lines: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    met = touching(lines, first, last)
    # Nothing is as late as the end of an open span but that of another: a comparison with NaT is false.
    covers = (met["first"] <= first) & (met["last"].isna() | (met["last"] >= last))
    return bool((covers | (met["kind"] == RELEASED)).any())


def quarantined(table: pd.DataFrame, first: pd.Timestamp, asof: pd.Timestamp) -> pd.DataFrame:
    """The spans that touch a window and were known at its end.

    Parameters
    ----------
    table
        As `read_quarantine` returns it.
    first, asof
        First and last day of the window.
    """
    if table.empty:
        return table
    told = (table["known_from"] <= asof) & (table["kind"] != RELEASED)
    return touching(table[told], first, asof)


def require_not_quarantined(table: pd.DataFrame, ticker: str, first: pd.Timestamp, asof: pd.Timestamp) -> None:
    """Refuse a benchmark whose window touches a quarantined span.

    Parameters
    ----------
    table
        As `read_quarantine` returns it.
    ticker
        The benchmark.
    first, asof
        First and last day of the window that its risk is read from.

    Raises
    ------
    MarketError
        Naming the span.
    """
    spans = quarantined(table, first, asof)
    # Asked at every solve, and mostly of a table without rows: pandas would take longer than the answer is worth.
    if not spans.empty:
        spans = spans[spans["ticker"] == ticker]
    if not spans.empty:
        raise MarketError(
            f"the benchmark {ticker} has quarantined prices within its window of {first:%Y-%m-%d} to {asof:%Y-%m-%d}: "
            f"{span_words(spans.iloc[0])}; mend its prices, or delete the line from {QUARANTINE_FILE} or give it the "
            f"kind {RELEASED!r} if they are right"
        )


def span_words(span: pd.Series) -> str:
    """A span in words: "spike, 2020-05-04 to 2020-05-05".

    Parameters
    ----------
    span
        A row of the quarantine.
    """
    first, last = span["first"], span["last"]
    if pd.isna(last):
        when = f"from {first:%Y-%m-%d} on"
    else:
        when = f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{clipped(span['kind'])}, {when}"


def touching(table: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp | None) -> pd.DataFrame:
    """The lines that have a day in common with a span.

    Parameters
    ----------
    table
        As `read_quarantine` returns it.
    first, last
        Of the span; without a last day it goes on, as a line without one does.
    """
    ends = table["last"].to_numpy()
    met: NDArray[np.bool_] = np.isnat(ends) | (ends >= np.datetime64(first))
    if last is not None and not pd.isna(last):
        met &= table["first"].to_numpy() <= np.datetime64(last)
    return table.loc[met]
