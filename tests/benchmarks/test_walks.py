"""The pure parts of the benchmark of walks: no test looks at seconds."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import benchmarks.walks.routes
from aggplus import simulated_market
from benchmarks.table import Table, as_markdown
from benchmarks.walks.case import CREDIT, WINDOW, case_of, figures_of, month_ends
from benchmarks.walks.grids import EXAMPLE, example, multiplied
from benchmarks.walks.growth import exponent
from benchmarks.walks.page import page
from benchmarks.walks.registry import LIBRARIES, OURS
from benchmarks.walks.shares_worker import PARTS
from benchmarks.walks.stopwatch import Stopwatch
from benchmarks.walks.tables import tables
from benchmarks.walks.whole_process import Measured, Missing, best, measured


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_that_power(power: float) -> None:
    sizes = [10.0, 100.0, 1000.0]
    assert exponent(sizes, [0.03 * size**power for size in sizes]) == pytest.approx(power)


def test_a_constant_cost_makes_growth_less_than_linear() -> None:
    assert 0.0 < exponent([2, 4, 8], [10.0 + year for year in (2, 4, 8)]) < 0.5


@pytest.mark.parametrize(("sizes", "seconds"), [([8], [1.0]), ([8, 8], [1.0, 2.0]), ([2, 4], [0.0, 1.0])])
def test_no_growth_without_two_sizes_and_positive_figures(sizes: list[float], seconds: list[float]) -> None:
    with pytest.raises(ValueError, match="two different sizes"):
        exponent(sizes, seconds)


def test_a_stopwatch_accounts_every_moment_once_to_the_innermost_part() -> None:
    moments: Iterator[float] = iter([0.0, 1.0, 4.0, 5.0, 7.0, 10.0])
    watch = Stopwatch(lambda: next(moments))
    with watch.during("outer"):
        with watch.during("inner"):
            pass
        with watch.during("inner"):
            pass
    assert dict(watch.seconds) == {"outer": 1.0 + 1.0 + 3.0, "inner": 3.0 + 2.0}


def test_a_stopwatch_lets_go_of_the_functions_it_watched() -> None:
    def double(x: int) -> int:
        return 2 * x

    module: Any = ModuleType("watched")
    module.double = double
    watch = Stopwatch()
    with watch.watching({"doubling": [(module, "double")]}):
        assert module.double(21) == 42
    assert module.double is double
    assert watch.seconds["doubling"] > 0.0


@pytest.mark.parametrize("count", [10, 40, 100, 1000])
def test_multiplied_grids_have_ten_universes_and_no_model_twice(count: int) -> None:
    models = multiplied(count)
    assert len({model.model_dump_json(exclude={"id", "name"}) for model in models}) == count
    assert len({model.universe.model_dump_json() for model in models}) == 10


@pytest.mark.parametrize("count", [0, 15, 1010])
def test_other_sizes_of_grid_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="multiple of ten"):
        multiplied(count)


def test_the_example_is_there() -> None:
    assert EXAMPLE.exists()
    assert len(example(3)) == 3


def test_the_case_has_all_closes_from_before_the_first_estimate_on() -> None:
    market = simulated_market()
    case = case_of(market, "2021-12-31", "2022-06-30")
    assert not case.prices.isna().any(axis=None)
    assert case.prices.loc[: case.start].shape[0] > WINDOW
    assert case.prices.index[-1] == case.end
    assert case.benchmark in case.prices
    credit = {fund for fund, is_credit in zip(case.prices.columns, case.credit, strict=True) if is_credit}
    assert credit == {fund for fund in case.prices.columns if market.catalog.loc[fund, "sector"] in CREDIT}


def test_months_are_read_off_their_last_days() -> None:
    days = pd.to_datetime(["2020-01-31", "2020-02-03", "2020-02-28", "2020-03-31"])
    months = month_ends(pd.Series([1.0, 5.0, 1.1, 1.21], index=days))
    assert months.tolist() == [1.0, 1.1, 1.21]
    figures = figures_of(months)
    assert figures["cumulative"] == pytest.approx(21.0)
    assert figures["volatility"] == pytest.approx(0.0, abs=1e-9)
    assert figures["months"] == 2


def test_every_library_has_a_route() -> None:
    folder = Path(benchmarks.walks.routes.__file__).parent
    assert all((folder / f"{name}_walk.py").exists() for name in LIBRARIES)


def test_the_best_round_is_the_fastest_of_those_that_ended() -> None:
    slow, fast = (Measured({"walk_s": seconds}, seconds, None, 0.0) for seconds in (3.0, 2.0))
    assert best([slow, Missing("killed"), fast], "walk_s") is fast
    assert best([Missing("killed"), Missing("again")], "walk_s") == Missing("killed")


def test_a_process_that_fails_is_told_by_its_last_line() -> None:
    run = measured("nobody")
    assert isinstance(run, Missing)
    assert "No module named benchmarks.walks.nobody" in run.missing


@pytest.fixture
def report() -> dict[str, Any]:
    def run(seconds: float, sessions: int, variants: int) -> dict[str, Any]:
        return {
            "walk_s": seconds, "load_s": 0.5, "whole_s": seconds + 3.0, "peak_mb": 900.0, "sessions": sessions,
            "solves": 1920, "variants": variants, "load": 0.2, "rounds": [seconds], "returns_sha256": "ab" * 32,
        }  # fmt: skip

    def walked(first: float, again: float, worth: list[float]) -> dict[str, Any]:
        return {
            "first_s": first, "again_s": again, "peak_mb": 400.0, "load": 0.1, "funds": 180, "credit_funds": 40,
            "cumulative": 10.0, "volatility": 5.0, "months": 2.0, "worth": worth,
        }  # fmt: skip

    return {
        "plan": {"name": "full", "start": "2015-12-31", "end": "2024-01-31"},
        "market": "a real market",
        "machine": "a machine",
        "versions": {"python": "3.11"},
        "load": {"before": 0.0, "after": 0.1},
        "variants": {"1": run(20.0, 2033, 96), "2": run(12.0, 2033, 96)},
        "shares": {"seconds": dict.fromkeys(PARTS, 2.0), "unwatched_s": 11.0, "load": 0.3},
        "by_variants": [
            {"size": n, "end": "2017-12-29", "1": run(n / 10, 503, n), "2": run(n**0.5, 503, n)} for n in (10, 100)
        ],
        "by_years": [
            {"size": y, "end": f"{y}", "1": run(y**2.0, 250 * y, 96), "2": {"missing": "killed"}} for y in (2, 4)
        ],
        "peers": {
            OURS: walked(2.0, 1.0, [1.0, 1.10, 1.21]),
            "bt": walked(20.0, 15.0, [1.0, 1.10, 1.2111]),
            "cvxportfolio": {"missing": "not installed"},
            "skfolio": walked(8.0, 7.0, [1.0, 1.1]),
        },
    }  # fmt: skip


def test_tables_have_what_the_report_says(report: dict[str, Any]) -> None:
    found = {table.title: table for table in tables(report)}
    variants = next(table for title, table in found.items() if title.startswith("96 variants"))
    assert variants.rows[1][:2] == ("2", "12")
    assert any("12 s is within 30 s, 900 MB is within 2,000 MB" in note for note in variants.notes)
    assert any("same to the last bit" in note for note in variants.notes)
    assert [row[-1] for row in found["Growth with the number of variants"].rows] == ["1.00", "", "0.50", ""]
    assert [row[-1] for row in found["Growth with the number of years"].rows] == ["2.00", "", "", ""]
    shares = next(table for title, table in found.items() if title.startswith("Where the time goes"))
    assert {row[2] for row in shares.rows[:-1]} == {f"{100 / len(PARTS):.0f} %"}


def test_ratios_and_agreement_of_the_libraries(report: dict[str, Any]) -> None:
    speed, same = (table.rows for table in tables(report)[-2:])
    assert {row[0]: row[1:5] for row in speed if len(row) > 2}["bt"] == ("20", "15", "10", "15")
    assert ("cvxportfolio", "not installed") in speed
    apart = {row[0]: row[4] for row in same}
    assert apart == {OURS: "0.0 bp", "bt": "10.0 bp", "skfolio": "not comparable"}


def test_a_missed_bar_is_said(report: dict[str, Any]) -> None:
    report["variants"]["2"]["walk_s"] = 31.0
    report["variants"]["2"]["peak_mb"] = 2500.0
    notes = " ".join(tables(report)[0].notes)
    assert "31 s is MORE THAN 30 s" in notes
    assert "2,500 MB is MORE THAN 2,000 MB" in notes


def test_returns_that_differ_are_not_called_the_same(report: dict[str, Any]) -> None:
    report["variants"]["2"]["returns_sha256"] = "cd" * 32
    assert not any("same to the last bit" in note for note in tables(report)[0].notes)


def test_the_page_has_every_table_and_no_ragged_row(report: dict[str, Any]) -> None:
    text = page(report)
    assert all(f"## {table.title}" in text for table in tables(report))
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1


def test_markdown_fills_short_rows() -> None:
    text = as_markdown("# Head", [], [Table("t", ("a", "b", "c"), (("x", "1"),))])
    assert "| x | 1 |  |" in text


def test_returns_of_a_batch_are_fingerprinted_by_their_bits() -> None:
    from aggplus.batch_run import BatchResult, Finished, WalkThrough
    from benchmarks.walks.batch_worker import fingerprint

    def of(value: float) -> str:
        days = pd.to_datetime(["2020-01-02", "2020-01-03"])
        net = pd.Series([0.01, value], index=days)
        task = WalkThrough(days[0], days[1])
        return fingerprint(BatchResult(task, (), (Finished("a", "A", {}, net),)))

    assert of(0.02) == of(0.02)
    assert of(0.02) != of(float(np.nextafter(0.02, 1.0)))
