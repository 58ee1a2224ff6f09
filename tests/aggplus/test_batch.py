"""Many models on many days come out as one by one."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.model_portfolios import ModelPortfolios

DAYS = ("2023-10-31", "2023-12-29")
FIGURES = ("status", "backend", "certificate", "shadow_prices", "given_up", "findings", "fallbacks")


def variant(base: str, name: str, **changes: object) -> aggplus.Model:
    document = aggplus.load_model(base).model_dump(exclude_unset=True)
    for key, value in changes.items():
        document[key] = {**document.get(key, {}), **value} if isinstance(value, dict) else value
    return aggplus.Model.model_validate({**document, "id": name})


@pytest.fixture(scope="module")
def models() -> list[aggplus.Model]:
    """Shipped ones, other limits on the same funds, and every kind that a family does not take."""
    shipped = [aggplus.load_model(name) for name in ("baseline", "aggressive", "conservative")]
    capped = [variant("baseline", f"cap-{cap}", limits={"max_weight": cap}) for cap in (0.1, 0.15, 0.3)]
    return [
        *shipped,
        *capped,
        variant("baseline", "few", limits={"max_holdings": 4, "max_weight": 0.4, "search_nodes": 500}),
        variant("baseline", "tracking", target={"algorithm": "tracking_error", "value": 0.02}),
        variant("baseline", "exact", target={"algorithm": "constant_volatility", "value": 0.06, "match": "equal"}),
        variant("baseline", "impossible", target={"algorithm": "constant_volatility", "value": 0.0001}),
        variant("baseline", "soft", target={"algorithm": "constant_volatility", "value": 0.0001, "priority": 1}),
        variant("baseline", "calm", objective={"goal": "min_volatility"}),
    ]


@pytest.fixture(scope="module")
def market() -> aggplus.Market:
    return aggplus.simulated_market()


@pytest.fixture(scope="module")
def together(models: list[aggplus.Model], market: aggplus.Market) -> ModelPortfolios:
    return aggplus.solve_many(models, market, DAYS)


def assert_same(one: aggplus.ModelPortfolio, other: aggplus.ModelPortfolio) -> None:
    assert one.setting.model.id == other.setting.model.id
    assert one.setting.asof == other.setting.asof
    pd.testing.assert_series_equal(one.weights, other.weights, check_exact=True)
    for name in FIGURES:
        assert getattr(one, name) == getattr(other, name), name
    assert one.setting.target == other.setting.target
    assert one.setting.warnings == other.setting.warnings
    pd.testing.assert_frame_equal(one.setting.excluded, other.setting.excluded)


def test_each_is_what_solve_builds_alone(
    together: ModelPortfolios, models: list[aggplus.Model], market: aggplus.Market
) -> None:
    expected = [aggplus.solve(model, market, day) for day in DAYS for model in models]
    assert len(together) == len(expected)
    assert {portfolio.status for portfolio in together} == {"solved", "infeasible"}
    for one, other in zip(together, expected, strict=True):
        assert_same(one, other)


def test_neither_workers_nor_order_show(
    together: ModelPortfolios, models: list[aggplus.Model], market: aggplus.Market
) -> None:
    order = np.random.default_rng(3).permutation(len(models))
    shuffled = aggplus.solve_many([models[i] for i in order], market, DAYS[::-1], workers=2)
    by_name = {(p.setting.model.id, p.setting.asof): p for p in shuffled}
    for portfolio in together:
        assert_same(portfolio, by_name[(portfolio.setting.model.id, portfolio.setting.asof)])
    one_day = aggplus.solve_many(models, market, DAYS[:1], workers=2)
    for one, other in zip(one_day, together.portfolios[: len(models)], strict=True):
        assert_same(one, other)


def test_models_with_the_same_funds_share_a_risk_model(together: ModelPortfolios) -> None:
    of_first_day = together.portfolios[: len(together) // len(DAYS)]
    shared = {id(p.setting.risk_model) for p in of_first_day if p.setting.model.id in ("baseline", "cap-0.1", "calm")}
    assert len(shared) == 1


def test_the_table_and_the_record(together: ModelPortfolios) -> None:
    table = together.table
    assert list(table["model"].head(3)) == [p.setting.model.id for p in together.portfolios[:3]]
    solved = table[table["status"] == "solved"]
    assert solved["volatility"].between(0.0, 0.2).all()
    assert solved["gap_bp"].notna().all()
    assert (table.loc[table["status"] != "solved", "holdings"] == 0).all()
    record = together.to_dict()
    assert len(record["portfolios"]) == len(together)
    assert "<table" in together._repr_html_()


def test_a_day_or_a_model_that_cannot_be_used_is_told_and_the_others_are_solved(market: aggplus.Market) -> None:
    good = aggplus.load_model("baseline")
    stranger = variant("baseline", "stranger", benchmark="NOPE")
    result = aggplus.solve_many([stranger, good], market, ["1990-01-02", DAYS[0]])
    assert [(p.setting.model.id, p.status) for p in result] == [(good.id, "solved")]
    assert [(r.model, r.asof) for r in result.refusals] == [
        ("stranger", "1990-01-02"),
        (good.id, "1990-01-02"),
        ("stranger", DAYS[0]),
    ]
    assert "NOPE" in result.refusals[2].why
    assert len(aggplus.solve_many([], market)) == 0
    assert len(aggplus.solve_many([good], market, [])) == 0


def test_the_last_close_is_the_default(market: aggplus.Market) -> None:
    (portfolio,) = aggplus.solve_many([aggplus.load_model("conservative")], market)
    assert portfolio.setting.asof == market.prices.index[-1]


@pytest.mark.skipif("AGGPLUS_MARKET" not in os.environ, reason="AGGPLUS_MARKET is not set: no real market to run on")
def test_on_the_real_market(real_market: aggplus.Market) -> None:
    models = [aggplus.load_model(name) for name in ("baseline", "aggressive", "conservative")]
    days = ("2016-06-30", "2020-03-31", "2024-01-31")
    for one, other in zip(
        aggplus.solve_many(models, real_market, days, workers=2),
        (aggplus.solve(model, real_market, day) for day in days for model in models),
        strict=True,
    ):
        assert_same(one, other)
