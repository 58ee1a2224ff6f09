"""What a check finds: one thing suspected of one fund, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first: certainly wrong; to be looked at before prices are used; worth knowing."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "repeated_row": "the same date and ticker twice",
        "twins": "two tickers with the same series",
        "no_session": "closes on a day without trading",
        "market_gap": "a session without any close",
        "gap": "sessions without a close",
        "spike": "a price that goes away and comes back",
        "decimal_shift": "prices off by a power of ten",
        "split": "prices off by the ratio of a split",
        "jump": "a move that no peer shows",
        "distribution": "a distribution counted twice or missing",
        "adjustment": "adjusted and plain closes that part",
        "stale": "closes that repeat too long",
        "switch": "a series that goes on as another fund",
        "stops": "a fund that stops",
        "late_benchmark": "a benchmark too stale to target",
        "no_prices": "a row of the catalog without prices",
        "no_row": "prices without a row of the catalog",
        "first_day": "first close and first trading day disagree",
        "last_day": "last close and the catalog disagree",
        "figures_date": "figures of another time than the prices",
    }
)
"""Every kind of finding and its title in print, in the order of print."""

OF_PRICES = frozenset({"twins", "spike", "decimal_shift", "split", "jump", "distribution", "stale", "switch"})
"""Kinds of wrong closes, which a quarantine can keep out of estimates. Gaps are screened as they are."""

KEPT, QUARANTINED, WAS_RELEASED = "left as it is", "quarantined", "released by hand"
"""Actions: nothing was done; its span is in the quarantine; a line of the quarantine says that it is right."""


@dataclass(frozen=True)
class Finding:
    """Something suspected.

    Attributes
    ----------
    ticker
        The fund; blank where it is the whole market.
    date, last
        First and last day of what is wrong; `last` is None where it goes on.
    kind
        A key of `KINDS`.
    severity
        How bad it is.
    size, unit
        How large: "percent", "basis points", "sessions", "times".
    why
        One sentence with the numbers.
    known_from
        The first day at whose close it could be known.
    action
        What was done.
    """

    ticker: str
    date: pd.Timestamp
    last: pd.Timestamp | None
    kind: str
    severity: Severity
    size: float
    unit: str
    why: str
    known_from: pd.Timestamp
    action: str = KEPT

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, days as YYYY-MM-DD; `last` is None where it goes on."""
        return {
            "ticker": self.ticker,
            "date": f"{self.date:%Y-%m-%d}",
            "last": None if self.last is None else f"{self.last:%Y-%m-%d}",
            "kind": self.kind,
            "severity": self.severity,
            "size": self.size,
            "unit": self.unit,
            "known_from": f"{self.known_from:%Y-%m-%d}",
            "why": self.why,
            "action": self.action,
        }

    @property
    def keeps_out(self) -> bool:
        """Whether a quarantine would hold it: closes that are wrong, and not just worth knowing."""
        return self.kind in OF_PRICES and self.severity != "note"


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings, the worst kind first, then by day and ticker.

    Parameters
    ----------
    findings
        In any order.
    """
    kinds = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(
        sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), kinds[f.kind], f.date, f.ticker, f.known_from))
    )
