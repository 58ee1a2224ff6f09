"""Figures of the report worked out again from raw prices, by other code."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from aggplus.report.numbers import percent


def raw_closes(folder: Path) -> pd.DataFrame:
    table = pd.read_parquet(folder / "prices.parquet", columns=["date", "ticker", "adj_close"])
    return table.pivot(index="date", columns="ticker", values="adj_close")


def test_january_of_the_real_market_follows_from_raw_prices(real: Any, real_market_path: Path, chromium: Any) -> None:
    closes = raw_closes(real_market_path)
    ratio = closes.loc["2024-01-31"] / closes.loc["2023-12-29"]
    page = chromium.open(real.html)
    text = page.locator("main").inner_text()
    cards = page.locator(".card .big").all_inner_texts()
    assert cards[-1] == percent(ratio["AGG"] - 1.0) == "−0.15\u202f%"
    for one, card in zip(real.report.models, cards, strict=False):
        # None of them traded: what was held at the end of December was held through January.
        assert one.trades == ()
        earned = {line.ticker: line.before * (ratio[line.ticker] - 1.0) for line in one.lines}
        assert sum(earned.values()) == pytest.approx(one.month_return, abs=1e-12)
        assert card == percent(sum(earned.values()))
        for line in one.lines:
            assert line.contribution == pytest.approx(earned[line.ticker], abs=1e-12)
            assert line.after == pytest.approx(line.before * ratio[line.ticker] / (1.0 + one.month_return), abs=1e-12)
    agg = closes["AGG"].dropna()
    assert f"{agg.loc['2024-01-31'] / agg.loc['2023-01-31'] - 1.0:.2%}" == "2.10%"
    assert percent(agg.loc["2024-01-31"] / agg.loc["2023-01-31"] - 1.0) in text
    assert percent(agg.loc["2023-12-29"] / agg.loc["2022-12-30"] - 1.0) in text
    assert percent(agg.loc["2024-01-31"] / agg.loc["2015-12-31"] - 1.0) in text
    # The published table stands there, and the warnings of this market.
    assert "Beside the published figures" in text
    assert "9.4\u202f%" in text
    for warning in ("Survivorship", "not known on the day", "first_trade_date"):
        assert warning in text


def test_the_page_agrees_with_the_returns_of_walk_forward(run: Any, small_folder: Path, tmp_path: Path) -> None:
    html, record, returns = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "returns.csv"
    ran = run("report", "--month", "2024-01", "--out", html, "--json", record, "--market", small_folder)
    assert ran.code == 0, ran
    said = json.loads(record.read_text())
    walked = run("walk-forward", "--market", small_folder, "--start", said["start"], "--returns", returns)
    assert walked.code == 0, walked
    with returns.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"].startswith("2024-01")]
    page = html.read_text(encoding="utf-8")
    assert len(said["models"]) == 3
    for name, one in said["models"].items():
        month = np.prod([1.0 + float(row[name]) for row in rows]) - 1.0
        assert one["month_return"] == pytest.approx(month, abs=1e-12)
        assert percent(month) in page
        parts = sum(fund["contribution"] for fund in one["funds"]) + one["costs"]
        assert parts == pytest.approx(month, abs=1e-12)


def test_a_month_with_trades_is_told_trade_by_trade(run: Any, small_folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "often.toml"
    model.write_text(
        'extends = "baseline"\nid = "Often"\nname = "Often"\n[rebalance]\ncool_down_days = 0\n'
        "[rebalance.triggers]\nevery_days = 5\nvolatility_change = false\nbenchmark_move = false\nmax_days = false\n"
        "[costs]\nhalf_spread_bp = 30\n"
    )
    html, record, walked = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "w.json"
    arguments = ("--market", small_folder, model)
    assert run("report", "--month", "2024-01", "--out", html, "--json", record, *arguments).code == 0
    one = json.loads(record.read_text())["models"]["Often"]
    start = json.loads(record.read_text())["start"]
    assert run("walk-forward", "--start", start, "--json", walked, *arguments).code == 0
    made = json.loads(walked.read_text())["models"]["Often"]["rebalances"]
    assert one["rebalances"] == [each for each in made if each["traded"] > "2023-12-29"]
    assert len(one["rebalances"]) >= 3
    # What contributions leave over is what the trades cost.
    assert one["costs"] == pytest.approx(-sum(each["cost"] for each in one["rebalances"]), rel=0.03)
    page = html.read_text(encoding="utf-8")
    for each in one["rebalances"]:
        day = pd.Timestamp(each["date"])
        assert f"{day.day} {day:%B %Y}" in page
        assert each["shadow_prices"], "the cap on positions binds on this market"
    assert "a period of 5 sessions has ended since the last solve" in page
    assert "position cap" in page


def test_what_gave_way_and_a_budget_of_tracking_error_are_told_in_words(
    run: Any, small_folder: Path, tmp_path: Path
) -> None:
    soft, budget = tmp_path / "soft.toml", tmp_path / "budget.toml"
    soft.write_text(
        'extends = "baseline"\nid = "Soft"\nname = "Soft"\n[limits.sector.high_yield]\nmin = 0.8\npriority = 1\n'
    )
    budget.write_text(
        'extends = "conservative"\nid = "Budget"\nname = "Budget"\n'
        '[target]\nalgorithm = "tracking_error"\nvalue = 0.02\n'
    )
    html, record = tmp_path / "r.html", tmp_path / "r.json"
    arguments = ("--month", "2024-01", "--out", html, "--json", record, "--market", small_folder, soft, budget)
    ran = run("report", *arguments)
    assert ran.code == 0, ran
    models = json.loads(record.read_text())["models"]
    [note] = [note for note in models["Soft"]["in_force"]["notes"] if "gave way" in note]
    assert note.startswith("high_yield at least 80 % gave way to ")
    page = html.read_text(encoding="utf-8")
    # The portfolio that stays in place was solved so: its limits are told with what became of them.
    assert note.replace(" %", "\u202f%") in page.split("What limits the portfolio in place")[1]
    assert "High yield</th>" in page
    assert "at least" in page
    assert "This model has a target for tracking error and none for volatility." in page
    assert "for 1\u202f% of tracking error more" in page
    # Two months are not annualised.
    assert "Per year since then" in page
    costs = page.split("Costs a year")[1].split("</tr>")[0]
    assert costs.count("–") == 2
