"""The Yahoo source and yfinance's own parsing, against answers in the shapes that Yahoo gives."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import yfinance
from curl_cffi import requests as curl

from universe import load_market
from universe.sources.pace import Pace
from universe.sources.recipe import Recipe
from universe.sources.yahoo import YahooSource, last_final_day
from universe.sources.yahoo_answers import rows_from_history
from universe.stored import building
from universe.stored.building import build_market, update_market

Yahoo = Any
Closes = Callable[..., pd.Series]

AT_ONCE = Pace(batch=3, workers=2, pause=0.0, attempts=3, first_wait=0.0)


def _source(*tickers: str) -> YahooSource:
    return YahooSource(tickers, AT_ONCE)


def _silent(_: int, __: int) -> None:
    return


def test_nothing_can_leave_this_machine(yahoo: Yahoo) -> None:
    """A session that is not led astray finds no way out, whatever the name resolves to."""
    assert os.environ["HTTPS_PROXY"].startswith("http://127.0.0.1")
    with curl.Session() as session, pytest.raises(curl.exceptions.RequestException):
        session.get("https://query2.finance.yahoo.com/v8/finance/chart/AGG", timeout=2)


def test_prices_are_what_yahoo_has(yahoo: Yahoo, closes: Closes) -> None:
    fund = yahoo.add(
        "AGG", closes(), distributions={"2023-02-01": 0.21, "2023-03-01": 0.22}, splits={"2023-02-15": (2, 1)}
    )
    yahoo.add("HYG", closes(seed=2, days=40))
    fetched = _source("HYG", "AGG").prices(("HYG", "AGG"), None, None)
    table = fetched.table
    assert fetched.failures == {}
    assert table["ticker"].tolist() == ["AGG"] * 60 + ["HYG"] * 40
    agg = table.loc[table["ticker"] == "AGG"].set_index("date")
    assert agg.index.equals(pd.DatetimeIndex(fund.closes.index))
    np.testing.assert_array_equal(agg["close"], fund.closes)
    np.testing.assert_array_equal(agg["adj_close"], fund.adjusted_closes().astype(np.float32).astype(float))
    np.testing.assert_array_equal(agg["volume"], 1000.0 + np.arange(60))
    assert agg["distribution"].dropna().to_dict() == {
        pd.Timestamp("2023-02-01"): 0.21,
        pd.Timestamp("2023-03-01"): 0.22,
    }
    assert agg["split"].dropna().to_dict() == {pd.Timestamp("2023-02-15"): 2.0}
    # The total return of an ex-day is what the close lost and the distribution gave back.
    day, before = pd.Timestamp("2023-02-01"), pd.Timestamp("2023-01-31")
    gross = fund.closes[day] / (fund.closes[before] - 0.21) - 1
    assert agg["adj_close"][day] / agg["adj_close"][before] - 1 == pytest.approx(gross, abs=1e-6)


def test_both_ends_are_included_and_days_are_days_of_the_exchange(yahoo: Yahoo, closes: Closes) -> None:
    yahoo.add("AGG", closes())
    yahoo.add("EARLY", closes(), timezone="Asia/Tokyo")
    days = (dt.date(2023, 1, 10), dt.date(2023, 1, 20))
    for ticker in ("AGG", "EARLY"):
        table = _source(ticker).prices((ticker,), *days).table
        assert table["date"].tolist() == list(pd.bdate_range("2023-01-10", "2023-01-20")), ticker


def test_a_price_of_the_moment_is_no_close(yahoo: Yahoo, closes: Closes) -> None:
    yahoo.add("AGG", closes(), beyond=2)
    table = _source("AGG").prices(("AGG",), dt.date(2023, 1, 10), dt.date(2023, 1, 20)).table
    assert table["date"].tolist() == list(pd.bdate_range("2023-01-10", "2023-01-20"))


@pytest.mark.parametrize(("taken", "told"), [(0.50, True), (0.30, False)])
def test_a_capital_gain_that_may_count_twice_is_told(taken: float, told: bool) -> None:
    # On the ex-day Yahoo shows a dividend of 0.30, which holds a gain of 0.20, and takes off 0.50 or 0.30.
    days = pd.bdate_range("2023-12-13", periods=4, tz="America/New_York")
    close = pd.Series([50.0, 50.1, 49.8, 49.9], index=days)
    scale = np.array([1 - taken / 50.1] * 2 + [1.0, 1.0])
    frame = pd.DataFrame({"Close": close, "Adj Close": close * scale, "Volume": 1000, "Stock Splits": 0.0})
    frame["Dividends"], frame["Capital Gains"] = [0.0, 0.0, 0.3, 0.0], [0.0, 0.0, 0.2, 0.0]
    _, note = rows_from_history("BND", frame, "USD")
    assert note.endswith("may be too high on 2023-12-15 by 40 bp") == told
    assert bool(note) == told


def test_one_fund_that_fails_stops_no_other(yahoo: Yahoo, closes: Closes) -> None:
    tickers = ("AGG", "BAD", "CAD", "GONE", "HYG", "LATE", "PAGE", "RAW")
    for ticker in ("AGG", "BAD", "HYG", "PAGE"):
        yahoo.add(ticker, closes())
    yahoo.add("CAD", closes(), currency="CAD")
    yahoo.add("LATE", closes(first="2024-01-02"))
    yahoo.add("RAW", closes(), adjusted=False, distributions={"2023-02-01": 0.2})
    yahoo.spoil("BAD", "empty")
    yahoo.spoil("PAGE", *["page"] * 5)
    fetched = _source(*tickers).prices(tickers, dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert set(fetched.table["ticker"]) == {"AGG", "HYG"}
    assert set(fetched.failures) == set(tickers) - {"AGG", "HYG"}
    assert fetched.failures["CAD"] == "priced in CAD; expected USD"
    assert fetched.failures["GONE"] == "Yahoo does not know it, or no longer"
    assert fetched.failures["PAGE"] == "Yahoo answered with a page instead of figures"
    assert fetched.failures["RAW"] == "Yahoo gives no adjusted closes, though distributions were paid"
    assert "no price data found" in fetched.failures["BAD"]
    assert "no price data found" in fetched.failures["LATE"]


@pytest.mark.parametrize("kind", ["page", "broken", "limit"])
def test_what_passes_is_asked_for_again(yahoo: Yahoo, closes: Closes, kind: str) -> None:
    yahoo.add("AGG", closes())
    # On a limit yfinance itself asks once more with another cookie.
    yahoo.spoil("AGG", *[kind] * (3 if kind == "limit" else 2))
    fetched = _source("AGG").prices(("AGG",), dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert fetched.failures == {}
    assert len(fetched.table) == 60
    assert yahoo.instead["AGG"] == []


def test_a_limit_that_stands_ends_the_asking(yahoo: Yahoo, closes: Closes) -> None:
    tickers = tuple(f"F{i}" for i in range(9))
    for ticker in tickers:
        yahoo.add(ticker, closes())
    yahoo.limited = True
    source = _source(*tickers)
    fetched = source.prices(tickers, None, None)
    assert fetched.table.empty
    assert set(fetched.failures) == set(tickers)
    assert "did so to the last attempt" in fetched.failures["F0"]
    assert "not asked for" in fetched.failures["F8"]
    assert yahoo.asked["chart F8"] == 0
    # Nor for anything else, by the same source.
    before = sum(yahoo.asked.values())
    assert source.catalog()["why"].str.startswith("not asked for").all()
    assert set(source.prices(("F8",), None, None).failures) == {"F8"}
    assert sum(yahoo.asked.values()) == before


def test_holes_and_nothings_are_no_prices(yahoo: Yahoo, closes: Closes) -> None:
    spoilt = closes()
    spoilt.iloc[10], spoilt.iloc[20] = np.nan, 0.0
    yahoo.add("AGG", spoilt)
    fetched = _source("AGG").prices(("AGG",), None, None)
    days = pd.DatetimeIndex(fetched.table["date"])
    assert len(days) == 58
    assert not days.isin(spoilt.index[[10, 20]]).any()
    assert fetched.notes == ("AGG: 1 prices of nothing or less were left out",)


def test_facts_come_in_millions_and_basis_points(yahoo: Yahoo, closes: Closes) -> None:
    yahoo.add(
        "AGG",
        closes(),
        info={
            "longName": "iShares Core U.S. Aggregate Bond ETF",
            "category": "Intermediate Core Bond",
            "fundFamily": "iShares",
            "totalAssets": 118_251_438_080,
            "netExpenseRatio": 0.03,
        },
    )
    yahoo.add("HYG", closes(), info={"longName": "Some High Yield ETF", "netExpenseRatio": 0.49})
    catalog = _source("AGG", "HYG", "GONE").catalog().set_index("ticker")
    assert catalog.loc["AGG", "aum_usd_mm"] == pytest.approx(118_251.43808)
    assert catalog.loc["AGG", ["name", "category", "issuer"]].tolist() == [
        "iShares Core U.S. Aggregate Bond ETF",
        "Intermediate Core Bond",
        "iShares",
    ]
    assert catalog["expense_ratio_bp"].tolist()[:2] == [pytest.approx(3.0), pytest.approx(49.0)]
    assert pd.isna(catalog.loc["HYG", "aum_usd_mm"])
    assert catalog.loc["GONE"].dropna().to_dict() == {"why": "Yahoo does not know it, or no longer"}


def test_yfinance_is_left_as_it_was(yahoo: Yahoo, closes: Closes) -> None:
    yahoo.add("AGG", closes())
    before = yfinance.config.debug.hide_exceptions
    _source("AGG").prices(("AGG", "GONE"), None, None)
    assert yfinance.config.debug.hide_exceptions is before


def test_a_market_is_built_and_a_distribution_scales_its_past(
    yahoo: Yahoo, closes: Closes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = closes(days=80)
    info = {"longName": "Core U.S. Aggregate Bond ETF", "totalAssets": 1e9}
    yahoo.add("AGG", whole[:60], info=info)
    yahoo.add("HYG", closes(seed=3, days=60), info={"longName": "High Yield Corporate Bond ETF"})
    monkeypatch.setattr(building, "open_source", lambda recipe, watch: YahooSource(recipe.tickers, AT_ONCE, watch))
    recipe = Recipe("yahoo", tickers=("AGG", "HYG", "GONE"))
    built = build_market(recipe, tmp_path / "market", None, _silent)
    assert list(built.failures) == ["GONE"]
    assert any("says nothing of 1 fund: GONE (Yahoo does not know it" in note for note in built.notes)
    ex_day = f"{whole.index[65]:%Y-%m-%d}"
    yahoo.add("AGG", whole, info={**info, "totalAssets": 2e9}, distributions={ex_day: 0.5})
    updated = update_market(tmp_path / "market", None, _silent)
    statuses = {change.ticker: change.status for change in updated.changes}
    assert statuses == {"AGG": "readjusted", "HYG": "unchanged", "GONE": "failed"}
    market = load_market(tmp_path / "market")
    expected = yahoo.funds["AGG"].adjusted_closes().pct_change().iloc[1:]
    np.testing.assert_allclose(market.prices["AGG"].pct_change().iloc[1:], expected, atol=3e-7)
    assert market.catalog.loc[["AGG", "HYG", "GONE"], "sector"].tolist() == ["aggregate", "high_yield", "other"]
    assert [(c.ticker, c.column, c.old, c.new) for c in updated.catalog] == [("AGG", "aum_usd_mm", "1000.0", "2000.0")]


def test_a_fund_that_yahoo_drops_keeps_its_past_and_its_row(
    yahoo: Yahoo, closes: Closes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yahoo.add("AGG", closes(days=90), info={"longName": "Core U.S. Aggregate Bond ETF"})
    yahoo.add("OLD", closes(seed=3, days=60), info={"longName": "High Yield Corporate Bond ETF", "totalAssets": 5e8})
    monkeypatch.setattr(building, "open_source", lambda recipe, watch: YahooSource(recipe.tickers, AT_ONCE, watch))
    build_market(Recipe("yahoo", tickers=("AGG", "OLD")), tmp_path / "market", None, _silent)
    before = load_market(tmp_path / "market")
    del yahoo.funds["OLD"]
    updated = update_market(tmp_path / "market", None, _silent)
    assert {c.ticker: c.status for c in updated.changes} == {"AGG": "unchanged", "OLD": "stopped"}
    after = load_market(tmp_path / "market")
    pd.testing.assert_frame_equal(after.prices, before.prices, check_exact=True)
    assert after.catalog.loc["OLD", ["sector", "aum_usd_mm"]].tolist() == ["high_yield", 500.0]


@pytest.mark.parametrize(
    ("hour", "day"),
    [(17, 30), (18, 31), (0, 30)],
)
def test_a_close_is_final_in_the_evening(hour: int, day: int) -> None:
    now = dt.datetime(2024, 1, 31, hour, 59, tzinfo=ZoneInfo("America/New_York"))
    assert last_final_day(now) == dt.date(2024, 1, day)


def test_waits_grow_and_come_out_the_same() -> None:
    pace = Pace(attempts=4, first_wait=2.0, growth=3.0, jitter=0.25, seed=7)
    waits = list(pace.waits())
    assert waits == list(pace.waits())
    for wait, bare in zip(waits, (2.0, 6.0, 18.0), strict=True):
        assert bare <= wait <= 1.25 * bare
    assert waits != list(Pace(attempts=4, first_wait=2.0, growth=3.0, jitter=0.25, seed=8).waits())
