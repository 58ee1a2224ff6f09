"""The real market, the shipped risk model written out once more, and how Hypothesis runs."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from universe import Market, load_market

Floats = NDArray[np.float64]

# The same examples on every run; `HYPOTHESIS_PROFILE=search` looks for new ones. A shared machine has no deadlines.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def real_market_path() -> Path:
    folder = os.environ.get("AGGPLUS_MARKET")
    if not folder:
        pytest.skip("AGGPLUS_MARKET is not set: no real market to run on")
    return Path(folder)


@pytest.fixture(scope="session")
def real_market(real_market_path: Path) -> Market:
    return load_market(real_market_path)


@dataclass(frozen=True)
class ShippedRisk:
    """The risk model of the shipped documents by other code: numpy, pandas and scikit-learn's function alone.

    `volatility` and `covariance` take daily returns of shape (days, n), the latest last and no more than the window,
    and give annualised percent and its square.
    """

    window_days: int = 252
    horizon_days: int = 5
    volatility_half_life: float = 21.0
    correlation_half_life: float = 126.0

    def volatility(self, returns: Floats) -> Floats:
        centred = returns - returns.mean(axis=0)
        larger = np.maximum(self._weighted(centred), self._weighted(self._sums(centred)))
        return np.asarray(100.0 * np.sqrt(252.0) * larger)

    def covariance(self, returns: Floats) -> Floats:
        d = self.volatility(returns)
        return np.asarray(self.correlation(returns)[0] * np.outer(d, d))

    def correlation(self, returns: Floats) -> tuple[Floats, float]:
        """Of the sums over a week, and by how much it is shrunk."""
        sums = self._sums(returns - returns.mean(axis=0))
        days = len(sums)
        u = 0.5 ** (np.arange(days - 1, -1, -1) / self.correlation_half_life)
        u /= u.sum()
        rows = sums / np.sqrt((sums**2 * u[:, None]).sum(axis=0)) * np.sqrt(days * u)[:, None]
        shrunk, intensity = ledoit_wolf(rows, assume_centered=True)
        unit = np.sqrt(np.diag(shrunk))
        return shrunk / np.outer(unit, unit), float(intensity)

    def _sums(self, centred: Floats) -> Floats:
        """Overlapping sums over a week, a day's share of them."""
        sums = np.lib.stride_tricks.sliding_window_view(centred, self.horizon_days, axis=0).sum(axis=-1)
        return np.asarray((sums - sums.mean(axis=0)) / np.sqrt(self.horizon_days))

    def _weighted(self, rows: Floats) -> Floats:
        squares = pd.DataFrame(rows**2).ewm(halflife=self.volatility_half_life).mean()
        return np.sqrt(squares.iloc[-1].to_numpy())


@pytest.fixture(scope="session")
def shipped_risk() -> ShippedRisk:
    return ShippedRisk()
