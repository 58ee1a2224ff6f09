"""The market that is walked: a real one where there is one."""

from __future__ import annotations

import os

from universe import Market, load_market, simulated_market


def market_of_the_run() -> Market:
    """The market in AGGPLUS_MARKET, else the built-in simulated one."""
    folder = os.environ.get("AGGPLUS_MARKET")
    return load_market(folder) if folder else simulated_market()


def words_of(market: Market) -> str:
    """What kind of market it is, without the name of a folder.

    Parameters
    ----------
    market : Market
    """
    kind = "the built-in simulated market" if market.simulated else "a real market of fixed-income ETFs"
    return f"{kind}: {market.prices.shape[1]} funds with prices, {len(market.prices):,} sessions"
