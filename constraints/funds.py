"""What the clauses of a mandate need to know about the eligible funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Funds:
    """The eligible funds in the order of the weights, with the figures of the catalog.

    Parameters
    ----------
    tickers : tuple of str, length n
    sector : ndarray of str, shape (n,)
    figures : dict of str to ndarray, shape (n,) each
        Numeric catalog columns by name; NaN where the catalog is silent.
    beta : ndarray, shape (n,)
        Beta to the benchmark.
    """

    tickers: tuple[str, ...]
    sector: NDArray[np.str_]
    figures: dict[str, Floats]
    beta: Floats

    def __len__(self) -> int:
        return len(self.tickers)

    def in_sectors(self, sectors: Sequence[str]) -> NDArray[np.bool_]:
        """Which funds belong to any of the sectors, shape (n,)."""
        return np.isin(self.sector, list(sectors))

    def named(self, tickers: Sequence[str]) -> NDArray[np.bool_]:
        """Which funds bear one of the tickers, shape (n,)."""
        return np.isin(np.asarray(self.tickers, dtype=str), list(tickers))


FIGURE_WORDS = {
    "effective_duration_years": "effective duration",
    "expense_ratio_bp": "expense ratio",
    "aum_usd_mm": "AUM",
    "adv_usd_mm": "ADV",
}
"""Catalog columns that a clause may need, as printed."""

FIGURES = tuple(FIGURE_WORDS)


def funds_of(catalog: pd.DataFrame, tickers: Sequence[str], beta: Floats) -> Funds:
    """Take from the catalog what the clauses need.

    Parameters
    ----------
    catalog : DataFrame
        Indexed by ticker, with `sector` and the columns of `FIGURES`.
    tickers : sequence of str, length n
        The eligible funds in the order of the weights.
    beta : ndarray, shape (n,)
        Beta of each to the benchmark.

    Raises
    ------
    KeyError
        When a fund is not in the catalog.
    """
    place = {ticker: row for row, ticker in enumerate(catalog.index.tolist())}
    rows = np.array([place[ticker] for ticker in tickers], dtype=np.intp)
    return Funds(
        tickers=tuple(tickers),
        sector=catalog["sector"].to_numpy(dtype=str)[rows],
        figures={column: catalog[column].to_numpy(dtype=float)[rows] for column in FIGURES},
        beta=beta,
    )
