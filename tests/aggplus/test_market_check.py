"""`aggplus market check`: findings in print, JSON and CSV, the quarantine that models respect, and what is refused."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import aggplus
from universe.quarantine import QUARANTINE_FILE

KEYS = {"ticker", "date", "last", "kind", "severity", "size", "unit", "known_from", "why", "action"}
WRONG = "TR03"
DAY, BACK = 250, 251


@pytest.fixture
def spoilt(small_market: Any, tmp_path: Path) -> Path:
    """The small market with one close of a fund a third too high, some two months before the end."""
    small_market.prices.iloc[DAY, list(small_market.prices.columns).index(WRONG)] *= 1.33
    return Path(small_market.write(tmp_path / "spoilt"))


def day(folder: Path, row: int) -> str:
    return f"{aggplus.load_market(folder).prices.index[row]:%Y-%m-%d}"


def test_findings_are_printed_and_written_as_json_and_csv(run: Any, spoilt: Path) -> None:
    ran = run("market", "check", "--market", spoilt, "--json", "found.json", "--csv", "found.csv")
    assert ran.code == 0
    assert ran.err == ""
    assert "a price that goes away and comes back" in ran.out
    assert WRONG in ran.out
    written = json.loads(Path("found.json").read_text())
    assert set(written) == {"market", "findings", "counts"}
    assert all(set(finding) == KEYS for finding in written["findings"])
    (worst,) = [finding for finding in written["findings"] if finding["severity"] == "error"]
    assert worst["ticker"] == WRONG
    assert worst["date"] == worst["last"] == worst["known_from"] == day(spoilt, DAY)
    assert worst["kind"] == "spike"
    assert worst["size"] == pytest.approx(33.0, abs=2.0)
    assert worst["unit"] == "percent"
    assert worst["action"] == "left as it is"
    assert written["counts"]["spike"] == {"error": 1}
    total = sum(sum(by_severity.values()) for by_severity in written["counts"].values())
    assert total == len(written["findings"])
    rows = list(csv.DictReader(io.StringIO(Path("found.csv").read_text())))
    assert [row["ticker"] for row in rows] == [finding["ticker"] for finding in written["findings"]]
    assert set(rows[0]) == KEYS
    assert not (spoilt / QUARANTINE_FILE).exists()


def test_severity_and_day_narrow_what_is_reported(run: Any, spoilt: Path) -> None:
    def kinds(*options: str) -> list[str]:
        assert run("market", "check", "--market", spoilt, "--json", "f.json", "--quiet", *options).out == ""
        return [finding["severity"] for finding in json.loads(Path("f.json").read_text())["findings"]]

    everything = kinds()
    assert {"error", "note"} <= set(everything)
    assert kinds("--severity", "error") == ["error"]
    assert set(kinds("--severity", "warning")) <= {"error", "warning"}
    assert "error" in kinds("--since", day(spoilt, DAY))
    assert "error" not in kinds("--since", day(spoilt, BACK))


def test_json_on_standard_output_is_alone_there(run: Any, spoilt: Path) -> None:
    written = json.loads(run("market", "check", "--market", spoilt, "--json", "-").out)
    assert written["market"] == "spoilt"


def test_a_market_without_fault_says_so(run: Any, small_folder: Path) -> None:
    ran = run("market", "check", "--market", small_folder, "--severity", "error")
    assert ran.code == 0
    assert ran.out.strip() == "small: nothing found"


def test_the_quarantine_is_written_and_kept_as_a_person_leaves_it(run: Any, spoilt: Path) -> None:
    def actions() -> list[str]:
        assert run("market", "check", "--market", spoilt, "--quarantine", "--json", "f.json").code == 0
        found = json.loads(Path("f.json").read_text())["findings"]
        return [finding["action"] for finding in found if finding["severity"] == "error"]

    assert actions() == ["quarantined"]
    file = spoilt / QUARANTINE_FILE
    first = file.read_text()
    header, line = first.splitlines()
    assert header == "ticker,first,last,known_from,kind,why"
    assert line.startswith(f"{WRONG},{day(spoilt, DAY)},{day(spoilt, DAY)},{day(spoilt, DAY)},spike,")
    assert actions() == ["quarantined"]
    assert file.read_text() == first
    # Without the option nothing is written, and what is in force is told all the same.
    assert run("market", "check", "--market", spoilt, "--severity", "error", "--json", "f.json").code == 0
    assert [f["action"] for f in json.loads(Path("f.json").read_text())["findings"]] == ["quarantined"]
    assert file.read_text() == first
    by_hand = f"AGG,2023-03-01,2023-03-01,2023-03-01,mine,looked wrong\n{line.replace(',spike,', ',released,')}\n"
    file.write_text(f"{header}\n{by_hand}")
    assert actions() == ["released by hand"]
    assert file.read_text() == f"{header}\n{by_hand}"


def test_rows_that_come_twice_are_all_listed_before_the_market_is_refused(
    run: Any, small_market: Any, tmp_path: Path
) -> None:
    table = small_market.long()
    small_market.write(tmp_path / "twice")
    again = pd.concat([table, table.iloc[[5]], table.iloc[[700, 700]]])
    small_market.write_prices(tmp_path / "twice", again)
    ran = run("market", "check", "--market", tmp_path / "twice", "--json", "f.json")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert "already in row" in ran.err
    found = json.loads(Path("f.json").read_text())["findings"]
    assert [(f["kind"], f["size"]) for f in found] == [("repeated_row", 2.0), ("repeated_row", 3.0)]
    assert f"rows 6, {len(table) + 1}" in found[0]["why"]
    assert "cannot be loaded" in found[0]["action"]


def test_the_benchmark_that_is_named_is_the_one_that_must_be_fresh(run: Any, small_market: Any, tmp_path: Path) -> None:
    small_market.prices.iloc[-4:, list(small_market.prices.columns).index(WRONG)] = float("nan")
    folder = small_market.write(tmp_path / "late")

    def late(*options: str) -> list[tuple[str, float]]:
        written = json.loads(run("market", "check", "--market", folder, "--json", "-", *options).out)
        return [(f["ticker"], f["size"]) for f in written["findings"] if f["kind"] == "late_benchmark"]

    assert late() == []
    assert late("--benchmark", WRONG) == [(WRONG, 4.0)]


Refuse = Callable[..., str]


def test_what_cannot_be_done_is_refused_in_one_line(refuse: Refuse, small_folder: Path) -> None:
    assert "the built-in market has no folder" in refuse("market", "check", "--quarantine")
    said = refuse("market", "check", "--market", small_folder, "--since", "last week")
    assert said == "--since: date 'last week' cannot be read; expected YYYY-MM-DD"
    assert "'bad'" in refuse("market", "check", "--severity", "bad")
    assert "is read by this command" in refuse(
        "market", "check", "--market", small_folder, "--json", small_folder / "prices.csv"
    )
    assert "does not exist" in refuse("market", "check", "--market", "nowhere")


def test_a_malformed_quarantine_is_refused_by_every_command(refuse: Refuse, spoilt: Path) -> None:
    (spoilt / QUARANTINE_FILE).write_text("ticker,first,last,known_from,kind,why\nTR99,2023-01-02,,2023-01-02,x,\n")
    for command in (("market", "check"), ("solve", "baseline")):
        assert "quarantine.csv row 1 (TR99): the ticker is not in the catalog" in refuse(*command, "--market", spoilt)


MODEL = """
id = "short"
name = "Short windows"
benchmark = "AGG"
[universe]
sectors = ["core"]
min_history_days = 60
[risk_model]
estimator = "ledoit_wolf"
window_days = 40
[expected_return]
estimator = "trailing"
window_days = 40
[target]
algorithm = "dynamic_risk"
[limits]
max_weight = 0.4
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(MODEL)
    return path


