"""Documents: how they extend one another, and what is said of a broken one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from constraints import Limits, MandateError, read_document, resolve_document, validate_document
from constraints.ranges import Group
from optimizer.risk_target import DynamicRisk, TargetRule, TrackingError
from riskmodels import RiskModelRules
from universe import UniverseRules


def write(folder: Path, **documents: str) -> None:
    for name, text in documents.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def beside(base: str, document: Path) -> Path:
    return document.parent / f"{base}.toml"


def resolved(folder: Path, name: str) -> dict[str, object]:
    return resolve_document(folder / f"{name}.toml", beside)


def test_tables_merge_and_everything_else_is_replaced(tmp_path: Path) -> None:
    write(
        tmp_path,
        house="""
        id = "House"
        note = "of the house"
        [universe]
        sectors = ["core", "tips"]
        min_aum_mm = 100
        [limits]
        max_weight = 0.25
        [limits.sector]
        tips = { min = 0.1, max = 0.3 }
        """,
        baseline="""
        extends = "house"
        id = "Baseline"
        [universe]
        sectors = ["core"]
        """,
        client="""
        extends = "baseline"
        id = "Client"
        [limits]
        max_turnover = 0.2
        [limits.sector]
        tips = { max = 0.2 }
        high_yield = { max = 0.1 }
        """,
    )
    assert resolved(tmp_path, "client") == {
        "id": "Client",
        "note": "of the house",
        "universe": {"sectors": ["core"], "min_aum_mm": 100},
        "limits": {
            "max_weight": 0.25,
            "max_turnover": 0.2,
            "sector": {"tips": {"min": 0.1, "max": 0.2}, "high_yield": {"max": 0.1}},
        },
    }
    # What was extended is as it was.
    assert resolved(tmp_path, "baseline")["id"] == "Baseline"


GROUPS = """
[[limits.group]]
name = "credit"
sectors = ["high_yield", "bank_loan"]
max = 0.6
[[limits.group]]
name = "real"
sectors = ["tips"]
max = 0.3
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            '[[limits.group]]\nname = "real"\nmin = 0.1\n[[limits.group]]\nname = "new"\nmax = 0.5',
            [
                {"name": "credit", "sectors": ["high_yield", "bank_loan"], "max": 0.6},
                {"name": "real", "sectors": ["tips"], "max": 0.3, "min": 0.1},
                {"name": "new", "max": 0.5},
            ],
        ),
        ("limits.group = []", []),
        ("[[limits.group]]\nmax = 0.5", [{"max": 0.5}]),
        ('[[limits.group]]\nname = "a"\n[[limits.group]]\nname = "a"', [{"name": "a"}, {"name": "a"}]),
        ("[[limits.group]]\nname = 3", [{"name": 3}]),
    ],
)
def test_arrays_of_named_tables_merge_by_name(tmp_path: Path, change: str, expected: object) -> None:
    write(tmp_path, base=GROUPS, client=f'extends = "base"\n{change}')
    limits = resolved(tmp_path, "client")["limits"]
    assert isinstance(limits, dict)
    assert limits["group"] == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # Another algorithm does not know the settings of the one before.
        ('algorithm = "constant_volatility"\nvalue = 0.05', {"algorithm": "constant_volatility", "value": 0.05}),
        ('algorithm = "risk_scaling"\nbeta = 0.9', {"algorithm": "risk_scaling", "beta": 0.9, "rho_min": 0.6}),
        ("beta = 0.9", {"algorithm": "risk_scaling", "beta": 0.9, "rho_min": 0.6}),
    ],
)
def test_another_algorithm_starts_anew(tmp_path: Path, change: str, expected: object) -> None:
    write(
        tmp_path,
        base='[target]\nalgorithm = "risk_scaling"\nbeta = 1.0\nrho_min = 0.6',
        client=f'extends = "base"\n[target]\n{change}',
    )
    assert resolved(tmp_path, "client")["target"] == expected


