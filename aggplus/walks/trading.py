"""What a trade turns over and costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aggplus.model import Model
from universe import Market

BP = 1e4
"""Basis points in one."""


def price_of_trade(
    model: Model, market: Market, before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[float, float]:
    """One-way turnover and cost of a trade, fractions of the portfolio.

    Turnover is half the sum of all changes, that of cash among them: a purchase from cash turns over what it buys.

    Parameters
    ----------
    model : Model
        Whose half-spreads are paid.
    market : Market
    before, after : mapping of ticker to weight
        Fractions; what is missing to 1 is cash.
    """
    tickers = sorted({*before, *after})
    change = np.array([after.get(ticker, 0.0) - before.get(ticker, 0.0) for ticker in tickers])
    sectors = market.catalog["sector"].reindex(tickers).tolist()
    spreads = model.costs.half_spreads(tickers, sectors)
    turnover = 0.5 * float(np.abs(change).sum() + abs(change.sum()))
    return turnover, float(spreads @ np.abs(change)) / BP
