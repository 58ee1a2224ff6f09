"""Screens against a recomputation in plain Python from the raw files, on invented markets and on the real one."""

import csv
import itertools
import random
import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universe import EXCLUSIONS, Eligibility, Market, UniverseRules, close_on, load_market, screen, simulated_market

AGGREGATE = {"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate"}

RawCatalog = dict[str, dict[str, str]]
RawCloses = dict[str, dict[str, float]]


def recomputed(catalog: RawCatalog, closes: RawCloses, asof: str, rules: UniverseRules, window: int) -> dict[str, str]:
    """The first screen that each fund fails, "" for none: fund by fund, from text."""
    sessions = sorted({day for ticker in catalog for day in closes.get(ticker, {}) if day <= asof})
    sectors = (set(rules.sectors) | (AGGREGATE if "core" in rules.sectors else set())) - {"core"}
    currencies = [rules.currency] if isinstance(rules.currency, str) else list(rules.currency)
    taxes = rules.tax_status or (["taxable", "muni"] if "municipal" in sectors else ["taxable"])

    def verdict(ticker: str, row: dict[str, str]) -> str:
        if ticker in rules.exclude:
            return "excluded_by_name"
        if ticker not in rules.include:
            if row["sector"] not in sectors:
                return "sector"
            for kind, value, accepted in (
                ("currency", row["currency_exposure"], currencies),
                ("tax", row["tax_status"], taxes),
                ("leverage", row["leveraged_or_inverse"], ["False"] + ["True", ""] * rules.leveraged),
                ("option_selling", row["options_overlay"], ["False"] + ["True", ""] * rules.option_selling),
            ):
                if value not in accepted:
                    return kind if value else f"{kind}_unknown"
            for kind, least, unknown in (
                ("aum", rules.min_aum_mm, rules.unknown_aum),
                ("adv", rules.min_adv_mm, rules.unknown_adv),
            ):
                figure = row[f"{kind}_usd_mm"]
                if least is None or (figure == "" and unknown == "pass"):
                    continue
                if figure == "":
                    return f"{kind}_unknown"
                if float(figure) < least:
                    return kind
        if row["first_trade_date"] > asof:
            return "not_trading"
        fund = {day: close for day, close in closes.get(ticker, {}).items() if day <= asof}
        if not fund:
            return "no_prices"
        last = max(fund)
        if sum(day > last for day in sessions) > rules.max_stale_days:
            return "stale"
        if len(fund) < rules.min_history_days:
            return "history"
        needed = sessions[-(window + 1) :]
        if len(needed) < window + 1 or any(day not in fund for day in needed):
            return "gap"
        if rules.max_unchanged_share is not None:
            recent = sessions[-rules.min_history_days :]
            pairs = [(fund[a], fund[b]) for a, b in itertools.pairwise(recent) if a in fund and b in fund]
            if sum(a == b for a, b in pairs) > rules.max_unchanged_share * len(pairs):
                return "unchanged"
        return ""

    return {ticker: verdict(ticker, row) for ticker, row in catalog.items()}


def assert_as_recomputed(found: Eligibility, expected: dict[str, str]) -> None:
    out = {ticker: kind for ticker, kind in expected.items() if kind}
    assert found.kind.to_dict() == out
    assert list(found.eligible) == sorted(set(expected) - set(out))
    assert list(found.excluded.index) == sorted(out)
    assert all(found.excluded.str.len() > 0)
    assert found.counts.to_dict() == {
        kind: list(out.values()).count(kind) for kind in EXCLUSIONS if kind in out.values()
    }


# --- Invented markets -------------------------------------------------------------------------------------------

DAYS = [f"{day:%Y-%m-%d}" for day in pd.bdate_range("2024-01-01", periods=10)]
TICKERS = ["A", "NA", "TRUE", "D", "E"]


@st.composite
def raw_markets(draw: st.DrawFn) -> tuple[RawCatalog, RawCloses]:
    """A few funds of mixed labels whose closes have holes, start late, end early or stand still."""
    catalog, closes = {}, {}
    usually = st.sampled_from([True, True, True, True, False])
    for ticker in draw(st.lists(st.sampled_from(TICKERS), min_size=2, unique=True)):
        sound = draw(usually)
        catalog[ticker] = {
            "name": "x",
            "sector": draw(st.sampled_from(["treasury", "tips", "municipal"])),
            "currency_exposure": "USD" if sound else draw(st.sampled_from(["EM-USD", "", "USD"])),
            "tax_status": "taxable" if sound else draw(st.sampled_from(["muni", "", "taxable"])),
            "leveraged_or_inverse": "False" if sound else draw(st.sampled_from(["False", "True", ""])),
            "options_overlay": "False" if sound else draw(st.sampled_from(["False", "True", ""])),
            "aum_usd_mm": draw(st.sampled_from(["", "99.5", "100", "2500"])),
            "adv_usd_mm": draw(st.sampled_from(["", "0.5", "3"])),
            "as_of": draw(st.sampled_from(["", "2024-01-02", "2026-01-01"])),
            "first_trade_date": draw(st.sampled_from(["", "2020-01-01", DAYS[7]])),
            "delisted": draw(st.sampled_from(["False", "True"])),
            "last_price_date": draw(st.sampled_from(["", DAYS[8]])),
        }
        start = draw(st.integers(0, 4))
        present = [draw(usually) for _ in DAYS[start:]]
        levels = [draw(st.sampled_from([10.0, 11.0, 12.5])) for _ in present]
        closes[ticker] = {day: level for day, level, there in zip(DAYS[start:], levels, present, strict=True) if there}
    closes[min(catalog)][DAYS[0]] = 9.0  # the market has a price
    return catalog, closes