def test_an_algorithm_where_there_was_none_keeps_the_rest(tmp_path: Path) -> None:
    write(
        tmp_path,
        base='[target]\nmatch = "equal"',
        client='extends = "base"\n[target]\nalgorithm = "dynamic_risk"',
    )
    assert resolved(tmp_path, "client")["target"] == {"match": "equal", "algorithm": "dynamic_risk"}


def refusal(path: Path) -> str:
    with pytest.raises(MandateError) as caught:
        resolve_document(path, beside)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(f"{path}: ")


def test_a_document_that_extends_itself(tmp_path: Path) -> None:
    write(tmp_path, a='extends = "b"', b='extends = "c"', c='extends = "a"', alone='extends = "alone"')
    assert "extends itself (a.toml -> b.toml -> c.toml -> a.toml)" in refusal(tmp_path / "a.toml")
    assert "extends itself (alone.toml -> alone.toml)" in refusal(tmp_path / "alone.toml")
    write(tmp_path, beside='extends = "a"')
    assert "extends itself (beside.toml -> a.toml -> b.toml -> c.toml -> a.toml)" in refusal(tmp_path / "beside.toml")


def test_a_base_that_cannot_be_read_is_told_with_the_document_that_asks_for_it(tmp_path: Path) -> None:
    write(tmp_path, client='extends = "middle"', middle='extends = "basline"', bad='extends = "broken"', broken="x = ")
    with pytest.raises(MandateError) as caught:
        resolved(tmp_path, "client")
    assert str(caught.value) == (
        f"{tmp_path / 'middle.toml'}: extends = 'basline': {tmp_path / 'basline.toml'}: cannot be read "
        "(No such file or directory); expected a model document in TOML"
    )
    assert "extends = 'broken'" in refusal(tmp_path / "bad.toml")
    assert "broken.toml: not valid TOML" in refusal(tmp_path / "bad.toml")


@pytest.mark.parametrize("value", ["3", '["a", "b"]', "true", '{ base = "a" }'])
def test_extends_takes_one_name(tmp_path: Path, value: str) -> None:
    write(tmp_path, client=f"extends = {value}")
    assert "expected the name or the path of one model document" in refusal(tmp_path / "client.toml")


