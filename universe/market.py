"""A market: prices and a catalog loaded together, and the day on which it is looked at."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from universe.catalog import read_catalog, validate_catalog
from universe.dates import day_from_text
from universe.errors import MarketError
from universe.price_files import PRICE_FILES
from universe.prices import read_prices
from universe.quarantine import QUARANTINE_FILE, no_quarantine, read_quarantine
from universe.roster import Roster, roster_of
from universe.simulated import simulate_palette
from universe.stored.generations import current_folder
from universe.wording import listed

CATALOG_FILE = "catalog.csv"
SIMULATED_NAME = "built-in simulated market"


@dataclass(frozen=True, eq=False)
class Market:
    """What can be bought and what it has cost.

    Attributes
    ----------
    name
        The folder's name, or "built-in simulated market".
    prices
        Adjusted closes, shape (sessions, priced funds): see `universe.prices.read_prices`. Relative levels.
    catalog
        One row per fund, by ticker: see `universe.catalog.validate_catalog`. It holds every priced fund.
    simulated
        Whether the prices are invented.
    warnings
        What a user of the market should know, one line each.
    unlisted
        Tickers that have prices but no catalog row and are not used.
    quarantine
        Spans of prices that nothing may be built on: see `universe.quarantine.read_quarantine`.
    """

    name: str
    prices: pd.DataFrame
    catalog: pd.DataFrame
    simulated: bool
    warnings: tuple[str, ...]
    unlisted: tuple[str, ...]
    quarantine: pd.DataFrame

    @cached_property
    def roster(self) -> Roster:
        """The funds of the catalog as arrays, for the screens; worked out once, as a market is not changed in place."""
        return roster_of(self.catalog, self.prices)

    def _repr_html_(self) -> str:
        rows = {
            "market": self.name,
            "prices": f"{_covered(self.prices)}, {len(self.prices):,} days",
            "funds in the catalog": f"{len(self.catalog):,}",
            "of these with prices": f"{self.prices.shape[1]:,}",
            "simulated": "yes: the prices are invented" if self.simulated else "no",
            **({"quarantined spans": f"{len(self.quarantine)}"} if len(self.quarantine) else {}),
            **({"warnings": "; ".join(self.warnings)} if self.warnings else {}),
        }
        body = "".join(f"<tr><th>{key}</th><td>{escape(value)}</td></tr>" for key, value in rows.items())
        return f"<table>{body}</table>"


@dataclass(frozen=True)
class AsOf:
    """The trading day at whose close a market is looked at.

    Attributes
    ----------
    date
        A day with closes.
    asked
        The day that was asked for, None for the last there is.
    note
        One sentence where the two differ, else None.
    """

    date: pd.Timestamp
    asked: pd.Timestamp | None
    note: str | None


def load_market(path: str | Path) -> Market:
    """The market in a folder that holds ``catalog.csv`` and ``prices.parquet`` or ``prices.csv``.

    A file ``quarantine.csv`` is read where there is one.

    Parameters
    ----------
    path
        The folder; "~" is understood.

    Raises
    ------
    MarketError
        If the folder or one of its files is missing, a file is not as `universe.prices.read_prices`,
        `universe.catalog.read_catalog` and `universe.quarantine.read_quarantine` expect it, or no fund has both prices
        and a row in the catalog.
    """
    folder = Path(os.path.expanduser(path))
    files = f"{' or '.join(PRICE_FILES)}, and {CATALOG_FILE}"
    try:
        is_folder, exists = folder.is_dir(), folder.exists()
    except OSError as error:  # a name too long for the system
        raise MarketError(f"market folder {str(folder)[:60]}... cannot be read: {error.strerror}") from None
    if not is_folder:
        what = "is not a folder" if exists else "does not exist"
        raise MarketError(f"market folder {folder} {what}; expected a folder with {files}")
    try:
        present = sorted(os.listdir(folder))
    except OSError as error:
        raise MarketError(f"market folder {folder} cannot be read: {error.strerror}") from error
    if CATALOG_FILE not in present or not set(PRICE_FILES) & set(present):
        shown = listed(present) if present else "nothing"
        raise MarketError(f"market folder {folder} lacks files: expected {files}; found {shown}")
    prices, catalog = _read_together(folder)
    # Whatever cannot be read there is refused: a quarantine that is overlooked would be worse than none. It is no
    # part of a state: what a person has written there outlives every update.
    file = folder / QUARANTINE_FILE
    quarantine = read_quarantine(file, catalog.index) if QUARANTINE_FILE in present else no_quarantine()
    return _assemble(folder.resolve().name, prices, catalog, quarantine, simulated=False)


def _read_together(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices and catalog of one state of a folder: never the prices of one and the catalog of the next."""
    while True:
        state = current_folder(folder)
        try:
            return read_prices(state), read_catalog(state / CATALOG_FILE)
        except MarketError:
            # Two updates while it was read have taken that state away, perhaps.
            if current_folder(folder) == state:
                raise


