"""Loading a market from a folder, and the day at which it is looked at."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from universe import Market, MarketError, close_on, load_market, until

CATALOG = "ticker,name,sector\nA,Alpha,mbs\nB,Beta <b>,tips\nC,Gamma,agency\n"
PRICES = (
    "date,ticker,adj_close\n"
    "2024-01-25,A,1\n2024-01-26,A,2\n2024-01-29,A,3\n"
    "2024-01-26,B,5\n"
    "2024-01-27,X,9\n2024-01-29,X,8\n2024-01-29,Y,8\n"
)


def market_folder(folder: Path, catalog: str = CATALOG, prices: str = PRICES) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "catalog.csv").write_text(catalog)
    (folder / "prices.csv").write_text(prices)
    return folder


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return load_market(market_folder(tmp_path / "small"))


def test_a_market_holds_the_catalogued_funds_only(market: Market) -> None:
    assert market.name == "small"
    assert not market.simulated
    assert list(market.catalog.index) == ["A", "B", "C"]
    assert list(market.prices.columns) == ["A", "B"]
    # 2024-01-27 is a Saturday on which only a stranger has a price.
    assert [f"{day:%m-%d}" for day in market.prices.index] == ["01-25", "01-26", "01-29"]
    np.testing.assert_array_equal(market.prices["B"], [np.nan, 5, np.nan])
    assert market.warnings == ("2 funds have prices but no catalog row and are not used: X, Y",)


def test_one_stranger_is_spoken_of_in_the_singular(tmp_path: Path) -> None:
    folder = market_folder(tmp_path, prices="date,A,X\n2024-01-25,1,1\n")
    assert load_market(str(folder)).warnings == ("1 fund has prices but no catalog row and is not used: X",)


def test_a_market_shows_itself_and_escapes_what_it_shows(tmp_path: Path) -> None:
    shown = load_market(market_folder(tmp_path / "a<b"))._repr_html_()
    assert "a&lt;b" in shown
    assert "2024-01-25 to 2024-01-29, 3 days" in shown
    assert "simulated</th><td>no" in shown


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, ["found nothing"]),
        ({"prices.csv": PRICES}, ["found prices.csv"]),
        ({"catalog.csv": CATALOG, "prices.txt": ""}, ["found catalog.csv, prices.txt"]),
    ],
)
def test_a_folder_without_the_files_is_refused(tmp_path: Path, files: dict[str, str], words: list[str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(MarketError) as caught:
        load_market(tmp_path)
    for part in ["expected prices.parquet or prices.csv, and catalog.csv", *words]:
        assert part in str(caught.value)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match=r"nowhere does not exist; expected a folder with prices\.parquet"):
        load_market(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(MarketError, match="file is not a folder"):
        load_market(tmp_path / "file")


def test_prices_and_catalog_of_different_funds_are_refused(tmp_path: Path) -> None:
    folder = market_folder(tmp_path, prices="date,X\n2024-01-25,1\n")
    with pytest.raises(MarketError, match=r"no fund has both .* \(prices: X; catalog: A, B, C\)"):
        load_market(folder)


@pytest.mark.parametrize(
    "asked",
    [
        "2024-01-28",
        dt.date(2024, 1, 28),
        dt.datetime(2024, 1, 28, 17, 30),
        pd.Timestamp("2024-01-28 23:00", tz="America/New_York"),
        np.datetime64("2024-01-28").item(),
    ],
)
def test_a_day_without_a_close_takes_the_one_before(market: Market, asked: str | dt.date) -> None:
    found = close_on(market, asked)
    assert found.date == pd.Timestamp("2024-01-26")
    assert found.asked == pd.Timestamp("2024-01-28")
    assert found.note == "2024-01-28 has no close; the last close before it, 2024-01-26, is used"


def test_a_trading_day_is_taken_without_a_word(market: Market) -> None:
    for day in market.prices.index:
        found = close_on(market, day)
        assert (found.date, found.asked, found.note) == (day, day, None)
    last = close_on(market, None)
    assert (last.date, last.asked, last.note) == (pd.Timestamp("2024-01-29"), None, None)


@pytest.mark.parametrize(("asked", "side"), [("2024-01-24", "before the first"), ("2024-01-30", "after the last")])
def test_a_day_outside_the_data_is_refused_with_the_range(market: Market, asked: str, side: str) -> None:
    with pytest.raises(MarketError, match=f"{asked} is {side} close of small, which covers 2024-01-25 to 2024-01-29"):
        close_on(market, asked)


@pytest.mark.parametrize("asked", ["", "yesterday", "2024-02-30", "31.01.2024", "2024", 20240126, pd.NaT, float("nan")])
def test_a_day_that_cannot_be_read_is_refused_with_the_form(market: Market, asked: str) -> None:
    with pytest.raises(MarketError, match="cannot be read; expected YYYY-MM-DD"):
        close_on(market, asked)


def test_until_cuts_the_future_without_a_copy(market: Market) -> None:
    cut = until(market, pd.Timestamp("2024-01-28"))
    pd.testing.assert_frame_equal(cut.prices, market.prices.iloc[:2])
    assert np.shares_memory(cut.prices.to_numpy(), market.prices.to_numpy())
    assert (cut.name, cut.warnings) == (market.name, market.warnings)
    with pytest.raises(MarketError, match="no close by 2024-01-24"):
        until(market, pd.Timestamp("2024-01-24"))


def test_a_folder_name_that_no_system_takes_is_refused_in_one_line() -> None:
    with pytest.raises(MarketError, match="cannot be read") as refused:
        load_market("x" * 5000)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 200