@pytest.mark.parametrize("value", ['"a\\u0000b"', '"a\\nb"'])
def test_names_that_no_file_can_have(tmp_path: Path, value: str) -> None:
    write(tmp_path, client=f"extends = {value}")
    assert "cannot be read" in refusal(tmp_path / "client.toml")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "cannot be read (No such file" in refusal(tmp_path / "none.toml")
    assert "cannot be read (Is a directory)" in refusal(tmp_path)


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    assert "cannot be read" in refusal(tmp_path / "loop.toml")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'id = "caf\xe9"', "not UTF-8 text (byte 9); save the document as UTF-8"),
        ('id = "x"'.encode("utf-16"), "not UTF-8 text"),
        (b"id = x", "not valid TOML: Invalid value (at line 1, column 6)"),
        (b"max_weight = .25", "not valid TOML"),
        (b"max_weight = 25%", "not valid TOML"),
        (b'id = "a"\nid = "b"', "not valid TOML: Cannot overwrite a value"),
        (b"[limits]\n[limits]", "not valid TOML"),
        (b'id = "a\nb"', "not valid TOML"),
        (b'{"id": "json"}', "not valid TOML"),
        (b"n = " + b"9" * 5000, "not valid TOML"),
        (b"n = " + b"[" * 5000, "not valid TOML"),
        (b"\x00", "not valid TOML"),
    ],
)
def test_a_file_that_is_not_a_document(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "client.toml"
    path.write_bytes(raw)
    assert refusal(path).startswith(words)


def test_a_byte_order_mark_and_dos_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "client.toml"
    path.write_bytes(b'\xef\xbb\xbfid = "caf\xc3\xa9"\r\n[limits]\r\nmax_weight = 0.2\r\n')
    assert read_document(path) == {"id": "café", "limits": {"max_weight": 0.2}}


def test_an_empty_document_is_a_document(tmp_path: Path) -> None:
    write(tmp_path, client="")
    assert resolved(tmp_path, "client") == {}


class Model(BaseModel):
    """A schema with all that a real one has: tables, named arrays, a table whose keys depend on one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    universe: UniverseRules = Field(default_factory=lambda: UniverseRules.model_validate({}))
    risk_model: RiskModelRules = Field(default_factory=lambda: RiskModelRules.model_validate({}))
    target: TargetRule
    limits: Limits = Field(default_factory=lambda: Limits.model_validate({}))


DYNAMIC_RISK = {"algorithm": "dynamic_risk"}


def said(**tables: object) -> str:
    document = {"id": "x", "target": DYNAMIC_RISK, **tables}
    with pytest.raises(MandateError) as caught:
        validate_document(Model, document, "client.toml")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("client.toml: ")
    return message.removeprefix("client.toml: ")


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ({"universes": {}}, "unknown key universes, did you mean universe?"),
        ({"Limits": {}}, "unknown key Limits, did you mean limits?"),
        ({"zzzz": 1}, "unknown key zzzz, known here: id, universe, risk_model, target, limits"),
        ({"universe": {"min_aum": 1}}, "unknown key universe.min_aum, did you mean min_aum_mm?"),
        ({"risk_model": {"window": 1}}, "unknown key risk_model.window, did you mean window_days?"),
        ({"limits": {"max_weigth": 0.1}}, "unknown key limits.max_weigth, did you mean max_weight?"),
        ({"limits": {"MAX-WEIGHT": 0.1}}, "unknown key limits.MAX-WEIGHT, did you mean max_weight?"),
        ({"limits": {"beta": {"maximum": 1, "max": 1}}}, "unknown key limits.beta.maximum, did you mean max?"),
        (
            {"limits": {"sector": {"tips": {"maks": 0.1, "min": 0.1}}}},
            "unknown key limits.sector.tips.maks, did you mean max?",
        ),
        (
            {"limits": {"fund": {"min": {"mim": 0.1, "max": 0.1}}}},  # a fund may be called as a key is
            "unknown key limits.fund.min.mim, did you mean min?",
        ),
        (
            {"limits": {"group": [{"name": "a", "sectors": ["tips"], "max": 0.1, "ticker": []}]}},
            "unknown key limits.group[1].ticker, did you mean tickers?",
        ),
        ({"target": {**DYNAMIC_RISK, "multipel": 1}}, "unknown key target.multipel, did you mean multiple?"),
        (
            {"target": {"algorithm": "risk_scaling", "rho_minimum": 1.0}},
            "unknown key target.rho_minimum, did you mean rho_min?",
        ),
        (
            {"target": {"algorithm": "tracking_error", "values": 0.1, "value": 0.1}},
            "unknown key target.values, did you mean value?",
        ),
        (
            {"target": {**DYNAMIC_RISK, "rho_min": 0.5}},  # of another algorithm
            "unknown key target.rho_min, known here: match, priority, algorithm, multiple",
        ),
    ],
)
def test_a_misspelt_key_is_found_at_every_level(tables: dict[str, object], line: str) -> None:
    assert said(**tables) == line


CHOICES = "'dynamic_risk', 'risk_scaling', 'dynamic_beta', 'constant_volatility', 'tracking_error'"


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (
            {"algorithm": "dynamic_rsk"},
            f"target.algorithm = 'dynamic_rsk': expected one of {CHOICES}, did you mean 'dynamic_risk'?",
        ),
        ({"algorithm": "momentum"}, f"target.algorithm = 'momentum': expected one of {CHOICES}"),
        ({"algorithm": 3}, f"target.algorithm = 3: expected one of {CHOICES}"),
        ({"multiple": 1.0}, f"target.algorithm is missing: expected one of {CHOICES}"),
        ("dynamic_risk", "target = 'dynamic_risk': expected a table"),
        ({"algorithm": "tracking_error"}, "target.value is missing"),
        ({**DYNAMIC_RISK, "multiple": "1"}, "target.multiple = '1': expected a number"),
        ({**DYNAMIC_RISK, "multiple": False}, "target.multiple = false: expected a number"),
        ({**DYNAMIC_RISK, "multiple": float("nan")}, "target.multiple = nan: expected a finite number"),
        (
            {**DYNAMIC_RISK, "match": "exact"},
            "target.match = 'exact': expected 'at_most' or 'equal'",
        ),
    ],
)
def test_a_table_whose_keys_depend_on_its_algorithm(target: object, line: str) -> None:
    assert said(target=target) == line


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ({"universe": {"sectors": []}}, "universe.sectors = []: expected an array of 1 or more"),
        ({"universe": {"currency": 5}}, "universe.currency = 5: expected an array or text in quotes"),
        ({"universe": {"leveraged": 1}}, "universe.leveraged = 1: expected true or false"),
        ({"universe": {"min_history_days": 252.0}}, "universe.min_history_days = 252.0: expected a whole number"),
        ({"universe": {"min_history_days": 252.5}}, "universe.min_history_days = 252.5: expected a whole number"),
        ({"universe": {"min_aum_mm": float("inf")}}, "universe.min_aum_mm = inf: expected a finite number"),
        (
            {"universe": {"include": ["A"], "exclude": ["A"]}},
            "universe: 'A' is in both include and exclude; remove it from one",
        ),
        ({"id": 3}, "id = 3: expected text in quotes"),
        ({"id": "x" * 100, "limits": "y" * 100}, f"limits = '{'y' * 56}...: expected a table"),
    ],
)
def test_a_wrong_value_is_shown_with_what_was_expected(tables: dict[str, object], line: str) -> None:
    assert said(**tables) == line


def test_alternatives_are_said_once_each() -> None:
    class Either(BaseModel):
        model_config = ConfigDict(strict=True)

        either: tuple[str, ...] | tuple[int, ...] | bool | None

    with pytest.raises(MandateError, match=r"^x: either = 'a': expected an array or true or false$"):
        validate_document(Either, {"either": "a"}, "x")


def test_all_that_is_wrong_is_said_at_once() -> None:
    message = said(
        limits={"max_weigth": 0.1, "max_turnover": 2.0}, risk_model={"window_days": 5}, target={"algorithm": "none"}
    )
    assert message.split("; ") == [
        "risk_model.window_days = 5: expected at least 20 (Daily returns used, the last ones before the date)",
        f"target.algorithm = 'none': expected one of {CHOICES}",
        "limits.max_turnover = 2.0: expected at most 1 (Largest one-way turnover from the holdings)",
        "unknown key limits.max_weigth, did you mean max_weight?",
    ]


def test_a_root_that_lacks_everything() -> None:
    with pytest.raises(MandateError, match=r"^x: id is missing; target is missing$"):
        validate_document(Model, {}, "x")


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates())
SCHEMAS = (Model, Limits, Group, UniverseRules, DynamicRisk, TrackingError)
KEYS = st.one_of(
    st.sampled_from(sorted({key for schema in SCHEMAS for key in schema.model_fields} | {"tips", "dynamic_risk"})),
    st.text(max_size=6),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


@given(document=TABLES, limits=TABLES, target=TABLES, stray=VALUES)
@settings(deadline=None)
def test_whatever_is_written_gets_one_line(
    document: dict[str, object], limits: dict[str, object], target: dict[str, object], stray: object
) -> None:
    message = said(**{**document, "limits": limits, "target": {**DYNAMIC_RISK, **target}, "a stray": stray})
    assert "unknown key a stray" in message
    assert len(message.splitlines()) == 1
