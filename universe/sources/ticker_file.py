"""Which funds to look for, from a file."""

from __future__ import annotations

import csv
from pathlib import Path

from universe.errors import MarketError
from universe.tickers import ticker_fault


def read_tickers(path: Path) -> tuple[str, ...]:
    """The tickers in a file: one a line, or the column ``ticker`` of a CSV; lines that start with # are left out.

    Parameters
    ----------
    path
        A text file in UTF-8.

    Returns
    -------
    tuple of str
        In file order, each once.

    Raises
    ------
    MarketError
        If the file cannot be read, holds no ticker, or something that is none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise MarketError(f"{path}: the file of tickers cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise MarketError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip() and line.strip()[0] != "#"]
    if not rows:
        raise MarketError(f"{path} holds no ticker; expected one a line")
    header = [cell.strip() for cell in next(csv.reader([rows[0][1]]))]
    at = header.index("ticker") if "ticker" in header else None
    if at is None and len(header) > 1:
        raise MarketError(
            f"{path} has several columns and none is 'ticker'; expected one ticker a line, or that column"
        )
    found: dict[str, None] = {}
    for number, line in rows if at is None else rows[1:]:
        cells = next(csv.reader([line]))
        ticker = cells[at or 0].strip() if len(cells) > (at or 0) else ""
        fault = ticker_fault(ticker)
        if fault is not None or (at is None and len(cells) > 1):
            raise MarketError(f"{path} line {number}: {line.strip()[:40]!r} is no ticker; expected one a line")
        found[ticker] = None
    if not found:
        raise MarketError(f"{path} holds no ticker below its header; expected one a line")
    return tuple(found)
