"""`aggplus walk-forward --xlsx` beside JSON and CSV of the same run, and figures worked out anew from the sheets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import walk_together
from aggplus.workbook import walk_workbook
from universe import Market

Read = Callable[..., dict[str, pd.DataFrame]]


@pytest.fixture
def walked(run: Callable[..., Any]) -> Path:
    days = ("--start", "2022-12-30", "--end", "2023-12-29")
    files = ("--xlsx", "w.xlsx", "--json", "w.json", "--returns", "w.csv", "-q")
    ran = run("walk-forward", "baseline", "conservative", *days, *files)
    assert (ran.code, ran.err) == (0, "")
    return Path("w.xlsx")


def test_sheets_agree_with_the_other_results(walked: Path, read: Read, checked: Callable[..., None]) -> None:
    checked(walked)
    sheets, record = read(walked), json.loads(Path("w.json").read_text())
    returns = pd.read_csv("w.csv", parse_dates=["date"], index_col="date")
    for model, told in record["models"].items():
        daily = sheets["Daily"][sheets["Daily"]["model"] == model].set_index("date")
        np.testing.assert_allclose(daily["net"].astype(float), returns[model], rtol=1e-12, atol=1e-15)
        figures = sheets["Statistics"].set_index("figure")[model]
        for name, value in told["statistics"].items():
            if name == "calendar_years":
                assert {y: figures[f"year {y}"] for y in value} == pytest.approx(value)
            elif name == "drawdown":
                assert figures["drawdown: depth"] == pytest.approx(value["depth"])
            elif isinstance(value, float):
                assert figures[name.replace("_", " ")] == pytest.approx(value), name
            elif value is None:
                assert pd.isna(figures[name.replace("_", " ")]), name
        decisions = sheets["Decisions"][sheets["Decisions"]["model"] == model]
        assert list(decisions["why"]) == ["; ".join(made["reasons"]) for made in told["rebalances"]]
        assert [f"{day:%Y-%m-%d}" for day in decisions["solved"]] == [made["date"] for made in told["rebalances"]]
        assert list(decisions["turnover"]) == pytest.approx([made["turnover"] for made in told["rebalances"]])
        limits = sheets["Shadow prices"].query("model == @model")
        told_prices = [price for made in told["rebalances"] for price in made["shadow_prices"]]
        assert list(limits["clause"]) == [price["clause"] for price in told_prices]
        assert list(limits["shadow price"]) == pytest.approx([price["price_bp_per_pct"] for price in told_prices])
    assert set(sheets["Notes"]["note"]) >= set(record["models"]["ModelPort20"]["warnings"])


def test_figures_from_the_sheets_themselves(walked: Path, read: Read) -> None:
    sheets = read(walked)
    statistics = sheets["Statistics"].set_index("figure")
    for model, daily in sheets["Daily"].groupby("model"):
        net = daily["net"].astype(float)
        assert np.prod(1.0 + net) - 1.0 == pytest.approx(statistics.loc["cumulative", model])
        assert net.std() * np.sqrt(252.0) == pytest.approx(statistics.loc["volatility", model])
        months = sheets["Monthly"][sheets["Monthly"]["model"] == model]
        assert np.prod(1.0 + months["net"].astype(float)) == pytest.approx(np.prod(1.0 + net))
        by_month = (1.0 + net).groupby(daily["date"].dt.to_period("M")).prod() - 1.0
        np.testing.assert_allclose(months["net"].astype(float), by_month, rtol=1e-9)
        assert list(months["month"]) == [period.end_time.normalize() for period in by_month.index]
        turnover = sheets["Decisions"][sheets["Decisions"]["model"] == model]["cost"].astype(float)
        assert turnover.sum() == pytest.approx(daily["cost"].astype(float).sum())
    for (_, day), held in sheets["Holdings"].groupby(["model", "traded"]):
        assert held["weight"].sum() == pytest.approx(1.0, abs=1e-6), day
    for (model, day), trades in sheets["Trades"].groupby(["model", "date"]):
        decided = sheets["Decisions"]
        (made,) = decided[(decided["model"] == model) & (decided["traded"] == day)]["turnover"]
        bought, sold = trades["change"].clip(lower=0.0).sum(), -trades["change"].clip(upper=0.0).sum()
        assert max(bought, sold) == pytest.approx(made, abs=1e-3)


def test_number_formats(walked: Path, formats: Callable[..., Any]) -> None:
    daily = formats(walked, "Daily")
    assert (daily["date"], daily["net"], daily["holdings"]) == ("yyyy-mm-dd", "0.00%", "#,##0")
    made = formats(walked, "Decisions")
    assert (made["target"], made["beta"], made["turnover"]) == ('0.00" %"', "0.00", "0.00%")


def test_the_real_market_misses_refusals_and_evil_names(
    read: Read, checked: Callable[..., None], real_market: Market
) -> None:
    model = aggplus.load_model("baseline").model_copy(update={"name": "=1+1", "id": "A"})
    tight = model.limits.model_copy(update={"max_weight": 0.001})
    impossible = model.model_copy(update={"id": "None", "limits": tight})
    tracks = walk_together([model, impossible], real_market, "2023-11-30", "2024-01-31")
    content = walk_workbook(tracks, real_market.catalog, {"other": "=why"})
    checked(content)
    assert content == walk_workbook(tracks, real_market.catalog, {"other": "=why"})
    sheets = read(content)
    assert set(sheets["Misses"]["model"]) == {"None"}
    assert "=1+1 (A)" in sheets["About"].set_index("what")["value"]["models"]
    assert "other: =why" in set(sheets["Notes"]["note"])
    january = sheets["Monthly"].query("model == 'A'").set_index("month")
    closes = real_market.prices["AGG"]
    assert january["benchmark"].iloc[-1] == pytest.approx(closes["2024-01-31"] / closes["2023-12-29"] - 1.0)
    assert january["benchmark"].iloc[-1] == pytest.approx(-0.0015, abs=5e-5)
