"""What the author of a clause in Python has in hand: the weights, and the funds they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cvxpy as cp
import numpy as np
import pandas as pd

from optimizer.errors import OptimizerError
from universe import SECTORS
from universe.wording import clipped, did_you_mean


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of today's eligible funds, in cvxpy.

    Parameters
    ----------
    weights : Variable, shape (n,)
        Fractions.
    tickers : tuple of str, length n
        The eligible funds, in the order of the weights.
    catalog : DataFrame
        Every fund of the market by ticker, the ineligible ones too.
    """

    weights: cp.Variable
    tickers: tuple[str, ...]
    catalog: pd.DataFrame

    @property
    def funds(self) -> pd.DataFrame:
        """Catalog rows of the n funds, in the order of the weights."""
        return self.catalog.loc[list(self.tickers)]

    def __getitem__(self, ticker: str) -> cp.Expression:
        """Weight of a fund; zero where it may not be held today.

        Raises
        ------
        OptimizerError
            For a ticker that the market does not have.
        """
        if ticker in self.tickers:
            return self.weights[self.tickers.index(ticker)]
        if ticker not in self.catalog.index:
            hint = did_you_mean(str(ticker), self.catalog.index)
            raise OptimizerError(f"{clipped(str(ticker))!r} is not a fund of this market{hint}")
        return cp.Constant(0.0)

    def where(self, **columns: object) -> cp.Expression:
        """Total weight of the funds whose catalog row has these values, zero where none of them may be held today.

        Parameters
        ----------
        **columns : value or list of values
            By column of the catalog: `where(sector="high_yield")`, `where(issuer=["Vanguard", "Schwab"])`.

        Raises
        ------
        OptimizerError
            For a column that the catalog does not have, or a value that no fund of the market has.
        """
        funds, chosen = self.funds, np.ones(len(self.tickers))
        for column, asked in columns.items():
            if column not in self.catalog.columns:
                hint = did_you_mean(column, self.catalog.columns)
                raise OptimizerError(f"{clipped(column)!r} is not a column of the catalog{hint}")
            values = list(asked) if isinstance(asked, Sequence | set) and not isinstance(asked, str) else [asked]
            known = set(self.catalog[column]) | (set(SECTORS) if column == "sector" else set())
            for value in values:
                if value not in known:
                    hint = did_you_mean(str(value), [str(other) for other in known])
                    raise OptimizerError(f"no fund of this market has {column} = {clipped(repr(value))}{hint}")
            chosen = chosen * funds[column].isin(values).to_numpy(dtype=float)
        return chosen @ self.weights
