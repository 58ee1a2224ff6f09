"""A panel of funds that move with two factors, to plant errors in."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from universe import exchange_sessions

SESSIONS = exchange_sessions("2020-01-02", "2022-01-28")


def factor_panel(seed: int = 5, funds: int = 30, days: int = 520, noise: float = 0.0004) -> pd.DataFrame:
    """Closes of funds whose returns are two factors and a little of their own; nothing is wrong with them."""
    random = np.random.default_rng(seed)
    factors = random.standard_t(4, (days, 2)) * 0.002
    loads = np.column_stack([random.uniform(0.3, 1.8, funds), random.uniform(0.0, 1.0, funds)])
    own = random.standard_t(6, (days, funds)) * noise
    returns = factors @ loads.T + own + 0.0001
    closes = 100.0 * np.cumprod(1.0 + returns, axis=0)
    tickers = [f"F{number:02d}" for number in range(funds)]
    return pd.DataFrame(closes, index=SESSIONS[:days], columns=pd.Index(tickers, name="ticker"))


@pytest.fixture(scope="session")
def clean_panel() -> pd.DataFrame:
    """Not to be written to."""
    return factor_panel()


@pytest.fixture
def panel(clean_panel: pd.DataFrame) -> pd.DataFrame:
    return clean_panel.copy()


Make = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def make_panel() -> Make:
    return factor_panel
