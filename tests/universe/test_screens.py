"""Screens: each reason in its words, each warning when it is due, and nothing of the future."""

from pathlib import Path

import pandas as pd
import pytest

from universe import EXCLUSIONS, Eligibility, Market, MarketError, UniverseRules, load_market, screen

WINDOW = 3
DAYS = [f"{day:%Y-%m-%d}" for day in pd.bdate_range("2024-01-01", periods=12)]
ASOF = pd.Timestamp(DAYS[9])  # two more days follow

HEADER = (
    "ticker,name,sector,currency_exposure,tax_status,leveraged_or_inverse,options_overlay,"
    "aum_usd_mm,adv_usd_mm,as_of,first_trade_date,delisted,last_price_date"
)
GOOD = {
    "name": "x",
    "sector": "treasury",
    "currency_exposure": "USD",
    "tax_status": "taxable",
    "leveraged_or_inverse": "False",
    "options_overlay": "False",
    "aum_usd_mm": "500",
    "adv_usd_mm": "5",
    "as_of": "2024-01-02",
    "first_trade_date": "2020-01-02",
    "delisted": "False",
    "last_price_date": "",
}
RULES = UniverseRules(min_aum_mm=100, min_adv_mm=1, min_history_days=6, max_unchanged_share=0.4)


def build(folder: Path, funds: dict[str, dict[str, str]], closes: dict[str, list[float | None]]) -> Market:
    """A market of good funds with some differences; a fund without a row in `closes` rises every day."""
    columns = HEADER.split(",")
    lines = [HEADER]
    for ticker, differences in funds.items():
        row = {"ticker": ticker, **GOOD, **differences}
        lines.append(",".join(row[column] for column in columns))
    (folder / "catalog.csv").write_text("\n".join(lines))
    prices = ["date,ticker,adj_close"]
    for ticker in funds:
        path = closes.get(ticker, [100.0 + i for i in range(len(DAYS))])
        prices += [f"{day},{ticker},{price}" for day, price in zip(DAYS, path, strict=True) if price is not None]
    (folder / "prices.csv").write_text("\n".join(prices))
    return load_market(folder)


def rising(*missing: int) -> list[float | None]:
    return [None if i in missing else 50.0 + i for i in range(len(DAYS))]


