"""`aggplus batch` from the outside."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus

GRID = """
id = "G"
prefix = "V"
[[axis]]
name = "target"
[[axis.option]]
name = "volatility"
target.algorithm = "dynamic_risk"
[[axis.option]]
name = "beta"
target.algorithm = "dynamic_beta"
[[axis]]
name = "cap"
[[axis.option]]
name = "loose"
limits.max_weight = 0.4
[[axis.option]]
name = "tight"
limits.max_weight = 0.2
"""

IMPOSSIBLE = 'extends = "baseline"\nid = "Never"\nname = "Never"\n[limits.duration]\nmin = 60\n'
LOST = 'extends = "baseline"\nid = "Lost"\nname = "Lost"\nbenchmark = "AGGG"\n'


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    return path


def test_a_day_for_all_variants(
    run: Callable[..., Any], grid: Path, small_folder: Path, small: aggplus.Market, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = run("batch", grid, "--market", small_folder, "--asof", "2024-01-30", "--out", out, "--json", "all.json")
    assert ran.code == 0, ran
    assert ran.err == ""
    assert "solve on 2024-01-30" in ran.out
    record = json.loads(Path("all.json").read_text())
    assert [model["name"] for model in record["models"]] == [
        "volatility, loose",
        "volatility, tight",
        "beta, loose",
        "beta, tight",
    ]
    table = pd.read_csv(out / "table.csv")
    assert table["id"].tolist() == ["V1", "V2", "V3", "V4"]
    base = aggplus.load_model("baseline")
    for i, cap in ((0, 0.4), (1, 0.2)):
        model = base.model_copy(update={"limits": base.limits.model_copy(update={"max_weight": cap})})
        portfolio = aggplus.solve(model, small, "2024-01-30")
        assert record["models"][i]["weights"] == portfolio.weights.to_dict()
        assert table["expected_return"][i] == pytest.approx(portfolio.expected_return / 100.0, rel=1e-12)
    assert not (out / "returns.csv").exists()
    assert run("batch", grid, "--market", small_folder, "--asof", "2024-01-30", "--out", out).err == (
        f"4 of 4 variants are done already, in {out}\n"
    )


def test_a_walk_of_all_variants(run: Callable[..., Any], grid: Path, small_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--market", small_folder, "--start", "2024-01-02", "--end", "2024-01-30")
    ran = run("batch", grid, *arguments, "--out", out, "--json", "all.json")
    assert ran.code == 0, ran
    returns = pd.read_csv(out / "returns.csv", index_col="date")
    record = json.loads(Path("all.json").read_text())
    assert list(returns.columns) == ["V1", "V2", "V3", "V4"]
    assert (returns.index[0], returns.index[-1]) == ("2024-01-03", "2024-01-30")
    for model in record["models"]:
        grown = float(np.prod(1.0 + returns[model["model"]].to_numpy()) - 1.0)
        assert model["statistics"]["cumulative"] == pytest.approx(grown, rel=1e-12)
        assert model["rebalances"][0]["date"] == "2024-01-02"
    assert "Luck cannot be judged" in ran.out, "twenty days are too few"


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([IMPOSSIBLE, LOST], 3),
        ([LOST], 2),
        ([IMPOSSIBLE, LOST, 'extends = "conservative"\nid = "Good"\nname = "Good"\n'], 0),
        (['extends = "conservative"\nid = "Good"\nname = "Good"\n', "id = 3\n"], 0),
    ],
)
def test_one_result_is_enough_and_every_reason_is_told(
    run: Callable[..., Any], documents: list[str], code: int, small_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for i, document in enumerate(documents):
        (folder / f"m{i}.toml").write_text(document)
    ran = run("batch", folder, "--market", small_folder, "--asof", "2024-01-30")
    assert ran.code == code
    assert ("AGGG" in ran.out) == (LOST in documents)
    assert ("infeasible" in ran.out) == (IMPOSSIBLE in documents)
    assert ("id = 3" in ran.out) == ("id = 3\n" in documents)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--asof", "2024-01-30", "--start", "2024-01-02"), "--asof solves on a day and --start walks"),
        (("--end", "2024-01-30"), "--end needs --start"),
        (("--asof", "2030-01-30"), "after the last close"),
        (("--start", "2024-01-02", "--end", "2030-01-30"), "after the last close"),
        (("--start", "2024-01-31", "--end", "2024-01-31"), "choose an end after the start"),
        (("--asof", "yesterday"), "yesterday"),
        (("--workers", "0"), "greater than or equal to 1"),
        (("--cluster", "nonsense"), "--cluster nonsense: no Dask scheduler answers there"),
        (("--out", "grid.toml/out"), "cannot be made a folder"),
    ],
)
def test_bad_options_are_refused(
    refuse: Callable[..., str], grid: Path, small_folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    if "--cluster" in arguments:
        pytest.importorskip("distributed", reason="distributed is not installed (extra cluster)")
    Path("grid.toml").write_text(GRID)
    assert said in refuse("batch", grid, "--market", small_folder, *arguments)


@pytest.mark.parametrize(
    ("name", "said"), [("gird.toml", "gird.toml"), ("nowhere/", "nowhere"), ("basline", "did you mean 'baseline'?")]
)
def test_bad_names_are_refused(refuse: Callable[..., str], small_folder: Path, name: str, said: str) -> None:
    assert said in refuse("batch", name, "--market", small_folder)
