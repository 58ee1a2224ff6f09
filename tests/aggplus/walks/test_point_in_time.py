"""The future changes nothing, and neither do the models that walk beside one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import TrackRecord, walk_forward, walk_together
from universe import Market

Make = Callable[..., aggplus.Model]

START, END = "2022-03-31", "2022-05-31"
ALL: dict[str, object] = {
    "cool_down_days": 3,
    "triggers": {
        "volatility_change": 0.2,
        "benchmark_move": 0.02,
        "weight_drift": 0.03,
        "risk_drift": 0.1,
        "breached_clause": True,
        "left_eligibility": True,
        "expected_gain": {"horizon_days": 63, "factor": 15.0},
    },
}


@pytest.fixture(scope="module")
def six(make: Make) -> list[aggplus.Model]:
    shrunk = {"estimator": "ledoit_wolf_raw", "window_days": 63}
    return [
        make("baseline", "all", ALL),
        make("baseline", "same-rules", ALL),
        make("aggressive", "scaled", {"triggers": {"risk_drift": 0.02, "max_days": 30}}),
        make("conservative", "delayed", {"trade_delay_days": 1, "triggers": {"calendar": "month_end"}}),
        make("baseline", "shrunk", {"triggers": {"volatility_change": 0.2}}, risk_model=shrunk),
        make("baseline", "tight", {"triggers": {"weight_drift": 0.003}}, limits={"max_weight": 0.15}),
    ]


def assert_same(one: TrackRecord, other: TrackRecord) -> None:
    pd.testing.assert_frame_equal(one.daily, other.daily, check_exact=True)
    pd.testing.assert_frame_equal(one.readings, other.readings, check_exact=True)
    assert [made.to_dict() for made in one.rebalances] == [made.to_dict() for made in other.rebalances]
    assert (one.misses, one.payouts, one.warnings) == (other.misses, other.payouts, other.warnings)


def test_each_of_six_walks_as_alone(desk: Market, six: list[aggplus.Model]) -> None:
    together = walk_together(six, desk, START, END)
    for model, record in zip(six, together, strict=True):
        assert isinstance(record, TrackRecord)
        assert_same(record, walk_forward(model, desk, START, END))
        assert len(record.rebalances) > 1


@pytest.mark.parametrize("seed", range(3))
def test_prices_after_a_day_change_nothing_up_to_it(desk: Market, six: list[aggplus.Model], seed: int) -> None:
    random = np.random.default_rng(seed)
    models = [six[0], six[2], six[3]]
    sessions = desk.prices.loc[START:END].index
    day = sessions[random.integers(5, len(sessions) - 5)]
    prices = desk.prices.copy()
    later = prices.index > day
    noise = 1.0 + random.normal(0.0, 0.02, (later.sum(), prices.shape[1]))
    prices[later] = prices[later].to_numpy() * noise
    closing = [name for name in prices.columns if name != "AGG" and random.random() < 0.3]
    prices.loc[later, closing] = np.nan
    usual = walk_together(models, desk, START, END)
    changed = walk_together(models, replace(desk, prices=prices), START, END)
    for one, other in zip(usual, changed, strict=True):
        assert isinstance(one, TrackRecord)
        assert isinstance(other, TrackRecord)
        pd.testing.assert_frame_equal(one.daily[:day], other.daily[:day], check_exact=True)
        pd.testing.assert_frame_equal(one.readings[:day], other.readings[:day], check_exact=True)
        before, after = (
            [made.to_dict() for made in record.rebalances if made.traded <= day] for record in (one, other)
        )
        assert before == after
        assert not one.daily[day:].equals(other.daily[day:])


def test_walk_that_ends_sooner_is_the_beginning_of_the_longer_one(desk: Market, six: list[aggplus.Model]) -> None:
    for model in (six[0], six[3]):
        longer, shorter = (walk_forward(model, desk, START, end) for end in (END, "2022-05-06"))
        pd.testing.assert_frame_equal(longer.daily[:"2022-05-06"], shorter.daily, check_exact=True)
