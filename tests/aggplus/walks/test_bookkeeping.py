"""Returns, costs and cash of a walk, kept once more by a loop over units held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import TrackRecord, walk_forward
from aggplus.walks.closes import Closes, path_of
from universe import Market

Make = Callable[..., aggplus.Model]

START, END = "2022-03-31", "2023-06-30"
COSTS: dict[str, object] = {
    "half_spread_bp": 3.0,
    "half_spread_by_sector_bp": {"high_yield": 11.0, "treasury": 0.5},
    "advisory_fee_bp": 45.0,
}
MONTHLY: dict[str, object] = {"triggers": {"calendar": "month_end"}}


@dataclass
class Ledger:
    """A plain account: units, cash, and a year's fee in 252 parts."""

    model: aggplus.Model
    market: Market
    units: dict[str, float] = field(default_factory=dict)
    cash: float = 1.0
    prices: dict[str, float] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)

    def mark(self, day: pd.Timestamp) -> None:
        for ticker, close in self.market.prices.loc[day].items():
            name = str(ticker)
            if np.isnan(close):
                self.silent[name] = self.silent.get(name, 0) + 1
            else:
                self.prices[name], self.silent[name] = float(close), 0
        for name in list(self.units):
            if self.silent[name] == 5:
                self.cash += self.units.pop(name) * self.prices[name]

    @property
    def value(self) -> float:
        return self.cash + sum(units * self.prices[name] for name, units in self.units.items())

    def spread(self, name: str) -> float:
        costs = self.model.costs
        if name in costs.half_spread_by_fund_bp:
            return costs.half_spread_by_fund_bp[name]
        sector = str(self.market.catalog.loc[name, "sector"])
        return costs.half_spread_by_sector_bp.get(sector, costs.half_spread_bp)

    def trade(self, weights: dict[str, float]) -> tuple[float, float]:
        value = self.value
        now = {name: units * self.prices[name] / value for name, units in self.units.items()}
        change = {name: weights.get(name, 0.0) - now.get(name, 0.0) for name in {*weights, *now}}
        cost = sum(abs(moved) * self.spread(name) / 10_000 for name, moved in change.items())
        bought = sum(max(0.0, moved) for moved in change.values())
        sold = sum(max(0.0, -moved) for moved in change.values())
        left = value * (1.0 - cost)
        self.units = {name: left * weight / self.prices[name] for name, weight in weights.items()}
        self.cash = left * (1.0 - sum(weights.values()))
        return cost, max(bought, sold)

    def pay(self, fraction: float) -> None:
        self.units = {name: units * (1.0 - fraction) for name, units in self.units.items()}
        self.cash *= 1.0 - fraction


def kept_by_hand(record: TrackRecord, market: Market) -> pd.DataFrame:
    book = Ledger(record.model, market)
    trades = {made.traded: made.after for made in record.rebalances}
    days = [record.start, *record.daily.index]
    for day in market.prices.index[market.prices.index < days[0]]:
        book.mark(day)
    rows, before = [], 1.0
    for day in days:
        book.mark(day)
        marked = book.value
        cost, turnover = book.trade(trades[day]) if day in trades else (0.0, 0.0)
        if day == days[0]:
            continue
        book.pay(record.model.costs.advisory_fee_bp / 10_000 / 252)
        held = book.units.values()
        rows.append((day, marked, book.value / before - 1.0, cost, turnover, len(held), book.cash / book.value))
        before = book.value
    names = ["date", "marked", "net", "cost", "turnover", "holdings", "cash"]
    return pd.DataFrame(rows, columns=names).set_index("date")


def assert_kept_alike(record: TrackRecord, market: Market) -> None:
    own = kept_by_hand(record, market)
    for name in ("net", "turnover", "holdings", "cash"):
        np.testing.assert_allclose(record.daily[name], own[name], rtol=0, atol=1e-12, err_msg=name)
    costs = own["cost"].to_numpy()
    np.testing.assert_allclose(record.daily["cost"].iloc[1:], costs[1:], rtol=0, atol=1e-15)
    started = np.concatenate([[1.0], (1.0 + own["net"]).cumprod().to_numpy()[:-1]])
    # What was there in the morning is known by hand only after the costs of the first purchase.
    np.testing.assert_allclose(record.daily["gross"].iloc[1:], (own["marked"] / started - 1.0).iloc[1:], atol=1e-12)


@pytest.mark.parametrize("delay", [0, 1])
def test_units_cash_costs_and_fee(desk: Market, make: Make, delay: int) -> None:
    fund = str(desk.catalog.index[desk.catalog["sector"] == "treasury"][0])
    costs = {**COSTS, "half_spread_by_fund_bp": {fund: 25.0}}
    model = make("baseline", "kept", {**MONTHLY, "trade_delay_days": delay}, costs=costs)
    record = walk_forward(model, desk, START, END)
    assert_kept_alike(record, desk)
    assert record.trades["ticker"].eq(fund).any()
    assert len(record.rebalances) == 15 if delay else 16
    sessions = desk.prices.index
    for made in record.rebalances[1:]:
        assert sessions.get_loc(made.traded) - sessions.get_loc(made.date) == delay
    assert record.rebalances[0].traded == record.start
    assert record.rebalances[0].cost > 0.0
    # The month that ends with the walk is solved, and there is no close left to trade it at.
    assert [miss.status for miss in record.misses] == (["not traded"] if delay else [])


