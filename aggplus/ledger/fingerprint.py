"""Content hashes of a market as it was known on a day.

The prices up to a day have a digest of their own: one SHA-256 runs over the days, and is read off after each. Columns
are taken in the order in which funds first traded, and a day covers only the funds that had traded by then: neither a
later day nor a fund that comes later changes the digest of an earlier day, while one price restated changes those of
its own day and all after.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.ledger.canonical import canonical_json, sha256
from universe import Market
from universe.quarantine import quarantine_bytes

_NEVER = np.iinfo(np.int64).max


class MarketFingerprint:
    """Digests of one market, worked out once: all days of the prices in one pass, and the catalog.

    Parameters
    ----------
    market : Market

    Attributes
    ----------
    catalog : str
        Digest of the catalog, whatever the order of its rows and columns, and of the quarantine where there is one. A
        catalog has no history: it is one for all days.
    """

    def __init__(self, market: Market) -> None:
        self._days = pd.DatetimeIndex(market.prices.index)
        self._digests = prefix_digests(market.prices)
        self.catalog = catalog_digest(market.catalog)
        if len(market.quarantine):
            self.catalog = sha256(self.catalog + quarantine_bytes(market.quarantine).decode())

    def prices(self, day: pd.Timestamp) -> str:
        """Digest of the prices up to a day.

        Parameters
        ----------
        day : Timestamp
            Of a close, or after the last.

        Raises
        ------
        KeyError
            For a day before the first close.
        """
        rows = int(self._days.searchsorted(day, side="right"))
        if rows == 0:
            raise KeyError(day)
        return self._digests[rows - 1]


def prefix_digests(prices: pd.DataFrame) -> list[str]:
    """SHA-256 of the prices up to each day, in hexadecimal; one pass.

    Parameters
    ----------
    prices : DataFrame, shape (days, funds)
        NaN where a fund has no close.
    """
    panel = prices.to_numpy(dtype=np.float64)
    known = ~np.isnan(panel)
    first = np.where(known.any(axis=0), known.argmax(axis=0), _NEVER)
    tickers = prices.columns.to_numpy(dtype=object)
    order = np.lexsort((tickers.astype(str), first))
    # NaN has many bit patterns; one stands for all.
    panel = np.ascontiguousarray(np.where(known, panel, np.nan)[:, order], dtype="<f8")
    funds = np.searchsorted(first[order], np.arange(len(panel)), side="right").tolist()
    days = pd.DatetimeIndex(prices.index).to_numpy().astype("datetime64[D]").astype("<i8")
    names = tickers[order].tolist()
    running, digests, before = hashlib.sha256(), [], 0
    for row, day, n in zip(panel, days, funds, strict=True):
        running.update(day.tobytes() + _arrivals(names[before:n]))
        running.update(row[:n].data)
        digests.append(running.copy().hexdigest())
        before = n
    return digests


def _arrivals(names: list[str]) -> bytes:
    """The funds that trade for the first time on a day; JSON, so that no two lists are spelt alike."""
    return canonical_json(names).encode()


def catalog_digest(catalog: pd.DataFrame) -> str:
    """SHA-256 of a catalog, in hexadecimal.

    Parameters
    ----------
    catalog : DataFrame
        By ticker.
    """
    ordered = catalog.sort_index()
    columns = {str(name): _plain(ordered[name]) for name in ordered.columns}
    return sha256(canonical_json({"ticker": [str(ticker) for ticker in ordered.index], "columns": columns}))


def _plain(column: pd.Series) -> list[Any]:
    """Cells as JSON has them: numbers, flags and text; None where unknown, text for days."""
    unknown: NDArray[np.bool_] = column.isna().to_numpy(dtype=bool)
    cells = column.astype(object).tolist()
    return [
        None if blank else cell if isinstance(cell, bool | int | float | str) else str(cell)
        for cell, blank in zip(cells, unknown.tolist(), strict=True)
    ]
