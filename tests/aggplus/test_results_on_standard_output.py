"""`--json -` has standard output to itself, and `--quiet` leaves it empty; exit codes stay what they are."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

SOLVED, INFEASIBLE = 0, 3


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """A model that no portfolio of the small market meets."""
    path = tmp_path / "strict.toml"
    path.write_text('extends = "baseline"\n[limits]\nmax_weight = 0.01\n')
    return path


@pytest.mark.parametrize("command", ["solve", "explain", "frontier", "trades"])
def test_json_alone(run: Run, small_folder: Path, tmp_path: Path, command: str) -> None:
    account = tmp_path / "account.csv"
    account.write_text("ticker,shares\nCASH,100000\n")
    more = ("--account", account, "--last-close") if command == "trades" else ()
    ran = run(command, "baseline", "--market", small_folder, *more, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)
    filed = run(command, "baseline", "--market", small_folder, *more, "--json", "out.json")
    assert filed.out
    assert _steady(json.loads(Path("out.json").read_text())) == _steady(json.loads(ran.out))
    quiet = run(command, "baseline", "--market", small_folder, *more, "--quiet", "--json", "-")
    assert _steady(json.loads(quiet.out)) == _steady(json.loads(ran.out))


@pytest.mark.parametrize("command", ["solve", "explain", "frontier"])
def test_quiet_keeps_the_exit_code(run: Run, small_folder: Path, strict: Path, command: str) -> None:
    for model, code in (("baseline", SOLVED), (strict, INFEASIBLE)):
        ran = run(command, model, "--market", small_folder, "-q")
        assert (ran.code, ran.out, ran.err) == (code, "", "")


def test_quiet_still_tells_an_error(refuse: Callable[..., str], tmp_path: Path) -> None:
    assert "does not exist" in refuse("solve", "baseline", "--quiet", "--market", tmp_path / "nowhere")


@pytest.mark.parametrize("command", [("solve", "--export"), ("frontier", "--csv"), ("walk-forward", "--returns")])
def test_standard_output_is_for_one_result(refuse: Callable[..., str], command: tuple[str, str]) -> None:
    line = refuse(command[0], "baseline", "--json", "-", command[1], "/dev/stdout")
    assert line == "standard output: asked for by two results; give one of them a file of its own"


def test_no_folder_is_made_for_a_result_that_cannot_be_written(refuse: Callable[..., str], tmp_path: Path) -> None:
    assert "does not exist; make it first" in refuse("demo", "--json", tmp_path / "no" / "demo.json")
    assert os.listdir() == []


def test_a_file_of_that_name_is_not_made(run: Run, small_folder: Path) -> None:
    ran = run("solve", "baseline", "--market", small_folder, "--json", "-")
    assert ran.code == 0
    assert os.listdir() == []


def _steady(record: dict[str, Any]) -> dict[str, Any]:
    """Without what the clock says."""
    return {key: value for key, value in record.items() if key != "seconds"}
