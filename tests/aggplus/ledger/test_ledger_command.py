"""`aggplus ledger`, and `aggplus solve --ledger`: what they print, write and return."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_ledger_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGGPLUS_LEDGER", raising=False)
    # Tables as wide as they like to be.
    monkeypatch.setenv("COLUMNS", "200")


def test_solve_records_and_the_ledger_is_shown_verified_and_replayed(
    run: Run, small_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "l.sqlite"
    for model in ("baseline", "conservative"):
        assert run("solve", model, "--market", small_folder, "--ledger", file, "--json", tmp_path / "s.json").code == 0
    shown = run("ledger", "show", "--ledger", file, "--model", "ModelPort91", "--json", tmp_path / "l.json")
    assert shown.code == 0
    assert "ModelPort91" in shown.out
    content = json.loads((tmp_path / "l.json").read_text())
    solved = json.loads((tmp_path / "s.json").read_text())
    assert content["length"] == 2
    (row,) = content["rows"]
    assert row["weights"] == solved["weights"]
    assert content["head"] in shown.out

    verified = run("ledger", "verify", "--ledger", f"sqlite:///{file}", "--head", content["head"])
    assert verified.code == 0
    assert "2 rows, all as written" in verified.out

    again = run("ledger", "replay", 2, "--ledger", file, "--market", small_folder, "--json", tmp_path / "r.json")
    assert again.code == 0
    assert "Row 2, ModelPort91 on 2024-01-31, agrees" in again.out
    assert json.loads((tmp_path / "r.json").read_text())["agrees"] is True

    full = run("ledger", "show", 1, "--ledger", file)
    assert full.code == 0
    assert "prices_hash" in full.out


def test_an_edited_row_ends_in_code_4_from_verify_and_from_replay(run: Run, small_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    run("solve", "baseline", "--market", small_folder, "--ledger", file)
    with sqlite3.connect(file) as connection:
        connection.execute("""UPDATE ledger_rows SET weights = '{"AGG":1.0}'""")
    connection.close()
    verified = run("ledger", "verify", "--ledger", file, "--json", tmp_path / "v.json")
    assert verified.code == 4
    assert "row 1 was edited" in verified.out
    (finding,) = json.loads((tmp_path / "v.json").read_text())["findings"]
    assert (finding["row"], finding["what"]) == (1, "edited")
    again = run("ledger", "replay", 1, "--ledger", file, "--market", small_folder)
    assert again.code == 4
    assert "disagrees: weights differ by up to" in again.out


def test_the_ledger_is_found_by_the_environment_then_in_this_folder(
    run: Run, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("solve", "baseline", "--market", small_folder).code == 0
    assert not list(tmp_path.rglob("*.sqlite"))
    run("solve", "baseline", "--market", small_folder, "--ledger", "aggplus-ledger.sqlite")
    assert "1 rows" in run("ledger", "verify").out
    monkeypatch.setenv("AGGPLUS_LEDGER", str(tmp_path / "named.sqlite"))
    for _ in range(2):
        run("solve", "baseline", "--market", small_folder)
    assert "2 rows" in run("ledger", "verify").out


def test_bad_words_are_refused(refuse: Callable[..., str], run: Run, small_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    assert "there is no such file" in refuse("ledger", "show")
    assert "there is no such file" in refuse("ledger", "verify", "--ledger", file)
    assert "does not exist" in refuse("solve", "baseline", "--market", small_folder, "--ledger", tmp_path / "no" / "l")
    assert "it is a folder" in refuse("solve", "baseline", "--market", small_folder, "--ledger", tmp_path)
    assert "expected a file" in refuse("solve", "baseline", "--ledger", "mysql://host/base")
    run("solve", "baseline", "--market", small_folder, "--ledger", file)
    assert "no row 7; it holds the rows 1 to 1" in refuse("ledger", "replay", 7, "--ledger", file)
    assert "no row 7" in refuse("ledger", "show", 7, "--ledger", file)
    assert "date 'soon' cannot be read" in refuse("ledger", "show", "--start", "soon", "--ledger", file)


@pytest.mark.parametrize("words", [("show",), ("verify",), ("replay", 1)])
def test_a_result_is_not_written_over_the_ledger(
    words: tuple[object, ...], run: Run, small_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "l.sqlite"
    assert run("solve", "baseline", "--market", small_folder, "--ledger", file).code == 0
    before = file.read_bytes()
    same = tmp_path / "link.sqlite"
    same.symlink_to(file)
    found = run("ledger", *words, "--ledger", file, "--json", same)
    assert found.code == 2
    assert "is the ledger, which the result would replace" in found.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("option", ["--json", "--export"])
def test_a_solve_that_would_replace_its_ledger_makes_neither(
    option: str, run: Run, small_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "l.sqlite"
    found = run("solve", "baseline", "--market", small_folder, "--ledger", file, option, file)
    assert found.code == 2
    assert "is the ledger" in found.err
    assert not file.exists()


def test_numbers_beyond_any_row_are_refused_or_mean_all(run: Run, small_folder: Path, tmp_path: Path) -> None:
    file, beyond = tmp_path / "l.sqlite", 10**23
    run("solve", "baseline", "--market", small_folder, "--ledger", file)
    for words in (("show", beyond), ("replay", beyond)):
        found = run("ledger", *words, "--ledger", file)
        assert found.code == 2
        assert f"no row {beyond}; it holds the rows 1 to 1" in found.err
    assert "1 of 1 rows" in run("ledger", "show", "--last", beyond, "--ledger", file).out


def test_a_name_that_no_file_can_have_is_no_ledger(run: Run) -> None:
    found = run("ledger", "show", "--ledger", "a" * 3000)
    assert found.code == 2
    assert "there is no such file" in found.err
