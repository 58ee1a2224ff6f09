"""The real market: what is known of it is found, and a panic is no flood of errors."""

import numpy as np
import pandas as pd
import pytest

from universe import Market, simulated_market
from universe.checks import MarketCheck, check_market, check_prices, to_quarantine


@pytest.fixture(scope="module")
def check(real_market: Market) -> MarketCheck:
    return check_market(real_market)


def test_the_series_that_stop_are_those_of_the_prices(real_market: Market, check: MarketCheck) -> None:
    """By pandas: who has no close on the last five sessions. The catalog knows of all of them."""
    silent = real_market.prices.iloc[-5:].isna().all()
    found = [finding for finding in check.findings if finding.kind == "stops"]
    assert {finding.ticker for finding in found} == set(silent.index[silent])
    assert {finding.severity for finding in found} == {"note"}
    assert int(real_market.catalog["delisted"].sum()) == 35


def test_every_gap_is_a_run_of_missing_closes(real_market: Market, check: MarketCheck) -> None:
    there = real_market.prices.notna()
    inside = there.cummax() & there[::-1].cummax()[::-1]
    missing = int((inside & ~there).to_numpy().sum())
    assert sum(finding.size for finding in check.findings if finding.kind == "gap") == missing


def test_rows_without_prices_are_the_catalog_s(real_market: Market, check: MarketCheck) -> None:
    lacking = set(real_market.catalog.index) - set(real_market.prices.columns)
    assert {finding.ticker for finding in check.findings if finding.kind == "no_prices"} == lacking


def test_march_2020_is_no_flood(real_market: Market, check: MarketCheck) -> None:
    """One-day moves over 10 % are real there; without looking at peers there would be hundreds of warnings."""
    panic = [
        finding
        for finding in check.findings
        if finding.keeps_out and pd.Timestamp("2020-02-24") <= finding.date <= pd.Timestamp("2020-04-30")
    ]
    moves = real_market.prices.loc["2020-02-20":"2020-04-30"].pct_change(fill_method=None)
    assert int((moves.abs() > 0.05).to_numpy().sum()) > 400
    assert len(panic) < 25
    assert "AGG" not in {finding.ticker for finding in check.findings if finding.keeps_out}


def test_no_two_funds_of_the_market_change_places(check: MarketCheck) -> None:
    """In March 2020 short funds became as noisy as others were calm, which is no exchange."""
    both = [f for f in check.findings if "changes places" in f.why or f" like {f.ticker} from" in f.why]
    assert both == []


def test_warnings_are_few_and_the_quarantine_is_small(real_market: Market, check: MarketCheck) -> None:
    warned = [finding for finding in check.findings if finding.keeps_out]
    fund_years = real_market.prices.notna().to_numpy().sum() / 252
    assert len(warned) < 0.03 * fund_years
    assert len(to_quarantine(check.findings)) == len(warned)


def test_errors_planted_in_known_funds_are_found(real_market: Market) -> None:
    prices = real_market.prices.loc["2021-01-01":].copy()
    at = int(prices.index.searchsorted(pd.Timestamp("2023-03-01")))
    column = {ticker: place for place, ticker in enumerate(prices.columns)}
    prices.iloc[at, column["AGG"]] *= 1.03
    prices.iloc[at:, column["HYG"]] *= 10.0
    prices.iloc[at : at + 5, column["TLT"]] = prices.iloc[at - 1, column["TLT"]]
    prices.iloc[at : at + 3, column["LQD"]] = np.nan
    swapped = prices.iloc[at:, column["BND"]].to_numpy().copy()
    prices.iloc[at:, column["BND"]] = prices.iloc[at:, column["SHY"]].to_numpy()
    prices.iloc[at:, column["SHY"]] = swapped
    found = {(f.ticker, f.kind) for f in check_prices(prices) if f.severity != "note" and f.date == prices.index[at]}
    assert {("AGG", "spike"), ("HYG", "decimal_shift"), ("TLT", "stale"), ("LQD", "gap")} <= found
    assert {ticker for ticker, _ in found} >= {"BND", "SHY"}


def test_the_simulated_market_has_no_errors_and_few_warnings() -> None:
    market = simulated_market()
    check = check_market(market)
    fund_years = market.prices.notna().to_numpy().sum() / 252
    assert [finding for finding in check.findings if finding.severity == "error"] == []
    assert sum(finding.keeps_out for finding in check.findings) < 0.01 * fund_years
