"""Short histories, sectors, yields and views on their way into the risk model, and prices that are odd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskmodels import (
    EstimationError,
    ExpectedReturnRules,
    Outlook,
    OwnEstimates,
    RiskModel,
    RiskModelRules,
    SectorShrunkReturn,
    UnequalHistories,
    estimate_risk_model,
    given_risk_model,
)

TICKERS = ["AGG", "BIL", "HYG", "LQD", "TLT"]


def panel(days: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    volatility = np.array([0.3, 0.01, 0.5, 0.4, 1.0]) / 100.0
    returns = (0.6 * rng.normal(size=(days - 1, 1)) + 0.8 * rng.normal(size=(days - 1, 5))) * volatility
    prices = 100.0 * np.vstack([np.ones(5), np.cumprod(1.0 + returns, axis=0)])
    return pd.DataFrame(prices, index=pd.bdate_range("2020-01-01", periods=days), columns=TICKERS)


def estimate(
    prices: pd.DataFrame,
    expected: dict[str, Any] | None = None,
    outlook: Outlook = Outlook(),  # noqa: B008  # frozen
    tickers: list[str] = TICKERS,
    **risk: Any,
) -> RiskModel:
    return estimate_risk_model(
        prices,
        tickers,
        "AGG",
        # Daily returns, complete funds by Ledoit and Wolf: what is tested is what comes before and after.
        RiskModelRules.model_validate(
            {"estimator": "ledoit_wolf", "lags": None if "horizon_days" in risk else 0, "window_days": 252, **risk}
        ),
        ExpectedReturnRules.model_validate(expected or {"window_days": 20}),
        outlook,
    )


class TestShortHistories:
    def young(self) -> pd.DataFrame:
        prices = panel()
        prices.iloc[:-61, TICKERS.index("LQD")] = np.nan
        return prices

    def test_risk_is_inferred_and_said_to_be(self) -> None:
        model = estimate(self.young(), short_histories="infer")
        assert model.table["risk"].to_dict() == dict.fromkeys(TICKERS, "observed") | {"LQD": "inferred"}
        assert model.table["risk_days"].to_dict() == dict.fromkeys(TICKERS, 252) | {"LQD": 60}
        assert model.inferred.tolist() == [False, False, False, True, False]
        assert model.remarks == ("the risk of 1 of 5 funds is inferred from those with all 252 returns",)
        returns = self.young().pct_change(fill_method=None).iloc[-252:]
        expected = UnequalHistories().fit(returns).covariance_ * 252 * 1e4
        np.testing.assert_allclose(model.joint.matrix, expected, rtol=1e-10)

    def test_by_default_a_fund_needs_the_whole_window(self) -> None:
        with pytest.raises(EstimationError, match=r"LQD has no price on .* returns are never filled in"):
            estimate(self.young())

    def test_complete_funds_are_estimated_as_ever(self) -> None:
        a, b = estimate(panel()), estimate(panel(), short_histories="infer")
        np.testing.assert_array_equal(a.joint.matrix, b.joint.matrix)
        assert a.table["risk"].eq("observed").all()
        assert a.remarks == b.remarks == ()
        weekly = [estimate(panel(), horizon_days=5, short_histories=kind) for kind in ("exclude", "infer")]
        np.testing.assert_allclose(weekly[0].joint.matrix, weekly[1].joint.matrix, rtol=1e-12)

    def test_what_young_funds_lack_is_never_zero(self) -> None:
        whole, young = estimate(panel()), estimate(self.young(), short_histories="infer")
        ratio = young.table.loc["LQD", "volatility"] / whole.table.loc["LQD", "volatility"]
        assert 0.75 < ratio < 1.35
        assert young.table.loc["LQD", "beta"] == pytest.approx(float(whole.table.loc["LQD", "beta"]), abs=0.35)

    def test_a_gap_starts_the_history_anew(self) -> None:
        prices = panel()
        prices.iloc[-100, TICKERS.index("HYG")] = np.nan
        assert estimate(prices, short_histories="infer").table.loc["HYG", "risk_days"] == 98

    def test_a_young_benchmark_or_one_with_a_gap_is_refused(self) -> None:
        prices = panel()
        prices.iloc[-100, 0] = np.nan
        with pytest.raises(EstimationError, match="AGG has no price on"):
            estimate(prices, short_histories="infer")

    @pytest.mark.parametrize(
        ("closes", "has", "more"),
        [(0, 0, {}), (1, 0, {}), (2, 1, {}), (20, 19, {}), (20, 19, {"lags": 4}), (24, 23, {"horizon_days": 5})],
    )
    def test_too_few_days_and_none_at_all_are_refused_by_name(
        self, closes: int, has: int, more: dict[str, Any]
    ) -> None:
        """By its returns, whatever sums of them an estimator inside looks at."""
        prices = panel()
        prices.iloc[: len(prices) - closes, TICKERS.index("HYG")] = np.nan
        least = 24 if "horizon_days" in more else 20
        with pytest.raises(EstimationError, match=f"^HYG has {has} returns: risk is inferred from {least} or more"):
            estimate(prices, short_histories="infer", **more)

    def test_expected_returns_are_never_inferred(self) -> None:
        with pytest.raises(EstimationError, match="LQD has no price on"):
            estimate(self.young(), {"window_days": 63}, short_histories="infer")

    def test_rules_say_how_many_returns_a_fund_must_have(self) -> None:
        def required(**risk: Any) -> int:
            return RiskModelRules.model_validate({"window_days": 252, **risk}).required_days

        assert required() == required(lags=5) == 252
        assert required(short_histories="infer", lags=0) == required(short_histories="infer", lags=5) == 20
        # Twenty sums over a week, which is the rule unless lags are given.
        needed = required(short_histories="infer")
        assert needed == required(short_histories="infer", horizon_days=5) == 24
        prices = panel()
        prices.iloc[: len(prices) - needed - 1, 2] = np.nan
        estimate(prices, short_histories="infer", horizon_days=5)
        prices.iloc[len(prices) - needed - 1, 2] = np.nan
        with pytest.raises(EstimationError, match="HYG has 23 returns"):
            estimate(prices, short_histories="infer", horizon_days=5)


class TestExpectedReturns:
    def test_each_states_from_where_it_looks(self) -> None:
        prices = panel()
        sectors = pd.Series("core", index=TICKERS)
        for expected, days in (
            ({"window_days": 100}, 100),
            ({"windows": [21, 150, 63]}, 150),
            ({"estimator": "exponential", "window_days": 90, "half_life_days": 20.0}, 90),
            ({"estimator": "risk_adjusted", "window_days": 80}, 80),
            ({"estimator": "sector_shrunk", "window_days": 70}, 70),
        ):
            model = estimate(prices, expected, Outlook(sectors=sectors))
            assert ExpectedReturnRules.model_validate(expected).look_back_days == days
            assert model.rated_from == prices.index[-days]
            cut = prices.copy()
            cut.iloc[-days - 1, 2] = np.nan
            with pytest.raises(EstimationError, match="HYG has no price"):
                estimate(cut, expected, Outlook(sectors=sectors), short_histories="infer")

    def test_sectors_go_with_their_funds(self) -> None:
        sectors = pd.Series({"TLT": "treasury", "HYG": "credit", "LQD": "credit", "BIL": "treasury", "AGG": "core"})
        model = estimate(panel(), {"estimator": "sector_shrunk", "window_days": 100}, Outlook(sectors=sectors))
        returns = panel().pct_change().iloc[-100:]
        order = ["core", "treasury", "credit", "credit", "treasury"]
        expected = SectorShrunkReturn(order).fit(returns).expected_return_ * 25200
        np.testing.assert_allclose(model.mu, expected, rtol=1e-10)

    def test_a_fund_without_a_sector_is_refused(self) -> None:
        rules = {"estimator": "sector_shrunk"}
        with pytest.raises(EstimationError, match="no sector for BIL"):
            estimate(panel(), rules, Outlook(sectors=pd.Series("x", index=["AGG", "HYG", "LQD", "TLT"])))
        with pytest.raises(EstimationError, match="needs the sector of each fund"):
            estimate(panel(), rules)

    def test_carry_does_not_look_at_prices_and_views_are_blended_in(self) -> None:
        yields = pd.Series({"AGG": 4.0, "BIL": 5.0, "HYG": 7.0, "LQD": 5.5, "TLT": 4.5})
        views = pd.DataFrame({"annual_percent": [10.0], "confidence": [0.25]}, index=["TLT"])
        rules = {"estimator": "carry", "yields": "yields.csv", "views": "views.csv"}
        model = estimate(panel(), rules, Outlook(yields=yields, views=views))
        np.testing.assert_allclose(model.mu, [4.0, 5.0, 7.0, 5.5, 0.75 * 4.5 + 2.5])
        assert model.mu_b == 4.0
        assert model.rated_from is None
        assert model.remarks == (
            "expected returns use yields.csv as it is, whatever the date",
            "expected returns use views.csv as it is, whatever the date",
        )
        with pytest.raises(EstimationError, match="no yield for AGG"):
            estimate(panel(), rules, Outlook(yields=yields.drop("AGG")), tickers=["BIL", "HYG"])

    def test_with_a_covariance_of_ones_own_they_are_the_same(self) -> None:
        own = OwnEstimates(pd.DataFrame(np.diag([9.0, 0.1, 30.0, 40.0, 200.0]), index=TICKERS, columns=TICKERS))
        yields = pd.Series({"AGG": 4.0, "BIL": 5.0, "HYG": 7.0, "LQD": 5.5, "TLT": 4.5})
        rules = ExpectedReturnRules.model_validate({"estimator": "carry", "yields": "yields.csv"})
        model = given_risk_model(panel(), TICKERS, "AGG", own, rules, Outlook(yields=yields))
        np.testing.assert_array_equal(model.mu, yields[TICKERS])
        assert model.table["risk"].eq("given").all()
        assert model.table["risk_days"].eq(0).all()
        assert model.first_day == model.asof


class TestOddPrices:
    def test_two_tickers_of_one_fund_are_noticed_and_kept(self) -> None:
        prices = panel()
        prices["TLT"] = 3.0 * prices["HYG"]
        model = estimate(prices)
        assert model.remarks == ("HYG and TLT have the same return on every day: two tickers of one fund? Both stay",)
        assert np.linalg.eigvalsh(model.joint.matrix)[0] > 0.0

    def test_a_misprint_is_refused(self) -> None:
        prices = panel()
        prices.iloc[-50, 2] *= 10.0
        with pytest.raises(EstimationError, match=f"HYG returns .* % on {prices.index[-50]:%Y-%m-%d}"):
            estimate(prices)
        with pytest.raises(EstimationError, match=f"HYG returns .* % on {prices.index[-50]:%Y-%m-%d}"):
            estimate(prices, short_histories="infer")

    def test_a_young_fund_that_never_moved_is_refused(self) -> None:
        prices = panel()
        prices["HYG"] = np.r_[np.full(200, np.nan), np.full(100, 25.0)]
        for more in ({}, {"horizon_days": 5}):
            with pytest.raises(EstimationError, match="HYG never moves over its 99 days"):
                estimate(prices, short_histories="infer", **more)
