"""What is held now by weight, and the tickers that a client names, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from aggplus.model import Model
from constraints import MandateError
from universe import Market
from universe.wording import did_you_mean

_HOLDINGS_SUM = 1e-6


def checked_holdings(holdings: Mapping[str, float] | pd.Series | None) -> dict[str, float] | None:
    """Holdings as a plain mapping of ticker to fraction; None where none were given.

    Parameters
    ----------
    holdings : mapping or Series of ticker to weight, or None

    Raises
    ------
    MandateError
        When a weight is not a fraction, a ticker is there twice, or the weights sum to more than 1.
    """
    if holdings is None:
        return None
    held: dict[str, float] = {}
    for ticker, weight in holdings.items():
        try:
            fraction = float(weight)
        except (TypeError, ValueError):
            fraction = math.nan
        if not math.isfinite(fraction) or fraction < 0.0:
            raise MandateError(f"holdings: {ticker} = {weight!r}: expected a weight of at least 0, as a fraction")
        if str(ticker) in held:
            raise MandateError(f"holdings: {ticker} is there twice; expected one weight a fund")
        held[str(ticker)] = fraction
    total = math.fsum(held.values())
    if total > 1.0 + _HOLDINGS_SUM:
        raise MandateError(f"holdings: the weights sum to {total:.6g}; expected fractions that sum to at most 1")
    return held


def require_known_tickers(model: Model, market: Market, held: Mapping[str, float] | None) -> None:
    """Refuse tickers that no fund of the market bears.

    Parameters
    ----------
    model : Model
    market : Market
    held : mapping of ticker to weight, or None

    Raises
    ------
    MandateError
        Naming where the ticker stands, and the one probably meant.
    """
    named = {
        "limits.fund": model.limits.fund,
        "limits.group": [ticker for group in model.limits.group for ticker in group.tickers],
        "costs.half_spread_by_fund_bp": model.costs.half_spread_by_fund_bp,
        "holdings": held or {},
    }
    for where, tickers in named.items():
        for ticker in tickers:
            if ticker not in market.catalog.index:
                hint = did_you_mean(ticker, market.catalog.index)
                raise MandateError(f"{where}: {ticker!r} is not in the catalog of {market.name}{hint}")