CASES: dict[str, tuple[dict[str, str], list[float | None] | None, str, str]] = {
    "sector": ({"sector": "high_yield"}, None, "sector", "high_yield is not among the sectors asked for"),
    "preferred": ({"sector": "preferred"}, None, "sector", "preferred is not among the sectors asked for"),
    "currency": ({"currency_exposure": "EM-local"}, None, "currency", "currency exposure is EM-local, not USD"),
    "no currency": ({"currency_exposure": ""}, None, "currency_unknown", "currency exposure is unknown"),
    "tax": ({"tax_status": "muni"}, None, "tax", "tax status is muni, not taxable"),
    "no tax": ({"tax_status": ""}, None, "tax_unknown", "tax status is unknown"),
    "leverage": ({"leveraged_or_inverse": "True"}, None, "leverage", "leveraged or inverse"),
    "leverage?": ({"leveraged_or_inverse": ""}, None, "leverage_unknown", "whether it is leveraged is unknown"),
    "options": ({"options_overlay": "True"}, None, "option_selling", "sells options"),
    "options?": ({"options_overlay": ""}, None, "option_selling_unknown", "whether it sells options is unknown"),
    "aum": ({"aum_usd_mm": "42.3456"}, None, "aum", "AUM 42.3 mm is below 100 mm"),
    "aum by a hair": ({"aum_usd_mm": "99.9999"}, None, "aum", "AUM 99.9999 mm is below 100 mm"),
    "aum?": ({"aum_usd_mm": ""}, None, "aum_unknown", "AUM is unknown"),
    "adv": ({"adv_usd_mm": "0.0123"}, None, "adv", "ADV 0.0123 mm is below 1 mm"),
    "adv?": ({"adv_usd_mm": ""}, None, "adv_unknown", "ADV is unknown"),
    "listed later": ({"first_trade_date": DAYS[10]}, None, "not_trading", f"not trading by {DAYS[9]}"),
    "priced later": ({}, rising(*range(10)), "no_prices", f"no prices by {DAYS[9]}"),
    "closed": ({}, rising(8, 9, 10, 11), "stale", f"no close since {DAYS[7]} (2 sessions)"),
    "no close today": ({}, rising(9), "stale", f"no close since {DAYS[8]} (1 session)"),
    "closed long ago": ({}, rising(*range(2, 12)), "stale", f"no close since {DAYS[1]} (8 sessions)"),
    "young": ({}, rising(0, 1, 2, 3, 4), "history", "history of 5 days is shorter than 6"),
    "one gap": ({}, rising(6), "gap", "1 close missing in the last 4 sessions"),
    "two gaps": ({}, rising(6, 8), "gap", "2 closes missing in the last 4 sessions"),
    "unchanged": (
        {},
        [1, 2, 3, 4, 5, 5, 5, 8, 9, 9, 10, 11],
        "unchanged",
        "60.0 % of its closes in the last 6 sessions repeat the one before, more than 40 %",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_reason_is_given_in_plain_words(tmp_path: Path, case: str) -> None:
    differences, closes, kind, reason = CASES[case]
    market = build(tmp_path, {"GOOD": {}, "BAD": differences}, {} if closes is None else {"BAD": closes})
    found = screen(market, ASOF, RULES, WINDOW)
    assert list(found.eligible) == ["GOOD"]
    assert found.excluded.to_dict() == {"BAD": reason}
    assert found.kind.to_dict() == {"BAD": kind}
    assert found.counts.to_dict() == {kind: 1}


def test_every_kind_has_a_case_and_the_first_screen_failed_gives_the_reason(tmp_path: Path) -> None:
    assert {kind for _, _, kind, _ in CASES.values()} | {"excluded_by_name", "quarantined"} == set(EXCLUSIONS)
    every_fault = {"sector": "high_yield", "aum_usd_mm": "1", "options_overlay": "True"}
    market = build(tmp_path, {"GOOD": {}, "BAD": every_fault}, {"BAD": rising(9)})
    wide = {"sectors": ("core", "high_yield")}
    loosened: list[dict[str, object]] = [
        {"exclude": ("BAD",)},
        {},
        wide,
        {**wide, "option_selling": True},
        {**wide, "option_selling": True, "min_aum_mm": None},
    ]
    found = [screen(market, ASOF, RULES.model_copy(update=update), WINDOW) for update in loosened]
    kinds = [outcome.kind["BAD"] for outcome in found]
    assert kinds == ["excluded_by_name", "sector", "option_selling", "aum", "stale"]
    assert found[0].excluded["BAD"] == "excluded by name"


def test_figures_at_the_limit_pass(tmp_path: Path) -> None:
    funds = {"A": {"aum_usd_mm": "100", "adv_usd_mm": "1"}, "B": {"first_trade_date": DAYS[9]}}
    # B: six closes up to the day; two of its five changes are zero: 40 %.
    closes = {"B": [None] * 4 + [1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    assert list(screen(build(tmp_path, funds, closes), ASOF, RULES, WINDOW).eligible) == ["A", "B"]


def test_gaps_before_the_window_do_not_matter(tmp_path: Path) -> None:
    market = build(tmp_path, {"A": {}, "B": {}}, {"A": rising(2, 5)})
    assert list(screen(market, ASOF, RULES, WINDOW).eligible) == ["A", "B"]
    assert screen(market, ASOF, RULES, WINDOW + 1).kind["A"] == "gap"


def test_only_changes_between_adjacent_closes_count_as_unchanged_or_not(tmp_path: Path) -> None:
    # The last six sessions hold the closes 5 5 - 7 8 9: one of three changes is zero.
    market = build(tmp_path, {"A": {}, "B": {}}, {"A": [1, 2, 3, 4, 5, 5, None, 7, 8, 9, 10, 11]})
    below, above = (RULES.model_copy(update={"max_unchanged_share": limit}) for limit in (0.33, 0.34))
    assert screen(market, ASOF, below, 1).kind.to_dict() == {"A": "unchanged"}
    assert list(screen(market, ASOF, above, 1).eligible) == ["A", "B"]
    shortest = RULES.model_copy(update={"min_history_days": 2})
    still = build(tmp_path, {"A": {}, "B": {}}, {"A": [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11]})
    assert screen(still, ASOF, shortest, 1).kind.to_dict() == {"A": "unchanged"}


def test_a_window_longer_than_the_market_is_a_gap(tmp_path: Path) -> None:
    found = screen(build(tmp_path, {"A": {}}, {}), ASOF, RULES, 20)
    assert found.excluded["A"] == "11 closes missing in the last 21 sessions"


def test_a_stale_fund_that_is_allowed_still_needs_its_window(tmp_path: Path) -> None:
    market = build(tmp_path, {"A": {}, "B": {}}, {"A": rising(9)})
    assert screen(market, ASOF, RULES.model_copy(update={"max_stale_days": 1}), WINDOW).kind["A"] == "gap"


def test_included_funds_skip_the_catalog_screens_but_not_those_of_prices(tmp_path: Path) -> None:
    odd = {
        "sector": "other",
        "currency_exposure": "",
        "leveraged_or_inverse": "True",
        "aum_usd_mm": "",
        "adv_usd_mm": "0",
    }
    market = build(tmp_path, {"A": odd, "B": odd, "C": odd, "D": odd}, {"B": rising(9)})
    rules = RULES.model_copy(update={"include": ("A", "B"), "exclude": ("D",)})
    found = screen(market, ASOF, rules, WINDOW)
    assert list(found.eligible) == ["A"]
    assert found.kind.to_dict() == {"B": "stale", "C": "sector", "D": "excluded_by_name"}


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_a_named_fund_that_is_not_in_the_catalog_is_refused(tmp_path: Path, key: str) -> None:
    market = build(tmp_path, {"TLT": {}, "AGG": {}}, {})
    with pytest.raises(MarketError, match=rf"{key}: ticker 'AGGG' is not in the catalog; did you mean 'AGG'\?"):
        screen(market, ASOF, RULES.model_copy(update={key: ("TLT", "AGGG")}), WINDOW)


def test_a_day_without_closes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match="2024-01-13 is not a trading day"):
        screen(build(tmp_path, {"A": {}}, {}), pd.Timestamp("2024-01-13"), RULES, WINDOW)
    with pytest.raises(ValueError, match="window_days is 0"):
        screen(build(tmp_path, {"A": {}}, {}), ASOF, RULES, 0)


def test_nobody_eligible_is_an_answer(tmp_path: Path) -> None:
    found = screen(build(tmp_path, {"A": {}, "B": {}}, {}), ASOF, UniverseRules(sectors=("tips",)), WINDOW)
    assert len(found.eligible) == 0
    assert found.counts.to_dict() == {"sector": 2}


def test_unknown_figures_are_counted_whichever_way_they_go(tmp_path: Path) -> None:
    funds = {
        "A": {},
        "B": {"aum_usd_mm": ""},
        "C": {"aum_usd_mm": ""},
        "D": {"adv_usd_mm": ""},
        "E": {"sector": "tips"},
    }
    funds["E"]["aum_usd_mm"] = ""  # out for its sector, so not counted
    market = build(tmp_path, funds, {})
    strict = screen(market, ASOF, RULES, WINDOW)
    assert strict.warnings == (
        "2 funds are excluded because their AUM is unknown",
        "1 fund is excluded because its ADV is unknown",
    )
    lenient = screen(market, ASOF, RULES.model_copy(update={"unknown_aum": "pass", "unknown_adv": "pass"}), WINDOW)
    assert list(lenient.eligible) == ["A", "B", "C", "D"]
    assert lenient.warnings == (
        "2 funds pass although their AUM is unknown",
        "1 fund passes although its ADV is unknown",
    )
    unscreened = UniverseRules(min_history_days=6)
    assert screen(market, ASOF, unscreened, WINDOW).warnings == ()


def test_figures_from_the_future_are_announced(tmp_path: Path) -> None:
    funds = {
        "A": {"as_of": "2026-02-27"},
        "B": {"as_of": "2026-04-30"},
        "C": {"as_of": ""},
        "D": {"as_of": DAYS[9]},
        "E": {"as_of": "2030-01-01", "aum_usd_mm": "", "adv_usd_mm": ""},  # no figure, so none looked at
        "F": {"as_of": "2030-01-01", "sector": "tips"},  # out before the figures are looked at
    }
    market = build(tmp_path, funds, {})
    rules = RULES.model_copy(update={"unknown_aum": "pass", "unknown_adv": "pass"})
    assert screen(market, ASOF, rules, WINDOW).warnings[0] == (
        f"AUM and ADV are figures as of 2026-02-27 to 2026-04-30 (1 fund undated), not known on {DAYS[9]}: "
        "the screen looks ahead"
    )
    aum_only = UniverseRules(min_aum_mm=1, min_history_days=6, exclude=("A", "C"))
    assert screen(market, ASOF, aum_only, WINDOW).warnings[0] == (
        f"AUM is a figure as of 2026-04-30, not known on {DAYS[9]}: the screen looks ahead"
    )
    undated = UniverseRules(min_aum_mm=1, min_history_days=6, exclude=("A", "B"))
    assert screen(market, ASOF, undated, WINDOW).warnings[0] == (
        f"AUM of 1 fund undated: whether known on {DAYS[9]} cannot be told"
    )


def test_a_label_that_nobody_bears_is_announced(tmp_path: Path) -> None:
    market = build(tmp_path, {"A": {}, "B": {"currency_exposure": "USD-hedged"}}, {})
    found = screen(market, ASOF, RULES.model_copy(update={"currency": ("USD", "usd hedged")}), WINDOW)
    assert found.warnings == (
        "no fund has the currency exposure 'usd hedged' (there are USD, USD-hedged); did you mean 'USD-hedged'?",
    )


def test_closes_before_the_catalogs_first_day_are_announced(tmp_path: Path) -> None:
    later = {"first_trade_date": DAYS[10]}
    market = build(tmp_path, {"A": {}, "B": later, "C": later}, {"C": rising(*range(10))})
    (warning,) = screen(market, ASOF, RULES, WINDOW).warnings
    assert warning == (
        f"1 fund with closes by {DAYS[9]} left out as not trading yet, by the catalog's first_trade_date: B"
    )


def test_an_outcome_shows_itself(tmp_path: Path) -> None:
    found: Eligibility = screen(build(tmp_path, {"A": {}, "B": {"sector": "tips"}}, {}), ASOF, RULES, WINDOW)
    shown = found._repr_html_()
    assert "eligible on 2024-01-12</th><td>1" in shown
    assert "sector not asked for</th><td>1" in shown
