import tomllib

import pytest
from pydantic import ValidationError

from universe import CORE, UniverseRules


def rules(toml: str) -> UniverseRules:
    return UniverseRules(**tomllib.loads(toml))


def test_a_toml_table_is_taken_as_written() -> None:
    given = rules(
        """
        sectors = ["core", "tips"]
        currency = ["USD", "USD-hedged"]
        min_aum_mm = 100
        min_history_days = 300
        max_unchanged_share = 0.5
        include = ["TLT"]
        """
    )
    assert given.accepted_sectors == (*CORE, "tips")
    assert given.accepted_currencies == ("USD", "USD-hedged")
    assert given.min_aum_mm == 100.0
    assert given.include == ("TLT",)


def test_defaults_keep_the_unusual_out() -> None:
    default = UniverseRules()
    assert default.accepted_sectors == CORE
    assert default.accepted_currencies == ("USD",)
    assert default.accepted_tax_status == ("taxable",)
    assert not default.leveraged
    assert not default.option_selling


def test_municipals_bring_their_tax_status_unless_it_is_given() -> None:
    assert set(rules('sectors = ["municipal"]').accepted_tax_status) == {"taxable", "muni"}
    assert rules('sectors = ["municipal"]\ntax_status = ["muni"]').accepted_tax_status == ("muni",)


@pytest.mark.parametrize(
    ("toml", "key", "words"),
    [
        ('sectors = ["high_yeild"]', "sectors", "did you mean 'high_yield'"),
        ("sectors = []", "sectors", "at least 1"),
        ('sectors = "core"', "sectors", "valid tuple"),
        ("currency = []", "currency", "at least 1"),
        ("currency = 5", "currency", ""),
        ('min_aum_mm = "100"', "min_aum_mm", "valid number"),
        ("min_aum_mm = true", "min_aum_mm", "valid number"),
        ("min_aum_mm = -1", "min_aum_mm", "greater than or equal to 0"),
        ("min_aum_mm = nan", "min_aum_mm", ""),
        ("min_adv_mm = inf", "min_adv_mm", "finite"),
        ('unknown_aum = "maybe"', "unknown_aum", "'exclude' or 'pass'"),
        ("min_history_days = 1", "min_history_days", "greater than or equal to 2"),
        ("min_history_days = 252.0", "min_history_days", "valid integer"),
        ("min_history_days = true", "min_history_days", "valid integer"),
        ("max_stale_days = -1", "max_stale_days", "greater than or equal to 0"),
        ("max_unchanged_share = 0", "max_unchanged_share", "greater than 0"),
        ("max_unchanged_share = 1.5", "max_unchanged_share", "less than or equal to 1"),
        ("leveraged = 1", "leveraged", "valid boolean"),
        ("include = [1]", "include", "valid string"),
        ('include = "AGG"', "include", "valid tuple"),
        ("min_aum = 100", "min_aum", "not permitted"),
        ('include = ["A"]\nexclude = ["B", "A"]', "'A'", "in both include and exclude"),
    ],
)
def test_impossible_settings_are_refused_by_key(toml: str, key: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rules(toml)
    assert key in str(caught.value)
    assert words in str(caught.value)


def test_rules_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        UniverseRules().leveraged = True
