"""The limits section: what it means, and what of it is refused."""

import tomllib

import pytest
from pydantic import BaseModel, ConfigDict, Field

from constraints import Limits, MandateError, clauses_of, priorities_of, validate_document


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    limits: Limits = Field(default_factory=lambda: Limits.model_validate({}))


def limits(text: str) -> Limits:
    return validate_document(Model, tomllib.loads(text), "client.toml").limits


def refusal(text: str) -> str:
    with pytest.raises(MandateError) as caught:
        limits(text)
    message = str(caught.value)
    assert message.startswith("client.toml: ")
    assert "\n" not in message
    return message.removeprefix("client.toml: ")


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("", 0.25),
        ('limits.diversification = "concentrated"', 0.25),
        ('limits.diversification = "diversified"', 0.10),
        ('limits.diversification = "broad"', 0.05),
        ('limits.diversification = "broad"\nlimits.max_weight = 0.4', 0.4),
        ("limits.max_weight = 1", 1.0),
    ],
)
def test_a_preset_gives_the_cap_unless_it_is_given(text: str, cap: float) -> None:
    assert limits(text).position_cap == cap


def test_whole_numbers_are_numbers() -> None:
    given = limits("limits.duration = { min = 5, max = 7 }\nlimits.account_size_mm = 20\nlimits.beta = { max = 1 }")
    assert given.duration is not None
    assert given.beta is not None
    assert (given.duration.min, given.duration.max, given.account_size_mm, given.beta.max) == (5.0, 7.0, 20.0, 1.0)


def test_core_stands_for_the_sectors_of_the_aggregate() -> None:
    [group] = limits('[[limits.group]]\nname = "core"\nsectors = ["tips", "core"]\nmin = 0.5').group
    assert set(group.sectors) == {"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate", "tips"}


def test_clauses_are_read_in_one_order_and_named_as_written() -> None:
    text = """
    [limits]
    max_turnover = 0.2
    account_size_mm = 10.0
    max_aum_share = 0.1
    max_adv_share = 0.1
    beta = { max = 1.1 }
    expense_ratio_bp = { max = 30.0 }
    duration = { min = 4.0 }
    benchmark_sectors = { treasury = 0.4 }
    active = { treasury = { above = 0.1 } }
    fund = { TLT = { max = 0.1 } }
    sector = { tips = { max = 0.1 } }
    [[limits.group]]
    name = "credit"
    sectors = ["high_yield"]
    max = 0.2
    """
    assert [clause.name for clause in clauses_of(limits(text), {"AGG": 1.0})] == [
        "fully invested",
        "long only",
        "position cap",
        "tips",
        "credit",
        "fund TLT",
        "treasury against benchmark",
        "duration",
        "expense ratio",
        "beta",
        "share of daily volume",
        "share of fund assets",
        "turnover",
    ]


