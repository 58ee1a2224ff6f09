"""`aggplus walk-forward` and `aggplus check`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import aggplus
from aggplus.ledger import existing_ledger
from universe import Market

Run = Callable[..., Any]
Refuse = Callable[..., str]

START, END = "2023-12-29", "2024-01-31"
DOCUMENT = """
extends = "baseline"
id = "{id}"

[universe]
min_history_days = 100

[risk_model]
window_days = 63

[expected_return]
window_days = 63

[rebalance]
cool_down_days = 0

[rebalance.triggers]
volatility_change = false
benchmark_move = false
max_days = {days}
"""


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, days: int = 10, folder: str = "clients") -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        path = tmp_path / folder / f"{name}.toml"
        path.write_text(DOCUMENT.format(id=name, days=days))
        return path

    return write


def test_walk_writes_what_it_prints(run: Run, document: Callable[..., Path], small_folder: Path, small: Market) -> None:
    files = [document("swift", 5), document("slow", 100)]
    ran = run(
        "walk-forward", *files, "--market", small_folder, "--start", START, "--end", END,
        "--json", "walk.json", "--returns", "returns.csv", "--decisions",
    )  # fmt: skip
    assert ran.code == 0, ran
    assert ran.err == ""
    record = aggplus.walk_forward(aggplus.load_model(files[0]), small, START, END)
    told = json.loads(Path("walk.json").read_text())
    assert list(told["models"]) == ["swift", "slow"]
    swift = told["models"]["swift"]
    assert swift["statistics"] == json.loads(json.dumps(record.statistics.to_dict()))
    assert swift["turnover_per_year"] is None
    assert [(made["date"], made["reasons"]) for made in swift["rebalances"]] == [
        (f"{made.date:%Y-%m-%d}", list(made.reasons)) for made in record.rebalances
    ]
    assert len(swift["rebalances"]) == 5
    assert told["published"] is None
    returns = pd.read_csv("returns.csv", index_col="date", parse_dates=True)
    assert list(returns.columns) == ["swift", "slow"]
    pd.testing.assert_series_equal(returns["swift"], record.net, check_freq=False, rtol=1e-12)
    for made in record.rebalances:
        assert f"{made.date:%Y-%m-%d}" in ran.out
    assert "5 trading days since the last solve, at least 5" in ran.out
    assert "turnover a year" in ran.out


def test_published_figures_stand_beside_where_they_are_covered(run: Run, real_market_path: Path) -> None:
    ran = run("walk-forward", "conservative", "--market", real_market_path, "--json", "walk.json")
    assert ran.code == 0
    told = json.loads(Path("walk.json").read_text())
    assert told["start"] == "2015-12-31"
    beside = told["published"]["ModelPort91"]
    assert beside["published"]["cumulative"] == 0.241
    assert told["published"]["AGG"]["ours"]["cumulative"] == pytest.approx(0.115, abs=0.001)
    # The walk goes on to the last close; what stands beside the published figures does not.
    assert told["end"] == "2024-06-28"
    assert beside["ours"]["cumulative"] != told["models"]["ModelPort91"]["statistics"]["cumulative"]
    assert "Beside the published figures" in ran.out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--start", "2022-12-30"), "first estimate is possible on"),
        (("--start", START, "--end", "2025-01-31"), "after the last close"),
        (("--start", END, "--end", START), "choose an end after the start"),
        (("--start", START, "--returns", "nowhere/returns.csv"), "does not exist"),
    ],
)
def test_walk_refuses_in_one_line(
    refuse: Refuse, document: Callable[..., Path], small_folder: Path, options: tuple[str, ...], line: str
) -> None:
    assert line in refuse("walk-forward", document("one"), "--market", small_folder, *options)


def test_a_start_that_is_no_day_is_not_called_an_as_of_date(
    refuse: Refuse, document: Callable[..., Path], small_folder: Path
) -> None:
    said = refuse("walk-forward", document("one"), "--market", small_folder, "--start", "soon")
    assert said == "date 'soon' cannot be read; expected YYYY-MM-DD"


def test_walk_of_two_models_with_one_id_is_refused(refuse: Refuse, document: Callable[..., Path]) -> None:
    first, second = document("one"), document("one", folder="others")
    assert "the id 'one'" in refuse("walk-forward", first, second)


def test_one_model_that_cannot_walk_keeps_no_other(run: Run, document: Callable[..., Path], small_folder: Path) -> None:
    late = document("late")
    late.write_text('benchmark = "NONE"\n' + late.read_text())
    ran = run("walk-forward", document("one"), late, "--market", small_folder, "--start", START, "--json", "walk.json")
    assert ran.code == 2
    assert ran.err.startswith("aggplus: late: the benchmark NONE")
    told = json.loads(Path("walk.json").read_text())
    assert list(told["models"]) == ["one"]
    assert list(told["refused"]) == ["late"]


def test_check_needs_a_solve_where_there_is_no_portfolio(
    run: Run, document: Callable[..., Path], small_folder: Path
) -> None:
    ran = run("check", document("one"), "--market", small_folder)
    assert ran.code == 10
    assert "no portfolio yet" in ran.out


@pytest.mark.parametrize(("solved", "code"), [("2024-01-18", 0), ("2024-01-16", 10)])
def test_check_by_holdings(run: Run, document: Callable[..., Path], small_folder: Path, solved: str, code: int) -> None:
    Path("held.csv").write_text("ticker,weight\nTR00,0.5\nIG06,0.5\n")
    ran = run(
        "check", document("one", 10), "--market", small_folder, "--holdings", "held.csv", "--solved", solved,
        "--json", "check.json",
    )  # fmt: skip
    assert ran.code == code, ran
    told = json.loads(Path("check.json").read_text())
    assert told["needs_solve"] == (code == 10)
    [one] = told["models"]
    assert one["last_solved"] == solved
    assert sum(one["holdings"].values()) == pytest.approx(1.0, abs=1e-12)
    assert "trading days since the last solve" in ran.out


def test_a_ledger_that_is_not_there_is_no_empty_one(run: Run, small_folder: Path) -> None:
    """A mistyped name must not read as "no portfolio yet"."""
    ran = run("check", "baseline", "--market", small_folder, "--ledger", "desk.sqlit")
    assert ran.code == 2
    assert "there is no such file" in ran.err
    assert not Path("desk.sqlit").exists()


def test_check_of_a_folder_by_the_ledger(run: Run, document: Callable[..., Path], small_folder: Path) -> None:
    folder = document("fresh", 10).parent
    document("old", 10)
    document("new", 10)
    (folder / "broken.toml").write_text("id = 3")
    for name, day in (("fresh", "2024-01-26"), ("old", "2024-01-10"), ("fresh", "2024-01-31")):
        solved = run(
            "solve", folder / f"{name}.toml", "--market", small_folder, "--asof", day, "--ledger", "desk.sqlite"
        )
        assert solved.code == 0, solved
    command = ("check", folder, "--market", small_folder, "--asof", "2024-01-30", "--ledger", "desk.sqlite")
    ran = run(*command, "--json", "check.json")
    assert ran.code == 10
    assert "broken.toml" in ran.err
    told = json.loads(Path("check.json").read_text())
    # A solve of a later day is not known on the day that is asked for.
    assert {one["model"]: (one["needs_solve"], one["last_solved"]) for one in told["models"]} == {
        "fresh": (False, "2024-01-26"),
        "new": (True, None),
        "old": (True, "2024-01-10"),
    }
    with existing_ledger("desk.sqlite") as ledger:
        rows = ledger.rows(kind="decision")
    assert {row.model_id: (row.status, row.asof) for row in rows} == {
        "fresh": ("hold", "2024-01-30"),
        "new": ("resolve", "2024-01-30"),
        "old": ("resolve", "2024-01-30"),
    }
    (folder / "old.toml").unlink()
    (folder / "new.toml").unlink()
    assert run(*command).code == 2
    (folder / "broken.toml").unlink()
    assert run(*command).code == 0


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--holdings", "held.csv"), "--holdings without --solved"),
        (("--solved", "2024-01-10"), "--solved without --holdings"),
        (("--holdings", "held.csv", "--solved", "2024-01-30", "--asof", "2024-01-10"), "check a later day"),
        (("--asof", "2031-01-01"), "after the last close"),
    ],
)
def test_check_refuses_in_one_line(
    refuse: Refuse, document: Callable[..., Path], small_folder: Path, options: tuple[str, ...], line: str
) -> None:
    Path("held.csv").write_text("ticker,weight\nTR00,1.0\n")
    assert line in refuse("check", document("one"), "--market", small_folder, *options)


def test_check_of_several_takes_no_holdings(refuse: Refuse, document: Callable[..., Path], small_folder: Path) -> None:
    Path("held.csv").write_text("ticker,weight\nTR00,1.0\n")
    files = (document("one"), document("two"))
    options = ("--market", small_folder, "--holdings", "held.csv", "--solved", "2024-01-10")
    assert "are of one model" in refuse("check", *files, *options)
    assert "no model document in this folder" in refuse("check", small_folder, "--market", small_folder)
