"""`aggplus explain` from a shell: sentences, the record, exit codes, and a repair that solves once written down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import aggplus


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aggplus", "explain", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture
def client(tmp_path: Path) -> Path:
    document = tmp_path / "client.toml"
    document.write_text('extends = "conservative"\nid = "C"\nname = "Client"\n[limits]\nmax_weight = 0.001\n')
    return document


def test_conflict_and_a_repair_that_solves(client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGGPLUS_MARKET", raising=False)
    done = run(str(client), "--json", str(tmp_path / "why.json"))
    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    assert "position cap" in done.stdout
    record = json.loads((tmp_path / "why.json").read_text())
    assert record["feasible"] is False
    assert [member["clause"] for member in record["conflict"]] == ["position cap"]
    (move,) = record["repair"]
    assert (move["clause"], move["from"]) == ("position cap", pytest.approx(0.001))
    assert move["key"] == "limits.max_weight"
    client.write_text(client.read_text().replace("0.001", repr(move["value"])))
    assert aggplus.solve(aggplus.load_model(client), aggplus.simulated_market()).status == "solved"


def test_nothing_to_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGGPLUS_MARKET", raising=False)
    done = run("baseline")
    assert done.returncode == 0, done.stderr
    assert "nothing to explain" in done.stdout


def test_bad_input_is_one_line_and_code_two(tmp_path: Path) -> None:
    done = run(str(tmp_path / "absent.toml"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
