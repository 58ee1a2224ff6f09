"""Walks on which something is missing, forbidden or not worth it; and what risk scaling learns on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import walk_forward, walk_together
from universe import Market, MarketError

Make = Callable[..., aggplus.Model]

START, END = "2022-03-31", "2022-09-30"


def test_infeasible_stretch_keeps_what_is_held(desk: Market, make: Make) -> None:
    # Credit is demanded, and all of it is gone for some months: nothing trades, so nothing is eligible.
    group = [{"name": "credit", "sectors": ["high_yield", "bank_loan"], "min": 0.3, "max": 0.6}]
    model = make("baseline", "demanding", {"triggers": {"calendar": "month_end"}}, limits={"group": group})
    prices = desk.prices.copy()
    credit = list(desk.catalog.index[desk.catalog["sector"].isin(["high_yield", "bank_loan"])])
    prices.loc["2022-05-16":"2022-06-17", credit] = np.nan
    record = walk_forward(model, replace(desk, prices=prices), START, END)
    months = [f"{made.date:%Y-%m}" for made in record.rebalances]
    missed = [miss for miss in record.misses if miss.status == "infeasible"]
    assert months[:2] == ["2022-03", "2022-04"]
    assert "2022-05" not in months
    # Due since the end of May, it is tried again every day, and every day is told.
    assert [miss.date for miss in missed] == list(prices.loc["2022-05-31":END].index[: len(missed)])
    assert len(missed) > 60
    assert all(miss.findings and miss.reasons[0].startswith("the month 2022-") for miss in missed)
    # What was held is still there, but for the funds that were paid out.
    funds = set(record.rebalances[1].after) - set(credit)
    assert record.daily.loc["2022-06-10", "holdings"] == len(funds)
    assert {paid.ticker for paid in record.payouts} == set(record.rebalances[1].after) & set(credit)


def test_gap_of_the_benchmark_is_told_and_survived(desk: Market, make: Make) -> None:
    prices = desk.prices.copy()
    prices.loc["2022-06-15", "AGG"] = np.nan
    market = replace(desk, prices=prices)
    by_volatility = make("baseline", "volatility", {"triggers": {"volatility_change": 0.2, "max_days": 10}})
    by_calendar = make("baseline", "calendar", {"triggers": {"calendar": "quarter_end"}})
    one, other = walk_together([by_volatility, by_calendar], market, START, "2022-12-30")
    assert isinstance(one, aggplus.TrackRecord)
    assert isinstance(other, aggplus.TrackRecord)
    # The window of 63 returns holds the gap for 64 sessions.
    at = prices.index.get_loc(pd.Timestamp("2022-06-15"))
    assert [miss.date for miss in one.misses] == list(prices.index[at : at + 64])
    assert {miss.status for miss in one.misses} == {"refused"}
    assert "AGG" in one.misses[0].findings[0]
    assert one.rebalances[-1].date > prices.index[at + 64]
    # Who does not look at volatility is only refused when it wants to solve, from the end of June on.
    assert other.misses[0].date == pd.Timestamp("2022-06-30")
    assert other.misses[-1].date == prices.index[at + 63]
    assert [f"{made.date:%Y-%m-%d}" for made in other.rebalances[1:]] == [
        f"{prices.index[at + 64]:%Y-%m-%d}",
        "2022-09-30",
        "2022-12-30",
    ]


def test_misprint_of_the_benchmark_stops_nobody_else(desk: Market, make: Make) -> None:
    prices = desk.prices.copy()
    prices.loc["2022-06-15", "AGG"] *= 10.0
    rebalance: dict[str, object] = {"triggers": {"volatility_change": 0.2}}
    record = walk_forward(make("baseline", "volatility", rebalance), replace(desk, prices=prices), START, "2022-07-29")
    assert {miss.status for miss in record.misses} == {"refused"}
    assert record.misses[0].date == pd.Timestamp("2022-06-15")
    assert "misprinted" in record.misses[0].findings[0]


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [
        ("2021-02-01", "2021-06-30", "first estimate is possible on 2021-04"),
        ("2022-01-03", "2031-01-01", "2031-01-01 is after the last close of desk"),
        ("2022-05-02", "2022-04-01", "choose an end after the start"),
        ("2022-05-02", "2022-05-02", "choose an end after the start"),
        ("spring", None, "spring"),
    ],
)
def test_walk_that_cannot_be(desk: Market, make: Make, start: str, end: str | None, line: str) -> None:
    with pytest.raises(MarketError, match=line) as caught:
        walk_forward(make("baseline", "short", {"triggers": {"max_days": 20}}), desk, start, end)
    assert len(str(caught.value).splitlines()) == 1


def test_benchmark_that_starts_later_keeps_nobody_else_from_walking(desk: Market, make: Make) -> None:
    late = desk.catalog.index[desk.catalog["sector"] == "treasury"][0]
    prices = desk.prices.copy()
    prices.loc[:"2022-06-30", late] = np.nan
    rebalance: dict[str, object] = {"triggers": {"max_days": 20}}
    models = [
        make("baseline", "first", rebalance),
        make("baseline", "late", rebalance).model_copy(update={"benchmark": late}),
        make("baseline", "unknown", rebalance).model_copy(update={"benchmark": "AGGG"}),
    ]
    first, second, third = walk_together(models, replace(desk, prices=prices), START, END)
    assert isinstance(first, aggplus.TrackRecord)
    assert isinstance(second, aggplus.Refusal)
    assert isinstance(third, aggplus.Refusal)
    possible = prices.loc["2022-07-01":].index[63]
    assert f"the first estimate is possible on {possible:%Y-%m-%d}" in second.why
    assert "AGGG is not a fund of desk" in third.why


def test_risk_scaling_reads_its_own_record_after_a_year(desk: Market, make: Make) -> None:
    model = make("aggressive", "scaled", {"triggers": {"calendar": "month_end"}}, costs={"advisory_fee_bp": 30.0})
    record = walk_forward(model, desk, "2022-01-31", "2023-06-30")
    # The record's first return is that of the second session.
    old = [made for made in record.rebalances if made.date >= record.daily.index[251]]
    young = [made for made in record.rebalances if made.date < record.daily.index[251]]
    assert len(old) >= 4
    assert len(young) >= 11
    for made in old:
        # A trade at the close of the day is not in the record that the solve of the day reads.
        until = record.daily[: made.date]
        net = until["net"].copy()
        net.iloc[-1] = (1.0 + until["gross"].iloc[-1]) * (1.0 - 0.0030 / 252) - 1.0
        rho = min(1.0, max(0.5, np.corrcoef(net, until["benchmark"])[0, 1]))
        assert made.target == pytest.approx(made.benchmark_volatility / rho, rel=1e-9)
        assert made.scaled_by == pytest.approx(rho, rel=1e-9)
    assert all(made.scaled_by is not None and 0.5 <= made.scaled_by <= 1.0 for made in young)


def test_risk_drift_of_the_next_day_is_against_the_target_that_was_solved_for(desk: Market, make: Make) -> None:
    model = make("aggressive", "scaled", {"triggers": {"risk_drift": 0.5}})
    record = walk_forward(model, desk, START, "2022-04-29")
    [made] = record.rebalances
    portfolio = aggplus.solve(model, desk, record.daily.index[0], made.after)
    risk = portfolio.setting.risk_model
    drifted = record.trades.set_index("ticker")["after"]
    worth = drifted * desk.prices.loc[record.daily.index[0], drifted.index] / desk.prices.loc[made.date, drifted.index]
    weights = (worth / worth.sum()).reindex(risk.tickers).fillna(0.0).to_numpy()
    target = risk.sigma_b * made.target / made.benchmark_volatility
    expected = risk.form.volatility(weights) / target - 1.0
    assert record.readings["risk_drift"].iloc[0] == pytest.approx(expected, abs=1e-12)


def test_a_look_is_traded_only_where_it_pays(desk: Market, make: Make) -> None:
    def walked(factor: float) -> aggplus.TrackRecord:
        gain = {"expected_gain": {"horizon_days": 21, "factor": factor}}
        return walk_forward(make("baseline", f"gain-{factor}", {"triggers": gain}), desk, START, "2022-06-30")

    eager, choosy, never = walked(1.0), walked(20.0), walked(1000.0)
    assert len(eager.rebalances) > len(choosy.rebalances) > len(never.rebalances) == 1
    days = [made.date for made in choosy.rebalances[1:]]
    for made in choosy.rebalances[1:]:
        gain = made.decision.readings[0]
        assert gain.value is not None
        assert gain.value >= 20.0 * made.cost * 1e4 - 1e-9
        assert choosy.readings.loc[made.date, "expected_gain"] == gain.value
        # By hand: mu of the day times the change of weights, a twelfth of a year.
        mu = aggplus.solve(choosy.model, desk, made.date, made.before).setting.risk_model
        change = pd.Series(made.after).sub(pd.Series(made.before), fill_value=0.0).reindex(mu.tickers).fillna(0.0)
        assert gain.value == pytest.approx(100.0 * float(mu.mu @ change.to_numpy()) * 21 / 252, abs=1e-9)
    looked = choosy.readings["expected_gain"].drop(days)
    assert looked.notna().all()
    assert choosy.misses == ()


def test_a_model_that_never_finds_a_portfolio_says_so_every_day(desk: Market, make: Make) -> None:
    impossible = {"algorithm": "constant_volatility", "value": 0.0001}
    model = make("baseline", "impossible", {"triggers": {"max_days": 20}}, target=impossible)
    record = walk_forward(model, desk, START, "2022-04-29")
    assert record.rebalances == ()
    assert len(record.misses) == len(record.daily) + 1
    assert record.daily["net"].eq(0.0).all()
    assert record.daily["cash"].eq(1.0).all()
    assert record.mean_ex_ante_beta is None
    assert record.holdings.empty
    assert record.trades.empty
    assert record.to_dict()["rebalances"] == []
    assert "2022-03-31" in record._repr_html_()
