"""Values of a catalog that a user knows better; they win, and the row says so."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from universe.catalog import CATALOG_COLUMNS
from universe.errors import MarketError
from universe.wording import clipped, did_you_mean

_FIELDS = ("ticker", "column", "value")

Overrides = Mapping[str, Mapping[str, str]]
"""By ticker, then by column: the value as text, blank for unknown."""


def read_overrides(path: Path) -> Overrides:
    """The overrides in a file.

    Parameters
    ----------
    path
        A CSV with the columns ``ticker, column, value``, or a TOML file with a table for each ticker.

    Raises
    ------
    MarketError
        If the file cannot be read, a column is none of a catalog's, or a value is given twice.
    """
    try:
        return _from_toml(path) if path.suffix == ".toml" else _from_csv(path)
    except OSError as error:
        raise MarketError(f"{path}: the overrides cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise MarketError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def apply_overrides(catalog: pd.DataFrame, overrides: Overrides) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A catalog with the overrides in it, marked in its column ``overridden``; and the tickers it does not have.

    Parameters
    ----------
    catalog
        One row per fund, indexed by ticker.
    overrides
        As `read_overrides` gives them.
    """
    changed = catalog.astype(object)
    if "overridden" not in changed.columns:
        changed["overridden"] = None
    for ticker, values in overrides.items():
        if ticker not in changed.index:
            continue
        for column, value in values.items():
            if column not in changed.columns:
                changed[column] = None
            changed.loc[ticker, column] = value
        changed.loc[ticker, "overridden"] = " ".join(sorted(values))
    return changed, tuple(ticker for ticker in overrides if ticker not in catalog.index)


def _from_csv(path: Path) -> Overrides:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            header, *rows = [row for row in csv.reader(lines) if row] or [[]]
        except csv.Error as error:
            raise MarketError(f"{path} cannot be read as CSV: {error}") from None
    if [cell.strip() for cell in header] != list(_FIELDS):
        raise MarketError(f"{path} begins with {','.join(header)[:60]!r}; expected the columns {','.join(_FIELDS)}")
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=1):
        if len(row) != len(_FIELDS):
            raise MarketError(f"{path} row {number} has {len(row)} fields; expected {len(_FIELDS)}")
        ticker, column, value = (cell.strip() for cell in row)
        _add(found, f"{path} row {number}", ticker, column, value)
    return found


def _from_toml(path: Path) -> Overrides:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MarketError(f"{path} is no TOML ({error})") from None
    found: dict[str, dict[str, str]] = {}
    for ticker, values in tables.items():
        if not isinstance(values, dict):
            raise MarketError(f"{path}: {ticker} is {values!r}; expected a table, [{ticker}]")
        for column, value in values.items():
            _add(found, f"{path}: {ticker}", ticker, column, str(value))
    return found


def _add(found: dict[str, dict[str, str]], place: str, ticker: str, column: str, value: str) -> None:
    if not ticker:
        raise MarketError(f"{place}: the ticker is blank")
    _check_column(place, column, CATALOG_COLUMNS)
    if column in found.setdefault(ticker, {}):
        raise MarketError(f"{place}: {column} of {ticker} is given twice; expected once")
    found[ticker][column] = value


def _check_column(place: str, column: str, known: Sequence[str]) -> None:
    if column not in known:
        hint = did_you_mean(column, known) or f"; expected one of {', '.join(known)}"
        raise MarketError(f"{place}: {clipped(column)!r} is no column of a catalog{hint}")
