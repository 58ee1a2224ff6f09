"""The joint estimate against closed forms, pandas and numpy, and what must not matter to it."""

from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf, oas

from riskmodels import (
    EstimationError,
    ExpectedReturnRules,
    RiskModel,
    RiskModelRules,
    daily_returns,
    estimate_risk_model,
    unmoving,
)
from riskmodels.rules import CovarianceName

TICKERS = ["AGG", "BIL", "HYG", "LQD", "TLT", "XYZ"]


def panel(days: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    volatility = np.array([0.3, 0.01, 0.5, 0.4, 1.0, 0.2]) / 100.0
    common = rng.normal(size=(days - 1, 1))
    returns = (0.6 * common + 0.8 * rng.normal(size=(days - 1, 6))) * volatility + 0.05 * volatility
    prices = 100.0 * np.vstack([np.ones(6), np.cumprod(1.0 + returns, axis=0)])
    return pd.DataFrame(prices, index=pd.bdate_range("2020-01-01", periods=days), columns=TICKERS)


RULES = {"estimator": "ledoit_wolf", "window_days": 126, "lags": 0}


def estimate(
    prices: pd.DataFrame, tickers: list[str], benchmark: str = "AGG", expected_days: int = 100, **risk: Any
) -> RiskModel:
    return estimate_risk_model(
        prices,
        tickers,
        benchmark,
        RiskModelRules.model_validate(RULES | risk),
        ExpectedReturnRules.model_validate({"window_days": expected_days}),
    )


ESTIMATORS = ["ledoit_wolf", "oas", "ledoit_wolf_raw", "oas_raw"]
EVERY_ESTIMATOR: tuple[str, ...] = get_args(CovarianceName)
DOCUMENTS: list[dict[str, Any]] = [
    *({"estimator": name} for name in EVERY_ESTIMATOR),
    {"lags": 5},
    {"estimator": "exponential", "lags": 2, "short_histories": "infer"},
    {"lags": 4, "lag_volatility": "lagged"},
    {"lags": None, "horizon_days": 5},
    {"lags": None, "estimator": "exponential", "window_days": 252},
    {"short_histories": "infer"},
    {"estimator": "combined", "factors": 3},
]
NAMES = ["LQD", "BIL", "HYG"]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("funds", [NAMES, [*NAMES, "AGG"]])
def test_everything_comes_from_one_joint_matrix(estimator: str, funds: list[str]) -> None:
    prices = panel()
    columns = sorted({*funds, "AGG"})
    x = prices[columns].pct_change().iloc[-126:].to_numpy()
    shrink = ledoit_wolf if estimator.startswith("ledoit_wolf") else oas
    d = np.ones(x.shape[1]) if estimator.endswith("_raw") else x.std(axis=0)
    c, intensity = shrink((x - x.mean(axis=0)) / d)
    sigma = c * np.outer(d, d) * 252.0 * 100.0**2
    at = [columns.index(name) for name in sorted(funds)]
    b = columns.index("AGG")

    model = estimate(prices, funds, estimator=estimator)

    assert model.tickers == tuple(sorted(funds))
    assert model.sigma_b == pytest.approx(np.sqrt(sigma[b, b]), rel=1e-10)
    assert model.shrinkage == pytest.approx(intensity, rel=1e-10)
    np.testing.assert_allclose(model.form.matrix, sigma[np.ix_(at, at)], rtol=1e-10)
    np.testing.assert_allclose(model.benchmark_covariance, sigma[at, b], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(model.beta, sigma[at, b] / sigma[b, b], rtol=1e-10, atol=1e-14)
    volatility = np.sqrt(np.diag(sigma))
    np.testing.assert_allclose(model.table["volatility"], volatility[at], rtol=1e-10)
    np.testing.assert_allclose(
        model.table["correlation"], sigma[at, b] / volatility[at] / volatility[b], rtol=1e-10, atol=1e-14
    )


def test_unless_told_otherwise_it_is_the_shipped_one(shipped_risk: Any) -> None:
    prices = panel()
    columns = ["AGG", *sorted(NAMES)]
    returns = prices[columns].pct_change().iloc[-shipped_risk.window_days :].to_numpy()
    sigma = shipped_risk.covariance(returns)

    model = estimate_risk_model(prices, NAMES, "AGG", RiskModelRules(), ExpectedReturnRules())

    np.testing.assert_allclose(model.form.matrix, sigma[1:, 1:], rtol=1e-9)
    np.testing.assert_allclose(model.benchmark_covariance, sigma[1:, 0], rtol=1e-9)
    assert model.sigma_b == pytest.approx(np.sqrt(sigma[0, 0]), rel=1e-9)
    assert model.shrinkage == pytest.approx(shipped_risk.correlation(returns)[1], rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_benchmark_has_a_beta_of_one_and_is_never_a_column_twice(estimator: str) -> None:
    prices = panel()
    outside = estimate(prices, NAMES, estimator=estimator)
    inside = estimate(prices, [*NAMES, "AGG"], estimator=estimator)

    assert pd.Series(inside.beta, inside.tickers)["AGG"] == 1.0
    assert inside.table.loc["AGG", "correlation"] == 1.0
    behind = outside.joint.times(np.eye(4)[outside.benchmark_at])[outside.benchmark_at]
    assert behind == pytest.approx(outside.sigma_b**2, rel=1e-14)
    # The same four columns are estimated either way.
    assert outside.joint.specific.size == inside.joint.specific.size == 4
    assert outside.sigma_b == pytest.approx(inside.sigma_b, rel=1e-12)
    np.testing.assert_allclose(outside.beta, inside.table.loc[list(outside.tickers), "beta"], rtol=1e-12)
    assert outside.mu_b == pytest.approx(float(inside.table.loc["AGG", "expected_return"]), rel=1e-12)
    assert outside.mu_b == pytest.approx(inside.mu_b, rel=1e-12)


@given(w=st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_portfolio_figures_agree_with_one_another(w: list[float]) -> None:
    """Tracking variance = variance - 2 beta sigma_b^2 + sigma_b^2, by the parts or by the joint matrix."""
    model = estimate(panel(), [*NAMES, "TLT"])
    weights = np.array(w) / sum(w)
    active = np.append(weights, 0.0)
    active[model.benchmark_at] -= 1.0
    parts = model.form.volatility(weights) ** 2 + (1.0 - 2.0 * model.beta @ weights) * model.sigma_b**2
    assert model.joint.volatility(active) ** 2 == pytest.approx(parts, rel=1e-9)


def alternating(pattern: list[int], size: float, days: int) -> list[float]:
    prices = [100.0]
    for day in range(days):
        prices.append(prices[-1] * (1.0 + size * pattern[day % len(pattern)]))
    return prices


def test_two_funds_in_closed_form_perfectly_correlated() -> None:
    """+-0.1 % and +-0.2 % a day in step: volatilities 0.1 sqrt(252) and 0.2 sqrt(252), and nothing to shrink."""
    prices = pd.DataFrame(
        {"AGG": alternating([1, -1], 0.001, 126), "TLT": alternating([1, -1], 0.002, 126)},
        index=pd.bdate_range("2020-01-01", periods=127),
    )
    model = estimate(prices, ["TLT"])
    assert model.shrinkage == pytest.approx(0.0, abs=1e-9)
    assert model.sigma_b == pytest.approx(0.1 * np.sqrt(252.0), rel=1e-9)
    assert model.table.loc["TLT", "volatility"] == pytest.approx(0.2 * np.sqrt(252.0), rel=1e-9)
    assert model.beta[0] == pytest.approx(2.0, rel=1e-9)
    # 50 pairs of days over 100 days, each losing 0.002^2.
    assert model.mu[0] == pytest.approx(((1.0 - 0.002**2) ** 50 - 1.0) * 252.0 / 100.0 * 100.0, rel=1e-9)


def test_two_funds_in_closed_form_uncorrelated() -> None:
    prices = pd.DataFrame(
        {"AGG": alternating([1, 1, -1, -1], 0.003, 124), "TLT": alternating([1, -1, 1, -1], 0.004, 124)},
        index=pd.bdate_range("2020-01-01", periods=125),
    )
    model = estimate(prices, ["AGG", "TLT"], window_days=124)
    assert model.beta[1] == pytest.approx(0.0, abs=1e-12)
    # 3-4-5: half of each has a volatility of half of 0.5 % a day.
    assert model.form.volatility(np.array([0.5, 0.5])) == pytest.approx(0.25 * np.sqrt(252.0), rel=1e-9)


@pytest.mark.parametrize("days", [20, 63, 126, 252])
def test_expected_return_is_the_total_return_spread_evenly(days: int) -> None:
    prices = panel()
    model = estimate(prices, ["TLT", "HYG"], expected_days=days)
    for ticker, expected in zip(model.tickers, model.mu, strict=True):
        total = prices[ticker].iloc[-1] / prices[ticker].iloc[-1 - days] - 1.0
        assert expected == pytest.approx(total * 252.0 / days * 100.0, rel=1e-10)
    benchmark = prices["AGG"].iloc[-1] / prices["AGG"].iloc[-1 - days] - 1.0
    assert model.mu_b == pytest.approx(benchmark * 252.0 / days * 100.0, rel=1e-10)


def test_expected_return_of_a_held_portfolio_is_the_weighted_mean() -> None:
    prices = panel()
    model = estimate(prices, ["BIL", "TLT"])
    held = 0.3 * prices["BIL"] / prices["BIL"].iloc[-101] + 0.7 * prices["TLT"] / prices["TLT"].iloc[-101]
    earned = held.iloc[-1] / held.iloc[-101] - 1.0
    assert model.mu @ [0.3, 0.7] == pytest.approx(earned * 2.52 * 100.0, rel=1e-10)


def same(a: RiskModel, b: RiskModel) -> None:
    assert (a.asof, a.first_day, a.tickers, a.shrinkage, a.mu_b, a.sigma_b) == (
        b.asof,
        b.first_day,
        b.tickers,
        b.shrinkage,
        b.mu_b,
        b.sigma_b,
    )
    np.testing.assert_array_equal(a.joint.loadings, b.joint.loadings)
    np.testing.assert_array_equal(a.joint.specific, b.joint.specific)
    np.testing.assert_array_equal(a.mu, b.mu)
    np.testing.assert_array_equal(a.beta, b.beta)
    np.testing.assert_array_equal(a.form.matrix, b.form.matrix)


@pytest.mark.parametrize("risk", DOCUMENTS, ids=str)
def test_the_order_of_columns_changes_no_bit(risk: dict[str, Any]) -> None:
    prices = panel()
    model = estimate(prices, ["BIL", "HYG", "LQD", "TLT"], **risk)
    shuffled = prices[["XYZ", "TLT", "AGG", "LQD", "BIL", "HYG"]]
    same(model, estimate(shuffled, ["TLT", "LQD", "HYG", "BIL", "TLT"], **risk))
    one_by_one = pd.DataFrame(index=prices.index)
    for name in reversed(TICKERS):
        one_by_one[name] = prices[name]
    same(model, estimate(one_by_one, ["LQD", "TLT", "BIL", "HYG"], **risk))
    by_row = pd.DataFrame(np.ascontiguousarray(prices.to_numpy()), index=prices.index, columns=TICKERS)
    by_column = pd.DataFrame(np.asfortranarray(prices.to_numpy()), index=prices.index, columns=TICKERS)
    same(estimate(by_row, NAMES, **risk), estimate(by_column, NAMES, **risk))


@pytest.mark.parametrize("risk", DOCUMENTS, ids=str)
def test_sigma_is_definite_and_the_benchmark_is_its_own_measure(risk: dict[str, Any]) -> None:
    model = estimate(panel(), TICKERS, **risk)
    assert np.linalg.eigvalsh(model.joint.matrix)[0] > 0.0
    assert model.condition_number == pytest.approx(np.linalg.cond(model.joint.matrix), rel=1e-6)
    holding = np.array([1.0 if name == "AGG" else 0.0 for name in model.tickers])
    assert model.beta @ holding == 1.0
    assert model.correlation @ holding == 1.0
    assert model.form.volatility(holding) == pytest.approx(model.sigma_b, rel=1e-14)
    assert (np.abs(model.correlation) <= 1.0).all()
    np.testing.assert_allclose(model.beta, model.correlation * model.volatility / model.sigma_b, rtol=1e-10)


@given(factors=st.lists(st.floats(1e-6, 1e6), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_level_of_prices_does_not_matter(factors: list[float]) -> None:
    prices = panel()
    a = estimate(prices, NAMES)
    b = estimate(prices * factors, NAMES)
    np.testing.assert_allclose(b.form.matrix, a.form.matrix, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(b.beta, a.beta, rtol=1e-9)
    np.testing.assert_allclose(b.mu, a.mu, rtol=1e-9)
    assert b.sigma_b == pytest.approx(a.sigma_b, rel=1e-9)


def test_only_the_last_closes_of_the_windows_matter() -> None:
    prices = panel()
    model = estimate(prices, NAMES, expected_days=150)
    assert model.asof == prices.index[-1]
    assert model.first_day == prices.index[-126]

    older = prices.copy()
    older.iloc[:-151] = np.nan
    same(model, estimate(older, NAMES, expected_days=150))
    within = prices.copy()
    within.iloc[-151] *= 1.01
    assert not np.array_equal(estimate(within, NAMES, expected_days=150).mu, model.mu)
    edge = prices.copy()
    edge.iloc[-127, 3] *= 1.01
    assert not np.array_equal(estimate(edge, NAMES, expected_days=150).form.matrix, model.form.matrix)


def test_other_funds_of_the_panel_do_not_matter() -> None:
    prices = panel()
    broken = prices.assign(TLT=np.nan, XYZ=-1.0)
    same(estimate(prices, NAMES), estimate(broken, NAMES))


def test_estimating_leaves_the_prices_alone() -> None:
    prices = panel()
    before = prices.copy()
    estimate(prices, NAMES)
    pd.testing.assert_frame_equal(prices, before)


def test_daily_returns_are_simple_returns_of_the_last_days() -> None:
    prices = panel(50)
    pd.testing.assert_frame_equal(daily_returns(prices, 20), prices.pct_change().iloc[-20:], check_freq=False)
    assert len(daily_returns(prices, 49)) == 49


def refusal(prices: pd.DataFrame, tickers: list[str] = NAMES, **risk: Any) -> str:
    with pytest.raises(EstimationError) as caught:
        estimate(prices, tickers, **risk)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_gap_is_never_filled() -> None:
    prices = panel()
    prices.loc["2021-01-05":"2021-01-07", "HYG"] = np.nan
    message = refusal(prices)
    assert message.startswith("HYG has no price on 2021-01-05")
    assert "3 of 127 closes are missing" in message


def test_a_gap_in_the_benchmark_is_named_too() -> None:
    prices = panel()
    prices.iloc[-1, TICKERS.index("AGG")] = np.nan
    assert refusal(prices).startswith(f"AGG has no price on {prices.index[-1]:%Y-%m-%d}")


def test_a_gap_in_the_longer_window_of_expected_returns_is_seen() -> None:
    prices = panel()
    prices.iloc[-140, TICKERS.index("LQD")] = np.nan
    estimate(prices, NAMES)
    with pytest.raises(EstimationError, match="LQD has no price"):
        estimate(prices, NAMES, expected_days=150)


@pytest.mark.parametrize(("price", "shown"), [(0.0, "0"), (-5.0, "-5"), (np.inf, "inf")])
def test_impossible_prices_are_refused(price: float, shown: str) -> None:
    prices = panel()
    prices.iloc[-60, TICKERS.index("LQD")] = price
    assert refusal(prices) == (f"LQD has the price {shown} on {prices.index[-60]:%Y-%m-%d}: expected a positive number")


def test_too_short_a_history_says_how_many_closes_are_needed() -> None:
    message = refusal(panel(126))
    assert "126 daily returns need 127 closes, and there are 126" in message
    assert f"{panel(126).index[-1]:%Y-%m-%d}" in message
    estimate(panel(127), NAMES)
    assert refusal(panel().iloc[:0]) == "there are no prices"


def test_a_fund_without_prices_is_named() -> None:
    assert refusal(panel(), [*NAMES, "NEW"]) == "no prices for NEW: every fund and the benchmark need some"
    assert "no prices for AGG" in refusal(panel().drop(columns="AGG"))


@pytest.mark.parametrize("estimator", EVERY_ESTIMATOR)
def test_a_benchmark_that_never_moves_has_no_beta(estimator: str) -> None:
    assert "AGG never moves over the 126 days" in refusal(panel().assign(AGG=100.0), estimator=estimator)


def test_a_fund_that_never_moves_is_named() -> None:
    assert "(LQD)" in refusal(panel().assign(LQD=100.0))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (RiskModelRules, {"window_days": 19}),
        (RiskModelRules, {"window_days": 2521}),
        (RiskModelRules, {"window_days": 126.0}),
        (RiskModelRules, {"window_days": True}),
        (RiskModelRules, {"estimator": "ledoit"}),
        (RiskModelRules, {"window": 126}),
        (RiskModelRules, {"lags": 22}),
        (RiskModelRules, {"lags": 3, "horizon_days": 5}),
        (RiskModelRules, {"lags": 0, "horizon_days": 2}),
        (RiskModelRules, {"lag_volatility": "daily"}),
        (RiskModelRules, {"volatility_half_life_days": 20.0, "estimator": "oas"}),
        (RiskModelRules, {"correlation_half_life_days": float("inf"), "estimator": "exponential"}),
        (RiskModelRules, {"factors": 5, "estimator": "oas"}),
        (RiskModelRules, {"short_histories": "zero"}),
        (ExpectedReturnRules, {"estimator": "momentum"}),
        (ExpectedReturnRules, {"window_days": 0}),
        (ExpectedReturnRules, {"windows": []}),
        (ExpectedReturnRules, {"windows": [63, 3]}),
        (ExpectedReturnRules, {"windows": [63], "estimator": "exponential"}),
        (ExpectedReturnRules, {"half_life_days": 20.0}),
        (ExpectedReturnRules, {"risk_aversion": 0.0, "estimator": "risk_adjusted"}),
        (ExpectedReturnRules, {"yields": "yields.csv"}),
        (ExpectedReturnRules, {"yields": "", "estimator": "carry"}),
    ],
)
def test_impossible_rules_are_refused(kind: Any, given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        kind.model_validate(given)


def test_carry_without_yields_is_refused() -> None:
    with pytest.raises(ValueError, match="needs yields"):
        ExpectedReturnRules.model_validate({"estimator": "carry"})


def test_funds_that_grow_evenly_or_not_at_all_are_unmoving() -> None:
    days = np.arange(41)
    prices = pd.DataFrame(
        {"FLAT": np.full(41, 25.0), "EVEN": 25.0 * 1.0001**days, "MOVES": 25.0 + 0.01 * np.sin(days)},
        index=pd.bdate_range("2023-01-02", periods=41),
    )
    assert unmoving(prices, 40) == ("FLAT", "EVEN")
