"""`aggplus demo`: the three shipped models on the simulated market, in print and in files."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aggplus
from aggplus.model import SHIPPED

IDS = ("ModelPort20", "ModelPort55", "ModelPort91")
ENDINGS = (".json", "-holdings.csv", "-excluded.csv", ".npz")
FILES = sorted(f"{name}{ending}" for name in IDS for ending in ENDINGS)


@pytest.fixture
def demo(run: Callable[..., Any], simulated: aggplus.Market, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    # Simulated once for all tests; the process further below simulates its own.
    monkeypatch.setattr("universe.simulated_market", lambda: simulated)
    return lambda *arguments: run("demo", *arguments)


def test_writes_the_files_of_the_three_models(demo: Callable[..., Any]) -> None:
    ran = demo()
    assert (ran.code, ran.err) == (0, "")
    assert sorted(os.listdir("out")) == FILES
    for name in IDS:
        record = json.loads(Path("out", f"{name}.json").read_text())
        assert record["status"] == "solved"
        with Path("out", f"{name}-holdings.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["ticker"]: float(row["weight"]) for row in rows} == record["weights"]
        with Path("out", f"{name}-excluded.csv").open(newline="") as file:
            reasons = {row["ticker"]: row["reason"] for row in csv.DictReader(file)}
        assert reasons == record["excluded"]
        with np.load(Path("out", f"{name}.npz")) as arrays:
            assert float(arrays["mu"] @ arrays["w"]) == pytest.approx(record["expected_return"], abs=1e-9)


def test_shows_each_model_and_says_simulated(demo: Callable[..., Any]) -> None:
    out = demo().out
    for name, title in zip(IDS, ("Baseline", "Aggressive", "Conservative"), strict=True):
        (heading,) = (line for line in out.splitlines() if line.startswith(f"{title} ({name}) on "))
        assert "simulated" in heading
    for title in ("Holdings", "Sectors", "Risk against target", "What the limits cost", "Left out: "):
        assert sum(line.startswith(title) for line in out.splitlines()) == len(SHIPPED)
    assert f"Written to out{os.sep}" in out


def test_again_over_what_is_there(demo: Callable[..., Any]) -> None:
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/ModelPort20.json").write_text("old")
    Path("deep/er/mine.txt").write_text("mine")
    assert demo("--out", "deep/er").code == 0
    assert demo("--out", "deep/er").code == 0
    assert sorted(os.listdir("deep/er")) == sorted([*FILES, "mine.txt"])
    assert json.loads(Path("deep/er/ModelPort20.json").read_text())["model"] == "ModelPort20"
    assert Path("deep/er/mine.txt").read_text() == "mine"


def test_holdings_file_is_what_the_next_solve_reads(demo: Callable[..., Any], run: Callable[..., Any]) -> None:
    """What one day writes is what the next is given."""
    assert demo().code == 0
    Path("client.toml").write_text('extends = "baseline"\n[limits]\nmax_turnover = 0.0\n')
    ran = run("solve", "client.toml", "--holdings", "out/ModelPort20-holdings.csv", "--json", "next.json")
    assert (ran.code, ran.err) == (0, "")
    again, before = (json.loads(Path(name).read_text()) for name in ("next.json", "out/ModelPort20.json"))
    assert again["weights"] == pytest.approx(before["weights"], abs=1e-7)
    assert again["turnover"] == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("columns", ["60", "200"])
def test_plain_text_in_a_pipe(tmp_path: Path, columns: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "AGGPLUS_MARKET")}
    done = subprocess.run(
        [sys.executable, "-m", "aggplus", "demo"],
        cwd=tmp_path,
        env={**environment, "COLUMNS": columns, "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert sorted(os.listdir(tmp_path / "out")) == FILES
    # A pipe has no width: the tables are as wide as they need to be.
    record = json.loads((tmp_path / "out" / "ModelPort20.json").read_text())
    for ticker, weight in record["weights"].items():
        (line,) = (line for line in done.stdout.split("Aggressive")[0].splitlines() if line.startswith(f"{ticker} "))
        assert f"{100 * weight:.2f} %" in line
        assert record["excluded"].get(ticker) is None
