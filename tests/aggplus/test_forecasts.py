"""Forecasts of volatility: figures by hand and on simulated returns, the record from raw files, the rule of choice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import aggplus
from aggplus.charts import plate_page
from aggplus.forecasts.candidates import CANDIDATES
from aggplus.forecasts.chart import forecast_plate
from aggplus.forecasts.choice import BARS, beyond_bounds, choose
from aggplus.forecasts.judgement import FIGURES, betas, by_kind, by_year, judge, monthly_losses
from aggplus.forecasts.record import Forecast, ForecastRecord, forecast_record, month_ends
from aggplus.forecasts.report import ForecastReport
from aggplus.forecasts.trials import RANDOM_PORTFOLIOS, common_trials, realised_returns
from constraints import MandateError
from riskmodels import RiskModelRules
from universe import MarketError

Floats = NDArray[np.float64]

SHIPPED = "exponential 21/126, weekly, larger"
FORMER = "Ledoit-Wolf"
DAYS = 21


def forecasts(
    forecast: Floats, realised: Floats, month_return: Floats, estimator: str = "e", kind: str = "model", **columns: Any
) -> pd.DataFrame:
    """A table as of `ForecastRecord`, one row a month from January 2010 on."""
    months = len(forecast)
    given_columns = {
        "date": pd.date_range("2009-12-31", periods=months, freq="ME"),
        "estimator": estimator,
        "portfolio": kind,
        "kind": kind,
        "forecast": forecast,
        "realised": realised,
        "days": DAYS,
        "month_return": month_return,
        "calm_realised": realised,
        "calm_days": DAYS,
        "beta": 1.0,
        "realised_covariance": realised**2,
    }
    return pd.DataFrame(given_columns | columns)[list(Forecast.__dataclass_fields__)]


class TestJudgement:
    def test_by_hand(self) -> None:
        """Two months, of 20 days and of 10 in the crisis; a forecast of 2 % a month, which is 2 sqrt(12) a year."""
        year = 2.0 * np.sqrt(12.0)
        table = forecasts(
            np.array([year, year]),
            np.array([0.5 * year, 1.5 * year]),
            np.array([2.0, -4.0]),
            days=[20, 10],
            calm_days=[20, 0],
            calm_realised=[0.5 * year, np.nan],
        )
        expected = {
            "daily_bias": np.sqrt((20 * 0.25 + 10 * 2.25) / 30),
            "calm_daily_bias": 0.5,
            # Standardised 1 and -2: a variance of 1.5^2 x 2 / (2 - 1).
            "monthly_bias": np.sqrt(4.5),
            "calm_monthly_bias": np.nan,
            "ratio": 1.0,
            "daily_qlike": np.log(48.0) + (20 * 0.25 + 10 * 2.25) / 30,
            "monthly_qlike": np.log(4.0) + (1.0 + 4.0) / 2,
            "months": 2,
        }
        judged = judge(table)
        assert tuple(judged.columns) == FIGURES
        assert judged.index.tolist() == [("e", "model", "model")]
        assert judged.iloc[0].to_dict() == pytest.approx(expected, rel=1e-12, nan_ok=True)

    def test_ratio_is_of_means_and_not_a_mean_of_ratios(self) -> None:
        table = forecasts(np.array([1.0, 9.0]), np.array([3.0, 9.0]), np.array([1.0, 1.0]))
        assert judge(table)["ratio"].item() == pytest.approx(1.2)

    def test_one_month_has_no_monthly_bias(self) -> None:
        row = judge(forecasts(np.array([2.0]), np.array([2.0]), np.array([0.1]))).iloc[0]
        assert np.isnan(row["monthly_bias"])
        assert row["daily_bias"] == pytest.approx(1.0)

    def test_groups_do_not_mix_and_each_portfolio_counts_once_in_its_kind(self) -> None:
        one, ones = np.ones(2), np.array([1.0, -1.0])
        table = pd.concat(
            [
                forecasts(one, 1.0 * one, ones, "b", "sector", portfolio="x"),
                forecasts(np.ones(4), 3.0 * np.ones(4), np.tile(ones, 2), "b", "sector", portfolio="y"),
                forecasts(one, 5.0 * one, ones, "a", "sector", portfolio="x"),
            ]
        )
        judged = judge(table)
        assert judged["ratio"].to_dict() == {
            ("b", "sector", "x"): 1.0,
            ("b", "sector", "y"): 3.0,
            ("a", "sector", "x"): 5.0,
        }
        assert by_kind(judged)["ratio"].to_dict() == {("b", "sector"): 2.0, ("a", "sector"): 5.0}

    def test_a_forecast_of_the_last_session_of_december_is_of_january(self) -> None:
        table = forecasts(np.ones(3), np.array([1.0, 2.0, 4.0]), np.ones(3))
        table["date"] = pd.to_datetime(["2015-11-30", "2015-12-31", "2016-01-29"])
        assert by_year(table)["ratio"].to_dict() == {
            ("e", "model", "model", 2015): 1.0,
            ("e", "model", "model", 2016): 3.0,
        }

    def test_losses_weigh_kinds_alike_and_portfolios_within_them(self) -> None:
        root = np.sqrt(12.0)
        parts = [
            (kind, portfolio, forecasts(np.full(2, root), np.ones(2), r * np.array([1.0, 2.0]), "e", kind))
            for kind, portfolio, r in (("sector", "x", 1.0), ("sector", "y", 3.0), ("model", "m", 2.0))
        ]
        table = pd.concat([part.assign(portfolio=portfolio) for _, portfolio, part in parts])
        # A forecast of 1 % a month: log 1 + r^2, of sectors 1 and 9, of the model 4; all four times as much next month.
        losses = monthly_losses(table)
        assert losses["e"].tolist() == pytest.approx([((1 + 9) / 2 + 4) / 2, 4 * ((1 + 9) / 2 + 4) / 2])

    def test_betas_of_half_the_benchmark(self) -> None:
        b, r = np.array([4.0, 6.0, 5.0]), np.array([1.0, -2.0, 0.5])
        table = pd.concat(
            [
                forecasts(b, b, r, portfolio="AGG", kind="benchmark"),
                forecasts(b, 0.5 * b, 0.5 * r, portfolio="half", realised_covariance=0.5 * b**2, beta=0.4),
            ]
        )
        found = betas(table, "AGG").loc[("e", "half")]
        assert found.to_dict() == pytest.approx({"ex_ante": 0.4, "daily": 0.5, "monthly": 0.5})
        month = betas(table[table["date"] == table["date"].min()], "AGG").loc[("e", "half")]
        assert month.to_dict() == pytest.approx({"ex_ante": 0.4, "daily": 0.5, "monthly": np.nan}, nan_ok=True)


def simulated_months(months: int, seed: int) -> tuple[Floats, pd.DataFrame]:
    """A volatility that changes every month, known to whoever forecasts it, and normal daily returns."""
    rng = np.random.default_rng(seed)
    sigma = np.exp(rng.normal(1.5, 0.5, months))
    daily = rng.normal(size=(months, DAYS)) * sigma[:, None] / np.sqrt(252.0)
    realised = np.sqrt(252.0 * np.mean(daily**2, axis=1))
    # Returns of a month as 21 days that are added: volatility sigma / sqrt(12).
    return sigma, forecasts(sigma, realised, daily.sum(axis=1))


class TestSimulatedReturns:
    def test_bias_of_a_perfect_forecast_lies_within_what_is_to_be_expected(self) -> None:
        """1 +- sqrt(2 / T) is two standard errors: 95 of 100 times."""
        months = 48
        judged = pd.DataFrame([judge(simulated_months(months, seed)[1]).iloc[0] for seed in range(300)])
        for name, observations in (("daily_bias", months * DAYS), ("monthly_bias", months)):
            within = (judged[name] - 1.0).abs() <= np.sqrt(2.0 / observations)
            assert 0.92 <= within.mean() <= 0.985, name
            assert judged[name].mean() == pytest.approx(1.0, abs=0.1 * np.sqrt(2.0 / observations)), name

    @given(seed=st.integers(0, 10_000), factor=st.floats(0.3, 3.0).filter(lambda f: abs(np.log(f)) > 0.15))
    @settings(max_examples=40)
    def test_qlike_is_least_at_the_true_volatility(self, seed: int, factor: float) -> None:
        _, table = simulated_months(400, seed)
        true, wrong = judge(table).iloc[0], judge(table.assign(forecast=factor * table["forecast"])).iloc[0]
        assert true["daily_qlike"] < wrong["daily_qlike"]
        assert true["monthly_qlike"] < wrong["monthly_qlike"]
        assert wrong["daily_bias"] == pytest.approx(true["daily_bias"] / factor)

    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=20)
    def test_qlike_prefers_whoever_knows_when_volatility_changes(self, seed: int) -> None:
        sigma, table = simulated_months(400, seed)
        never = table.assign(forecast=np.sqrt(np.mean(sigma**2)))
        assert judge(table).iloc[0]["monthly_qlike"] < judge(never).iloc[0]["monthly_qlike"]

    @given(seed=st.integers(0, 10_000), factor=st.floats(0.5, 2.0))
    @settings(max_examples=40)
    def test_no_multiple_has_a_lower_qlike_than_the_one_without_bias(self, seed: int, factor: float) -> None:
        """Patton (2011): d/dk of log k^2 + B^2 / k^2 is zero at k = B."""
        _, table = simulated_months(12, seed)
        bias = judge(table).iloc[0]["daily_bias"]
        unbiased, other = (judge(table.assign(forecast=k * table["forecast"])).iloc[0] for k in (bias, factor))
        assert unbiased["daily_bias"] == pytest.approx(1.0)
        assert unbiased["daily_qlike"] <= other["daily_qlike"] + 1e-12


class TestTrials:
    def test_bought_and_held_with_a_fund_that_stops(self) -> None:
        prices = pd.DataFrame(
            {"A": [10.0, 11.0, 11.0, 22.0], "B": [50.0, 40.0, np.nan, np.nan], "C": [1.0, 9.0, 9.0, 9.0]},
            index=pd.bdate_range("2024-01-01", periods=4),
        )
        # 60 in A: 60, 66, 66, 132; 40 in B: 40, 32, and 32 from when it stops.
        worth = np.array([100.0, 98.0, 98.0, 164.0])
        daily = realised_returns(prices, pd.Series({"B": 0.4, "A": 0.6}))
        assert daily.to_numpy() == pytest.approx(worth[1:] / worth[:-1] - 1.0, abs=1e-15)
        assert list(daily.index) == list(prices.index[1:])

    def test_portfolios_of_a_day(self) -> None:
        sectors = pd.Series(["tips"] * 2 + ["mbs"] * 4 + ["treasury"] * 8, index=[f"F{i:02d}" for i in range(14)])
        day = pd.Timestamp("2020-06-30")
        trials = common_trials(day, "AGG", sectors)
        # Two funds do not make a sector.
        assert [trial.portfolio for trial in trials[:3]] == ["AGG", "mbs", "treasury"]
        assert [trial.kind for trial in trials] == ["benchmark", "sector", "sector", *["random"] * RANDOM_PORTFOLIOS]
        assert trials[1].weights.to_dict() == dict.fromkeys(sectors.index[2:6], 0.25)
        for trial in trials[3:]:
            assert trial.weights.sum() == pytest.approx(1.0)
            assert (trial.weights >= 0.0).all()
            assert len(trial.weights) == 10
            assert trial.weights.index.is_unique
        assert len({trial.weights.round(6).to_string() for trial in trials}) == len(trials)
        again = common_trials(day, "AGG", sectors)
        assert all(a.weights.equals(b.weights) for a, b in zip(trials, again, strict=True))
        other = common_trials(pd.Timestamp("2020-07-31"), "AGG", sectors)
        assert not trials[3].weights.equals(other[3].weights)

    def test_the_candidates_hold_the_shipped_model(self) -> None:
        shipped = aggplus.load_model("baseline").risk_model
        assert CANDIDATES[SHIPPED].model_copy(update={"lag_volatility": shipped.lag_volatility}) == shipped
        assert set(BARS) < set(CANDIDATES)
        kinds = [rules.model_dump_json() for rules in CANDIDATES.values()]
        assert len(set(kinds)) == len(kinds)


def test_month_ends_are_the_last_sessions() -> None:
    sessions = pd.bdate_range("2024-01-29", "2024-04-05").drop("2024-03-29")
    days = month_ends(sessions, pd.Timestamp("2024-02-01"), pd.Timestamp("2024-04-04"))
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2024-02-29", "2024-03-28"]


START, END = pd.Timestamp("2023-11-01"), pd.Timestamp("2024-01-31")
TWO = {name: CANDIDATES[name] for name in (FORMER, SHIPPED)}


def recorded(market: aggplus.Market, candidates: dict[str, RiskModelRules] = TWO, **more: Any) -> ForecastRecord:
    models = [aggplus.load_model(name) for name in ("baseline", "conservative")]
    return forecast_record(market, models, candidates, START, END, **more)


@pytest.fixture(scope="module")
def record(small: aggplus.Market) -> ForecastRecord:
    return recorded(small)


def test_the_chart_in_a_browser(record: ForecastRecord, chromium: Any, tmp_path: Path) -> None:
    report = ForecastReport("small </script>", "AGG", record, SHIPPED)
    file = tmp_path / "page.html"
    file.write_bytes(plate_page(forecast_plate(report)))
    page = chromium.open(file)
    assert page.locator("h2").all_inner_texts() == ["AGG", "Baseline", "Conservative"]
    assert page.locator("li").all_inner_texts() == [SHIPPED, FORMER, "realised in the month after"]
    assert page.locator("svg g.role-mark.mark-line path").count() == 9
    # Two months of three lines on three charts.
    points = page.locator("svg path[aria-roledescription=point]")
    assert points.count() == 18
    points.nth(4).hover(force=True)
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    table = record.table[(record.table["kind"] == "benchmark") & (record.table["estimator"] == SHIPPED)]
    assert any(f"{value:.2f}" in tip.inner_text() for value in table["realised"])


FORECAST = ["date", "estimator", "portfolio", "kind", "forecast", "beta"]


class TestRecord:
    def test_every_portfolio_on_every_candidate_and_month(self, record: ForecastRecord) -> None:
        table = record.table
        assert record.failures == ()
        assert sorted(table["date"].unique()) == [pd.Timestamp("2023-11-30"), pd.Timestamp("2023-12-29")]
        assert not table.duplicated(["date", "estimator", "portfolio"]).any()
        counts = table.groupby(["date", "estimator", "kind"]).size().unstack("kind").drop_duplicates()
        # Treasuries, corporates, TIPS and high yield; Baseline and Conservative.
        assert counts.to_dict("records") == [{"benchmark": 1, "sector": 4, "random": RANDOM_PORTFOLIOS, "model": 2}]
        assert not table.isna().any(axis=None)

    def test_what_came_is_the_same_whoever_forecast(self, record: ForecastRecord) -> None:
        common = record.table[record.table["kind"] != "model"]
        first, second = (common[common["estimator"] == name].reset_index(drop=True) for name in TWO)
        came = ["date", "portfolio", "realised", "days", "month_return", "realised_covariance"]
        pd.testing.assert_frame_equal(first[came], second[came])
        assert (first["forecast"] != second["forecast"]).all()

    def test_figures_of_a_sector_from_prices(
        self, record: ForecastRecord, small: aggplus.Market, shipped_risk: Any
    ) -> None:
        day, funds = "2023-11-30", [f"TI{i}" for i in (12, 13, 14)]
        closes = small.prices.loc[:day]
        tickers = sorted(small.catalog.index)
        returns = closes[tickers].pct_change().iloc[-252:].to_numpy()
        sigma = shipped_risk.covariance(returns)
        w = np.isin(tickers, funds) / 3.0
        b = tickers.index("AGG")
        account = (small.prices.loc[day:"2023-12-29", funds] / closes[funds].iloc[-1]).mean(axis=1)
        benchmark = small.prices.loc[day:"2023-12-29", "AGG"]
        daily, of_benchmark = account.pct_change().dropna(), benchmark.pct_change().dropna()

        table = record.table
        row = table[(table["date"] == day) & (table["estimator"] == SHIPPED) & (table["portfolio"] == "tips")].iloc[0]

        assert row["forecast"] == pytest.approx(np.sqrt(w @ sigma @ w), rel=1e-9)
        assert row["beta"] == pytest.approx(w @ sigma[b] / sigma[b, b], rel=1e-9)
        assert row["realised"] == pytest.approx(100 * np.sqrt(252 * np.mean(daily**2)), rel=1e-9)
        assert row["days"] == row["calm_days"] == len(daily) == 21
        assert row["month_return"] == pytest.approx(100 * (account.iloc[-1] - 1.0), rel=1e-9)
        assert row["realised_covariance"] == pytest.approx(1e4 * 252 * np.mean(daily * of_benchmark), rel=1e-9)

    def test_model_portfolios_are_those_of_the_candidate(self, record: ForecastRecord, small: aggplus.Market) -> None:
        model = aggplus.load_model("baseline")
        for name, rules in TWO.items():
            portfolio = aggplus.solve(model.model_copy(update={"risk_model": rules}), small, "2023-12-29")
            assert portfolio.risk is not None
            table = record.table
            row = table[
                (table["date"] == "2023-12-29") & (table["estimator"] == name) & (table["portfolio"] == "Baseline")
            ].iloc[0]
            assert row["forecast"] == pytest.approx(portfolio.risk.volatility, rel=1e-12)
            closes = small.prices.loc["2023-12-29":"2024-01-31", list(portfolio.weights.index)]
            earned = (closes.iloc[-1] / closes.iloc[0] - 1.0) @ portfolio.weights
            assert row["month_return"] == pytest.approx(100.0 * earned, rel=1e-9)

    def test_two_workers_find_the_same(self, record: ForecastRecord, small: aggplus.Market) -> None:
        told: list[tuple[int, int]] = []
        other = recorded(small, workers=2, watch=lambda done, total: told.append((done, total)))
        pd.testing.assert_frame_equal(other.table, record.table, check_exact=True)
        assert other.failures == record.failures
        assert told == [(1, 2), (2, 2)]

    def test_the_future_changes_no_forecast(self, record: ForecastRecord, small: aggplus.Market) -> None:
        """Nor what came before: the first month ends where the second forecast is made."""
        prices = small.prices.copy()
        later = prices.index > "2023-12-29"
        prices.loc[later] *= np.random.default_rng(5).lognormal(0.0, 0.05, prices.loc[later].shape)
        moved = recorded(replace(small, prices=prices)).table
        pd.testing.assert_frame_equal(moved[FORECAST], record.table[FORECAST], check_exact=True)
        first = record.table["date"] == "2023-11-30"
        pd.testing.assert_frame_equal(moved[first], record.table[first], check_exact=True)
        assert (moved.loc[~first, "realised"] != record.table.loc[~first, "realised"]).all()

    def test_days_after_the_last_month_change_nothing(self, small: aggplus.Market) -> None:
        ends = [pd.Timestamp("2023-11-01"), pd.Timestamp("2023-12-31")]
        prices = small.prices.copy()
        prices.loc["2023-12-30":] *= 3.0
        models = [aggplus.load_model("baseline")]
        still, moved = (
            forecast_record(market, models, TWO, *ends).table for market in (small, replace(small, prices=prices))
        )
        pd.testing.assert_frame_equal(moved, still, check_exact=True)
        assert still["date"].nunique() == 1

    def test_a_model_that_cannot_be_built_is_told_with_its_candidate(self, small: aggplus.Market) -> None:
        model = aggplus.load_model("baseline")
        capped = model.model_copy(update={"limits": model.limits.model_copy(update={"max_weight": 0.01})})
        found = forecast_record(small, [capped], TWO, pd.Timestamp("2023-12-01"), END)
        assert [told.split(": ")[0] for told in found.failures] == [f"2023-12-29 ModelPort20 by {name}" for name in TWO]
        assert set(found.table["kind"]) == {"benchmark", "sector", "random"}

    def test_one_month_end_is_too_few(self, small: aggplus.Market) -> None:
        with pytest.raises(MarketError, match="small has 1 month ends from 2024-01-02 to 2024-01-31"):
            forecast_record(small, [aggplus.load_model("baseline")], TWO, pd.Timestamp("2024-01-02"), END)

    @pytest.mark.parametrize(
        ("other", "said"),
        [({"id": "Two"}, "2 of the models have the name 'Baseline'"), ({"name": "Two", "benchmark": "LQD"}, "has LQD")],
    )
    def test_models_that_would_be_mixed_up_are_refused(
        self, other: dict[str, str], said: str, small: aggplus.Market
    ) -> None:
        baseline = aggplus.load_model("baseline")
        with pytest.raises(MandateError, match=said):
            forecast_record(small, [baseline, baseline.model_copy(update=other)], TWO, START, END)


def test_forecasts_of_the_agg_are_those_of_the_raw_file(
    real_market: aggplus.Market, real_market_path: Path, shipped_risk: Any
) -> None:
    rows = pyarrow.parquet.read_table(
        real_market_path / "prices.parquet",
        columns=["date", "adj_close"],
        filters=[("ticker", "==", "AGG")],
    ).to_pandas()
    closes = rows.assign(date=pd.to_datetime(rows["date"])).set_index("date")["adj_close"].sort_index()
    known = closes.loc[:"2020-02-28"].to_numpy()
    returns = known[1:] / known[:-1] - 1.0
    came = closes.loc["2020-02-28":"2020-03-31"].pct_change().dropna().to_numpy()
    assert len(came) == 22

    models = [aggplus.load_model("baseline")]
    start, end = pd.Timestamp("2020-02-28"), pd.Timestamp("2020-03-31")
    table = forecast_record(real_market, models, TWO, start, end).table
    agg = table[table["portfolio"] == "AGG"].set_index("estimator")

    assert agg.loc[FORMER, "forecast"] == pytest.approx(100 * np.sqrt(252) * returns[-126:].std(), rel=1e-9)
    expected = shipped_risk.volatility(returns[-252:, None])[0]
    assert agg.loc[SHIPPED, "forecast"] == pytest.approx(expected, rel=1e-9)
    assert agg["beta"].to_numpy() == pytest.approx(1.0)
    for name in TWO:
        assert agg.loc[name, "realised"] == pytest.approx(100 * np.sqrt(252 * np.mean(came**2)), rel=1e-9)
        assert agg.loc[name, "month_return"] == pytest.approx(100 * (np.prod(1 + came) - 1), rel=1e-9)
        # All of March 2020 is left out of the calm days.
        assert (agg.loc[name, "days"], agg.loc[name, "calm_days"]) == (22, 0)
        assert np.isnan(agg.loc[name, "calm_realised"])


def candidates_of(months: int, multiples: dict[str, float], size: float = 1.0) -> pd.DataFrame:
    """Candidates that forecast a multiple of the volatility of 12 %; monthly returns of both signs, calm and wild."""
    true = np.full(months, 12.0)
    # Mean square 1, so that the monthly bias of the truth is 1.
    wild = size * np.sqrt(np.resize([0.25, 1.75, 0.25, 1.75], months)) * np.resize([1.0, 1.0, -1.0, -1.0], months)
    return pd.concat(
        [
            forecasts(multiple * true, true, 12.0 / np.sqrt(12.0) * wild, name, kind)
            for name, multiple in multiples.items()
            for kind in ("benchmark", "model", "random")
        ]
    )


class TestChoice:
    def test_the_simplest_that_is_not_significantly_worse(self) -> None:
        """Behind by log 1.21 + 1 / 1.21 - 1 on average; 60 months cannot tell that from nothing, 600 can."""
        for months, expected in ((60, "simple"), (600, "elaborate")):
            found = choose(candidates_of(months, {"simple": 1.1, "elaborate": 1.0, "more": 1.05}))
            assert found.estimator == expected
            row = found.table.loc["simple"]
            assert row["beyond"] == 0.0
            assert row["behind"] == pytest.approx(np.log(1.21) + 1.0 / 1.21 - 1.0, rel=1e-9)
            difference = np.log(1.21) + np.array([0.25, 1.75]) * (1.0 / 1.21 - 1.0)
            error = difference.std() * np.sqrt(months / (months - 1)) / np.sqrt(months)
            assert row["standard_error"] == pytest.approx(error, rel=1e-9)

    def test_one_out_of_bounds_is_passed_over_however_good_its_loss(self) -> None:
        """Months of 0.92 of what days promise: the low forecast has the lower loss, and a ratio of 1 / 0.88."""
        found = choose(candidates_of(400, {"low": 0.88, "good": 1.0}, size=0.92))
        assert found.estimator == "good"
        assert found.table["loss"].idxmin() == "low"
        assert found.table.loc["low", "beyond"] == pytest.approx(2 * (1.0 / 0.88 - 1.1))
        assert found.table.loc["good", "beyond"] == 0.0

    def test_bounds_on_months_are_those_of_the_model_portfolios_alone(self) -> None:
        """Months of 1.3 of what days promise: outside of 1.15 for models; the benchmark is not asked."""
        table = candidates_of(400, {"e": 1.0}, size=1.3)
        bias = judge(table)["monthly_bias"].iloc[0]
        assert bias == pytest.approx(1.3, rel=2e-3)
        assert beyond_bounds(table)["e"] == pytest.approx(bias - 1.15)
        assert beyond_bounds(table[table["kind"] != "model"])["e"] == 0.0

    def test_when_none_is_within_the_least_beyond_qualify(self) -> None:
        found = choose(candidates_of(60, {"far": 0.6, "near": 0.8, "high": 1.5}))
        assert found.estimator == "near"

    def test_bars_are_never_chosen(self) -> None:
        multiples = dict.fromkeys(BARS, 1.0) | {"worse": 1.1}
        found = choose(candidates_of(600, multiples))
        assert found.estimator == "worse"
        assert list(found.table.index) == ["worse"]

    def test_the_order_is_that_of_the_list_and_not_of_the_alphabet(self) -> None:
        assert choose(candidates_of(60, {"z": 1.0, "a": 1.0})).estimator == "z"
