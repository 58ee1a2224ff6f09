"""`aggplus model new | show | diff | schema`: documents that load again, and a schema that agrees with the reader."""

import copy
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aggplus import load_model
from aggplus.documents import DEFAULT, differences, json_schema, sourced_model, starting_document, toml_text
from aggplus.documents.settings import settings, whole_document
from aggplus.model import SHIPPED, Model, model_of
from constraints import MandateError

Run = Callable[..., Any]
Refuse = Callable[..., str]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = [str(path) for path in sorted((ROOT / "examples").glob("*.toml")) if "axis" not in path.read_text("utf-8")]
DOCUMENTS = [*(str(ROOT / "aggplus" / "models" / f"{name}.toml") for name in SHIPPED), *EXAMPLES]

# Every table there is, by hand: what a schema made of the classes may forget.
EVERYTHING = """
id = "All-1"
name = "Everything"
[universe]
sectors = ["core", "municipal"]
currency = ["USD", "USD-hedged"]
tax_status = ["taxable", "muni"]
min_aum_mm = 10
max_unchanged_share = 0.2
include = ["AGG"]
[risk_model]
estimator = "ledoit_wolf"
window_days = 126
lags = 2
[expected_return]
estimator = "exponential"
half_life_days = 40
[objective]
goal = "utility"
risk_aversion = 4
[target]
algorithm = "tracking_error"
value = 0.02
match = "equal"
[limits]
diversification = "broad"
max_holdings = 40
min_weight = 0.01
[limits.sector]
treasury = { min = 0.1, max = 0.5, priority = 2 }
[[limits.group]]
name = "a \\"quoted\\" group # 1"
sectors = ["core"]
tickers = ["HYG"]
max = 0.5
[limits.fund."BRK.B"]
max = 0.1
[limits.benchmark_sectors]
treasury = 0.4
mbs = 0.3
[limits.active.treasury]
below = 0.1
[limits.duration]
min = 2
[limits.beta]
min = -0.5
[costs]
half_spread_by_sector_bp = { treasury = 1 }
[rebalance.triggers]
max_days = false
calendar = "month_end"
expected_gain = { horizon_days = 63, factor = 2.0 }
"""


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    path = tmp_path / "everything.toml"
    path.write_text(EVERYTHING, encoding="utf-8")
    return path


