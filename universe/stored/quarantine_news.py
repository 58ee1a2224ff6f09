"""Lines of a quarantine whose closes an update has changed: what they say of those may hold no longer.

Nothing is taken out of the file. It is a person's to edit, and a price that changed need not be right now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from universe.errors import MarketError
from universe.quarantine import QUARANTINE_FILE, read_quarantine, span_words
from universe.stored.merging import compare


@dataclass(frozen=True)
class OutdatedLine:
    """A line of the quarantine whose closes are not those that it was written for.

    Attributes
    ----------
    ticker, kind
    first, last
        Of its span; None where that goes on.
    words
        Kind and span.
    """

    ticker: str
    kind: str
    first: pd.Timestamp
    last: pd.Timestamp | None
    words: str

    def to_dict(self) -> dict[str, str | None]:
        """Plain values for JSON."""
        return {
            "ticker": self.ticker,
            "kind": self.kind,
            "first": f"{self.first:%Y-%m-%d}",
            "last": None if self.last is None else f"{self.last:%Y-%m-%d}",
        }


def outdated_lines(
    folder: Path, catalog: pd.Index, old: pd.DataFrame, new: pd.DataFrame
) -> tuple[tuple[OutdatedLine, ...], tuple[str, ...]]:
    """The lines of a market's quarantine under which closes changed, and a note where the file cannot be read.

    Adjusted closes are relative: a past that was scaled has not changed. So a line is told when a return into, within
    or out of its span is another, when a day of the span is gone, or when one was filled in.

    Parameters
    ----------
    folder
        Of the market.
    catalog
        Its tickers.
    old, new
        Price tables before and after.
    """
    file = folder / QUARANTINE_FILE
    if not file.exists():
        return (), ()
    try:
        lines = read_quarantine(file, catalog)
    except MarketError as error:
        # Prices are brought up to date nevertheless: whoever loads the market is told the same and refused.
        return (), (f"nobody looked whether closes under quarantine changed: {error}",)
    before, after = (
        {str(ticker): rows for ticker, rows in table[table["ticker"].isin(lines["ticker"])].groupby("ticker")}
        for table in (old, new)
    )
    changed = {ticker: list(_changed(before[ticker], after[ticker])) for ticker in before.keys() & after.keys()}
    return tuple(_line(row) for _, row in lines.iterrows() if _meets(row, changed.get(str(row["ticker"]), []))), ()


Span = tuple[pd.Timestamp, pd.Timestamp]


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Span]:
    """First and last day of all that changed in the closes of a fund; new days after its last one are no change."""
    before, after = (pd.DatetimeIndex(rows["date"]) for rows in (old, new))
    both = before.intersection(after)
    for revision in compare(old, new).revisions:
        # A return is of both its days.
        yield both[both < revision.date].max(), revision.date
    for day in before.symmetric_difference(after):
        if day <= before[-1]:
            yield day, day


def _meets(line: pd.Series, changed: list[Span]) -> bool:
    first, last = line["first"], line["last"]
    return any(end >= first and (pd.isna(last) or start <= last) for start, end in changed)


def _line(row: pd.Series) -> OutdatedLine:
    last = None if pd.isna(row["last"]) else row["last"]
    return OutdatedLine(str(row["ticker"]), str(row["kind"]), row["first"], last, span_words(row))
