"""What the real market shows: the reasons for the default, and the estimate recomputed from the raw file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodels import ExpectedReturnRules, RiskModel, RiskModelRules, estimate_risk_model
from universe import Market

WINDOW, AHEAD = 126, 63


def estimate(prices: pd.DataFrame, tickers: list[str], estimator: str) -> RiskModel:
    return estimate_risk_model(
        prices,
        tickers,
        "AGG",
        RiskModelRules.model_validate({"estimator": estimator, "window_days": WINDOW}),
        ExpectedReturnRules.model_validate({"window_days": WINDOW}),
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
    """Median volatility of ultrashort funds, as measured before the default was chosen: 0.63 and 1.58 on average."""
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
    total = wide.iloc[-1] / wide.iloc[-1 - WINDOW] - 1.0
    np.testing.assert_allclose(model.mu, total[funds] * 252.0 / WINDOW * 100.0, rtol=1e-9)
