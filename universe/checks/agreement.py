"""Catalog and prices side by side: funds that stop, days that disagree, rows without prices and prices without rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from universe.checks.finding import Finding, Severity

STOPPED_AFTER = 5
"""Sessions without a close, after which a fund counts as one that has stopped."""
_DAYS_APART = 30
"""Calendar days by which a first close may differ from the first trading day."""
_LAST_DAYS_APART = 7
_OLD_FIGURES = 400
"""Days after which figures of a catalog are of another year."""


def agreement(prices: pd.DataFrame, catalog: pd.DataFrame, unlisted: Sequence[str]) -> list[Finding]:
    """What prices and catalog say differently.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds).
    catalog
        As `universe.catalog.validate_catalog` returns it.
    unlisted
        Tickers with prices and no row.
    """
    days = pd.DatetimeIndex(prices.index)
    there = prices.notna().to_numpy()
    first = pd.Series(days[there.argmax(axis=0)], index=prices.columns)
    rows = len(days) - 1 - there[::-1].argmax(axis=0)
    found = [_unlisted(ticker, days[-1]) for ticker in unlisted]
    for ticker, row in catalog.iterrows():
        name = str(ticker)
        if name not in prices.columns:
            found.append(_no_prices(name, row, days[-1]))
            continue
        last_row = int(rows[prices.columns.get_loc(name)])
        found += _first_day(name, row["first_trade_date"], first[name])
        found += _ends(name, row, days, last_row)
    return found + _figures(catalog.loc[catalog.index.isin(prices.columns), "as_of"], days[-1])


def _fact(
    ticker: str, day: pd.Timestamp, kind: str, severity: Severity, size: float, unit: str, why: str, known: pd.Timestamp
) -> Finding:
    return Finding(ticker, day, day, kind, severity, size, unit, why, known)


def _unlisted(ticker: str, last: pd.Timestamp) -> Finding:
    why = "has prices but no row in the catalog: not used"
    return _fact(ticker, last, "no_row", "warning", 1.0, "funds", why, last)


def _no_prices(ticker: str, row: pd.Series, last: pd.Timestamp) -> Finding:
    began = row["first_trade_date"]
    later = not pd.isna(began) and began > last
    why = f"has no prices{': it began to trade later, on ' + f'{began:%Y-%m-%d}' if later else ''}"
    return _fact(ticker, last, "no_prices", "note", 1.0, "funds", why, last)


def _first_day(ticker: str, stated: pd.Timestamp, first: pd.Timestamp) -> list[Finding]:
    apart = 0 if pd.isna(stated) else (first - stated).days
    if abs(apart) <= _DAYS_APART:
        return []
    if apart > 0:
        why = f"its first close is of {first:%Y-%m-%d}, {apart} days after its first trading day {stated:%Y-%m-%d}"
    else:
        why = (
            f"has closes from {first:%Y-%m-%d} on, {-apart} days before its first trading day {stated:%Y-%m-%d}: the "
            "record of a fund it was before, or the wrong fund's; screens leave it out until that day"
        )
    return [_fact(ticker, first, "first_day", "note", float(abs(apart)), "days", why, first)]


def _ends(ticker: str, row: pd.Series, days: pd.DatetimeIndex, last_row: int) -> list[Finding]:
    last, silent = days[last_row], len(days) - 1 - last_row
    delisted, stated = row["delisted"], row["last_price_date"]
    closed = not pd.isna(delisted) and bool(delisted)
    found = []
    if silent >= STOPPED_AFTER:
        told = "as the catalog says" if closed else "and the catalog does not say that it is delisted"
        why = f"no close after {last:%Y-%m-%d}, on {silent} sessions, {told}"
        known = days[last_row + STOPPED_AFTER]
        severity: Severity = "note" if closed else "warning"
        found.append(_fact(ticker, last, "stops", severity, float(silent), "sessions", why, known))
    elif closed and (pd.isna(stated) or stated < last - pd.Timedelta(days=_LAST_DAYS_APART)):
        why = f"is delisted by the catalog and has closes until {last:%Y-%m-%d}, the end of the market"
        found.append(_fact(ticker, last, "last_day", "warning", 1.0, "funds", why, last))
    if not pd.isna(stated) and stated <= days[-1] and abs((stated - last).days) > _LAST_DAYS_APART:
        apart = abs((stated - last).days)
        why = f"its last close is of {last:%Y-%m-%d}; the catalog says {stated:%Y-%m-%d}"
        found.append(_fact(ticker, last, "last_day", "warning", float(apart), "days", why, last))
    return found


def _figures(as_of: pd.Series, last: pd.Timestamp) -> list[Finding]:
    """One line for the whole catalog: its figures are of a day after the prices, or long before."""
    dates = as_of.dropna()
    if dates.empty:
        return []
    newest, oldest = dates.max(), dates.min()
    found = []
    if newest > last:
        count = int(np.count_nonzero(dates > last))
        why = (
            f"AUM, ADV and the like of {count} funds are as of up to {newest:%Y-%m-%d}, after the last close "
            f"{last:%Y-%m-%d}: a screen on them looks ahead"
        )
        found.append(_fact("", last, "figures_date", "note", float((newest - last).days), "days", why, last))
    if (last - oldest).days > _OLD_FIGURES:
        count = int(np.count_nonzero(dates < last - pd.Timedelta(days=_OLD_FIGURES)))
        why = f"figures of {count} funds are from as early as {oldest:%Y-%m-%d}, a year before {last:%Y-%m-%d}"
        found.append(_fact("", last, "figures_date", "note", float((last - oldest).days), "days", why, last))
    return found
