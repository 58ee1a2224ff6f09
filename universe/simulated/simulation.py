"""The built-in market: a simulated palette of bond funds, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from universe.errors import MarketError
from universe.exchange import exchange_sessions
from universe.simulated.catalog import palette_catalog
from universe.simulated.closing import closing_prices
from universe.simulated.levels import simulate_levels
from universe.simulated.palette import build_palette
from universe.simulated.returns import fund_returns

DEFAULT_SEED = 20130102
FIRST_SESSION, LAST_SESSION = "2013-01-02", "2024-01-31"


@dataclass(frozen=True, eq=False)
class SimulatedPalette:
    """A simulated market. It looks like the real one and is not: nothing in it is a record of any fund.

    Attributes
    ----------
    prices : DataFrame
        Total-return closing prices (`adj_close`), USD: index `date`, columns the 420 tickers, sorted; NaN before
        a fund starts and after it ends, no gap between.
    catalog : DataFrame
        What is published about the funds, index `ticker`, in the columns of a market's `catalog.csv`.
    levels : DataFrame
        The yields and spreads behind the prices, percent (`equity` and the two currencies are indices), same
        index as `prices`. Year ends in `levels.PUBLISHED` are published figures, all else is assumption and chance.
    seed : int
    """

    prices: pd.DataFrame
    catalog: pd.DataFrame
    levels: pd.DataFrame
    seed: int


def simulated_sessions() -> pd.DatetimeIndex:
    """Return the trading days of the simulated history: those of the New York Stock Exchange."""
    return exchange_sessions(FIRST_SESSION, LAST_SESSION)


def simulate_palette(seed: int = DEFAULT_SEED) -> SimulatedPalette:
    """Simulate 420 bond funds from 2013-01-02 to 2024-01-31.

    The funds are the same for every seed; what the market does to them is not. The draws come from three
    independent streams of NumPy's PCG64 generator (`SeedSequence(seed).spawn(3)`: levels, returns, closing
    prices), so the same seed gives the same bits again.

    Parameters
    ----------
    seed : int
        Not negative.

    Raises
    ------
    MarketError
        If the seed is negative.
    """
    if seed < 0:
        raise MarketError(f"seed {seed} of the simulated market: expected 0 or a positive whole number")
    levels_rng, returns_rng, closing_rng = (
        np.random.Generator(np.random.PCG64(sequence)) for sequence in np.random.SeedSequence(seed).spawn(3)
    )
    sessions = simulated_sessions()
    funds = build_palette(sessions)
    levels = simulate_levels(sessions, levels_rng)
    prices = closing_prices(fund_returns(funds, levels, returns_rng), funds, levels, closing_rng)
    return SimulatedPalette(
        prices=prices,
        catalog=palette_catalog(funds, prices),
        levels=levels.iloc[1:].rename_axis("date"),
        seed=seed,
    )