GROUP = '[[limits.group]]\nname = "credit"\nsectors = ["high_yield"]\nmax = 0.3\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # out of range: the key, the value, what is expected, and in which unit
        ("limits.max_weight = 25", "limits.max_weight = 25: expected at most 1 (A fraction: 0.25 is 25 %)"),
        ("limits.max_weight = 0", "limits.max_weight = 0: expected more than 0 (A fraction: 0.25 is 25 %)"),
        ("limits.max_weight = -0.1", "limits.max_weight = -0.1: expected more than 0 (A fraction: 0.25 is 25 %)"),
        (
            "limits.sector.tips.max = 30",
            "limits.sector.tips.max = 30: expected at most 1 (A fraction: 0.25 is 25 %)",
        ),
        ("limits.fund.TLT.min = -1", "limits.fund.TLT.min = -1: expected at least 0 (A fraction: 0.25 is 25 %)"),
        (
            GROUP + GROUP.replace("credit", "junk").replace("0.3", "3"),
            "limits.group[2].max = 3: expected at most 1 (A fraction: 0.25 is 25 %)",
        ),
        (
            "limits.max_turnover = 1.5",
            "limits.max_turnover = 1.5: expected at most 1 (Largest one-way turnover from the holdings)",
        ),
        (
            "limits.account_size_mm = 0",
            "limits.account_size_mm = 0: expected more than 0 (Size of the account, USD millions)",
        ),
        (
            "limits.benchmark_sectors.tips = 1.2",
            "limits.benchmark_sectors.tips = 1.2: expected at most 1 "
            "(The benchmark's weight in each sector, for `active`)",
        ),
        # wrong type
        ("limits.max_weight = true", "limits.max_weight = true: expected a number"),
        ('limits.max_weight = "25 %"', "limits.max_weight = '25 %': expected a number"),
        ("limits.beta = 1.0", "limits.beta = 1.0: expected a table"),
        ("limits = 0.25", "limits = 0.25: expected a table"),
        ("limits.sector = 3", "limits.sector = 3: expected a table"),
        ("limits.sector.tips = 0.3", "limits.sector.tips = 0.3: expected a table"),
        (
            "limits.group.credit.max = 0.3",
            "limits.group = {'credit': {'max': 0.3}}: expected an array of tables: [[limits.group]]",
        ),
        (
            GROUP.replace('["high_yield"]', '"high_yield"'),
            "limits.group[1].sectors = 'high_yield': expected an array",
        ),
        (GROUP.replace('["high_yield"]', "[1]"), "limits.group[1].sectors[1] = 1: expected text in quotes"),
        (GROUP.replace('"credit"', "7"), "limits.group[1].name = 7: expected text in quotes"),
        (GROUP.replace('"credit"', '""'), "limits.group[1].name = '': expected text of 1 or more characters"),
        ("limits.max_weight = 2024-01-31", "limits.max_weight = datetime.date(2024, 1, 31): expected a number"),
        # a word that is not one of the choices
        (
            'limits.diversification = "concentrate"',
            "limits.diversification = 'concentrate': expected 'concentrated', 'diversified' or 'broad', "
            "did you mean 'concentrated'?",
        ),
        (
            "limits.sector.high_yeild.max = 0.3",
            "limits.sector: unknown sector 'high_yeild'; did you mean 'high_yield'?",
        ),
        (
            GROUP.replace("high_yield", "high_yeild"),
            "limits.group[1].sectors: unknown sector 'high_yeild'; did you mean 'high_yield'?",
        ),
        (
            "limits.sector.core.max = 0.3",
            'limits.sector: "core" stands for several sectors: use [[limits.group]] with sectors = ["core"]',
        ),
        # what cannot be meant
        ("limits.duration = { min = 7, max = 5 }", "limits.duration: min 7 is above max 5"),
        ("limits.sector.tips = { min = 0.3, max = 0.2 }", "limits.sector.tips: min 0.3 is above max 0.2"),
        ("limits.beta = {}", "limits.beta: give min, max or both"),
        (GROUP.replace("max = 0.3", ""), "limits.group[1]: give min, max or both"),
        (GROUP.replace('sectors = ["high_yield"]', ""), "limits.group[1]: a group needs sectors, tickers or both"),
        (GROUP.replace('name = "credit"', ""), "limits.group[1].name is missing"),
        (
            "limits.benchmark_sectors.tips = 0.1\nlimits.active.tips = {}",
            "limits.active.tips: give below, above or both",
        ),
        (
            "limits.active.tips.above = 0.1",
            "limits: active limits on tips need the benchmark's weight there: add it to benchmark_sectors",
        ),
        (
            "limits.benchmark_sectors = { tips = 0.6, treasury = 0.6 }",
            "limits: benchmark_sectors sum to 1.2, expected at most 1",
        ),
        (
            "limits.max_adv_share = 0.1",
            "limits: max_adv_share and max_aum_share need account_size_mm, the account's size in USD millions",
        ),
        # two clauses of one name could not be told apart in a report
        (GROUP + GROUP, "limits: two clauses are named 'credit': give the group a name of its own"),
        (
            "limits.sector.tips.max = 0.3\n" + GROUP.replace("credit", "tips"),
            "limits: two clauses are named 'tips': give the group a name of its own",
        ),
        (
            GROUP.replace("credit", "position cap"),
            "limits: two clauses are named 'position cap': give the group a name of its own",
        ),
        (
            "limits.max_turnover = 0.1\n" + GROUP.replace("credit", "turnover"),
            "limits: two clauses are named 'turnover': give the group a name of its own",
        ),
    ],
)
def test_what_is_refused_and_how_it_is_said(text: str, line: str) -> None:
    assert refusal(text) == line