def test_solve_leaves_a_quarantined_fund_out_while_its_window_touches_the_span(
    run: Any, spoilt: Path, model: Path
) -> None:
    def excluded(row: int) -> str | None:
        ran = run("solve", model, "--market", spoilt, "--asof", day(spoilt, row), "--json", "s.json")
        assert ran.code == 0, ran.err
        reason: str | None = json.loads(Path("s.json").read_text())["excluded"].get(WRONG)
        assert reason is None or "quarantined prices in the risk window" in ran.out
        return reason

    assert excluded(DAY) is None
    run("market", "check", "--market", spoilt, "--quarantine")
    words = f"quarantined prices in the last 41 sessions: spike, {day(spoilt, DAY)}"
    assert [excluded(row) for row in (DAY - 1, DAY, DAY + 40, DAY + 41)] == [None, words, words, None]


def test_a_walk_goes_on_without_a_quarantined_fund_and_a_batch_does_as_a_solve_does(
    spoilt: Path, run: Any, model: Path
) -> None:
    run("market", "check", "--market", spoilt, "--quarantine")
    market, short = aggplus.load_market(spoilt), aggplus.load_model(str(model))
    days = market.prices.index
    record = aggplus.walk_forward(short, market, days[DAY - 5], days[DAY + 20])
    assert not record.misses
    (many,) = aggplus.solve_many([short], market, [days[DAY + 5]])
    assert "quarantined" in many.excluded[WRONG]
    assert WRONG not in many.weights.index
    assert any("prices are quarantined: " + WRONG in warning for warning in many.setting.warnings)


