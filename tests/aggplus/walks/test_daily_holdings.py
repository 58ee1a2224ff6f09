"""Holdings at every close against a plain account of units; shadow prices against those of a solve of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import walk_forward
from aggplus.walks.closes import Closes
from aggplus.walks.daily_holdings import daily_holdings
from universe import Market

Make = Callable[..., aggplus.Model]

START, END = "2022-03-31", "2022-12-30"
MONTHLY: dict[str, object] = {"triggers": {"calendar": "month_end"}}


def test_weights_follow_from_units_and_contributions_add_up(desk: Market, make: Make) -> None:
    track = walk_forward(make("baseline", "Monthly", MONTHLY), desk, START, END)
    held = daily_holdings(track, Closes(desk))
    assert len(track.rebalances) >= 9
    assert list(held.weights.index) == [track.start, *track.daily.index]
    np.testing.assert_allclose(held.contributions.sum(axis=1), track.daily["gross"], atol=1e-14)
    for made in track.rebalances:
        after = held.weights.loc[made.traded]
        assert after[after > 0.0].to_dict() == pytest.approx(made.after, abs=1e-14)
    for made, following in zip(track.rebalances, track.rebalances[1:], strict=False):
        span = desk.prices.loc[made.traded : following.traded, list(made.after)]
        worth = span / span.iloc[0] * pd.Series(made.after)
        weights = worth.div(worth.sum(axis=1) + 1.0 - sum(made.after.values()), axis=0)
        inside = held.weights.loc[made.traded : following.traded, list(made.after)].iloc[:-1]
        np.testing.assert_allclose(inside, weights.iloc[:-1], atol=1e-12)
        # On the day of the next trade the old weights are what the decision found.
        assert weights.iloc[-1].to_dict() == pytest.approx(following.before, abs=1e-12)


def test_a_fund_that_closes_becomes_cash(desk: Market, make: Make) -> None:
    model = make("baseline", "Once", {"triggers": {"max_days": 2000}})
    held = max(walk_forward(model, desk, START, END).rebalances[0].after.items(), key=lambda item: item[1])[0]
    prices = desk.prices.copy()
    prices.loc["2022-08-01":, held] = np.nan
    closed = replace(desk, prices=prices)
    track = walk_forward(model, closed, START, END)
    found = daily_holdings(track, Closes(closed))
    [paid] = track.payouts
    assert found.weights.loc[: paid.date, held].iloc[:-1].min() > 0.0
    assert found.weights.loc[paid.date :, held].max() == 0.0
    cash = 1.0 - found.weights.sum(axis=1)
    np.testing.assert_allclose(cash.loc[track.daily.index], track.daily["cash"], atol=1e-12)


def test_shadow_prices_are_those_of_a_solve_of_the_day(desk: Market, make: Make) -> None:
    model = make("baseline", "Monthly", MONTHLY)
    made = walk_forward(model, desk, START, "2022-06-30").rebalances
    for rebalance in made[:3]:
        solved = aggplus.solve(model, desk, rebalance.date, rebalance.before or None)
        assert rebalance.to_dict()["shadow_prices"] == [
            {key: pytest.approx(value, rel=1e-6) if isinstance(value, float) else value for key, value in row.items()}
            for row in solved.to_dict()["shadow_prices"]
        ]
        assert rebalance.shadow_prices
