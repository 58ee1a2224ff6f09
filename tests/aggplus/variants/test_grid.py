"""Grids of variants: their order, what each changes, and what is refused."""

import itertools
from collections import Counter
from pathlib import Path

import pytest

from aggplus import load_model
from aggplus.variants import gather_models, read_grid
from constraints import MandateError

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "variants.toml"

TWO_BY_TWO = """
id = "Small"
prefix = "Desk-"
first_number = 7

[[axis]]
name = "size"
[[axis.option]]
name = "small funds"
universe.min_aum_mm = 50
[[axis.option]]
name = "large funds"
universe.min_aum_mm = 500

[[axis]]
name = "cap"
[[axis.option]]
name = "as the base"
[[axis.option]]
name = "tight"
[[axis.option.limits.group]]
name = "credit"
max = 0.35
[[axis.option]]
name = "tracking"
[axis.option.target]
algorithm = "tracking_error"
value = 0.02
"""


def written(folder: Path, text: str, name: str = "grid.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(MandateError) as refused:
        read_grid(written(folder, text)).models()
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def test_product_of_the_axes_with_the_first_slowest(tmp_path: Path) -> None:
    models = read_grid(written(tmp_path, TWO_BY_TWO)).models()
    base = load_model("baseline")
    by_hand = []
    credit = base.limits.group[0]
    for aum, size in ((50, "small funds"), (500, "large funds")):
        universe = base.universe.model_copy(update={"min_aum_mm": aum})
        tight = base.limits.model_copy(update={"group": (credit.model_copy(update={"max": 0.35}),)})
        by_hand += [
            (f"{size}, as the base", universe, base.limits, base.target),
            (f"{size}, tight", universe, tight, base.target),
            (f"{size}, tracking", universe, base.limits, ("tracking_error", 0.02)),
        ]
    assert [model.id for model in models] == [f"Desk-{i}" for i in range(7, 13)]
    for model, (name, universe, limits, target) in zip(models, by_hand, strict=True):
        assert (model.name, model.universe, model.limits) == (name, universe, limits)
        if isinstance(target, tuple):
            # The target of another algorithm is replaced as a whole: no multiple is left beside the value.
            assert model.target.model_dump() == {
                "algorithm": target[0],
                "value": target[1],
                "match": "at_most",
                "priority": None,
            }
        else:
            assert model.target == target
        assert (model.risk_model, model.costs, model.rebalance) == (base.risk_model, base.costs, base.rebalance)


def test_the_example_has_96_variants_each_of_its_own() -> None:
    models = read_grid(EXAMPLE).models()
    assert [model.id for model in models] == [f"ModelPort{i}" for i in range(1, 97)]
    parts = [model.name.split(", ") for model in models]
    assert [Counter(column).most_common()[-1][1] for column in zip(*parts, strict=True)] == [24, 32, 48, 24]
    named = {model.name: model for model in models}
    for sectors, aum, spread, target in itertools.product(
        ("core", "core+TIPS"), (100, 250), ("concentrated", "diversified"), ("dynamic_beta", "risk_scaling")
    ):
        model = named[f"{sectors}, {aum} mm+, {spread}, {target.replace('_', ' ')}"]
        assert model.universe.sectors == tuple(sectors.lower().split("+"))
        assert (model.universe.min_aum_mm, model.limits.diversification, model.target.algorithm) == (
            aum,
            spread,
            target,
        )


def test_base_and_files_are_looked_for_beside_the_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "client"
    folder.mkdir()
    written(folder, 'extends = "conservative"\nid = "Own"\nname = "Own"\n[costs]\nadvisory_fee_bp = 40\n', "own.toml")
    grid = written(
        folder,
        'id = "G"\nbase = "own.toml"\n[[axis]]\nname = "return"\n[[axis.option]]\nname = "carry"\n'
        '[axis.option.expected_return]\nestimator = "carry"\nyields = "yields.csv"\n',
    )
    monkeypatch.chdir(tmp_path)
    (model,) = read_grid(grid.relative_to(tmp_path)).models()
    assert model.costs.advisory_fee_bp == 40
    assert model.target.algorithm == "dynamic_beta"
    assert model.expected_return.yields is not None
    assert Path(model.expected_return.yields).parent.name == "client"


def test_a_base_that_is_complete_only_with_an_option(tmp_path: Path) -> None:
    written(tmp_path, 'id = "Own"\nname = "Own"\n', "own.toml")
    grid = 'id = "G"\nbase = "own.toml"\n[[axis]]\nname = "target"\n[[axis.option]]\nname = "beta"\n'
    (model,) = read_grid(written(tmp_path, grid + 'target.algorithm = "dynamic_beta"\n')).models()
    assert model.target.algorithm == "dynamic_beta"
    assert "variant 'beta': target is missing" in refusal(tmp_path, grid)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("min_aum_mm = 500", "min_aum_mn = 500", "axis 'size', option 'large funds': unknown key universe.min_aum_mn"),
        (
            "min_aum_mm = 500",
            "min_aum_mm = -1",
            "axis 'size', option 'large funds': universe.min_aum_mm = -1: expected",
        ),
        ("value = 0.02", "value = 'two'", "axis 'cap', option 'tracking': target.value = 'two': expected a number"),
        (
            "min_aum_mm = 500",
            "min_aum_mm = 50",
            "'small funds, as the base' and 'large funds, as the base' are the same",
        ),
        ('name = "tight"', 'name = "as the base"', "axis 'cap' has two options named 'as the base'"),
        ('name = "cap"', 'name = "size"', "two axes are named 'size'"),
        ('name = "tight"', 'name = "tight"\nid = "Own"', "option 'tight' states id"),
        ('name = "tight"', 'name = "tight"\nextends = "baseline"', "option 'tight' states extends"),
        ('id = "Small"', 'id = "Small"\nbase = "basline"', "base = 'basline': "),
        ('prefix = "Desk-"', 'prefix = "a b"', "prefix = 'a b': expected"),
        ('prefix = "Desk-"', "axes = 3", "unknown key axes, did you mean axis?"),
        ("first_number = 7", "first_number = -7", "first_number = -7: expected at least 0"),
        (
            'name = "tight"',
            'name = "tight"\nuniverse.min_aum_mm = 70',
            "axis 'size', option 'small funds': universe.min_aum_mm = 50 is overruled by axis 'cap', option 'tight'",
        ),
    ],
)
def test_refusals_name_what_is_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(tmp_path, TWO_BY_TWO.replace(old, new))