@st.composite
def any_rules(draw: st.DrawFn, tickers: list[str]) -> UniverseRules:
    by_name = draw(st.permutations(tickers))
    return UniverseRules(
        sectors=draw(st.sampled_from([("core",), ("core", "tips"), ("core", "tips", "municipal")])),
        currency=draw(st.sampled_from(["USD", ("USD", "EM-USD")])),
        tax_status=draw(st.sampled_from([None, ("taxable",), ("muni", "taxable")])),
        leveraged=draw(st.booleans()),
        option_selling=draw(st.booleans()),
        min_aum_mm=draw(st.sampled_from([None, 0, 100.0])),
        unknown_aum=draw(st.sampled_from(["exclude", "pass"])),
        min_adv_mm=draw(st.sampled_from([None, 1])),
        unknown_adv=draw(st.sampled_from(["exclude", "pass"])),
        min_history_days=draw(st.integers(2, 7)),
        max_stale_days=draw(st.integers(0, 2)),
        max_unchanged_share=draw(st.sampled_from([None, 0.25, 0.5, 1.0])),
        include=tuple(by_name[: draw(st.integers(0, 1))]),
        exclude=tuple(by_name[len(by_name) - draw(st.integers(0, 1)) :]),
    )


def written(catalog: RawCatalog, closes: RawCloses, order: random.Random | None = None) -> Market:
    """The market as load_market reads it, files in alphabetical order or in one that `order` draws."""
    funds = list(catalog)
    columns = ["ticker", *next(iter(catalog.values()))]
    queues = [[(day, ticker, close) for day, close in sorted(fund.items())] for ticker, fund in closes.items()]
    if order is not None:
        order.shuffle(funds)
        order.shuffle(columns)
    prices = []
    while queues := [queue for queue in queues if queue]:
        prices.append((queues[0] if order is None else order.choice(queues)).pop(0))
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "catalog.csv").open("w", newline="") as file:
            lines = csv.DictWriter(file, columns)
            lines.writeheader()
            lines.writerows({"ticker": ticker, **catalog[ticker]} for ticker in funds)
        with (Path(folder) / "prices.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("date", "ticker", "adj_close"), *prices])
        return load_market(folder)


def sessions_of(closes: RawCloses) -> list[str]:
    return sorted({day for fund in closes.values() for day in fund})


def outcome(found: Eligibility) -> tuple[object, ...]:
    return list(found.eligible), found.excluded.to_dict(), found.kind.to_dict(), found.warnings


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_invented_markets_are_screened_as_recomputed(data: st.DataObject) -> None:
    catalog, closes = data.draw(raw_markets())
    rules = data.draw(any_rules(sorted(catalog)))
    asof = data.draw(st.sampled_from(sessions_of(closes)))
    window = data.draw(st.integers(1, 4))
    found = screen(written(catalog, closes), pd.Timestamp(asof), rules, window)
    assert_as_recomputed(found, recomputed(catalog, closes, asof, rules, window))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_future_changes_nothing(data: st.DataObject) -> None:
    catalog, closes = data.draw(raw_markets())
    rules = data.draw(any_rules(sorted(catalog)))
    asof = data.draw(st.sampled_from(sessions_of(closes)))
    other_future = {
        ticker: {day: close for day, close in fund.items() if day <= asof}
        | {day: data.draw(st.sampled_from([1.0, 10.0, 1e4])) for day in DAYS if day > asof and data.draw(st.booleans())}
        for ticker, fund in closes.items()
    }
    told_otherwise = {
        ticker: {**row, "delisted": data.draw(st.sampled_from(["", "True"])), "last_price_date": "2024-01-05"}
        for ticker, row in catalog.items()
    }
    now = screen(written(catalog, closes), pd.Timestamp(asof), rules, 3)
    then = screen(written(told_otherwise, other_future), pd.Timestamp(asof), rules, 3)
    assert outcome(now) == outcome(then)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.randoms(use_true_random=False))