def test_trade_on_the_first_day_does_not_hide_the_cost_of_the_first_purchase(desk: Market, make: Make) -> None:
    model = make("baseline", "daily", {"triggers": {"max_days": 1}}, costs=COSTS)
    record = walk_forward(model, desk, START, "2022-04-14")
    assert len(record.rebalances) == 11
    assert_kept_alike(record, desk)
    first, second = record.rebalances[:2]
    assert record.daily["cost"].iloc[0] == first.cost + second.cost


def test_costs_and_fee_are_all_that_parts_net_from_gross(desk: Market, make: Make) -> None:
    free = make("baseline", "free", MONTHLY, costs={"half_spread_bp": 0.0})
    record = walk_forward(free, desk, START, END)
    pd.testing.assert_series_equal(record.daily["net"], record.daily["gross"], check_names=False, atol=1e-15)
    charged = walk_forward(
        make("baseline", "fee", MONTHLY, costs={"half_spread_bp": 0.0, "advisory_fee_bp": 252.0}), desk, START, END
    )
    ratio = (1.0 + charged.daily["net"]) / (1.0 + record.daily["net"])
    np.testing.assert_allclose(ratio, 1.0 - 0.0001, atol=1e-15)


def test_closed_fund_is_paid_out_at_its_last_price_for_good(desk: Market, make: Make) -> None:
    model = make("baseline", "closing", {"triggers": {"max_days": 60}}, costs=COSTS)
    usual = walk_forward(model, desk, START, END)
    held = max(usual.rebalances[0].after, key=lambda name: usual.rebalances[0].after[name])
    sessions = list(desk.prices.index)
    closed = sessions.index(usual.start) + 20
    prices = desk.prices.copy()
    # Silent for fifteen sessions; then it trades again at twice the price, which is no gain of those who were paid.
    prices.iloc[closed : closed + 15, prices.columns.get_loc(held)] = np.nan
    prices.iloc[closed + 15 :, prices.columns.get_loc(held)] *= 2.0
    market = replace(desk, prices=prices)
    record = walk_forward(model, market, START, sessions[closed + 30])
    [paid] = record.payouts
    assert (paid.ticker, paid.last_close, paid.date) == (held, sessions[closed - 1], sessions[closed + 4])
    assert record.daily.loc[paid.date, "cash"] == pytest.approx(paid.weight, abs=1e-12)
    assert record.daily["holdings"].iloc[-1] == len(record.rebalances[0].after) - 1
    assert_kept_alike(record, market)


def test_closed_fund_is_held_to_the_day_before_it_pays_out(desk: Market) -> None:
    at = desk.prices.index.get_loc(pd.Timestamp("2022-04-11"))
    prices = desk.prices.copy()
    prices.iloc[at:, prices.columns.get_loc("TQJB")] = np.nan
    path = path_of(Closes(replace(desk, prices=prices)), {"TQJB": 0.4, "CQJD": 0.5}, at - 3, at + 10)
    assert path.weights(at + 3)[0] > 0.0
    assert path.weights(at + 4)[0] == 0.0
    assert list(path.count) == [2] * 7 + [1] * 7
    worth = prices["TQJB"].iloc[at - 1] / prices["TQJB"].iloc[at - 3] * 0.4
    np.testing.assert_allclose(path.cash, [0.1] * 7 + [0.1 + worth] * 7, atol=1e-15)
    # What is cash has drifted away from the fund.
    now = path.weights(at + 4)
    assert path.drift[7] == pytest.approx(0.5 * (0.4 + abs(now[1] - 0.5)), abs=1e-15)
    np.testing.assert_allclose(path.total, path.worth.sum(axis=1) + 0.1, atol=1e-15)


def test_short_gap_is_no_closure(desk: Market, make: Make) -> None:
    model = make("baseline", "gap", {"triggers": {"max_days": 60}})
    held = next(iter(walk_forward(model, desk, START, "2022-04-29").rebalances[0].after))
    prices = desk.prices.copy()
    at = prices.index.get_loc(pd.Timestamp("2022-04-11"))
    prices.iloc[at : at + 4, prices.columns.get_loc(held)] = np.nan
    market = replace(desk, prices=prices)
    record = walk_forward(model, market, START, "2022-04-29")
    assert record.payouts == ()
    assert_kept_alike(record, market)


def test_trades_and_holdings_say_what_the_rebalances_say(desk: Market, make: Make) -> None:
    record = walk_forward(make("baseline", "told", MONTHLY), desk, START, END)
    for made in record.rebalances:
        rows = record.trades[record.trades["date"] == made.traded].set_index("ticker")
        assert rows["after"].sum() == pytest.approx(1.0, abs=1e-9)
        assert 0.5 * rows["change"].abs().sum() == pytest.approx(
            made.turnover - 0.5 * abs(rows["change"].sum()), abs=1e-12
        )
        assert record.holdings.loc[made.traded].loc[list(made.after)].to_dict() == made.after
    # The first purchase is no turnover of the strategy.
    spent = sum(made.turnover for made in record.rebalances[1:])
    assert record.turnover_per_year == pytest.approx(spent * 252 / len(record.daily), abs=1e-12)
