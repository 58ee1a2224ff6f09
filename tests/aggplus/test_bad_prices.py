"""Prices that no risk can be estimated from: each is refused, or treated in a way that is said; Sigma stays sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.errors import BAD_INPUT

DAY = "2023-12-01"
INFER = (
    '[universe]\nmin_history_days = 2\n[risk_model]\nshort_histories = "infer"\n[expected_return]\nwindow_days = 20\n'
)

Spoil = Callable[[pd.DataFrame], pd.DataFrame]
Document = Callable[..., Path]


def constant(ticker: str) -> Spoil:
    return lambda prices: prices.assign(**{ticker: 25.0})


def growing_evenly(ticker: str) -> Spoil:
    return lambda prices: prices.assign(**{ticker: 25.0 * 1.0001 ** np.arange(len(prices))})


def without(ticker: str, days: slice) -> Spoil:
    def spoil(prices: pd.DataFrame) -> pd.DataFrame:
        closes = prices[ticker].to_numpy().copy()
        closes[days] = np.nan
        return prices.assign(**{ticker: closes})

    return spoil


def on_one_day(ticker: str, factor: float, day: str = DAY) -> Spoil:
    """A misprint: the next close is right again."""
    return lambda prices: prices.assign(**{ticker: prices[ticker].where(prices.index != day, factor * prices[ticker])})


def copied(source: str, ticker: str) -> Spoil:
    return lambda prices: prices.assign(**{ticker: 3.0 * prices[source]})


def only_last(closes: int) -> Spoil:
    return lambda prices: prices.iloc[-closes:]


REFUSED = {
    "a constant benchmark": (constant("AGG"), "", "the benchmark AGG never moves over the 252 days up to 2024-01-31"),
    "a benchmark with a gap": (
        lambda prices: prices.assign(AGG=prices["AGG"].where(prices.index != DAY)),
        "",
        f"AGG has no price on {DAY} and 1 of 253 closes are missing",
    ),
    "a benchmark with a gap, risk inferred": (
        lambda prices: prices.assign(AGG=prices["AGG"].where(prices.index != DAY)),
        INFER,
        f"AGG has no price on {DAY} and 1 of 253 closes are missing",
    ),
    "a benchmark of one day": (without("AGG", slice(None, -1)), "", "AGG has no price on "),
    "ten times the price": (
        on_one_day("TR02", 10.0),
        "",
        f"on {DAY}: expected between -50 and 100 % in a day; correct the price, or exclude the fund",
    ),
    "a tenth of the price, risk inferred": (on_one_day("TR02", 0.1), INFER, f"TR02 returns -90 % on {DAY}: expected"),
    "one day": (only_last(1), "", "no eligible fund on 2024-01-31 for Baseline: all 21 are left out (21 "),
    "one day, and no more is asked for": (only_last(1), INFER, "no eligible fund on 2024-01-31"),
    "two days": (only_last(2), "", "no eligible fund on 2024-01-31"),
}

LEFT_OUT = {
    "a constant price": (constant("TR02"), "", "TR02", "its return never varied in the 252 days to 2024-01-31"),
    "a constant return": (growing_evenly("TR02"), "", "TR02", "its return never varied in the 252 days"),
    "a constant price, risk inferred": (constant("TR02"), INFER, "TR02", "its return never varied in the 252 days"),
    "a history of one day": (without("TR02", slice(None, -1)), "", "TR02", "history of 1 day is shorter than 252"),
    "a history of two days": (
        without("TR02", slice(None, -2)),
        INFER,
        "TR02",
        "closes missing in the last 25 sessions",
    ),
    "no prices at all": (without("TR02", slice(None)), "", "TR02", "no prices by 2024-01-31"),
    "no prices at all, risk inferred": (without("TR02", slice(None)), INFER, "TR02", "no prices by 2024-01-31"),
    "a close missing": (without("TR02", slice(-50, -49)), "", "TR02", "1 close missing in the last 253 sessions"),
    "ten times the price, left out by name": (
        on_one_day("TR02", 10.0),
        '[universe]\nexclude = ["TR02"]\n',
        "TR02",
        "excluded by name",
    ),
}

TOLD = {
    "two tickers of one fund": (
        copied("IG06", "IG07"),
        "IG06 and IG07 have the same return on every day: two tickers of one fund? Both stay",
    ),
    "the benchmark under another ticker": (copied("AGG", "TR03"), "AGG and TR03 have the same return on every day"),
    "a misprint of half the price": (
        on_one_day("TR02", 1.5),
        f"% on {DAY} (and as oddly on 1 more day) and no other fund of its sector moves like it: a misprint? It stays "
        "as it is and raises the volatility of the fund; correct the price, or exclude the fund",
    ),
}


@pytest.fixture
def document(tmp_path: Path) -> Document:
    def written(text: str) -> Path:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "baseline"\n{text}')
        return path

    return written


def spoilt(small: aggplus.Market, spoil: Spoil) -> aggplus.Market:
    return replace(small, prices=spoil(small.prices.copy()))


def written(small_market: Any, spoil: Spoil, folder: Path) -> Path:
    small_market.prices = spoil(small_market.prices).rename_axis(columns="ticker")
    path: Path = small_market.write(folder / "market")
    return path


def require_sound(portfolio: aggplus.ModelPortfolio) -> None:
    """No NaN, and positive definite, and proven: whatever the prices were."""
    model = portfolio.setting.risk_model
    sigma = model.joint.matrix
    assert np.isfinite(sigma).all()
    # On correlations: beside a bill fund, a misprint would pass for rounding.
    scale = np.sqrt(np.diag(sigma))
    assert np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0] > 0.0
    assert np.isfinite(model.mu).all()
    assert np.isfinite(model.beta).all()
    assert portfolio.status == "solved"
    assert portfolio.certificate is not None
    assert portfolio.certificate.ok


@pytest.mark.parametrize(("spoil", "text", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(
    small: aggplus.Market,
    small_market: Any,
    document: Document,
    refuse: Callable[..., str],
    tmp_path: Path,
    spoil: Spoil,
    text: str,
    words: str,
) -> None:
    client = document(text)
    with pytest.raises(BAD_INPUT) as caught:
        aggplus.solve(aggplus.load_model(client), spoilt(small, spoil))
    assert words in str(caught.value)
    # `refuse` looks at the exit code, that it is one line, and that no file is written.
    folder = written(small_market, spoil, tmp_path)
    assert words in refuse("solve", client, "--market", folder, "--asof", "2024-01-31", "--json", tmp_path / "out.json")


@pytest.mark.parametrize(("spoil", "text", "ticker", "words"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_left_out_with_the_reason(
    small: aggplus.Market,
    small_market: Any,
    document: Document,
    run: Callable[..., Any],
    tmp_path: Path,
    spoil: Spoil,
    text: str,
    ticker: str,
    words: str,
) -> None:
    client = document(text)
    portfolio = aggplus.solve(aggplus.load_model(client), spoilt(small, spoil))
    assert words in portfolio.excluded[ticker]
    assert ticker not in portfolio.setting.risk_model.tickers
    assert len(portfolio.excluded) == 1
    require_sound(portfolio)

    ran = run("solve", client, "--market", written(small_market, spoil, tmp_path), "--json", tmp_path / "out.json")
    assert (ran.code, ran.err) == (0, "")
    assert f"1 {ticker}" in [" ".join(line.split()[-2:]) for line in ran.out.splitlines()]
    record = json.loads((tmp_path / "out.json").read_text())
    assert record["excluded"] == {ticker: portfolio.excluded[ticker]}
    assert record["weights"] == pytest.approx(portfolio.weights.to_dict(), abs=1e-9)


@pytest.mark.parametrize(("spoil", "words"), TOLD.values(), ids=TOLD)
def test_kept_and_said(
    small: aggplus.Market, small_market: Any, run: Callable[..., Any], tmp_path: Path, spoil: Spoil, words: str
) -> None:
    baseline = aggplus.load_model("baseline")
    said = aggplus.solve(baseline, small).setting.warnings
    portfolio = aggplus.solve(baseline, spoilt(small, spoil))
    (warning,) = (warning for warning in portfolio.setting.warnings if warning not in said)
    assert words in warning
    assert portfolio.excluded.empty
    require_sound(portfolio)

    folder = written(small_market, spoil, tmp_path)
    ran = run("solve", "baseline", "--market", folder, "--json", tmp_path / "out.json")
    assert (ran.code, ran.err) == (0, "")
    assert f"Note: {warning}" in " ".join(ran.out.split())
    assert warning in json.loads((tmp_path / "out.json").read_text())["warnings"]


def test_a_misprint_that_stays_raises_the_volatility_as_it_says(small: aggplus.Market, shipped_risk: Any) -> None:
    baseline = aggplus.load_model("baseline")
    market = spoilt(small, on_one_day("TR02", 1.5))
    before = aggplus.solve(baseline, small).setting.risk_model.table["volatility"]
    after = aggplus.solve(baseline, market).setting.risk_model.table["volatility"]
    returns = market.prices[["TR02"]].pct_change().iloc[-shipped_risk.window_days :].to_numpy()
    assert after["TR02"] == pytest.approx(shipped_risk.volatility(returns)[0], rel=1e-9)
    assert after["TR02"] > 5.0 * before["TR02"]
    assert after.drop("TR02").to_numpy() == pytest.approx(before.drop("TR02").to_numpy(), rel=1e-9)


def test_a_day_on_which_a_whole_sector_moves_is_no_misprint(small: aggplus.Market) -> None:
    high_yield = [str(ticker) for ticker in small.catalog.index[small.catalog["sector"] == "high_yield"]]
    prices = small.prices.copy()
    prices.loc[DAY:, high_yield] *= 0.7
    portfolio = aggplus.solve(aggplus.load_model("baseline"), replace(small, prices=prices))
    assert set(high_yield) <= set(portfolio.setting.risk_model.tickers)
    assert not any("misprint" in warning for warning in portfolio.setting.warnings)


@pytest.mark.parametrize("ticker", ["TR02", "AGG"])
def test_a_misprint_before_the_windows_changes_nothing(small: aggplus.Market, ticker: str) -> None:
    baseline = aggplus.load_model("baseline")
    clean = aggplus.solve(baseline, small)
    portfolio = aggplus.solve(baseline, spoilt(small, on_one_day(ticker, 10.0, "2023-01-10")))
    pd.testing.assert_series_equal(portfolio.weights, clean.weights, check_exact=True)
    assert portfolio.setting.warnings == clean.setting.warnings
