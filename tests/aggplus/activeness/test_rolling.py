"""Rolling figures beside pandas' own and a plain loop, and no figure knows what comes after it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from aggplus.activeness import Window, activeness
from aggplus.activeness.rolling import noise_variance, rolling
from universe import Market

WINDOW = Window(30)


def sample(seed: int, periods: int = 200, n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    benchmark = 0.003 * draw.standard_t(4, periods)
    returns = np.outer(benchmark, draw.normal(0.5, 1.0, n)) + 0.002 * draw.standard_normal((periods, n))
    return returns, benchmark


@given(st.integers(0, 10_000), st.floats(1e-4, 1e3))
def test_the_same_as_pandas(seed: int, scale: float) -> None:
    returns, benchmark = sample(seed)
    found = rolling(scale * returns, benchmark, WINDOW)
    frame, against = pd.DataFrame(returns), pd.Series(benchmark)
    windows = frame.rolling(WINDOW.length)
    expected = {
        "correlation": windows.corr(against),
        "beta": scale * windows.cov(against).div(against.rolling(WINDOW.length).var(), axis=0),
        "ratio": scale * windows.std().div(against.rolling(WINDOW.length).std(), axis=0),
    }
    for name, table in expected.items():
        np.testing.assert_allclose(getattr(found, name), table.iloc[WINDOW.length - 1 :], rtol=1e-7, atol=1e-9 * scale)


def test_missing_returns_by_a_plain_loop() -> None:
    returns, benchmark = sample(3)
    draw = np.random.default_rng(8)
    returns[draw.random(returns.shape) < 0.08] = np.nan
    returns[60:110, 1] = np.nan
    found = rolling(returns, benchmark, WINDOW)
    empty = 0
    for start in range(len(benchmark) - WINDOW.length + 1):
        for fund in range(returns.shape[1]):
            own, against = (values[start : start + WINDOW.length] for values in (returns[:, fund], benchmark))
            there = np.isfinite(own)
            if there.sum() < 27:
                assert np.isnan(found.correlation[start, fund])
                empty += 1
                continue
            assert found.correlation[start, fund] == pytest.approx(np.corrcoef(own[there], against[there])[0, 1])
            assert found.beta[start, fund] == pytest.approx(np.polyfit(against[there], own[there], 1)[0])
    assert 50 < empty < 400


def test_a_window_that_does_not_move_has_no_figure() -> None:
    returns, benchmark = sample(4)
    returns[40:100, 0] = 0.0
    found = rolling(returns, benchmark, WINDOW)
    still = np.isnan(found.correlation[:, 0])
    assert list(np.flatnonzero(still)) == list(range(40, 71))
    assert np.isfinite(found.correlation[:, 1:]).all()


@given(st.integers(0, 10_000), st.integers(40, 199))
def test_the_future_changes_nothing(seed: int, until: int) -> None:
    returns, benchmark = sample(seed)
    known = rolling(returns[:until], benchmark[:until], WINDOW)
    returns[until:], benchmark[until:] = 0.3, -0.2
    whole = rolling(returns, benchmark, WINDOW)
    for name in ("correlation", "beta", "ratio"):
        np.testing.assert_array_equal(getattr(known, name), getattr(whole, name)[: until - WINDOW.length + 1])


def test_the_noise_of_a_slope_by_scikit_learn_and_whites_formula() -> None:
    returns, benchmark = sample(5, periods=93)
    expected = []
    # Windows a month apart, back from the last: they end at 93, 72, 51 and 30.
    for end in (93, 72, 51, 30):
        x = benchmark[end - 30 : end, None]
        design = np.hstack([np.ones((30, 1)), x])
        bread = np.linalg.inv(design.T @ design)
        row = []
        for fund in range(returns.shape[1]):
            own = returns[end - 30 : end, fund]
            residuals = own - LinearRegression().fit(x, own).predict(x)
            row.append((30 / 28 * bread @ (design.T * residuals**2) @ design @ bread)[1, 1])
        expected.append(row)
    np.testing.assert_allclose(noise_variance(returns, benchmark, WINDOW), np.mean(expected, axis=0), rtol=1e-9)


def test_a_constant_beta_is_not_called_unstable_in_wild_days() -> None:
    """Though volatility comes in clusters, as that of bonds does; the textbook formula leaves most of the noise."""
    draw = np.random.default_rng(0)
    periods, n, window = 2500, 60, Window(252)
    clusters = np.exp(np.convolve(draw.standard_normal(periods + 60), np.ones(61) / 12.0, mode="valid"))[:periods]
    benchmark = clusters * draw.standard_normal(periods) / 300.0
    returns = 0.3 * benchmark[:, None] + clusters[:, None] * draw.standard_normal((periods, n)) / 300.0
    found = rolling(returns, benchmark, window)
    variance = np.var(found.beta, axis=0)
    textbook = np.mean((1.0 - found.correlation**2) * found.ratio**2 / 250.0, axis=0)
    left, plain = (
        np.maximum(variance - noise, 0.0) for noise in (noise_variance(returns, benchmark, window), textbook)
    )
    assert np.median(np.sqrt(left / np.mean(found.ratio**2, axis=0))) < 0.02
    assert left.mean() < 0.4 * plain.mean()


def test_the_real_market_beside_pandas(real_market: Market) -> None:
    found = activeness(real_market, ["HYG", "TLT", "BIL"])
    prices = real_market.prices[["AGG", "HYG", "TLT", "BIL"]].dropna()
    returns = prices.pct_change(fill_method=None).dropna()
    since = returns.index[252]
    for ticker in ("HYG", "TLT", "BIL"):
        correlation = returns[ticker].rolling(252).corr(returns["AGG"]).loc[since:]
        beta = (returns[ticker].rolling(252).cov(returns["AGG"]) / returns["AGG"].rolling(252).var()).loc[since:]
        for own, other in ((found.correlation, correlation), (found.beta, beta)):
            np.testing.assert_allclose(own[ticker].loc[since:], other, rtol=1e-6)
        assert found.table.loc[ticker, "latest_beta"] == pytest.approx(beta.iloc[-1])


def test_monthly_returns_are_those_of_whole_months(real_market: Market) -> None:
    found = activeness(real_market, ["HYG"], window=Window(12, "months"), start="2015-12-31", end="2024-06-14")
    prices = real_market.prices.loc["2015-12-31":"2024-05-31", ["AGG", "HYG"]]
    monthly = prices.resample("ME").last().pct_change(fill_method=None).dropna()
    expected = monthly["HYG"].rolling(12).corr(monthly["AGG"]).dropna()
    assert len(monthly) == 101
    np.testing.assert_allclose(found.correlation["HYG"], expected)
    assert found.correlation.index[-1] == pd.Timestamp("2024-05-31")
