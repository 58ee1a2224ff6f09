"""A check decides what the walk decided on that day, and a solve with that day's holdings gives its weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import (
    Check,
    CheckRequest,
    LastSolve,
    TrackRecord,
    check,
    check_together,
    decision_on,
    last_solve_of,
    walk_together,
)
from optimizer.scheduling import Decision
from universe import Market, MarketError

Make = Callable[..., aggplus.Model]

EVERYTHING: dict[str, object] = {
    "volatility_change": 0.3,
    "benchmark_move": 0.02,
    "weight_drift": 0.03,
    "risk_drift": 0.15,
    "breached_clause": True,
    "left_eligibility": True,
    "expected_gain": {"horizon_days": 63, "factor": 20.0},
}


def trigger_sets(make: Make) -> list[aggplus.Model]:
    credit = {"group": [{"name": "credit", "sectors": ["high_yield", "bank_loan"], "min": 0.3, "max": 0.31}]}
    return [
        make("baseline", "drift", {"triggers": {"weight_drift": 0.004}}),
        make("aggressive", "risk", {"triggers": {"risk_drift": 0.1, "max_days": 60}}),
        make("baseline", "breach", {"triggers": {"breached_clause": True}, "rearm": 0.5}, limits=credit),
        make("baseline", "left", {"triggers": {"left_eligibility": True, "max_days": 50}, "cool_down_days": 5}),
        make(
            "baseline",
            "gain",
            {"cool_down_days": 5, "triggers": {"expected_gain": {"horizon_days": 63, "factor": 5.0}}},
        ),
        make("conservative", "calendar", {"trade_delay_days": 1, "triggers": {"calendar": "month_end"}}),
        make("aggressive", "all", {"trade_delay_days": 1, "cool_down_days": 10, "triggers": EVERYTHING}),
        make(
            "baseline",
            "estimate",
            {"triggers": {"volatility_change": 0.2, "every_days": 20}},
            risk_model={"estimator": "ledoit_wolf_raw", "window_days": 63},
        ),
    ]


def values(decision: Decision) -> np.ndarray:
    return np.array([np.nan if reading.value is None else reading.value for reading in decision.readings], dtype=float)


def assert_checks_as_walked(
    models: Sequence[aggplus.Model], market: Market, start: str, end: str, days: int, seed: int
) -> dict[str, int]:
    """Compare on random days, and on days of rebalances; how many of the days compared called for a solve."""
    walked = walk_together(models, market, start, end)
    records = [record for record in walked if isinstance(record, TrackRecord)]
    assert len(records) == len(models)
    random = np.random.default_rng(seed)
    sessions = set(random.choice(records[0].daily.index[1:], days, replace=False))
    for record in records:
        sessions |= {made.date for made in record.rebalances[1:][:2]}
    called = dict.fromkeys((model.id for model in models), 0)
    for day in sorted(pd.Timestamp(session) for session in sessions):
        lasts = [last_solve_of(record, day) for record in records]
        requests = [CheckRequest(m, last, r.net) for m, last, r in zip(models, lasts, records, strict=True)]
        for model, record, found in zip(models, records, check_together(requests, market, day), strict=True):
            assert isinstance(found, Check)
            np.testing.assert_allclose(
                values(found.decision), record.readings.loc[day], rtol=0, atol=1e-9, err_msg=f"{model.id} {day}"
            )
            made = next((made for made in record.rebalances if made.date == day), None)
            assert found.needs_solve == (made is not None), (model.id, day)
            if made is None:
                continue
            called[model.id] += 1
            assert found.decision.reasons == made.reasons
            portfolio = aggplus.solve(model, market, day, found.holdings, found.record)
            weights = portfolio.weights.reindex(list(made.after)).fillna(0.0)
            np.testing.assert_allclose(weights, list(made.after.values()), rtol=0, atol=1e-9)
            assert portfolio.setting.target.value == pytest.approx(made.target, abs=1e-9)
    return called


def test_checks_as_walked(desk: Market, make: Make) -> None:
    # A fund that is held falls silent: it leaves eligibility, and is paid out.
    prices = desk.prices.copy()
    prices.loc["2022-05-20":, "TQJB"] = np.nan
    market = replace(desk, prices=prices)
    called = assert_checks_as_walked(trigger_sets(make), market, "2022-03-31", "2022-06-30", 5, seed=2)
    assert all(called.values()), called


def test_checks_as_walked_on_the_real_market(real_market: Market, make: Make) -> None:
    models = trigger_sets(make)
    del models[-1]
    called = assert_checks_as_walked(models, real_market, "2020-02-14", "2020-04-15", 4, seed=3)
    assert sum(map(bool, called.values())) >= 5


def test_breach_that_no_solve_cures_fires_once(desk: Market, make: Make) -> None:
    # All credit is gone, and the clause that wants some gives way: solved again, it is broken still.
    credit = list(desk.catalog.index[desk.catalog["sector"].isin(["high_yield", "bank_loan"])])
    prices = desk.prices.copy()
    prices.loc["2022-05-09":, credit] = np.nan
    market = replace(desk, prices=prices)
    group = {"name": "credit", "sectors": ["high_yield", "bank_loan"], "min": 0.3, "max": 0.6, "priority": 1}
    model = make("baseline", "soft", {"triggers": {"breached_clause": True}}, limits={"group": [group]})
    [record] = walk_together([model], market, "2022-03-31", "2022-06-30")
    assert isinstance(record, TrackRecord)
    after = record.rebalances[-1].date
    assert pd.Timestamp("2022-05-09") <= after < pd.Timestamp("2022-05-20")
    assert record.readings.loc["2022-06-01":, "breached_clause"].gt(1.0).all()
    for day in ("2022-05-23", "2022-06-15", "2022-06-30"):
        last = last_solve_of(record, day)
        assert last is not None
        for known in (last, LastSolve(last.solved, last.weights)):
            found = decision_on(model, market, day, known)
            assert found.action == "hold"
            assert "already so after the last solve" in found.readings[0].words
            assert values(found)[0] == pytest.approx(record.readings.loc[day, "breached_clause"], abs=1e-9)


def test_scaled_model_older_than_a_year_checks_by_its_record(desk: Market, make: Make) -> None:
    model = make(
        "aggressive", "old", {"triggers": {"risk_drift": 0.1, "max_days": 40}}, costs={"advisory_fee_bp": 40.0}
    )
    [record] = walk_together([model], desk, "2022-01-31", "2023-03-15")
    assert isinstance(record, TrackRecord)
    for day in record.daily.index[[275, 280]]:
        last = last_solve_of(record, day)
        assert last is not None
        traded = record.net[: pd.Timestamp(last.solved)]
        # What the record lacks since the trade is worked out from the weights: the fee is in it.
        found = decision_on(model, desk, day, last, traded)
        np.testing.assert_allclose(values(found), record.readings.loc[day], rtol=0, atol=1e-9)


def test_holdings_of_a_file_decide_as_all_that_a_walk_remembers(desk: Market, make: Make) -> None:
    for model in trigger_sets(make)[:3]:
        [record] = walk_together([model], desk, "2022-03-31", "2022-06-15")
        assert isinstance(record, TrackRecord)
        for day in record.daily.index[10::30]:
            last = last_solve_of(record, day)
            assert last is not None
            found = check(model, desk, day, last.weights, last.solved, record.net)
            assert found.needs_solve == any(made.date == day for made in record.rebalances), (model.id, day)


def test_disarmed_trigger_stays_quiet(desk: Market, make: Make) -> None:
    # Half the portfolio has to be in a fund that the screens refuse from the start: solved, it is held still.
    model = make("baseline", "drift", {"triggers": {"weight_drift": 0.001}, "rearm": 0.1})
    held = {"TQJB": 0.5, "CQJD": 0.5}
    days = desk.prices.loc["2022-04-01":"2022-06-30"].index
    fires = [check(model, desk, day, held, "2022-03-31").needs_solve for day in days]
    assert any(fires)
    told = LastSolve("2022-03-31", held, disarmed=frozenset({"weight_drift"}))
    drifts = [values(decision_on(model, desk, day, told))[0] for day in days[:5]]
    quiet = [decision_on(model, desk, day, told).action for day in days[:5]]
    # Disarmed until it has been below a tenth of the threshold.
    armed = False
    for drift, action in zip(drifts, quiet, strict=True):
        armed = armed or drift < 0.0001
        assert action == ("resolve" if armed and drift > 0.001 else "hold")


def test_no_portfolio_yet(desk: Market, make: Make) -> None:
    found = check(make("baseline", "new", {"triggers": {"max_days": 20}}), desk)
    assert found.needs_solve
    assert found.decision.reasons == ("no portfolio yet",)
    assert found.to_dict()["last_solved"] is None
    assert found.day == desk.prices.index[-1]


def test_on_the_day_of_the_solve_there_is_nothing_to_do(desk: Market, make: Make) -> None:
    for model in trigger_sets(make)[:3]:
        portfolio = aggplus.solve(model, desk, "2022-06-15")
        assert not check(model, desk, "2022-06-15", portfolio.weights, "2022-06-15").needs_solve


@pytest.mark.parametrize(
    ("holdings", "solved", "line"),
    [
        ({"TQJB": 1.0}, "2022-07-01", "last solved on 2022-07-01, which is after 2022-06-15"),
        ({"TQJX": 1.0}, "2022-06-01", "'TQJX' is not in the catalog"),
        ({"TQJB": 1.0}, None, "belong together"),
        ({"TQJB": 1.0}, "2019-06-03", "before the first close"),
        ({"TQJB": 1.2}, "2022-06-01", "sum to 1.2"),
    ],
)
def test_bad_input_is_one_line(
    desk: Market, make: Make, holdings: dict[str, float], solved: str | None, line: str
) -> None:
    with pytest.raises(ValueError, match=line) as caught:
        check(make("baseline", "new", {"triggers": {"max_days": 20}}), desk, "2022-06-15", holdings, solved)
    assert len(str(caught.value).splitlines()) == 1


def test_fund_without_a_price_at_the_trade_is_refused(desk: Market, make: Make) -> None:
    prices = desk.prices.copy()
    prices.loc[:"2022-06-10", "TQJB"] = np.nan
    model = make("baseline", "new", {"triggers": {"max_days": 20}})
    with pytest.raises(MarketError, match="TQJB has no price in desk by 2022-06-01"):
        check(model, replace(desk, prices=prices), "2022-06-15", {"TQJB": 1.0}, "2022-06-01")


def test_one_that_cannot_be_told_keeps_nobody_waiting(desk: Market, make: Make) -> None:
    model = make("baseline", "new", {"triggers": {"max_days": 20}})
    requests = [
        CheckRequest(model, LastSolve("2022-06-01", {"TQJX": 1.0})),
        CheckRequest(model, LastSolve("2022-06-01", {"TQJB": 1.0})),
        CheckRequest(model.model_copy(update={"benchmark": "NOPE"}), None),
    ]
    first, second, third = check_together(requests, desk, "2022-06-15")
    assert isinstance(first, aggplus.Refusal)
    assert isinstance(second, Check)
    assert isinstance(third, aggplus.Refusal)
    assert not second.needs_solve
