"""What the real market shows: the reasons for estimating as we do, and the estimate recomputed from the raw file."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskmodels import ExpectedReturnRules, RiskModel, RiskModelRules, estimate_risk_model
from universe import Market

WINDOW, AHEAD = 126, 63


def estimate(prices: pd.DataFrame, tickers: list[str], estimator: str, **risk: Any) -> RiskModel:
    return estimate_risk_model(
        prices,
        tickers,
        "AGG",
        RiskModelRules.model_validate({"estimator": estimator, "window_days": WINDOW, "lags": 0, **risk}),
        ExpectedReturnRules.model_validate({"window_days": 20}),
    )


def plain_funds(market: Market, closes: pd.DataFrame) -> list[str]:
    """Taxable dollar funds with every close and some movement."""
    catalog = market.catalog
    plain = catalog.index[
        (catalog["currency_exposure"] == "USD")
        & (catalog["tax_status"] == "taxable")
        & ~catalog["sector"].isin(["preferred", "leveraged_inverse"])
    ]
    complete = closes.columns[closes.notna().all() & (closes.nunique() > 1)]
    return sorted(set(plain) & set(complete))


def test_only_the_correlation_form_keeps_bill_funds_calm(real_market: Market) -> None:
    """Median volatility of ultrashort funds, measured beside each other: 0.63 and 1.58 on average."""
    prices = real_market.prices
    sample, kept, raw, realised = [], [], [], []
    for year in range(2016, 2024):
        for month in (3, 9):
            rows = int(prices.index.searchsorted(pd.Timestamp(year, month, 28), side="right"))
            window, ahead = prices.iloc[rows - WINDOW - 1 : rows], prices.iloc[rows - 1 : rows + AHEAD]
            funds = plain_funds(real_market, window)
            short = [
                f for f in funds if real_market.catalog.loc[f, "sector"] == "ultrashort" and ahead[f].notna().all()
            ]
            annual = 100.0 * np.sqrt(252.0)
            sample.append(float((window[short].pct_change().std(ddof=0) * annual).median()))
            realised.append(float((ahead[short].pct_change().std(ddof=0) * annual).median()))
            kept.append(float(estimate(window, funds, "ledoit_wolf").table.loc[short, "volatility"].median()))
            raw.append(float(estimate(window, funds, "ledoit_wolf_raw").table.loc[short, "volatility"].median()))

    np.testing.assert_allclose(kept, sample, rtol=1e-10)
    assert np.mean(sample) == pytest.approx(0.63, rel=0.25)
    assert np.mean(raw) > 2.0 * np.mean(sample)
    assert (np.array(raw) > np.array(sample)).all()
    # Out of sample: how far off, in logarithms, is each as a forecast of the 63 days that follow?
    off = {name: np.abs(np.log(np.array(f) / np.array(realised))).mean() for name, f in (("kept", kept), ("raw", raw))}
    assert off["kept"] < off["raw"]


def test_the_estimate_is_the_one_of_the_raw_file(real_market: Market, real_market_path: Path) -> None:
    rows = pd.read_parquet(real_market_path / "prices.parquet", columns=["date", "ticker", "adj_close"])
    rows["date"] = pd.to_datetime(rows["date"])
    funds = ["BIL", "BND", "HYG", "LQD", "TIP", "TLT"]
    wide = rows[rows["ticker"].isin([*funds, "AGG"])].pivot_table(index="date", columns="ticker", values="adj_close")
    wide = wide.loc[:"2024-01-31"]
    returns = np.log(wide).diff().iloc[-WINDOW:].pipe(np.expm1)

    model = estimate(real_market.prices.loc[:"2024-01-31"], funds, "ledoit_wolf")

    assert model.asof == pd.Timestamp("2024-01-31")
    assert model.first_day == returns.index[0]
    volatility = returns.std(ddof=0) * 100.0 * np.sqrt(252.0)
    np.testing.assert_allclose(model.table["volatility"], volatility[funds], rtol=1e-9)
    assert model.sigma_b == pytest.approx(volatility["AGG"], rel=1e-9)
    assert model.shrinkage is not None
    correlation = (1.0 - model.shrinkage) * returns.corr()["AGG"]
    np.testing.assert_allclose(model.table["correlation"], correlation[funds], rtol=1e-9)
    total = wide.iloc[-1] / wide.iloc[-21] - 1.0
    np.testing.assert_allclose(model.mu, total[funds] * 252.0 / 20 * 100.0, rtol=1e-9)


def test_lags_show_that_credit_moves_with_the_benchmark_and_bouncing_prices_do_not_move(real_market: Market) -> None:
    """Median betas by weeks, measured beside daily ones: high yield 0.25 and 0.44, bank loans 0.03 and 0.10."""
    prices, sectors = real_market.prices, real_market.catalog["sector"]
    betas: dict[str, list[Any]] = {"daily": [], "lags": []}
    calm: dict[str, list[float]] = {"daily": [], "lags": []}
    for year in range(2016, 2024):
        closes = prices.loc[: f"{year}-12-29"].iloc[-253:]
        funds = plain_funds(real_market, closes)
        for name, lags in (("daily", 0), ("lags", 4)):
            table = estimate(closes, funds, "ledoit_wolf", window_days=252, lags=lags, lag_volatility="lagged").table
            betas[name].append(table["beta"].groupby(sectors[funds]).median())
            calm[name].append(float(table.loc[sectors[funds] == "ultrashort", "volatility"].median()))
    daily, lagged = (pd.concat(betas[name], axis=1).mean(axis=1) for name in ("daily", "lags"))
    for sector, more in (("high_yield", 0.08), ("bank_loan", 0.02), ("ig_corporate", 0.05)):
        assert lagged[sector] > daily[sector] + more, sector
    # But not in 2020, when prices of bill funds fell and rose for days on end.
    assert np.median(np.divide(calm["lags"], calm["daily"])) < 0.75


def test_risk_inferred_from_sixty_days_is_nearer_to_that_of_the_whole_year(real_market: Market) -> None:
    """Every fifth old fund loses all but its last 60 returns; what its own days and what the others say is compared."""
    off: dict[str, list[float]] = {"inferred": [], "own days": []}
    annual = 100.0 * np.sqrt(252.0)
    for year in range(2012, 2024):
        closes = real_market.prices.loc[: f"{year}-06-28"].iloc[-253:]
        funds = plain_funds(real_market, closes)
        young = [fund for fund in funds[::5] if fund != "AGG"]
        cut = closes.copy()
        cut.loc[cut.index[:-61], young] = np.nan
        young = [fund for fund in young if cut[fund].nunique() > 20]
        whole = estimate(closes, funds, "ledoit_wolf", window_days=252).table.loc[young, "volatility"]
        model = estimate(
            cut, [f for f in funds if cut[f].nunique() > 20], "ledoit_wolf", window_days=252, short_histories="infer"
        )
        assert model.table.loc[young, "risk"].eq("inferred").all()
        assert model.table.loc[young, "risk_days"].eq(60).all()
        own = closes[young].iloc[-61:].pct_change().std(ddof=0) * annual
        off["inferred"] += np.abs(np.log(model.table.loc[young, "volatility"] / whole)).tolist()
        off["own days"] += np.abs(np.log(own / whole)).tolist()
    assert np.mean(off["inferred"]) < 0.8 * np.mean(off["own days"])
