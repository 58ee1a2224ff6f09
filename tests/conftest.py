"""The real market, for the tests that need it, and how Hypothesis runs."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from universe import Market, load_market

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
