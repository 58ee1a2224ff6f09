"""The rules that say what a fund is, measured on the real catalog and on names that they were not written for."""

from pathlib import Path

import pandas as pd
import pytest

from universe import SECTORS, Market, simulated_market
from universe.catalog import CATALOG_COLUMNS, validate_catalog
from universe.sources.classification import CLASSIFIED, classify, shipped_rules
from universe.stored.cataloging import make_catalog


def _classified(*names: str, **columns: list[str]) -> pd.DataFrame:
    tickers = [f"T{i}" for i in range(len(names))]
    return classify(pd.DataFrame({"ticker": tickers, "name": list(names), **columns}), shipped_rules())


def test_every_rule_is_named_once_and_sets_what_a_catalog_has() -> None:
    rules = shipped_rules()
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.sets for rule in rules} <= set(CATALOG_COLUMNS)
    assert {rule.value for rule in rules if rule.sets == "sector"} <= set(SECTORS)
    assert {rule.reads for rule in rules} == {"name", "category"}


def test_real_names_alone(real_market: Market, real_market_path: Path) -> None:
    """The catalog's own sectors were collected by other hands and other means."""
    known = pd.read_csv(real_market_path / "catalog.csv", dtype="str", keep_default_na=False)
    named = known.loc[known["name"] != ""].reset_index(drop=True)
    found = classify(named[["ticker", "name"]], shipped_rules())
    right = found["sector"] == named["sector"]
    assert len(named) > 1000
    assert right.mean() > 0.95
    by_sector = right.groupby(named["sector"]).mean()
    assert by_sector.min() > 0.8, by_sector
    assert (found["sector"] == "other").mean() < 0.02
    assert (found["currency_exposure"] == named["currency_exposure"]).mean() > 0.98
    assert (found["leveraged_or_inverse"] == named["leveraged_or_inverse"]).mean() > 0.99
    # Maturity is told where a name tells it, else not at all; the catalog gives no year to funds that have matured.
    told = found["maturity_bucket"].notna() & (named["maturity_bucket"] != "")
    same = found["maturity_bucket"].str.split().str[0] == named["maturity_bucket"].str.split().str[0]
    assert told.mean() > 0.4
    assert same[told].mean() > 0.97
    # A fund that sells options is excluded by default: one that is missed would be held.
    sells = named["options_overlay"] == "True"
    assert (found["options_overlay"] == "True")[sells].mean() > 0.7
    assert (found["options_overlay"] == "True")[~sells].mean() < 0.02
    assert set(real_market.catalog.index) == set(known["ticker"])


def test_invented_names() -> None:
    """The names of the built-in market; the rules were written without them."""
    catalog = simulated_market().catalog
    found = _classified(*catalog["name"])
    assert (found["sector"].to_numpy() == catalog["sector"].to_numpy()).mean() > 0.96


def test_what_no_rule_knows_is_other_and_says_so() -> None:
    found = _classified("Acme Widgets", "", "Prime Corporate Bond ETF")
    assert found["sector"].tolist() == ["other", "other", "ig_corporate"]
    assert [marks.split()[0] for marks in found[CLASSIFIED]] == [
        "sector=no_rule",
        "sector=no_rule",
        "sector=corporates",
    ]


def test_a_category_helps_where_a_name_does_not() -> None:
    found = _classified("Acme Fund", "Acme Treasury ETF", category=["High Yield Bond", "High Yield Bond"])
    assert found["sector"].tolist() == ["high_yield", "treasury"]
    assert found[CLASSIFIED].str.split().str[0].tolist() == ["sector=category_high_yield", "sector=treasuries"]


def test_what_is_known_stays() -> None:
    found = _classified("Acme High Yield ETF", "Acme High Yield ETF", sector=["multisector", ""])
    assert found["sector"].tolist() == ["multisector", "high_yield"]
    assert "sector=" not in found[CLASSIFIED][0]


@pytest.mark.parametrize(
    ("name", "sector"),
    [
        ("Acme 3x Long Treasury ETF", "leveraged_inverse"),
        ("Acme 1-3 Year Treasury Bond ETF", "treasury"),
        ("Acme 0-3 Month Treasury Bill ETF", "ultrashort"),
        ("Acme High Yield Municipal ETF", "municipal"),
        ("Acme Emerging Markets High Yield Bond ETF", "emerging_market"),
        ("Acme AAA CLO ETF", "floating_rate_ig"),
        ("Acme B-BBB CLO ETF", "bank_loan"),
        ("Acme Senior Loan ETF", "bank_loan"),
        ("Acme Commercial Mortgage ETF", "abs_cmbs"),
        ("Acme Agency MBS ETF", "mbs"),
        ("Acme TIPS Bond ETF", "tips"),
        ("Acme Core Plus Bond ETF", "aggregate"),
        ("Acme Preferred and Income Securities ETF", "preferred"),
        ("Acme Multi-Sector Income ETF", "multisector"),
    ],
)
def test_words_that_stand_in_each_others_way(name: str, sector: str) -> None:
    assert _classified(name)["sector"].tolist() == [sector]


def test_rules_make_a_catalog_that_is_read() -> None:
    found = _classified("Acme Treasury ETF", "Acme Global Bond ETF (USD-Hedged)")
    catalog = validate_catalog(found, "test")
    assert catalog["currency_exposure"].tolist() == ["USD", "USD-hedged"]
    assert not catalog["leveraged_or_inverse"].any()


def test_a_blank_in_a_column_that_somebody_filled_in_stays_unknown() -> None:
    listing = pd.DataFrame(
        {"ticker": ["A", "B"], "name": ["Treasury ETF", "Global Bond ETF"], "currency_exposure": ["USD", ""]}
    )
    made = make_catalog(["A", "B"], listing, listing[["ticker"]], None, {"A": {"tax_status": "taxable"}})
    assert made.frame["sector"].tolist() == ["treasury", "international"]
    assert made.frame["currency_exposure"].tolist() == ["USD", None]
    # An override fills one cell, and no column.
    assert made.frame["tax_status"].tolist() == ["taxable", "taxable"]
    assert "tax_status" in made.frame.loc["B", CLASSIFIED]


def test_a_name_is_no_formula_and_a_negative_figure_stays_one() -> None:
    listing = pd.DataFrame(
        {"ticker": ["A", "B"], "name": ['=HYPERLINK("x")', "Hedged Bond"], "effective_duration_years": ["-1.5", ""]}
    )
    made = make_catalog(["A", "B"], listing, listing[["ticker"]], None, {})
    assert made.frame["name"].tolist() == ['\'=HYPERLINK("x")', "Hedged Bond"]
    assert made.frame["effective_duration_years"].tolist() == ["-1.5", None]
