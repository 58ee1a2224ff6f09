"""What a model brings along as CSV: what is held now by weight, and its own record so far."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from constraints import MandateError


@dataclass(frozen=True)
class _Line:
    """One line of a file: its number, counted from 1 with the header, and its two cells without blanks around them."""

    number: int
    key: str
    figure: str


def read_holdings(path: Path) -> dict[str, float]:
    """Weights by ticker from a CSV with the columns `ticker` and `weight` (fractions).

    Parameters
    ----------
    path : Path

    Raises
    ------
    MandateError
        When the file cannot be read, lacks a column, names a ticker twice or holds something that is no weight.
    """
    weights: dict[str, float] = {}
    for line in _lines(path, "ticker", "weight"):
        if not line.key:
            raise MandateError(f"{path}, line {line.number}: no ticker; expected one fund a line")
        if line.key in weights:
            raise MandateError(f"{path}, line {line.number}: {line.key} is there twice; expected one line a fund")
        weights[line.key] = _number(path, line, "weight", "a fraction such as 0.25")
    return weights


def read_returns(path: Path) -> pd.Series:
    """Daily net returns by date from a CSV with the columns `date` and `return` (fractions).

    Parameters
    ----------
    path : Path

    Raises
    ------
    MandateError
        When the file cannot be read, lacks a column, names a date twice or holds something that is no date or no
        return.
    """
    lines = _lines(path, "date", "return")
    dates = pd.to_datetime([line.key for line in lines], format="%Y-%m-%d", errors="coerce")
    returns: dict[pd.Timestamp, float] = {}
    for line, date in zip(lines, dates, strict=True):
        if pd.isna(date):
            raise MandateError(f"{path}, line {line.number}: date {line.key!r} cannot be read; expected YYYY-MM-DD")
        if date in returns:
            raise MandateError(f"{path}, line {line.number}: {date:%Y-%m-%d} is there twice; expected one line a day")
        returns[date] = _number(path, line, "return", "a fraction such as 0.0012")
    return pd.Series(list(returns.values()), index=dates, name="return", dtype=float).sort_index()


def _lines(path: Path, key: str, figure: str) -> list[_Line]:
    """The lines below the header as text, so that nothing is guessed; blank lines are passed over."""
    expected = f"expected the columns {key}, {figure}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            table = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except UnicodeDecodeError:
        raise MandateError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except csv.Error as error:
        raise MandateError(f"{path}: not a CSV table ({error}); {expected}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise MandateError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not table:
        raise MandateError(f"{path}: empty; {expected}")
    (_, header), *body = table
    for column in (key, figure):
        if header.count(column) != 1:
            what = f"no column {column!r}" if column not in header else f"the column {column!r} more than once"
            raise MandateError(f"{path}: {what}; found {', '.join(header)}; {expected}")
    for number, row in body:
        if len(row) != len(header):
            raise MandateError(f"{path}, line {number}: {len(row)} fields; expected {len(header)} as in the header")
    return [_Line(number, row[header.index(key)], row[header.index(figure)]) for number, row in body]


def _number(path: Path, line: _Line, name: str, expected: str) -> float:
    try:
        number = float(line.figure)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise MandateError(f"{path}, line {line.number}: {name} {line.figure!r} is no number; expected {expected}")
    return number