def test_a_walk_tells_of_funds_that_it_held_over_quarantined_prices(spoilt: Path, model: Path) -> None:
    short = aggplus.load_model(str(model))
    at = [day(spoilt, row) for row in range(DAY + 30)]

    def told(ticker: str, kind: str, known: int) -> list[str]:
        line = f"{ticker},{at[DAY - 4]},{at[DAY - 3]},{at[known]},{kind},by hand\n"
        (spoilt / QUARANTINE_FILE).write_text(f"ticker,first,last,known_from,kind,why\n{line}")
        record = aggplus.walk_forward(short, aggplus.load_market(spoilt), at[DAY - 6], at[DAY])
        return [warning for warning in record.warnings if warning.startswith("held over quarantined prices")]

    first = aggplus.walk_forward(short, aggplus.load_market(spoilt), at[DAY - 6], at[DAY]).rebalances[0]
    held = max(first.after, key=lambda ticker: first.after[ticker])
    other = next(ticker for ticker in aggplus.load_market(spoilt).prices if ticker not in {*first.after, "AGG"})
    words = f"held over quarantined prices, and its returns count as they are: {held} (spike, {at[DAY - 4]} to"
    (warning,) = told(held, "spike", DAY - 2)
    assert warning == f"{words} {at[DAY - 3]})"
    assert told(held, "released", DAY - 2) == told(other, "spike", DAY - 2) == told(held, "spike", DAY + 1) == []


def test_a_quarantined_benchmark_is_refused_by_its_span(refuse: Refuse, spoilt: Path, model: Path) -> None:
    at = day(spoilt, DAY)
    lines = f"ticker,first,last,known_from,kind,why\nAGG,{at},{at},{at},spike,by hand\n"
    (spoilt / QUARANTINE_FILE).write_text(lines)
    said = refuse("solve", model, "--market", spoilt, "--asof", day(spoilt, DAY + 5))
    assert said.startswith("the benchmark AGG has quarantined prices within its window of ")
    assert f"spike, {at}; mend its prices" in said


def test_a_fund_whose_name_is_a_formula_is_no_formula_in_the_csv(run: Any, small_market: Any, tmp_path: Path) -> None:
    column = list(small_market.prices.columns).index(WRONG)
    small_market.prices.iloc[DAY, column] *= 1.4
    small_market.prices.columns = [f"={name}" if name == WRONG else name for name in small_market.prices.columns]
    small_market.prices = small_market.prices.rename_axis(columns="ticker")
    for row in small_market.catalog:
        row["ticker"] = f"={WRONG}" if row["ticker"] == WRONG else row["ticker"]
    folder = small_market.write(tmp_path / "m")
    run("market", "check", "--market", folder, "--severity", "error", "--csv", "f.csv", "--quiet")
    rows = list(csv.DictReader(io.StringIO(Path("f.csv").read_text())))
    assert [row["ticker"] for row in rows] == [f"'={WRONG}"]
