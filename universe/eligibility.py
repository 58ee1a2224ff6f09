"""The outcome of a screen: who may be held on a day, and one plain reason for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

EXCLUSIONS: Mapping[str, str] = MappingProxyType(
    {
        "excluded_by_name": "excluded by name",
        "sector": "sector not asked for",
        "currency": "currency exposure",
        "currency_unknown": "currency exposure unknown",
        "tax": "tax status",
        "tax_unknown": "tax status unknown",
        "leverage": "leveraged or inverse",
        "leverage_unknown": "leverage unknown",
        "option_selling": "sells options",
        "option_selling_unknown": "option selling unknown",
        "aum": "AUM too small",
        "aum_unknown": "AUM unknown",
        "adv": "ADV too small",
        "adv_unknown": "ADV unknown",
        "not_trading": "not trading yet",
        "no_prices": "no prices",
        "stale": "no recent close",
        "history": "history too short",
        "gap": "closes missing in the risk window",
        "unchanged": "too many unchanged closes",
    }
)
"""Why a fund can be left out: the key of the screen and its title in print, in the order of the screens."""


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Which funds may be held on a day, and why the others may not.

    Every fund of the catalog is either in `eligible` or in `excluded`.

    Attributes
    ----------
    asof
        The day; nothing later was looked at.
    eligible
        Tickers, sorted.
    excluded
        The reason for every other fund of the catalog, by ticker: the first screen that it fails, in words.
    kind
        The key of that screen (see `EXCLUSIONS`), by ticker.
    warnings
        What a reader of the screen should know, one line each.
    """

    asof: pd.Timestamp
    eligible: pd.Index
    excluded: pd.Series
    kind: pd.Series
    warnings: tuple[str, ...]

    @property
    def counts(self) -> pd.Series:
        """Number of funds left out by each screen that left any out, in the order of the screens."""
        tally = self.kind.value_counts()
        present = [key for key in EXCLUSIONS if key in tally.index]
        return pd.Series(
            [int(tally[key]) for key in present], index=pd.Index(present, name="kind", dtype="str"), name="funds"
        ).astype("int64")

    def _repr_html_(self) -> str:
        rows = [(f"eligible on {self.asof:%Y-%m-%d}", len(self.eligible))]
        rows += [(EXCLUSIONS[str(key)], int(count)) for key, count in self.counts.items()]
        body = "".join(f"<tr><th>{escape(title)}</th><td>{count}</td></tr>" for title, count in rows)
        notes = "".join(f"<p>{escape(warning)}</p>" for warning in self.warnings)
        return f"<table>{body}</table>{notes}"


class Sieve:
    """The funds still in, and for each of the others the first screen that it failed.

    Attributes
    ----------
    tickers
        All funds of the catalog.
    still_in
        Which of them no screen has refused so far, shape (funds,).
    """

    def __init__(self, tickers: pd.Index) -> None:
        self.tickers = tickers
        self.still_in: NDArray[np.bool_] = np.ones(len(tickers), dtype=bool)
        self._kind = np.full(len(tickers), "", dtype=object)
        self._reason = np.full(len(tickers), "", dtype=object)

    def refuse(self, kind: str, fails: NDArray[np.bool_], reason: Callable[[int], str]) -> int:
        """Refuse the funds still in that fail, each with ``reason(its position)``, and count them."""
        fails = fails & self.still_in
        self._kind[fails] = kind
        for position in np.flatnonzero(fails):
            self._reason[position] = reason(int(position))
        self.still_in &= ~fails
        return int(np.count_nonzero(fails))

    def result(self, asof: pd.Timestamp, warnings: tuple[str, ...]) -> Eligibility:
        """What the screens that have run so far come to."""
        out = self.tickers[~self.still_in]
        return Eligibility(
            asof=asof,
            eligible=self.tickers[self.still_in],
            excluded=pd.Series(self._reason[~self.still_in], index=out, name="reason", dtype="str"),
            kind=pd.Series(self._kind[~self.still_in], index=out, name="kind", dtype="str"),
            warnings=warnings,
        )
