"""Portfolios that a risk model is tried on, and what they did over the month that follows.

A risk model is judged by its forecasts, out of sample. The test portfolios of a day are the benchmark, one equally
weighted portfolio of each sector and random long-only ones, all the same for every risk model; and the portfolios that
the models would hold, which differ with the risk model that they are built on, because an optimizer seeks out its
errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Kind = Literal["benchmark", "sector", "random", "model"]

RANDOM_PORTFOLIOS = 20
"""Random portfolios a day."""

_RANDOM_FUNDS = 10
_LEAST_FUNDS = 3
"""Fewer funds do not make the portfolio of a sector."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trial:
    """A portfolio of a day.

    Parameters
    ----------
    portfolio : str
        Its name.
    kind : {"benchmark", "sector", "random", "model"}
    weights : Series
        Fractions by ticker; they add up to 1.
    """

    portfolio: str
    kind: Kind
    weights: pd.Series


def common_trials(day: pd.Timestamp, benchmark: str, sectors: pd.Series) -> tuple[Trial, ...]:
    """Test portfolios that are the same for every risk model.

    Parameters
    ----------
    day : Timestamp
        Its date seeds the random portfolios: the same day always has the same.
    benchmark : str
    sectors : Series
        Of the funds that may be held, by ticker.
    """
    trials = [Trial(benchmark, "benchmark", pd.Series({benchmark: 1.0}))]
    for sector, members in sectors.groupby(sectors, sort=True):
        if len(members) >= _LEAST_FUNDS:
            trials.append(Trial(str(sector), "sector", pd.Series(1.0 / len(members), index=members.index)))
    generator = np.random.default_rng(day.toordinal())
    tickers = sectors.index.to_numpy()
    count = min(_RANDOM_FUNDS, len(tickers))
    for number in range(RANDOM_PORTFOLIOS if count else 0):
        chosen = generator.choice(len(tickers), size=count, replace=False)
        weights = pd.Series(generator.dirichlet(np.ones(count)), index=tickers[chosen])
        trials.append(Trial(f"random {number + 1}", "random", weights))
    return tuple(trials)


def realised_returns(prices: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Daily returns of a portfolio that is bought at the first close and held to the last.

    Weights drift with prices. A fund without a close keeps its last one, as an account would show it.

    Parameters
    ----------
    prices : DataFrame, shape (days + 1, funds)
        From the close of the day of the forecast on.
    weights : Series
        By ticker, fractions.

    Returns
    -------
    Series, length days
        Fractions.
    """
    closes = prices[list(weights.index)].ffill().to_numpy()
    worth = (closes / closes[0]) @ weights.to_numpy()
    return pd.Series(worth[1:] / worth[:-1] - 1.0, index=prices.index[1:])
