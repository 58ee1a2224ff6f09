import pytest

from universe import CORE, SECTORS, MarketError, resolve_sectors

# As the README of the real catalog lists them.
LISTED = [
    "aggregate",
    "treasury",
    "agency",
    "mbs",
    "ig_corporate",
    "abs_cmbs",
    "ultrashort",
    "floating_rate_ig",
    "tips",
    "high_yield",
    "bank_loan",
    "convertible",
    "preferred",
    "municipal",
    "multisector",
    "emerging_market",
    "international",
    "leveraged_inverse",
    "other",
]


def test_taxonomy_is_the_catalogs() -> None:
    assert sorted(SECTORS) == sorted(LISTED)
    assert all(SECTORS[key].key == key for key in SECTORS)
    assert len({sector.title for sector in SECTORS.values()}) == len(LISTED)


def test_core_is_the_us_aggregate() -> None:
    assert set(CORE) == {"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate"}


def test_names_resolve_in_taxonomy_order_without_repeats() -> None:
    assert resolve_sectors(["bank_loan", "tips", "bank_loan"]) == ("tips", "bank_loan")
    assert resolve_sectors(["high_yield", "core", "treasury"]) == (*CORE, "high_yield")
    assert resolve_sectors([]) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("high_yeild", "high_yield"), ("Treasury", "treasury"), ("bank loans", "bank_loan"), ("cores", "core")],
)
def test_unknown_name_gets_a_suggestion(written: str, meant: str) -> None:
    with pytest.raises(MarketError, match=rf"unknown sector '{written}'; did you mean '{meant}'\?$"):
        resolve_sectors(["tips", written])


def test_unknown_name_like_nothing_gets_the_whole_list() -> None:
    with pytest.raises(MarketError, match=r"expected core or one of treasury, .*, other$"):
        resolve_sectors(["zzz"])
