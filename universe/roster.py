"""The funds of a market as arrays: what screens read of a catalog, taken out of the table once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Labels:
    """One column of labels.

    Attributes
    ----------
    text
        The label of each fund, shape (funds,); NaN where it is unknown.
    borne
        The distinct labels, sorted.
    code
        Position of each fund's label in `borne`, shape (funds,); -1 where it is unknown.
    """

    text: NDArray[np.object_]
    borne: tuple[str, ...]
    code: NDArray[np.intp]

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Which funds have no label, shape (funds,)."""
        return np.asarray(self.code < 0)

    def among(self, accepted: Collection[str]) -> NDArray[np.bool_]:
        """Which funds bear one of the labels, shape (funds,)."""
        # Code -1 reads the last entry, which stands for "unknown".
        return np.array([label in accepted for label in self.borne] + [False])[self.code]


@dataclass(frozen=True, eq=False)
class Flags:
    """One column of flags: for each fund whether it is raised, and whether that is unknown, shape (funds,) each."""

    raised: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Roster:
    """The funds of a catalog, in its order; arrays of shape (funds,).

    Attributes
    ----------
    tickers
        As in the catalog.
    position
        Place of each ticker.
    price_column
        Column of each fund in the price panel; -1 for a fund without prices.
    first_close
        Row of each fund's first close in the price panel; meaningless for a fund without prices.
    sector, currency_exposure, tax_status
        Labels.
    leveraged_or_inverse, options_overlay
        Flags.
    aum, adv
        USD millions; NaN unknown.
    as_of, first_trade_date
        Days (datetime64); NaT unknown.
    """

    tickers: pd.Index
    position: Mapping[str, int]
    price_column: NDArray[np.intp]
    first_close: NDArray[np.intp]
    sector: Labels
    currency_exposure: Labels
    tax_status: Labels
    leveraged_or_inverse: Flags
    options_overlay: Flags
    aum: NDArray[np.float64]
    adv: NDArray[np.float64]
    as_of: NDArray[np.datetime64]
    first_trade_date: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.tickers)

    def named(self, tickers: Sequence[str]) -> NDArray[np.bool_]:
        """Which funds bear one of the tickers, all of which are in the catalog; shape (funds,)."""
        chosen = np.zeros(len(self), dtype=bool)
        for ticker in tickers:
            chosen[self.position[ticker]] = True
        return chosen


def roster_of(catalog: pd.DataFrame, prices: pd.DataFrame) -> Roster:
    """Take the funds out of a catalog.

    Parameters
    ----------
    catalog
        As `universe.catalog.validate_catalog` returns it.
    prices
        The price panel.
    """
    price_column = prices.columns.get_indexer(catalog.index)
    return Roster(
        tickers=catalog.index,
        position={str(ticker): place for place, ticker in enumerate(catalog.index)},
        price_column=price_column,
        first_close=np.argmax(~np.isnan(prices.to_numpy()), axis=0)[price_column],
        sector=_labels(catalog["sector"]),
        currency_exposure=_labels(catalog["currency_exposure"]),
        tax_status=_labels(catalog["tax_status"]),
        leveraged_or_inverse=_flags(catalog["leveraged_or_inverse"]),
        options_overlay=_flags(catalog["options_overlay"]),
        aum=catalog["aum_usd_mm"].to_numpy(dtype=np.float64),
        adv=catalog["adv_usd_mm"].to_numpy(dtype=np.float64),
        as_of=catalog["as_of"].to_numpy(),
        first_trade_date=catalog["first_trade_date"].to_numpy(),
    )


def _labels(column: pd.Series) -> Labels:
    borne = tuple(sorted(column.dropna().unique()))
    place = {label: code for code, label in enumerate(borne)}
    text = column.to_numpy(dtype=object)
    return Labels(text, borne, np.array([place.get(label, -1) for label in text], dtype=np.intp))


def _flags(column: pd.Series) -> Flags:
    return Flags(column.fillna(False).to_numpy(dtype=bool), column.isna().to_numpy(dtype=bool))
