"""Prices and a catalog from files: one or many, long or wide, CSV or Parquet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from universe.errors import MarketError
from universe.sources.column_map import ColumnMap
from universe.sources.price_table import read_price_table
from universe.sources.protocol import Fetched, between, empty_table, in_order
from universe.wording import listed


class FilesSource:
    """Prices in files.

    Parameters
    ----------
    paths
        Files as `universe.sources.price_table.read_price_table` takes them, or folders of such files.
    columns
        What their columns are called.
    """

    def __init__(self, paths: Sequence[Path], columns: ColumnMap) -> None:
        self._paths = tuple(paths)
        self._columns = columns

    def tickers(self) -> tuple[str, ...]:
        """Every ticker that the files have a price of."""
        return tuple(self._funds)

    def prices(self, tickers: Sequence[str], start: dt.date | None, end: dt.date | None) -> Fetched:
        """Prices of funds, of what the files hold.

        Raises
        ------
        MarketError
            If a file cannot be used, or two files have a price for the same fund and day.
        """
        none = empty_table()
        parts, failures = [none], {}
        for ticker in sorted(set(tickers)):
            rows = between(self._funds.get(ticker, none), start, end)
            if rows.empty:
                failures[ticker] = "no price in these days" if ticker in self._funds else "not in the files"
            parts.append(rows)
        return Fetched(pd.concat(parts, ignore_index=True), failures)

    def catalog(self) -> pd.DataFrame:
        """The tickers alone: files of prices say no more of a fund."""
        return pd.DataFrame({"ticker": pd.Series(self.tickers(), dtype="str")})

    @cached_property
    def _funds(self) -> dict[str, pd.DataFrame]:
        return {str(ticker): rows for ticker, rows in self._table.groupby("ticker", sort=True)}

    @cached_property
    def _table(self) -> pd.DataFrame:
        files = _files(self._paths)
        parts = [read_price_table(file, self._columns) for file in files]
        if len(parts) == 1:
            return parts[0]
        whole = in_order(pd.concat(parts, ignore_index=True))
        repeated = whole.duplicated(["ticker", "date"]).to_numpy()
        if repeated.any():
            ticker, day = whole.loc[int(repeated.argmax()), ["ticker", "date"]]
            raise MarketError(
                f"{listed([str(file) for file in files], 3)}: {ticker} on {day:%Y-%m-%d} is in more than one file; "
                "expected each price once"
            )
        return whole


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix in (".csv", ".parquet"))
            if not inside:
                raise MarketError(f"{path} holds no file that ends in .csv or .parquet; expected files of prices")
            files += inside
        else:
            files.append(path)
    return files