NUMBERS = [
    "max_weight",
    "account_size_mm",
    "max_adv_share",
    "max_aum_share",
    "max_turnover",
    "sector.tips.max",
    "fund.TLT.min",
    "benchmark_sectors.tips",
    "active.tips.above",
    "active.tips.below",
    "duration.max",
    "duration.min",
    "expense_ratio_bp.max",
    "beta.min",
    "beta.max",
]


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "+inf"])
def test_what_toml_calls_a_number_and_is_none(key: str, value: str) -> None:
    assert refusal(f"limits.{key} = {value}").startswith(
        f"limits.{key} = {value.lstrip('+')}: expected a finite number"
    )


@pytest.mark.parametrize("key", NUMBERS)
def test_a_truth_value_is_not_a_number(key: str) -> None:
    assert refusal(f"limits.{key} = true").startswith(f"limits.{key} = true: expected a number")


def test_limits_made_in_python_are_checked_alike() -> None:
    with pytest.raises(ValueError, match="finite"):
        Limits.model_validate({"beta": {"max": float("nan")}})


def test_a_limit_of_nothing_is_an_exclusion_and_not_a_refusal() -> None:
    given = limits("limits.fund.TLT.max = 0\nlimits.sector.tips.max = 0.0\nlimits.max_turnover = 0")
    assert given.fund["TLT"].max == 0.0
    assert len(clauses_of(given, {"AGG": 1.0})) == 6


def test_every_limit_can_have_a_priority_and_none_has_one_by_itself() -> None:
    text = """
        [limits]
        account_size_mm = 20
        max_adv_share = 0.5
        max_aum_share = 0.1
        max_turnover = 0.2
        benchmark_sectors = { mbs = 0.3 }
        sector.tips = { max = 0.2, priority = 1 }
        fund.AGG = { min = 0.1, priority = 3 }
        active.mbs = { below = 0.1, priority = 4 }
        duration = { min = 5, priority = 5 }
        expense_ratio_bp = { max = 20, priority = 6 }
        beta = { max = 1, priority = 7 }
        [[limits.group]]
        name = "credit"
        sectors = ["high_yield"]
        max = 0.3
        priority = 2
        [limits.priority]
        max_weight = 8
        max_adv_share = 9
        max_aum_share = 10
        max_turnover = 11
    """
    ranked = limits(text)
    assert priorities_of(ranked) == {
        "tips": 1,
        "credit": 2,
        "fund AGG": 3,
        "mbs against benchmark": 4,
        "duration": 5,
        "expense ratio": 6,
        "beta": 7,
        "position cap": 8,
        "share of daily volume": 9,
        "share of fund assets": 10,
        "turnover": 11,
    }
    assert {"fully invested", "long only", *priorities_of(ranked)} == {clause.name for clause in clauses_of(ranked, {})}
    assert priorities_of(limits("limits.sector.tips = { max = 0.2 }\nlimits.max_turnover = 0.2")) == {}


@pytest.mark.parametrize("key", ["max_adv_share", "max_aum_share", "max_turnover"])
def test_a_priority_of_a_limit_that_is_not_there_is_refused(key: str) -> None:
    assert (
        refusal(f"limits.priority.{key} = 1") == f"limits: priority.{key} is given, but no {key}: give both or neither"
    )
