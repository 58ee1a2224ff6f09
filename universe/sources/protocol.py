"""What every source of a market can do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

NUMBERS = ("adj_close", "close", "volume", "distribution", "split")
"""Columns of numbers that a market keeps of each fund and day; only the first is needed."""

WHY = "why"
"""Column of what a source says of its funds: why it says nothing."""

PRICE_COLUMNS = ("date", "ticker", *NUMBERS)
"""Columns of a price table, in the order in which a market keeps them."""


@dataclass(frozen=True, eq=False)
class Fetched:
    """What a source had to give.

    Attributes
    ----------
    table
        Columns `PRICE_COLUMNS`, sorted by ticker and date, a pair once: ``date`` (datetime64[us], at midnight),
        ``ticker`` (str), the others float64, NaN where the source is silent. ``adj_close`` is a total-return level
        in USD and never NaN; ``close`` is adjusted for splits alone; ``volume`` is in shares; ``distribution`` in
        USD a share on its ex-day; ``split`` is new shares for one old share.
    failures
        One line of reason for each ticker that was asked for and could not be had.
    notes
        What a user should know, one line each.
    """

    table: pd.DataFrame
    failures: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """Prices and a catalog, from wherever they come."""

    def tickers(self) -> tuple[str, ...] | None:
        """Every ticker that there is; None for a source that must be told what to look for."""

    def prices(self, tickers: Sequence[str], start: dt.date | None, end: dt.date | None) -> Fetched:
        """Prices of funds from one day to another, both included; None for as early or as late as there are.

        A fund that cannot be had is among the failures and stops no other.

        Raises
        ------
        MarketError
            If nothing at all can be had because the source itself cannot be used.
        """

    def catalog(self) -> pd.DataFrame:
        """What the source says of its funds, one row each.

        Column ``ticker``, and any of ``name``, ``category``, ``issuer`` and the columns of a market's catalog. No
        sector need be among them. A column `WHY` may say why there is nothing else in a row.

        Raises
        ------
        MarketError
            If the source has a catalog that cannot be used.
        """


def empty_table() -> pd.DataFrame:
    """A price table without rows."""
    columns: dict[str, pd.Series] = {
        "date": pd.Series([], dtype="datetime64[us]"),
        "ticker": pd.Series([], dtype="str"),
        **{name: pd.Series([], dtype=np.float64) for name in NUMBERS},
    }
    return pd.DataFrame(columns)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A price table with its columns and rows in the order of the market's file."""
    ordered = table.loc[:, list(PRICE_COLUMNS)].sort_values(["ticker", "date"], kind="stable")
    return ordered.reset_index(drop=True)


def between(rows: pd.DataFrame, start: dt.date | None, end: dt.date | None) -> pd.DataFrame:
    """The rows of one fund from one day to another, both included; its days ascend."""
    days = pd.DatetimeIndex(rows["date"])
    first = 0 if start is None else int(days.searchsorted(pd.Timestamp(start), side="left"))
    last = len(days) if end is None else int(days.searchsorted(pd.Timestamp(end), side="right"))
    return rows.iloc[first:last]