def test_order_and_level_of_the_files_change_nothing(data: st.DataObject, order: random.Random) -> None:
    catalog, closes = data.draw(raw_markets())
    rules = data.draw(any_rules(sorted(catalog)))
    asof = pd.Timestamp(data.draw(st.sampled_from(sessions_of(closes))))
    scaled = {
        ticker: {day: close * factor for day, close in fund.items()}
        for (ticker, fund), factor in zip(closes.items(), [0.5, 2.0, 8.0, 1.0, 64.0], strict=False)
    }
    in_order = written(catalog, closes)
    shuffled = written(catalog, scaled, order)
    pd.testing.assert_frame_equal(in_order.catalog, shuffled.catalog)
    pd.testing.assert_index_equal(in_order.prices.index, shuffled.prices.index)
    assert outcome(screen(in_order, asof, rules, 3)) == outcome(screen(shuffled, asof, rules, 3))


def test_the_built_in_market_is_screened_as_recomputed() -> None:
    market = simulated_market()
    assert market.simulated
    assert "simulated" in market.name
    closes = {
        ticker: {f"{day:%Y-%m-%d}": close for day, close in market.prices[ticker].dropna().items()}
        for ticker in market.prices.columns
    }
    catalog = {ticker: as_text(row) for ticker, row in market.catalog.to_dict("index").items()}
    rules = UniverseRules(sectors=("core", "tips", "high_yield", "bank_loan"), min_aum_mm=100, max_unchanged_share=0.2)
    for asked in ("2016-06-30", "2020-03-20", None):
        asof = close_on(market, asked).date
        found = screen(market, asof, rules, 126)
        assert_as_recomputed(found, recomputed(catalog, closes, f"{asof:%Y-%m-%d}", rules, 126))


def as_text(row: dict[str, object]) -> dict[str, str]:
    text = {name: "" if pd.isna(value) else str(value) for name, value in row.items()}
    return text | {"first_trade_date": text["first_trade_date"][:10]}


# --- The real market --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw_real_market(real_market_path: Path) -> tuple[RawCatalog, RawCloses]:
    with (real_market_path / "catalog.csv").open(encoding="utf-8", newline="") as file:
        catalog = {row.pop("ticker"): row for row in csv.DictReader(file)}
    table = pyarrow.parquet.read_table(real_market_path / "prices.parquet", columns=["date", "ticker", "adj_close"])
    days = table["date"].cast("date32").cast("string")
    closes: RawCloses = defaultdict(dict)
    for day, ticker, close in zip(
        days.to_pylist(), table["ticker"].to_pylist(), table["adj_close"].to_pylist(), strict=True
    ):
        closes[ticker][day] = close
    return catalog, closes


REAL_RULES = {
    "baseline": {"sectors": ("core", "tips", "high_yield", "bank_loan"), "min_aum_mm": 100.0},
    "wide open": {
        "sectors": (
            "core",
            "tips",
            "high_yield",
            "bank_loan",
            "municipal",
            "preferred",
            "emerging_market",
            "ultrashort",
        ),
        "currency": ("USD", "USD-hedged", "EM-USD"),
        "leveraged": True,
        "option_selling": True,
        "min_history_days": 130,
        "max_unchanged_share": 0.15,
    },
    "liquid": {
        "sectors": ("core", "multisector", "international"),
        "min_aum_mm": 50,
        "unknown_aum": "pass",
        "min_adv_mm": 5,
        "max_stale_days": 5,
        "include": ("TLT", "HYG", "LQDH"),
        "exclude": ("BND",),
    },
}


@pytest.mark.parametrize("name", REAL_RULES)
@pytest.mark.parametrize("asof", ["2009-03-31", "2020-12-31", "2024-01-31"])
def test_the_real_market_is_screened_as_recomputed(
    real_market: Market, raw_real_market: tuple[RawCatalog, RawCloses], name: str, asof: str
) -> None:
    rules = UniverseRules(**REAL_RULES[name])
    found = screen(real_market, pd.Timestamp(asof), rules, 126)
    assert_as_recomputed(found, recomputed(*raw_real_market, asof, rules, 126))


@pytest.mark.parametrize(
    ("start", "end", "percent"),
    [
        ("2023-12-31", "2024-01-31", -0.15),
        ("2023-01-31", "2024-01-31", 2.10),
        ("2022-12-31", "2023-12-31", 5.66),
        ("2015-12-31", "2024-01-31", 11.53),
    ],
)
def test_aggs_total_returns_are_the_published_ones(real_market: Market, start: str, end: str, percent: float) -> None:
    agg = real_market.prices["AGG"]
    first, last = (agg[close_on(real_market, day).date] for day in (start, end))
    assert 100 * (last / first - 1) == pytest.approx(percent, abs=0.005)


def test_the_real_market_is_complete(real_market: Market) -> None:
    assert real_market.prices.shape[1] == 579
    assert int(real_market.prices.notna().to_numpy().sum()) == 991_650
    assert len(real_market.catalog) == 1_029
    assert real_market.warnings == ()
    assert (f"{real_market.prices.index[0]:%Y-%m-%d}", f"{real_market.prices.index[-1]:%Y-%m-%d}") == (
        "2007-01-03",
        "2024-06-28",
    )
    blanks = real_market.catalog[["aum_usd_mm", "adv_usd_mm"]].isna().sum()
    assert blanks.to_dict() == {"aum_usd_mm": 157, "adv_usd_mm": 332}