def test_options_that_only_together_make_no_model_are_refused_as_the_variant(tmp_path: Path) -> None:
    grid = (
        'id = "G"\n[[axis]]\nname = "cap"\n[[axis.option]]\nname = "2 %"\nlimits.max_weight = 0.02\n'
        '[[axis]]\nname = "least"\n[[axis.option]]\nname = "5 % each"\nlimits.min_weight = 0.05\n'
    )
    line = refusal(tmp_path, grid)
    assert "variant '2 %, 5 % each': " in line
    assert "min_weight = 0.05 is above max_weight = 0.02" in line


def test_a_grid_that_would_not_end_is_refused(tmp_path: Path) -> None:
    axes = "".join(
        f'[[axis]]\nname = "{i}"\n' + "".join(f'[[axis.option]]\nname = "{i}{j}"\n' for j in range(10))
        for i in range(9)
    )
    assert "= 1,000,000,000 variants; expected at most 10,000" in refusal(tmp_path, f'id = "G"\n{axes}')


def test_a_folder_gives_its_models_in_the_order_of_numbers_and_a_reason_for_what_is_none(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        written(tmp_path, f'extends = "baseline"\nid = "M{number}"\nname = "M"\n', f"m{number}.toml")
    written(tmp_path, 'extends = "baseline"\nid = "Bad"\nname = "Bad"\ncosts.half_spread_bp = -1\n', "m2.toml")
    written(tmp_path, TWO_BY_TWO, "grid.toml")
    gathered = gather_models(["conservative", str(tmp_path)])
    small = [f"Desk-{i}" for i in range(7, 13)]
    assert [model.id for model in gathered.models] == ["ModelPort91", *small, "M1", "M9", "M10"]
    (refused,) = gathered.refusals
    assert refused.model == "m2"
    assert "costs.half_spread_bp = -1" in refused.why


@pytest.mark.parametrize("twice", [["baseline", "baseline"], ["baseline", str(EXAMPLE)]])
def test_one_id_for_two_models_is_refused(twice: list[str]) -> None:
    with pytest.raises(MandateError, match="two models have the id 'ModelPort20'"):
        gather_models(twice)


def test_a_folder_without_documents_or_with_none_that_can_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MandateError, match=r"has no \.toml file"):
        gather_models([str(tmp_path)])
    written(tmp_path, "id = 3\n")
    with pytest.raises(MandateError, match=r"no document can be used; the first: .*id = 3"):
        gather_models([str(tmp_path)])


def test_a_name_that_no_file_can_have_is_no_model() -> None:
    with pytest.raises(MandateError, match="expected baseline, aggressive"):
        gather_models(["a" * 3000])


def test_a_raised_digit_in_a_file_name_is_no_number(tmp_path: Path) -> None:
    for name in ("m\N{SUPERSCRIPT TWO}.toml", "\N{SUPERSCRIPT TWO}1.toml", "m10.toml", "m9.toml"):
        (tmp_path / name).write_text(f'extends = "baseline"\nid = "M{ord(name[-6]) + ord(name[0])}"\n')
    assert len(gather_models([str(tmp_path)]).models) == 4