def simulated_market() -> Market:
    """The built-in market: invented funds and prices, the same on every call."""
    palette = simulate_palette()
    catalog = validate_catalog(palette.catalog, "the simulated catalog")
    return _assemble(SIMULATED_NAME, palette.prices, catalog, no_quarantine(), simulated=True)


def close_on(market: Market, asked: str | dt.date | pd.Timestamp | None) -> AsOf:
    """The last close of the market on or before a day.

    Parameters
    ----------
    market
        The market looked at.
    asked
        A day ("YYYY-MM-DD" if text; a time of day is dropped), or None for the last day with prices.

    Raises
    ------
    MarketError
        If the day cannot be read, or lies before the first or after the last close of the market.
    """
    sessions = _sessions(market)
    if asked is None:
        return AsOf(date=sessions[-1], asked=None, note=None)
    day = _day(asked)
    if not sessions[0] <= day <= sessions[-1]:
        side = "before the first" if day < sessions[0] else "after the last"
        raise MarketError(
            f"{day:%Y-%m-%d} is {side} close of {market.name}, which covers {_covered(market.prices)}; "
            "choose a day within"
        )
    close = sessions[int(sessions.searchsorted(day, side="right")) - 1]
    note = None
    if close != day:
        note = f"{day:%Y-%m-%d} has no close; the last close before it, {close:%Y-%m-%d}, is used"
    return AsOf(date=close, asked=day, note=note)


def until(market: Market, date: pd.Timestamp) -> Market:
    """The market as its prices stood after the close of `date`: later rows are cut off, without a copy.

    Raises
    ------
    MarketError
        If `date` lies before the first close.
    """
    rows = int(_sessions(market).searchsorted(date, side="right"))
    if rows == 0:
        raise MarketError(f"{market.name} has no close by {date:%Y-%m-%d}: it covers {_covered(market.prices)}")
    known = replace(market, prices=market.prices.iloc[:rows])
    # Without its later rows a market has the same funds, in the same columns: one roster does for all days.
    object.__setattr__(known, "roster", market.roster)
    return known


def _assemble(
    name: str, prices: pd.DataFrame, catalog: pd.DataFrame, quarantine: pd.DataFrame, *, simulated: bool
) -> Market:
    catalogued = prices.columns.isin(catalog.index)
    if not catalogued.any():
        raise MarketError(
            f"{name}: no fund has both prices and a row in the catalog (prices: {listed(list(prices.columns))}; "
            f"catalog: {listed(list(catalog.index))}); expected the same tickers in both"
        )
    warnings: tuple[str, ...] = ()
    strangers = prices.columns[~catalogued]
    if len(strangers):
        have = (
            "1 fund has prices but no catalog row and is"
            if len(strangers) == 1
            else (f"{len(strangers)} funds have prices but no catalog row and are")
        )
        warnings = (f"{have} not used: {listed(list(strangers))}",)
        kept = prices.loc[:, catalogued]
        # A day on which only funds that are not used have closes is no trading day of this market.
        prices = kept.loc[kept.notna().any(axis=1)]
    return Market(
        name=name,
        prices=prices,
        catalog=catalog,
        simulated=simulated,
        warnings=warnings,
        unlisted=tuple(map(str, strangers)),
        quarantine=quarantine,
    )


def _sessions(market: Market) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(market.prices.index)


def _day(asked: str | dt.date | pd.Timestamp) -> pd.Timestamp:
    if isinstance(asked, str):
        day = day_from_text(asked.strip())
        if day is not None:
            return pd.Timestamp(day)
    elif isinstance(asked, dt.date):
        stamp = pd.Timestamp(asked)
        if not pd.isna(stamp):
            return stamp.tz_localize(None).normalize()
    raise MarketError(f"date {str(asked)!r} cannot be read; expected YYYY-MM-DD")


def _covered(prices: pd.DataFrame) -> str:
    return f"{prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}"