class TestShow:
    @pytest.mark.parametrize("name", [*SHIPPED, *EXAMPLES])
    def test_loads_again_as_the_same_model(self, run: Run, name: str) -> None:
        ran = run("model", "show", name)
        assert (ran.code, ran.err) == (0, "")
        assert model_of(tomllib.loads(ran.out), "shown") == load_model(name)

    def test_everything_loads_again(self, run: Run, everything: Path) -> None:
        ran = run("model", "show", everything)
        assert (ran.code, ran.err) == (0, "")
        assert model_of(tomllib.loads(ran.out), "shown") == load_model(everything)

    def test_says_where_each_value_comes_from(self, tmp_path: Path) -> None:
        base, client = tmp_path / "base.toml", tmp_path / "client.toml"
        base.write_text(
            'extends = "baseline"\nid = "B"\n[target]\nalgorithm = "constant_volatility"\nvalue = 0.05\n'
            'match = "equal"\n[limits]\nmax_weight = 0.1\n[[limits.group]]\nname = "credit"\nmax = 0.5\n'
        )
        client.write_text(
            'extends = "base.toml"\nname = "C"\n[target]\nalgorithm = "dynamic_risk"\n[limits.sector.tips]\nmax = 0.2\n'
        )
        origins = sourced_model(str(client)).origins
        assert origins["id"] == origins["limits.max_weight"] == origins["limits.group.credit.max"] == str(base)
        assert origins["name"] == origins["target.algorithm"] == origins["limits.sector.tips.max"] == str(client)
        assert origins["limits.group.credit.sectors"] == origins["costs.half_spread_bp"] == "baseline"
        # The base says how its own target is met; this document has another algorithm and says nothing.
        assert origins["target.match"] == DEFAULT
        assert "target.value" not in origins

    def test_every_setting_has_an_origin_in_print(self, everything: Path) -> None:
        found = sourced_model(str(everything))
        assert set(found.origins) == {key for key, _ in settings(found.document)}
        lines = toml_text(found.document, found.origins).splitlines()
        said = [line for line in lines if line and not line.startswith(("[", 'name = "a '))]
        assert all(line.endswith((f"# {everything}", "# default")) for line in said)

    def test_json(self, run: Run) -> None:
        record = json.loads(run("model", "show", "aggressive", "--json", "-").out)
        assert set(record) == {"model", "document", "origins"}
        assert model_of(record["document"], "json") == load_model("aggressive")
        assert record["origins"]["target.rho_min"] == "aggressive"

    def test_names_of_files_do_no_harm(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "[red] # x.toml"
        path.write_text('extends = "baseline"\nname = "[bold]Mine[/bold]"\n')
        ran = run("model", "show", path)
        assert tomllib.loads(ran.out)["name"] == "[bold]Mine[/bold]"
        assert "[red] # x.toml" in ran.out


class TestDiff:
    def test_one_change_is_one_difference(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "client.toml"
        path.write_text('extends = "baseline"\n[limits]\nmax_weight = 0.2\n')
        ran = run("model", "diff", "baseline", path, "--json", "-")
        assert ran.code == 0
        assert json.loads(ran.out)["differences"] == [{"key": "limits.max_weight", "a": None, "b": 0.2}]

    def test_a_default_written_out_is_none(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / f"{'client ' * 20}.toml"
        path.write_text('extends = "baseline"\n[universe]\nmax_stale_days = 0\n')
        ran = run("model", "diff", "baseline", path)
        assert (ran.code, ran.out.strip()) == (0, f"No differences: baseline and {path} say the same.")

    @pytest.mark.parametrize("a", [*SHIPPED, *EXAMPLES])
    @pytest.mark.parametrize("b", SHIPPED)
    def test_there_is_one_exactly_where_models_differ(self, a: str, b: str) -> None:
        one, other = load_model(a), load_model(b)
        found = differences(one, other)
        assert (not found) == (one == other)
        assert [(d.key, d.b, d.a) for d in differences(other, one)].sort() == [(d.key, d.a, d.b) for d in found].sort()
        # With the second model's answers in the place of the first's, the two are the same.
        ours, theirs = dict(settings(whole_document(one))), dict(settings(whole_document(other)))
        for difference in found:
            ours.pop(difference.key, None)
            if difference.b is not None:
                ours[difference.key] = difference.b
        assert ours == theirs


class TestNew:
    def test_writes_a_valid_document(self, run: Run) -> None:
        ran = run("model", "new", "Client 7")
        assert (ran.code, ran.err) == (0, "")
        model = load_model("Client-7.toml")
        assert (model.id, model.name) == ("Client-7", "Client 7")
        named = {"id": model.id, "name": model.name}
        assert model == load_model("baseline").model_copy(update=named)

    def test_what_it_shows_behind_a_mark_is_valid_too(self, tmp_path: Path) -> None:
        text = starting_document("Client 7", "baseline", tmp_path / "c.toml").text
        head, settings_part = text.split("\n[universe]", 1)
        open_ = tmp_path / "c.toml"
        open_.write_text(head + "\n[universe]" + re.sub(r"(?m)^# ", "", settings_part))
        found = {difference.key for difference in differences(load_model("baseline"), load_model(open_))}
        assert {"limits.max_weight", "limits.sector.treasury.min", "limits.duration.max"} <= found
        assert {"limits.group.lower quality.max", "costs.advisory_fee_bp", "rebalance.triggers.max_days"} <= found

    def test_never_writes_over_a_file(self, run: Run, refuse: Refuse) -> None:
        assert run("model", "new", "Mine", "--quiet").out == ""
        line = refuse("model", "new", "Mine")
        assert line == "Mine.toml: is there already and is not written over; name another file with --out"

    def test_extends_a_document_from_another_folder(self, run: Run, tmp_path: Path) -> None:
        house = tmp_path / "desk" / "house.toml"
        house.write_text('extends = "aggressive"\nid = "House"\n[limits]\nmax_weight = 0.12\n')
        (tmp_path / "desk" / "clients").mkdir()
        ran = run("model", "new", "Income", "--extends", "house.toml", "--out", "clients/income.toml", "--json", "-")
        assert json.loads(ran.out) == {
            "file": "clients/income.toml", "id": "Income", "name": "Income", "extends": "house.toml"
        }  # fmt: skip
        assert tomllib.loads(Path("clients/income.toml").read_text())["extends"] == "../house.toml"
        assert load_model("clients/income.toml").limits.max_weight == 0.12

    @pytest.mark.parametrize("name", ['a "b"', "tab\tand\nline", "[bold]x[/bold]", "Ünïcode 7", "back\\slash"])
    def test_any_name(self, run: Run, name: str) -> None:
        assert run("model", "new", name, "--out", "x.toml").code == 0
        assert load_model("x.toml").name == name

    def test_refuses(self, refuse: Refuse, tmp_path: Path) -> None:
        assert "expected letters or digits" in refuse("model", "new", "***")
        assert "did you mean 'baseline'" in refuse("model", "new", "x", "--extends", "basline")
        assert "does not exist; make it first" in refuse("model", "new", "x", "--out", tmp_path / "no" / "x.toml")

    def test_on_standard_output(self, run: Run) -> None:
        ran = run("model", "new", "x", "--out", "-")
        assert tomllib.loads(ran.out)["id"] == "x"
        assert "#   aggplus solve x.toml\n" in ran.out


class TestSchema:
    @pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: Path(path).name)
    def test_shipped_models_and_examples_pass(self, validator: Draft202012Validator, path: str) -> None:
        validator.validate(tomllib.loads(Path(path).read_text("utf-8")))

    def test_whole_documents_pass(self, validator: Draft202012Validator) -> None:
        for name in (*SHIPPED, *EXAMPLES):
            validator.validate(whole_document(load_model(name)))

    def test_everything_passes(self, validator: Draft202012Validator, everything: Path) -> None:
        load_model(everything)
        validator.validate(tomllib.loads(EVERYTHING))
        validator.validate(whole_document(load_model(everything)))

    @pytest.mark.parametrize("wrong", ["misspelt", "type"])
    def test_refuses_what_the_reader_refuses(self, validator: Draft202012Validator, wrong: str) -> None:
        """Every setting of a whole document, one at a time misspelt or of another type."""
        whole = tomllib.loads(EVERYTHING)
        tried = 0
        for table, key in _places(whole):
            changed = copy.deepcopy(whole)
            at = _at(changed, table)
            if wrong == "misspelt":
                if table and table[-1] in ("sector", "fund", "active", "benchmark_sectors", "half_spread_by_sector_bp"):
                    continue  # such keys are names
                at[f"{key}_"] = at.pop(key)
            else:
                at[key] = {"not": "this"} if not isinstance(at[key], dict) else "text"
            with pytest.raises(MandateError):
                model_of(changed, "changed")
            assert not validator.is_valid(changed), (table, key)
            tried += 1
        assert tried > 40

    @pytest.mark.parametrize(
        ("text", "valid"),
        [
            ('extends = "baseline"', True),
            ('extends = "x.toml"\n[target]\nvalue = 0.04', True),
            ('extends = "baseline"\n[rebalance.triggers]\nmax_days = false\nexpected_gain = false', True),
            ('extends = "baseline"\n[rebalance.triggers]\nmax_days = true', False),
            ('extends = "baseline"\n[universe]\nsectors = ["high yield"]', False),
            ('extends = "baseline"\n[limits.sector.core]\nmax = 0.1', False),
            ('extends = "baseline"\n[target]\nalgorithm = "dynamic_risk"\nvalue = 0.05', False),
            ('extends = "baseline"\n[limits]\nmax_weight = 1.5', False),
            ('extends = "baseline"\n[risk_model]\nestimator = "nonsense"', False),
            ("extends = 3", False),
            ('id = "A"\nname = "A"', False),
            ('id = "A"\nname = "A"\n[target]\nvalue = 0.05', False),
            ('id = "A"\nname = "A"\n[target]\nalgorithm = "tracking_error"', False),
            ('id = "A"\nname = "A"\n[target]\nalgorithm = "dynamic_beta"', True),
            ('id = "A b"\nname = "A"\n[target]\nalgorithm = "dynamic_beta"', False),
        ],
    )
    def test_cases(self, validator: Draft202012Validator, text: str, valid: bool) -> None:
        assert validator.is_valid(tomllib.loads(text)) is valid

    def test_describes_every_table_and_most_settings(self) -> None:
        schema = json_schema()
        assert set(schema["properties"]) == {"extends", *Model.model_fields}
        assert all(definition["description"] for definition in schema["$defs"].values())
        assert '"null"' not in json.dumps(schema)

    def test_command(self, run: Run) -> None:
        assert json.loads(run("model", "schema").out) == json_schema()
        assert run("model", "schema", "--out", "aggplus.schema.json").out == "Written to aggplus.schema.json\n"
        assert json.loads(Path("aggplus.schema.json").read_text()) == json_schema()
        assert run("model", "schema", "--quiet").out == ""


def _places(document: Any, above: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    found = []
    for key, value in document.items():
        found.append((above, key))
        if isinstance(value, dict):
            found += _places(value, (*above, key))
        elif isinstance(value, list) and isinstance(value[0], dict):
            found += _places(value[0], (*above, key, 0))
    return found


def _at(document: Any, table: tuple[Any, ...]) -> Any:
    for part in table:
        document = document[part]
    return document
