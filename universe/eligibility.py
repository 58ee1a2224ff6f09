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
        "quarantined": "quarantined prices in the risk window",
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
    passes
        Which funds of the catalog may be held, shape (funds,).
    eligible
        Their tickers, sorted.
    left_out
        Every other fund of the catalog, by ticker: ``kind``, the key of the first screen that it fails (see
        `EXCLUSIONS`), and ``reason``, the same in words.
    warnings
        What a reader of the screen should know, one line each.
    """

    asof: pd.Timestamp
    passes: NDArray[np.bool_]
    eligible: pd.Index
    left_out: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def excluded(self) -> pd.Series:
        """The reason for every fund of the catalog that is left out, by ticker."""
        return self.left_out["reason"]

    @property
    def kind(self) -> pd.Series:
        """The key of the screen that each of them fails first, by ticker."""
        return self.left_out["kind"]

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
        refused: list[int] = np.flatnonzero(fails & self.still_in).tolist()
        if refused:
            self._kind[refused] = kind
            self._reason[refused] = [reason(position) for position in refused]
            self.still_in[refused] = False
        return len(refused)

    def result(self, asof: pd.Timestamp, warnings: tuple[str, ...]) -> Eligibility:
        """What the screens that have run so far come to."""
        out = ~self.still_in
        columns = {"kind": self._kind[out], "reason": self._reason[out]}
        return Eligibility(
            asof=asof,
            passes=self.still_in.copy(),
            eligible=self.tickers[self.still_in],
            left_out=pd.DataFrame(columns, index=self.tickers[out], dtype="str"),
            warnings=warnings,
        )
