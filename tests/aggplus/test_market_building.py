"""`aggplus market build` and `update` on files."""

import json
import typing
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from aggplus.command_line.market.building import SourceName
from universe import load_market
from universe.sources import recipe

Run = typing.Any
Refuse = Callable[..., str]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A file of prices as Yahoo's page exports it, a listing, and overrides."""
    days = pd.bdate_range("2023-01-02", periods=300)
    frame = pd.DataFrame({"Date": days.strftime("%Y-%m-%d")})
    rows = [
        frame.assign(Symbol=t, **{"Adj Close": 100.0 + 0.01 * frame.index * (i + 1)})
        for i, t in enumerate(("AGG", "HYG"))
    ]
    pd.concat(rows).to_csv(tmp_path / "prices.csv", index=False)
    (tmp_path / "listing.csv").write_text("ticker,name\nAGG,Core Aggregate Bond ETF\nHYG,[red]High Yield[/] Bond ETF\n")
    (tmp_path / "overrides.csv").write_text("ticker,column,value\nAGG,aum_usd_mm,120000\n")
    (tmp_path / "tickers.txt").write_text("AGG\nHYG\nGONE\n")
    return tmp_path


def _words(desk: Path, out: str = "market") -> list[object]:
    named = ["--map", "date=Date", "--map", "ticker=Symbol", "--map", "adj_close=Adj Close"]
    files = ["--from", desk / "prices.csv", "--catalog", desk / "listing.csv", "--overrides", desk / "overrides.csv"]
    return [
        "market",
        "build",
        "--source",
        "files",
        *files,
        *named,
        "--tickers",
        desk / "tickers.txt",
        "--out",
        desk / out,
    ]


def test_build_and_update(desk: Path, run: Run) -> None:
    built = run(*_words(desk), "--json", desk / "built.json")
    assert (built.code, built.err) == (0, "")
    assert "2 funds, 600 prices" in built.out
    assert "GONE: not in the files" in built.out
    record = json.loads((desk / "built.json").read_text())
    assert {key: record[key] for key in ("action", "source", "funds", "rows", "added")} == {
        "action": "build",
        "source": "files",
        "funds": 2,
        "rows": 600,
        "added": 600,
    }
    assert record["failed"] == {"GONE": "not in the files"}
    market = load_market(desk / "market")
    assert market.catalog["sector"].to_dict() == {"AGG": "aggregate", "GONE": "other", "HYG": "high_yield"}
    assert market.catalog.loc["AGG", "aum_usd_mm"] == 120_000
    stored = pd.read_csv(desk / "market" / "catalog.csv", index_col="ticker")
    assert stored.loc["AGG", "overridden"] == "aum_usd_mm"
    assert stored.loc["HYG", "classified_by"].startswith("sector=high_yield_words ")

    with (desk / "prices.csv").open("a") as file:
        file.write("2024-02-26,AGG,103.01\n2024-02-26,HYG,106.01\n")
    updated = run("market", "update", desk / "market", "--json", "-")
    assert (updated.code, updated.err) == (0, "")
    assert json.loads(updated.out)["added"] == 2
    assert run("market", "update", desk / "market", "--quiet").out == ""


def test_refusals(desk: Path, refuse: Refuse) -> None:
    words = _words(desk)
    assert "expected YYYY-MM-DD" in refuse(*words, "--start", "yesterday")
    assert "lies before --start" in refuse(*words, "--start", "2023-02-01", "--end", "2023-01-01")
    assert "--map ticker=NAME" in refuse(
        "market", "build", "--source", "files", "--from", desk / "prices.csv", "--out", desk / "m"
    )
    assert "Yahoo must be told what to look for" in refuse("market", "build", "--source", "yahoo", "--out", desk / "m")
    assert "--from PATH" in refuse("market", "build", "--source", "files", "--out", desk / "m")
    assert "does not exist" in refuse(
        "market", "build", "--source", "folder", "--from", desk / "no", "--out", desk / "m"
    )
    assert "is not empty" in refuse(*_words(desk, "."))
    assert "no fund of 3 could be had" in refuse(*words, "--start", "2030-01-01")
    assert "was not made by" in refuse("market", "update", desk)
    assert "is read by this command" in refuse(*words, "--json", desk / "listing.csv")


def test_a_result_does_not_go_into_the_market(desk: Path, run: Run, refuse: Refuse) -> None:
    run(*_words(desk))
    said = refuse("market", "update", desk / "market", "--json", desk / "market" / "prices.parquet")
    assert "lies in the market" in said


def test_standard_output_is_no_place_in_the_market(desk: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*_words(desk))
    monkeypatch.chdir(desk / "market")
    assert json.loads(run("market", "update", ".", "--json", "-").out)["action"] == "update"


def test_a_quarantine_that_is_left_behind_is_told(desk: Path, run: Run) -> None:
    run(*_words(desk))
    words = ("market", "build", "--source", "folder", "--from", desk / "market", "--json", "-", "--out")
    assert not any("quarantine" in note for note in json.loads(run(*words, desk / "one").out)["notes"])
    text = "ticker,first,last,known_from,kind,why\nHYG,2023-02-01,,2023-02-01,mine,x\n"
    (desk / "market" / "quarantine.csv").write_text(text)
    (note,) = [each for each in json.loads(run(*words, desk / "two").out)["notes"] if "quarantine" in each]
    assert "is not taken over" in note
    assert load_market(desk / "two").quarantine.empty


def test_a_quarantine_outlives_an_update(desk: Path, run: Run) -> None:
    run(*_words(desk))
    file = desk / "market" / "quarantine.csv"
    file.write_text("ticker,first,last,known_from,kind,why\nHYG,2023-02-01,,2023-02-01,mine,x\n")
    before = file.read_bytes()
    assert run("market", "update", desk / "market").code == 0
    assert file.read_bytes() == before
    assert list(load_market(desk / "market").quarantine["ticker"]) == ["HYG"]


def test_a_line_of_a_check_is_told_when_the_source_mends_its_price(
    small_market: typing.Any, tmp_path: Path, run: Run
) -> None:
    right = small_market.prices.copy()
    small_market.prices.loc["2024-01-22", "IG08"] *= 1.05
    source, market = small_market.write(tmp_path / "source"), tmp_path / "market"
    assert run("market", "build", "--source", "folder", "--from", source, "--out", market).code == 0
    assert run("market", "check", "--market", market, "--quarantine").code == 0
    file = market / "quarantine.csv"
    held = pd.read_csv(file)
    assert held[["ticker", "kind", "first"]].to_numpy().tolist() == [["IG08", "spike", "2024-01-22"]]
    before = file.read_bytes()

    small_market.prices = right
    small_market.write(source)
    told = run("market", "update", market)
    assert "Lines of quarantine.csv whose closes changed:\n  IG08: spike, 2024-01-22" in told.out
    assert file.read_bytes() == before
    kept = json.loads((market / "changes.jsonl").read_text().splitlines()[-1])["quarantine"]
    assert kept == [{"ticker": "IG08", "kind": "spike", "first": "2024-01-22", "last": held.loc[0, "last"]}]
    assert "quarantine.csv" not in run("market", "update", market).out


def test_the_choices_are_the_sources() -> None:
    assert typing.get_args(SourceName) == recipe.SOURCES
