"""Twenty-five funds of the built-in market, and variants of the shipped models with short windows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import aggplus
from universe import Market

Make = Callable[..., aggplus.Model]

_FUNDS = {"treasury": 4, "ig_corporate": 4, "mbs": 3, "tips": 3, "high_yield": 5, "bank_loan": 3}


@pytest.fixture(scope="session")
def desk(simulated: Market) -> Market:
    """From 2021 on, every fund with all its prices."""
    prices = simulated.prices.loc["2021-01-01":]
    whole = simulated.catalog.loc[simulated.catalog.index.intersection(prices.columns[prices.notna().all()])]
    whole = whole[whole["aum_usd_mm"].fillna(0.0) > 500.0]
    chosen = ["AGG"]
    for sector, count in _FUNDS.items():
        chosen += list(whole.index[whole["sector"] == sector][:count])
    return replace(simulated, name="desk", prices=prices[sorted(chosen)], catalog=simulated.catalog.loc[sorted(chosen)])


@pytest.fixture(scope="session")
def make() -> Make:
    """A variant with windows of 63 days and its own `[rebalance]`; other sections are laid over the document's."""

    def variant(base: str, name: str, rebalance: dict[str, object], **changes: dict[str, object]) -> aggplus.Model:
        document = aggplus.load_model(base).model_dump(exclude_unset=True)
        document["universe"]["min_history_days"] = 100
        document["risk_model"]["window_days"] = 63
        document["expected_return"]["window_days"] = 63
        for key, value in changes.items():
            document[key] = {**document.get(key, {}), **value} if key not in ("target", "risk_model") else value
        return aggplus.Model.model_validate({**document, "id": name, "rebalance": rebalance})

    return variant
