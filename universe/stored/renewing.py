"""The prices of a market, renewed from its source: an overlap is fetched again, and held against what is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from universe.errors import MarketError
from universe.sources.protocol import Source, in_order
from universe.sources.recipe import Recipe
from universe.stored.changes import FundChange
from universe.stored.merging import append, compare, replace

OVERLAP_ROWS = 15
"""Last rows of a fund that are fetched again: three weeks, so that a monthly distribution that was missed is seen."""

_STOPPED_SESSIONS = 20
_NOT_ASKED = "the source says nothing of it"


@dataclass(frozen=True, eq=False)
class Renewed:
    """A price table of today.

    Attributes
    ----------
    table
        In its order.
    changes
        One for each fund, kept or asked for.
    notes
        Of the source.
    """

    table: pd.DataFrame
    changes: tuple[FundChange, ...]
    notes: tuple[str, ...]


def renew(table: pd.DataFrame, source: Source, recipe: Recipe, end: dt.date | None) -> Renewed:
    """Fetch what is new, and all of what has changed.

    A fund that fails stays as it was and stops no other.

    Parameters
    ----------
    table
        The price table that is kept.
    source, recipe
        Where it came from.
    end
        Last day; None for the last there is.

    Raises
    ------
    MarketError
        If the source cannot be used at all, or `end` lies before what is kept.
    """
    last = table["date"].max()
    if end is not None and pd.Timestamp(end) < last:
        raise MarketError(
            f"--end {end} lies before {last:%Y-%m-%d}, to which the market goes already; take a later day"
        )
    kept = {str(ticker): rows for ticker, rows in table.groupby("ticker", sort=True)}
    strangers = [ticker for ticker in recipe.tickers or source.tickers() or () if ticker not in kept]
    fresh, failures, notes = _fetch(source, _overlaps(kept, strangers, recipe.start), end)
    sessions = pd.DatetimeIndex(table["date"].unique()).sort_values()

    rows: dict[str, pd.DataFrame] = dict(kept)
    changes: dict[str, FundChange] = {}
    moved: list[str] = []
    for ticker, old in kept.items():
        new = fresh.get(ticker)
        if new is None:
            why = failures.get(ticker, _NOT_ASKED)
            changes[ticker] = FundChange(ticker, "stopped" if _silent(sessions, old) else "failed", why=why)
            continue
        # Rows before the overlap cannot change and need not be looked at.
        apart = int((old["date"] < new["date"].iloc[0]).sum())
        seen = compare(old.iloc[apart:], new)
        if seen.same:
            tail, changes[ticker] = append(old.iloc[apart:], new, seen)
            rows[ticker] = pd.concat([old.iloc[:apart], tail]) if apart else tail
        else:
            moved.append(ticker)
    for ticker in strangers:
        new = fresh.get(ticker)
        if new is not None:
            rows[ticker], changes[ticker] = new, FundChange(ticker, "new", added=len(new))
        elif recipe.tickers is not None:  # else nobody asked for it: it is in the files, and begins later
            changes[ticker] = FundChange(ticker, "failed", why=failures.get(ticker, _NOT_ASKED))
    if moved:
        whole, why_not, more = _fetch(source, {recipe.start: moved}, end)
        notes += more
        for ticker in moved:
            because = why_not.get(ticker, _NOT_ASKED)
            rows[ticker], changes[ticker] = replace(kept[ticker], whole.get(ticker), because)
    for ticker, change in changes.items():
        if change.status == "unchanged" and _silent(sessions, rows[ticker]):
            changes[ticker] = dataclasses.replace(change, status="stopped")
    merged = in_order(pd.concat([rows[ticker] for ticker in sorted(rows)], ignore_index=True))
    return Renewed(merged, tuple(changes[ticker] for ticker in sorted(changes)), tuple(dict.fromkeys(notes)))


def _silent(sessions: pd.DatetimeIndex, fund: pd.DataFrame) -> bool:
    """Whether a fund has had no price for so long that nobody waits for one."""
    return int((sessions > fund["date"].iloc[-1]).sum()) >= _STOPPED_SESSIONS


def _overlaps(
    kept: Mapping[str, pd.DataFrame], strangers: Sequence[str], start: dt.date | None
) -> dict[dt.date | None, list[str]]:
    """From which day each fund is to be fetched, as groups: most funds have the same."""
    groups: dict[dt.date | None, list[str]] = {}
    for ticker, old in kept.items():
        first: pd.Timestamp = old["date"].iloc[-min(OVERLAP_ROWS, len(old))]
        groups.setdefault(first.date(), []).append(ticker)
    if strangers:
        groups.setdefault(start, []).extend(strangers)
    return groups


def _fetch(
    source: Source, groups: Mapping[dt.date | None, Sequence[str]], end: dt.date | None
) -> tuple[dict[str, pd.DataFrame], dict[str, str], list[str]]:
    found: dict[str, pd.DataFrame] = {}
    failures: dict[str, str] = {}
    notes: list[str] = []
    for start, tickers in groups.items():
        fetched = source.prices(tickers, start, end)
        found |= {str(ticker): rows for ticker, rows in fetched.table.groupby("ticker", sort=True)}
        failures |= fetched.failures
        notes += fetched.notes
    return found, failures, notes
