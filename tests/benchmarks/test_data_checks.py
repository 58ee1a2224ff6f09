"""What is planted is what is said to be, and the page counts what was found."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from benchmarks.data_checks.measuring import false_alarms, outcomes
from benchmarks.data_checks.page import page
from benchmarks.data_checks.planting import FAULTS, HARDER, plant
from universe.checks import Finding


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    random = np.random.default_rng(2)
    closes = 50.0 * np.exp(np.cumsum(random.normal(0.0, 0.003, (400, 60)), axis=0))
    closes[:120, :5] = np.nan
    tickers = [f"F{number:02d}" for number in range(60)]
    return pd.DataFrame(closes, index=pd.bdate_range("2020-01-01", periods=400), columns=tickers)


@pytest.mark.parametrize("seed", range(4))
def test_errors_are_where_they_are_said_to_be_and_nowhere_else(prices: pd.DataFrame, seed: int) -> None:
    spoilt, planted = plant(prices, seed, 4, (*FAULTS, *HARDER))
    assert len(planted) == 4 * 9
    funds = [one.ticker for one in planted] + [one.partner for one in planted if one.partner]
    assert len(set(funds)) == len(funds)
    untouched = [ticker for ticker in prices.columns if ticker not in funds]
    pd.testing.assert_frame_equal(spoilt[untouched], prices[untouched])
    for one in planted:
        before, after = prices[one.ticker], spoilt[one.ticker]
        first, last = (int(prices.index.searchsorted(day)) for day in (one.first, one.last))
        assert first - int(before.notna().to_numpy().argmax()) >= 63
        assert len(prices) - first >= 42
        pd.testing.assert_series_equal(after.iloc[:first], before.iloc[:first])
        ratio = (after / before).to_numpy()
        if "spike" in one.fault:
            assert first == last
            assert ratio[first] == pytest.approx(1.0 + one.size)
            low, high = (0.02, 0.20) if one.fault == "spike" else (0.01, 0.02)
            assert low <= abs(one.size) <= high
            assert ratio[first + 1] == 1.0
        elif one.fault == "gap":
            assert after.iloc[first : last + 1].isna().all()
            assert last - first + 1 == one.size
        elif "distribution" in one.fault:
            assert prices.index[first].month != prices.index[first - 1].month
            np.testing.assert_allclose(ratio[first:], 1.0 + one.size)
            assert (one.size > 0.0) == (one.fault == "distribution")
            assert one.detail == "without closes"
        elif one.fault == "stale":
            assert (after.iloc[first - 1 : first + 5].nunique(), last - first) == (1, 4)
            assert ratio[first + 5] == 1.0
        elif one.fault == "shift":
            assert one.size in (10.0, 100.0, 0.1, 0.01)
            np.testing.assert_allclose(ratio[first : last + 1], one.size)
        else:
            other = prices[one.partner]
            moved = after.pct_change().iloc[first + 1 :]
            np.testing.assert_allclose(moved, other.pct_change().iloc[first + 1 :], atol=1e-12)
            own_step = after.iloc[first] / after.iloc[first - 1] - 1.0
            assert (abs(own_step) < 0.02) == (one.fault == "chained_swap" or abs(np.log(one.size)) < 0.02)


def test_distributions_are_planted_on_days_on_which_a_fund_with_closes_paid(prices: pd.DataFrame) -> None:
    """Half of the funds have closes, and paid 30 basis points on every 21st day; one closes was wrong for a day."""
    paid = np.arange(len(prices)) % 21 == 0
    paid[0] = False
    factor = np.cumprod(np.where(paid, 1.0 - 0.0030, 1.0))
    closes = (prices.mul(factor, axis=0)).iloc[:, ::2]
    closes.iloc[199] *= 1.0030
    spoilt, planted = plant(prices, 3, 12, ("distribution", "missing_distribution"), closes)
    with_closes = [one for one in planted if one.detail == "with closes"]
    assert {one.fault for one in with_closes} == {"distribution", "missing_distribution"}
    for one in planted:
        assert (one.detail == "with closes") == (one.ticker in closes.columns)
    for one in with_closes:
        row = int(prices.index.searchsorted(one.first))
        assert paid[row]
        counted = 2 if one.fault == "distribution" else 0
        moved = spoilt[one.ticker].pct_change().iloc[row] - closes[one.ticker].pct_change().iloc[row]
        assert moved == pytest.approx(counted * 0.0030, abs=1e-4)


def test_a_seed_plants_the_same_every_time(prices: pd.DataFrame) -> None:
    one, other, third = (plant(prices, seed, 3)[1] for seed in (7, 7, 8))
    assert one == other
    assert one != third


def finding(ticker: str, day: pd.Timestamp, kind: str, severity: Any = "warning") -> Finding:
    return Finding(ticker, day, day, kind, severity, 1.0, "percent", "because", day)


def test_only_a_fitting_finding_near_an_error_counts_and_others_are_alarms(prices: pd.DataFrame) -> None:
    _, planted = plant(prices, 1, 1, ("spike", "stale"))
    spike, week = planted
    free = next(t for t in prices.columns if t not in {spike.ticker, week.ticker})
    near, far = spike.first, spike.first + pd.Timedelta(days=40)
    found = [
        finding(spike.ticker, near, "spike"),
        finding(week.ticker, week.first, "jump"),
        finding(free, near, "spike"),
        finding(free, near, "jump"),
        finding(free, far, "distribution", "note"),
    ]
    became = outcomes(prices, planted, found)
    assert [(one.warned, one.noted) for one in became] == [(True, True), (False, False)]
    assert became[0].days == 0
    rows = prices.index.slice_indexer(week.first, week.last)
    true = prices[week.ticker].iloc[rows] / prices[week.ticker].iloc[rows.start - 1]
    assert became[1].hides == pytest.approx(1e4 * max(abs(np.log(true.min())), abs(np.log(true.max()))))
    assert np.isnan(became[0].hides)
    late = outcomes(prices, planted, [finding(spike.ticker, far, "spike")])
    assert not late[0].noted
    noted = outcomes(prices, planted, [finding(spike.ticker, near, "spike", "note")])
    assert (noted[0].warned, noted[0].noted) == (False, True)
    assert len(false_alarms(planted, found)) == 1


def test_the_page_counts_and_its_intervals_are_clopper_and_pearson_s() -> None:
    def outcome(fault: str, warned: bool) -> dict[str, Any]:
        return {
            "fault": fault, "ticker": "A", "first": "2020-01-02", "size": 0.04, "detail": "", "warned": warned,
            "noted": True, "volatility": 20.0, "unchanged": 0.01, "days": 2.0 if warned else float("nan"),
            "hides": 30.0 if warned else 7.0,
        }  # fmt: skip

    became = [outcome(fault, number < 9) for fault in (*FAULTS, *HARDER) for number in range(10)]
    alarm = {**finding("B", pd.Timestamp("2021-01-04"), "spike").to_dict(), "panic": False}
    report = {
        "machine": "m", "versions": {"python": "3"}, "seconds": 1.0, "funds": 5, "first": "2020-01-02",
        "last": "2021-01-04", "fund_years": 100.0, "panic_fund_years": 0.0,
        "years_with_closes": 40.0, "counts": {}, "alarms": [alarm, alarm],
        "notes": [], "stale": [4.2, 9.0], "rounds": [
            {"seed": 1, "outcomes": became, "further_alarms": 0, "stale": [4.2, 1.0, 6.0, 8.0]}
        ],
    }  # fmt: skip
    text = page(json.loads(json.dumps(report)))
    exact = binomtest(9, 10).proportion_ci(0.95, method="exact")
    interval = f"{100 * exact.low:.1f} to {100 * exact.high:.1f} %"
    assert f"| spike and back, 2 to 20 % | 10 | 90.0 % | {interval} | 100.0 % | 2 |" in text
    assert "| all | 2 | 20.0 | 0 | 0.0 |" in text
    assert "| one in 10,000 | 75.0 % | 20.0 |" in text
    assert "with them 2.00. The bar" in text
    assert "Of the 9 weeks in which a close is off by 20 basis points or more" in text
    assert "| 5 to 10 basis points | 1 | 0.0 % |" in text
