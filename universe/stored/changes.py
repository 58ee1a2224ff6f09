"""What an update changed: of each fund, and of the catalog; the log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

Status = Literal["new", "appended", "unchanged", "readjusted", "revised", "refused", "failed", "stopped"]

TROUBLE: tuple[Status, ...] = ("refused", "failed")
"""Funds that stayed as they were though there may have been something new."""


@dataclass(frozen=True)
class Revision:
    """A return that the source tells otherwise than before.

    Attributes
    ----------
    date
        Day at whose close the return ends.
    old, new
        Simple returns since the day before that both have.
    """

    date: pd.Timestamp
    old: float
    new: float


@dataclass(frozen=True)
class FundChange:
    """What an update did to one fund.

    Attributes
    ----------
    ticker
    status
        "new": it had no prices before; "appended": rows were added; "unchanged"; "readjusted": the source has scaled
        its past, and all of it was fetched again; "revised": returns of the past are told otherwise, and all of it
        was fetched again; "refused": its past has changed and cannot be had whole, so it stays as it was; "failed":
        it could not be had and stays as it was; "stopped": nothing new, and nothing for long.
    added
        Rows that were not there.
    ratio
        New over old adjusted close at the last day of both; None where they were not compared.
    revisions
        Returns told otherwise.
    withdrawn
        Days that were there and that the source no longer has. In a fund whose whole past was fetched again they are
        gone, else they were kept.
    corrected
        Rows of which a close, a volume, a distribution or a split is told otherwise.
    why
        A reason where the status needs one, else blank.
    """

    ticker: str
    status: Status
    added: int = 0
    ratio: float | None = None
    revisions: tuple[Revision, ...] = ()
    withdrawn: tuple[pd.Timestamp, ...] = ()
    corrected: int = 0
    why: str = ""

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell."""
        return self.status == "unchanged" and not (self.withdrawn or self.corrected)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is empty is left out."""
        record: dict[str, Any] = {"ticker": self.ticker, "status": self.status, "added": self.added}
        if self.ratio is not None and self.status in ("readjusted", "revised", "refused"):
            record["ratio"] = self.ratio
        if self.revisions:
            record["revisions"] = [
                {"date": f"{each.date:%Y-%m-%d}", "old": each.old, "new": each.new} for each in self.revisions
            ]
        if self.withdrawn:
            record["withdrawn"] = [f"{day:%Y-%m-%d}" for day in self.withdrawn]
        if self.corrected:
            record["corrected"] = self.corrected
        if self.why:
            record["why"] = self.why
        return record


@dataclass(frozen=True)
class CatalogChange:
    """A cell of the catalog that is not what it was; None for unknown."""

    ticker: str
    column: str
    old: str | None
    new: str | None

    def to_dict(self) -> Mapping[str, str | None]:
        """Plain values for JSON."""
        return {"ticker": self.ticker, "column": self.column, "old": self.old, "new": self.new}
