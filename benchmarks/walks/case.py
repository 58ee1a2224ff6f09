"""The monthly walk that every library is given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.model import load_model
from universe import Market, close_on, screen, until

Floats = NDArray[np.float64]

WINDOW = 126
MOST_A_FUND = 0.25
MOST_CREDIT = 0.60
CREDIT = ("high_yield", "bank_loan")
HALF_SPREAD = 0.0002
MONTH = 21
"""Trading days over which the cost of a trade is spread in the objective."""

_HISTORY = 253
"""Closes before the start that each fund must have."""


@dataclass(frozen=True, eq=False)
class Case:
    """At every month end: the largest trailing return, net of trading, at no more than the benchmark's volatility.

    Parameters
    ----------
    market : Market
        Of the funds alone.
    benchmark : str
        One of them.
    start, end : Timestamp
        Of the first trade and of the last close.
    """

    market: Market
    benchmark: str
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def prices(self) -> pd.DataFrame:
        """Closes from before the first estimate to the end, one column a fund, none missing."""
        return self.market.prices

    @property
    def credit(self) -> Floats:
        """1 for high yield and bank loans, shape (funds,)."""
        sectors = self.market.catalog["sector"].reindex(self.prices.columns)
        return np.asarray(sectors.isin(CREDIT).to_numpy(), dtype=float)


def case_of(market: Market, start: str, end: str) -> Case:
    """The funds of the baseline model's palette on the first day whose closes are all there, until the last.

    Parameters
    ----------
    market : Market
    start, end : str
    """
    model = load_model("baseline")
    first, last = close_on(market, start).date, close_on(market, end).date
    eligible = screen(until(market, first), first, model.universe, model.window_days).eligible
    place = int(market.prices.index.searchsorted(first))
    closes = market.prices.iloc[max(0, place - _HISTORY) :].loc[:last]
    whole = [str(fund) for fund in eligible if not closes[fund].isna().any()]
    catalog = market.catalog.loc[[fund for fund in market.catalog.index if fund in set(whole)]]
    prices = closes[[fund for fund in closes.columns if fund in set(whole)]]
    return Case(replace(market, prices=prices, catalog=catalog), model.benchmark, first, last)


def month_ends(values: pd.Series) -> pd.Series:
    """The last value of every month.

    Parameters
    ----------
    values : Series
        By date.
    """
    return values.groupby(pd.DatetimeIndex(values.index).to_period("M")).last()


def figures_of(values: pd.Series) -> dict[str, float]:
    """Cumulative return and annualised volatility of monthly returns, in percent.

    Parameters
    ----------
    values : Series
        Worth at month ends, the first before the first return.
    """
    returns = values.pct_change().dropna()
    return {
        "months": float(len(returns)),
        "cumulative": 100.0 * float(values.iloc[-1] / values.iloc[0] - 1.0),
        "volatility": 100.0 * float(returns.std(ddof=1)) * 12.0**0.5,
    }
