"""Missing closes, on the calendar of the exchange; and closes on days without trading."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.checks.finding import Finding
from universe.exchange import exchange_sessions

_WARNING = 2
"""Sessions in a row: a single one is worth knowing, and screened out of every estimate anyway."""


def gaps(prices: pd.DataFrame) -> list[Finding]:
    """Runs of sessions without a close between the first and the last close of a fund, and days that are none.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds).
    """
    days = pd.DatetimeIndex(prices.index)
    calendar = exchange_sessions(f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}")
    has = prices.notna().to_numpy()
    strange = np.flatnonzero(~days.isin(calendar))
    found = [_no_session(days[row], int(np.count_nonzero(has[row]))) for row in strange.tolist()]
    # The last row, of nobody, is what a session that is not among the days picks.
    there = np.vstack([has, np.zeros((1, has.shape[1]), dtype=bool)])[days.get_indexer(calendar)]
    silent = np.asarray(~there.any(axis=1))
    found += [_market_gap(calendar, first, last) for first, last in _runs(silent)]
    for column in np.flatnonzero(there.any(axis=0)).tolist():
        closes = np.flatnonzero(there[:, column])
        lacks = ~there[: closes[-1] + 1, column]
        lacks[: closes[0]] = False
        # A session on which nobody has a close is the market's gap, not the fund's.
        lacks &= ~silent[: closes[-1] + 1]
        found += [_gap(str(prices.columns[column]), calendar, first, last) for first, last in _runs(lacks)]
    return found


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each run of true values."""
    edges = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def _gap(ticker: str, calendar: pd.DatetimeIndex, first: int, last: int) -> Finding:
    count = last - first + 1
    # It is a gap, and not the end, once the fund has a close again.
    again = calendar[min(last + 1, len(calendar) - 1)]
    return Finding(
        ticker=ticker,
        date=calendar[first],
        last=calendar[last],
        kind="gap",
        severity="warning" if count >= _WARNING else "note",
        size=float(count),
        unit="sessions",
        why=f"no close on {count} session{'s' if count > 1 else ''} of the exchange, then closes again",
        known_from=again,
    )


def _market_gap(calendar: pd.DatetimeIndex, first: int, last: int) -> Finding:
    count = last - first + 1
    return Finding(
        ticker="",
        date=calendar[first],
        last=calendar[last],
        kind="market_gap",
        severity="warning",
        size=float(count),
        unit="sessions",
        why=f"no fund has a close on {count} session{'s' if count > 1 else ''} of the exchange",
        known_from=calendar[min(last + 1, len(calendar) - 1)],
    )


def _no_session(day: pd.Timestamp, funds: int) -> Finding:
    return Finding(
        ticker="",
        date=day,
        last=day,
        kind="no_session",
        severity="warning",
        size=float(funds),
        unit="funds",
        why=f"{funds} fund{'s have' if funds > 1 else ' has'} a close on a day on which the exchange was closed",
        known_from=day,
    )
