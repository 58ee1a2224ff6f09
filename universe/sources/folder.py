"""A market folder as a source: another market is built from it, or brought up to date by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from universe.catalog import read_catalog
from universe.errors import MarketError
from universe.market import CATALOG_FILE
from universe.price_files import find_price_file
from universe.sources.column_map import ColumnMap
from universe.sources.files import FilesSource
from universe.sources.protocol import Fetched
from universe.stored.generations import current_folder


class FolderSource:
    """A folder with ``prices.parquet`` or ``prices.csv``, and ``catalog.csv``.

    Parameters
    ----------
    path
        The folder.
    columns
        What the columns of its prices are called.
    """

    def __init__(self, path: Path, columns: ColumnMap) -> None:
        if not path.is_dir():
            raise MarketError(f"{path} {'is a file' if path.exists() else 'does not exist'}; expected a market folder")
        self._folder = current_folder(path)
        self._files = FilesSource([find_price_file(self._folder)], columns)

    def tickers(self) -> tuple[str, ...]:
        """Every ticker that has a price."""
        return self._files.tickers()

    def prices(self, tickers: Sequence[str], start: dt.date | None, end: dt.date | None) -> Fetched:
        """Prices of funds, of what the folder holds.

        Raises
        ------
        MarketError
            If the file of prices cannot be used.
        """
        return self._files.prices(tickers, start, end)

    def catalog(self) -> pd.DataFrame:
        """The folder's catalog, checked.

        Raises
        ------
        MarketError
            If it is missing or cannot be used.
        """
        return read_catalog(self._folder / CATALOG_FILE).reset_index()
