"""From a worker's clock to the printed table, the JSON and the page."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers.agreement import Agreement
from benchmarks.peers.instance import Day, Setup
from benchmarks.peers.measure import Instance, Measured, Missing, measure
from benchmarks.peers.optima import Optimum
from benchmarks.peers.page import page
from benchmarks.peers.registry import BATCHES, GROWTH, ROUTES, SINGLE, Route
from benchmarks.peers.storage import store
from benchmarks.peers.summary import Line, Round, summarise
from benchmarks.peers.tables import show, tables
from benchmarks.peers.timing import LEAST_SOLVES, Timing, in_one_call, one_by_one
from benchmarks.table import figure

PEER, OSQP = "cvxpy rebuilt, dense, Clarabel", "OSQP root-find, factor"
BATCH = BATCHES[0].title


@pytest.fixture(scope="module")
def instance(small: tuple[Day, ...], optima: tuple[Optimum, ...], tmp_path_factory: pytest.TempPathFactory) -> Instance:
    folder = tmp_path_factory.mktemp("instance")
    store(iter(small), folder)
    return Instance(folder, small[0], optima[:2])


def test_a_worker_brings_back_figures_and_agreement(instance: Instance) -> None:
    measured = measure(ROUTES[OSQP], instance, seconds=0.0, patience=120.0)
    assert isinstance(measured, Measured)
    assert measured.agreement.same
    assert measured.agreement.checked == 2
    assert measured.timing.solves == LEAST_SOLVES
    assert 1.0 < measured.timing.memory_mb < 1000.0


def test_a_peer_that_is_not_installed_is_named(instance: Instance) -> None:
    route = replace(ROUTES[PEER], needs="no_such_library.at_all")
    assert measure(route, instance, 0.1, 60.0) == Missing("not installed: no_such_library.at_all")


def test_a_peer_that_crashes_or_hangs_is_told(instance: Instance) -> None:
    unknown = replace(ROUTES[PEER], title="no such route")
    assert measure(unknown, instance, 0.1, 60.0) == Missing("its process ended with 1")
    assert measure(ROUTES[PEER], instance, 0.1, patience=0.01) == Missing("stopped after 0 s")


def test_a_peer_without_an_answer_is_told(small: tuple[Day, ...], tmp_path: Path) -> None:
    possible, other = small[0].variants[:2]
    years = np.where(np.arange(15) == 14, 1e3, other.row_lower)
    impossible = replace(other, row_lower=years, row_upper=np.maximum(years, other.row_upper))
    store(iter([replace(small[0], variants=(possible, impossible))]), tmp_path)
    found = measure(ROUTES[OSQP], Instance(tmp_path, small[0], ()), 10.0, 60.0)
    assert found == Missing("RuntimeError: OSQP: primal infeasible")


def test_when_the_time_is_up_a_few_solves_and_one_change_of_date_are_timed(small: tuple[Day, ...]) -> None:
    route = ROUTES[PEER]
    assert isinstance(route, Route)
    timing, portfolios = one_by_one(route, iter((*small, small[0])), seconds=0.0)
    assert (len(timing.solve_s), len(timing.open_s), len(portfolios)) == (LEAST_SOLVES, 1, LEAST_SOLVES)


def test_a_batch_is_timed_by_the_variant(small: tuple[Day, ...]) -> None:
    timing, portfolios, proof = in_one_call(BATCHES[1], list(small), seconds=0.0)
    assert (timing.solves, len(timing.solve_s), len(portfolios)) == (30, 3, 5)
    assert proof["certified"] == 10


def test_every_route_has_its_module_and_growth_its_routes() -> None:
    for route in ROUTES.values():
        if isinstance(route, Route):
            assert importlib.util.find_spec(f"benchmarks.peers.routes.{route.module}") is not None
    assert set(GROWTH) <= set(ROUTES)
    assert all("shrunk" in ROUTES[title].on for title in GROWTH)


# Medians and ratios


def _measured(solve_s: list[float], open_s: list[float]) -> Measured:
    return Measured(Timing(1.0, open_s, solve_s, len(solve_s), 100.0), Agreement(2, 0.02, 1e-6, 1e-7), None)


def test_figures_are_medians_and_ratios_are_formed_within_a_round() -> None:
    setup = Setup(variants=10, dates=2)
    slow = {SINGLE.title: _measured([0.4, 0.4], []), BATCH: _measured([0.042], []), PEER: _measured([4.0] * 3, [2.0])}
    rounds: list[Round] = [
        {SINGLE.title: _measured([0.1], []), BATCH: _measured([0.01], []), PEER: _measured([5.0, 1.0, 1.0], [2.0])},
        # Two rounds on a busy machine.
        slow,
        slow,
    ]
    line = summarise(PEER, rounds, setup)
    assert isinstance(line, Line)
    assert line.solve_ms == pytest.approx(4000.0)
    # Means with a tenth of a set-up: 7/3 + 0.2, 4.2 and 4.2 s.
    assert line.batch_s == pytest.approx(20 * 4.2)
    assert line.solves_per_s == pytest.approx(1.0 / 4.2)
    assert line.times_ours[SINGLE.title] == pytest.approx(10.0)
    assert line.times_ours[BATCH] == pytest.approx(4.2 / 0.042)
    assert line.solves == 3
    assert not line.whole
    assert (line.off_bp, line.violation, line.overshoot, line.checked) == (0.02, 1e-6, 1e-7, 2)
    whole = summarise(PEER, [{PEER: _measured([0.1] * 19 + [2.1], [0.2])}], setup)
    assert isinstance(whole, Line)
    assert whole.whole
    assert whole.solve_ms == pytest.approx(100.0)
    assert whole.batch_s == pytest.approx(4.0 + 2 * 0.2), "a batch pays for its slow solves"
    assert whole.times_ours == {}


def test_one_failed_round_is_a_failure() -> None:
    rounds: list[Round] = [{PEER: _measured([1.0], [])}, {PEER: Missing("RuntimeError: no")}]
    assert summarise(PEER, rounds, Setup()) == Missing("RuntimeError: no")


def test_one_round_with_wrong_answers_is_not_the_same() -> None:
    wrong = replace(_measured([1.0], []), agreement=Agreement(2, float("nan"), 0.0, 0.0))
    line = summarise(PEER, [{PEER: _measured([1.0], [])}, {PEER: wrong}], Setup())
    assert isinstance(line, Line)
    assert not line.same


# In print


@pytest.fixture
def report() -> dict[str, Any]:
    setup = Setup(variants=10, dates=2)
    proof = {"certified": 20, "variants": 20, "gap_bp": 1e-10, "violation": 2e-16, "kkt_residual": 3e-15}
    found: Round = {
        SINGLE.title: _measured([0.002], []),
        BATCH: replace(_measured([0.0001] * 20, []), proof=proof),
        BATCHES[1].title: Missing("not installed: optimizer.batch"),
        PEER: _measured([0.25], [0.0]),
        OSQP: Missing("stopped after 120 s"),
    }
    lines = {title: asdict(summarise(title, [found], setup)) for title in found}
    meeting = {"setup": asdict(setup), "rounds": 1, "certified_within_bp": 1e-9, "lines": lines}
    written = {
        "plan": "full",
        "machine": "a processor, 2 cores",
        "versions": {"python": "3.11"},
        "threads": "one each",
        "seconds_each": 3.0,
        "same_answer": {"expected_return_bp": 0.1, "violation": 1e-5},
        "peers": [meeting],
        "by_funds": [meeting],
        "by_variants": [meeting],
        "public_call": {
            "funds": 171,
            "repeats": 15,
            "whole_ms": 9.0,
            "estimate_ms": 4.0,
            "beyond_estimate_ms": 5.0,
            "screens_ms": 2.0,
            "solve_problem_ms": 1.25,
        },
        "first_calls": [{"title": SINGLE.title, "compiling_s": 40.0, "cached_s": 1.5}],
        "load": {"before": 0.1, "after": 1.0},
    }
    back: dict[str, Any] = json.loads(json.dumps(written))
    return back


def test_a_row_holds_the_figures_of_its_line(report: dict[str, Any]) -> None:
    speed = tables(report)[0]
    row = next(row for row in speed.rows if row[0] == PEER)
    shown = dict(zip(speed.columns, row, strict=True))
    assert shown["ms/solve"] == "250"
    assert shown["batch s"] == "5†"
    assert shown["solves/s"] == "4†"
    assert (shown["x one by one"], shown["x batch 1"], shown["x batch 2"]) == ("125", "2,500", "")
    assert shown["same"] == "yes, 2"
    assert any("20 of 20 certified" in note for note in speed.notes)


def test_a_peer_without_figures_has_its_reason_in_the_row(report: dict[str, Any]) -> None:
    assert (OSQP, "stopped after 120 s") in tables(report)[0].rows


def test_a_wrong_answer_stands_out(report: dict[str, Any]) -> None:
    for meeting in (report["peers"][0], report["by_funds"][0]):
        meeting["lines"][PEER]["same"] = False
    speed, by_funds = tables(report)[:2]
    assert "NO, 2" in next(row for row in speed.rows if row[0] == PEER)
    assert "not the same answer" in next(row for row in by_funds.rows if row[0] == PEER)[1]


def test_the_page_is_a_valid_table_of_the_same_figures(report: dict[str, Any]) -> None:
    text = page(report)
    assert "a processor, 2 cores" in text
    for table in tables(report):
        assert f"## {table.title}" in text
        for row in table.rows:
            begins = f"| {' | '.join(row)} |"
            widths = [line.count("|") - 1 for line in text.splitlines() if line.startswith(begins)]
            assert len(table.columns) in widths


def test_what_is_printed_holds_the_whole_table(report: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    show(report)
    printed = capsys.readouterr().out
    assert "2,500" in printed
    assert "stopped after 120 s" in printed
    assert "3.11" in printed


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00012345, "0.000123"), (0.0, "0"), (9.999, "10"), (99.96, "100"), (1234.5, "1,230"), (2345678.0, "2,350,000")],
)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value) == text
