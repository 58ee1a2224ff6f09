"""The real market, for the tests that need it."""

import os
from pathlib import Path

import pytest

from universe import Market, load_market


@pytest.fixture(scope="session")
def real_market_path() -> Path:
    folder = os.environ.get("AGGPLUS_MARKET")
    if not folder:
        pytest.skip("AGGPLUS_MARKET is not set: no real market to run on")
    return Path(folder)


@pytest.fixture(scope="session")
def real_market(real_market_path: Path) -> Market:
    return load_market(real_market_path)
