"""`aggplus market show`: figures against published ones and against the raw files read by other code."""

import csv
import json
import math
import statistics
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

Run = Callable[..., Any]
Refuse = Callable[..., str]

Closes = dict[str, dict[date, float]]


@pytest.fixture(scope="module")
def raw(real_market_path: Path) -> Closes:
    """Adjusted closes by ticker and day, without pandas."""
    wanted = ("AGG", "TLT", "BIL", "HYG", "FLOT")
    table = pq.read_table(
        real_market_path / "prices.parquet",
        columns=["date", "ticker", "adj_close"],
        filters=[("ticker", "in", wanted)],
    )
    found: Closes = {ticker: {} for ticker in wanted}
    for day, ticker, close in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
        if close is not None and not math.isnan(close):
            found[ticker][day.date() if hasattr(day, "date") else day] = close
    return found


def shown(run: Run, market: object, *arguments: object) -> dict[str, Any]:
    ran = run("market", "show", *arguments, "--market", market, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    record: dict[str, Any] = json.loads(ran.out)
    return record


def test_returns_of_the_agg_as_published(run: Run, real_market_path: Path) -> None:
    (agg,) = shown(run, real_market_path, "AGG", "--asof", "2024-01-31")["funds"]
    assert agg["prices"]["return_1m"] == pytest.approx(-0.0015, abs=5e-5)
    assert agg["prices"]["return_1y"] == pytest.approx(0.0210, abs=5e-5)
    assert agg["prices"]["beta"] == pytest.approx(1.0, abs=1e-12)
    (agg,) = shown(run, real_market_path, "AGG", "--asof", "2023-12-29")["funds"]
    assert agg["prices"]["return_ytd"] == pytest.approx(0.0566, abs=5e-5)


@pytest.mark.parametrize("asof", [date(2024, 1, 31), date(2020, 3, 20)])
def test_histories_from_the_raw_file(run: Run, real_market_path: Path, raw: Closes, asof: date) -> None:
    record = shown(run, real_market_path, *raw, "--asof", asof)
    assert [fund["ticker"] for fund in record["funds"]] == list(raw)
    sessions = sorted(day for day in raw["AGG"] if day <= asof)
    for fund in record["funds"]:
        prices, closes = fund["prices"], {d: c for d, c in raw[fund["ticker"]].items() if d <= asof}
        days = sorted(closes)
        assert (prices["closes"], prices["first_close"], prices["last_close"]) == (len(days), f"{days[0]}", f"{asof}")
        assert prices["gaps"] == sum(days[0] <= day for day in sessions) - len(days)
        same = [closes[a] == closes[b] for a, b in pairwise(days)]
        assert prices["unchanged_share"] == pytest.approx(statistics.fmean(same), abs=2e-4)
        before = max(day for day in days if day.year < asof.year)
        assert prices["return_ytd"] == pytest.approx(closes[asof] / closes[before] - 1, rel=1e-12)
        window = sessions[-253:]
        pairs = [
            (closes[b] / closes[a] - 1, raw["AGG"][b] / raw["AGG"][a] - 1)
            for a, b in pairwise(window)
            if a in closes and b in closes
        ]
        own, benchmark = (list(column) for column in zip(*pairs, strict=True))
        assert prices["volatility"] == pytest.approx(statistics.stdev(own) * math.sqrt(252), rel=1e-9)
        slope = statistics.linear_regression(benchmark, own).slope
        assert prices["beta"] == pytest.approx(slope, abs=1e-9)


def test_eligibility_is_that_of_a_solve(run: Run, real_market_path: Path) -> None:
    """What the sheet says of a fund, the solve of the same day says: the exclusions are its own words."""
    day = ("--asof", "2024-01-31", "--market", real_market_path)
    record = shown(run, real_market_path, "AGG", "BIL", "HYG", "TLT", "EMB", "PFF", "--asof", "2024-01-31")
    for name, place in (("baseline", 0), ("conservative", 2)):
        excluded = json.loads(run("solve", name, *day, "--json", "-").out)["excluded"]
        for fund in record["funds"]:
            assert fund["eligible"][place]["reason"] == excluded.get(fund["ticker"])


def test_later_closes_are_not_looked_at(run: Run, small_market: Any, tmp_path: Path) -> None:
    whole = shown(run, small_market.write(tmp_path / "whole"), "AGG", "TR00", "--asof", "2023-12-29")
    small_market.prices.loc["2024-01-02":] *= 1.1
    changed = shown(run, small_market.write(tmp_path / "whole"), "AGG", "TR00", "--asof", "2023-12-29")
    assert changed == whole


def test_a_fund_with_gaps_a_late_end_and_none_at_all(run: Run, small_market: Any, tmp_path: Path) -> None:
    days = small_market.prices.index
    small_market.prices.loc[days[[50, 60, 61]], "TR00"] = np.nan
    small_market.prices.loc[days[-5:], "TR01"] = np.nan
    small_market.catalog.append({**small_market.catalog[1], "ticker": "NONE", "name": "Never traded"})
    market = small_market.write(tmp_path / "market")
    gaps, late, none = shown(run, market, "TR00", "TR01", "NONE")["funds"]
    assert (gaps["prices"]["gaps"], gaps["prices"]["closes"]) == (3, len(days) - 3)
    assert gaps["prices"]["return_1m"] == pytest.approx(
        small_market.prices["TR00"].iloc[-1] / small_market.prices["TR00"].loc[:"2023-12-31"].iloc[-1] - 1
    )
    assert late["prices"]["last_close"] == f"{days[-6]:%Y-%m-%d}"
    assert late["prices"]["return_1m"] is late["prices"]["return_1y"] is None
    assert "no close since" in late["eligible"][0]["reason"]
    assert none["prices"] is None
    assert none["eligible"][0]["reason"] == "no prices by 2024-01-31"
    page = run("market", "show", "NONE", "--market", market)
    assert "none by the day" in page.out


def test_a_market_without_the_benchmark_has_no_betas(run: Run, small_market: Any, tmp_path: Path) -> None:
    whole = small_market.write(tmp_path / "whole")
    (known,) = shown(run, whole, "TR00")["funds"]
    small_market.prices = small_market.prices.drop(columns="AGG")
    small_market.catalog = [row for row in small_market.catalog if row["ticker"] != "AGG"]
    market = small_market.write(tmp_path / "market")
    record = shown(run, market, "TR00")
    (fund,) = record["funds"]
    assert fund["prices"] == {**known["prices"], "beta": None}
    assert record["warnings"][-1] == "the benchmark AGG has no prices in market: betas to it are unknown"
    page = run("market", "show", "TR00", "--market", market)
    assert "Note: the benchmark AGG has no prices" in page.out


def test_the_market_by_sector(run: Run, real_market_path: Path) -> None:
    record = shown(run, real_market_path)
    with (real_market_path / "catalog.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    traded = set(pq.read_table(real_market_path / "prices.parquet", columns=["ticker"])["ticker"].unique().to_pylist())
    total = record["total"]
    assert (total["funds"], total["with_prices"]) == (len(rows), sum(row["ticker"] in traded for row in rows))
    assert total["known"] == {
        name: sum(row[name] != "" for row in rows)
        for name in ("expense_ratio_bp", "effective_duration_years", "aum_usd_mm", "adv_usd_mm")
    }
    assert sum(line["funds"] for line in record["sectors"]) == total["funds"]
    assert record["facts_as_of"]["last"] == max(row["as_of"] for row in rows)
    assert (record["start"], record["end"]) == ("2007-01-03", "2024-06-28")


def test_simulated_is_said(run: Run) -> None:
    assert "simulated: the prices are invented" in run("market", "show").out


def test_unknown_ticker(refuse: Refuse, small_folder: Path) -> None:
    line = refuse("market", "show", "AGF", "--market", small_folder)
    assert line == "ticker 'AGF' is not in the catalog of small; did you mean 'AGG'?"


def test_days(run: Run, refuse: Refuse, small_folder: Path) -> None:
    assert "is after the last close" in refuse("market", "show", "--asof", "2030-01-01", "--market", small_folder)
    assert "cannot be read" in refuse("market", "show", "AGG", "--asof", "soon", "--market", small_folder)
    record = shown(run, small_folder, "AGG", "--asof", "2024-01-15")
    assert record["asof"] == "2024-01-12"
    assert any("2024-01-15 has no close" in warning for warning in record["warnings"])
    assert (
        "2024-01-15 has no close" in run("market", "show", "AGG", "--asof", "2024-01-15", "--market", small_folder).out
    )


def test_names_from_the_catalog_are_no_markup(run: Run, small_market: Any, tmp_path: Path) -> None:
    small_market.catalog[1]["name"] = "[red]Fund[/red] [link=x]"
    page = run("market", "show", "TR00", "--market", small_market.write(tmp_path / "market"))
    assert "TR00  [red]Fund[/red] [link=x]" in page.out


def test_the_catalog_is_not_written_over(refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
    market = small_market.write(tmp_path / "market")
    assert "is read by this command" in refuse("market", "show", "--market", market, "--json", market / "catalog.csv")
