"""What a score must be whatever the returns: Hypothesis looks for a fund for which it is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggplus.activeness import Activeness, Window, activeness
from aggplus.performance import PerformanceError
from universe import Market, MarketError

WINDOW = Window(40)
SEEDS = st.integers(0, 10_000)
few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def measured(market: Market, returns: dict[str, np.ndarray]) -> Activeness:
    """Of invented funds, on the first sessions of a market."""
    levels = {name: 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + values])) for name, values in returns.items()}
    prices = pd.DataFrame(levels, index=market.prices.index[: len(returns["B"]) + 1])
    rows = market.catalog.iloc[: len(returns)].set_axis(list(returns))
    return activeness(replace(market, prices=prices, catalog=rows), returns, benchmark="B", window=WINDOW)


def returns_of(seed: int, periods: int = 160) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    benchmark = 0.003 * draw.standard_normal(periods)
    beta = np.repeat(draw.normal(0.5, 0.8, 4), periods // 4)
    return {"B": benchmark, "F": beta * benchmark + 0.002 * draw.standard_normal(periods)}


@few
@given(SEEDS, st.floats(0.01, 5.0))
def test_the_benchmark_and_its_multiples_score_nothing(small: Market, seed: int, multiple: float) -> None:
    returns = returns_of(seed)
    found = measured(small, {**returns, "M": multiple * returns["B"]})
    assert list(found.table.loc[["B", "M"], "score"]) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found.table.loc["M", "beta"] == pytest.approx(multiple)


@few
@given(SEEDS, st.floats(0.05, 4.0))
def test_exposure_has_no_say(small: Market, seed: int, scale: float) -> None:
    returns = returns_of(seed)
    found = measured(small, {**returns, "S": scale * returns["F"]})
    one, other = found.table.loc["F"], found.table.loc["S"]
    for figure in ("correlation", "latest_correlation", "instability", "score"):
        assert one[figure] == pytest.approx(other[figure], abs=1e-7)
    assert other["beta"] == pytest.approx(scale * one["beta"])
    np.testing.assert_allclose(found.correlation["F"], found.correlation["S"], atol=1e-9)


@few
@given(SEEDS, st.floats(0.0, 3.0), st.floats(0.0, 3.0))
def test_more_noise_never_brings_a_fund_nearer(small: Market, seed: int, one: float, more: float) -> None:
    """Noise that has nothing to do with benchmark or fund, exactly so in the one window."""
    returns = returns_of(seed, 40)
    known = np.column_stack([np.ones(40), returns["B"], returns["F"]])
    drawn = 0.002 * np.random.default_rng(seed + 1).standard_normal(40)
    noise = drawn - known @ np.linalg.lstsq(known, drawn, rcond=None)[0]
    found = measured(
        small, {**returns, "some": returns["F"] + one * noise, "much": returns["F"] + (one + more) * noise}
    )
    part = (1.0 - found.table["correlation"]).clip(0.0, 1.0)
    assert part["much"] + 1e-9 >= part["some"] >= part["F"] - 1e-9


@few
@given(SEEDS)
def test_bounds_and_the_formula_itself(small: Market, seed: int) -> None:
    found = measured(small, returns_of(seed))
    row, beta = found.table.loc["F"], found.beta["F"]
    assert 0.0 <= row["score"] <= 1.0
    assert 0.0 <= row["instability"] <= 1.0
    assert row["score"] == pytest.approx(np.sqrt(min(1.0, 1.0 - row["correlation"]) * row["instability"]))
    largest = np.sqrt(((beta / found.correlation["F"]) ** 2).mean())
    excess = max(0.0, beta.var(ddof=0) - row["beta_noise"] ** 2)
    assert row["instability"] == pytest.approx(np.sqrt(excess) / largest)


def test_both_must_be_there_to_be_active(small: Market) -> None:
    draw = np.random.default_rng(1)
    benchmark = 0.003 * draw.standard_normal(200)
    apart = 0.003 * draw.standard_normal(200)
    turning = np.repeat([1.0, -0.5, 1.5, -1.0, 0.5], 40) * benchmark + 0.001 * draw.standard_normal(200)
    found = measured(small, {"B": benchmark, "bill": 0.01 * apart, "turning": turning, "near": benchmark + 0.1 * apart})
    assert found.table.index[0] == "turning"
    assert found.table.loc["turning", "score"] > 0.5
    assert found.table.loc["bill", "score"] < 0.3
    assert found.table.loc["near", "score"] < 0.05


def test_short_histories_are_told_and_not_scored(small: Market) -> None:
    prices = small.prices.copy()
    first, second, third = [ticker for ticker in prices.columns if ticker != "AGG"][:3]
    for ticker, closes in ((first, 50), (second, 100), (third, 10)):
        prices.loc[prices.index[:-closes], ticker] = np.nan
    found = activeness(replace(small, prices=prices), [first, second, third], window=WINDOW)
    assert np.isnan(found.table.loc[first, "score"])
    assert np.isfinite(found.table.loc[first, "correlation"])
    assert "takes two windows" in found.table.loc[first, "note"]
    assert np.isfinite(found.table.loc[second, "score"])
    assert "99 returns are less than 3 windows" in found.table.loc[second, "note"]
    assert found.left_out == {third: "has 9 returns, and a window of 40 days takes 36"}
    assert third not in found.correlation.columns


def test_thin_funds_are_told(small: Market) -> None:
    prices = small.prices.copy()
    thin = next(ticker for ticker in prices.columns if ticker != "AGG")
    prices[thin] = prices[thin].where(np.arange(len(prices)) % 4 != 1).ffill().bfill()
    found = activeness(replace(small, prices=prices), [thin], window=WINDOW)
    assert found.table.loc[thin, "unchanged"] == pytest.approx(0.25, abs=0.01)
    assert found.notes == (f"{thin}: thin: 25 % of its closes repeat the one before: correlation is understated",)


def test_a_model_counts_as_the_fund_with_its_returns(small: Market) -> None:
    fund = next(ticker for ticker in small.prices.columns if ticker != "AGG")
    net = small.prices[fund].pct_change(fill_method=None).iloc[1:]
    found = activeness(small, [fund], {"twin": net}, window=WINDOW)
    assert found.table.loc["twin", "kind"] == "model"
    assert found.table.loc["twin", "score"] == pytest.approx(found.table.loc[fund, "score"])
    np.testing.assert_allclose(found.beta["twin"], found.beta[fund], rtol=1e-9)


class TestBadInput:
    def test_names(self, small: Market) -> None:
        with pytest.raises(MarketError, match=r"^XYZZY is not a fund of small with prices"):
            activeness(small, ["XYZZY"])
        net = small.prices["AGG"].pct_change(fill_method=None).iloc[1:]
        with pytest.raises(PerformanceError, match="names both a fund and a model"):
            activeness(small, [], {"AGG": net})

    def test_windows_and_days(self, small: Market) -> None:
        with pytest.raises(PerformanceError, match="a window of 20 days is too short"):
            Window(20)
        with pytest.raises(PerformanceError, match="and a window takes 10000 days"):
            activeness(small, [], window=Window(10_000))
        day = small.prices.index[9]
        with pytest.raises(MarketError, match="choose an end after the start"):
            activeness(small, [], start=day, end=day)

    def test_a_model_with_other_days(self, small: Market) -> None:
        net = small.prices.iloc[:, 0].pct_change(fill_method=None).iloc[1:].drop(small.prices.index[50])
        with pytest.raises(PerformanceError, match="its days are not the market's sessions"):
            activeness(small, [], {"gap": net}, window=WINDOW)

    def test_misprints(self, small: Market) -> None:
        prices = small.prices.copy()
        fund = next(ticker for ticker in prices.columns if ticker != "AGG")
        prices.loc[prices.index[60], fund] *= 3.0
        found = activeness(replace(small, prices=prices), [fund], window=WINDOW)
        assert "looks like a misprint" in found.left_out[fund]
        with pytest.raises(PerformanceError, match=f"^the benchmark {fund} returns "):
            activeness(replace(small, prices=prices), ["AGG"], benchmark=fund, window=WINDOW)
