"""Soft clauses through a client's document: what gives way, and that every surface says so."""

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

import aggplus
from aggplus.explanation import explain
from aggplus.model import Model

MARKET = os.environ.get("AGGPLUS_MARKET")

SMALL = """
id = "Soft"
name = "A <soft> mandate"
[universe]
sectors = ["core", "tips", "high_yield"]
min_aum_mm = 100
[target]
algorithm = "dynamic_risk"
multiple = 3.0
[limits]
max_weight = 0.25
[limits.sector.treasury]
min = 0.7
priority = 1
[limits.sector.high_yield]
min = 0.4
priority = 2
"""
HARD = SMALL.replace("priority = 1\n", "").replace("priority = 2\n", "")
GIVEN_UP = {
    "clause": "high_yield",
    "side": "min",
    "priority": 2,
    "from": 0.4,
    "to": 0.3,
    "unit": "% of weight",
    "words": "high_yield at least 40 % gave way to 30 % (priority 2)",
}


@pytest.fixture
def document(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "client.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def solved(text: str, market: aggplus.Market, tmp_path: Path) -> aggplus.ModelPortfolio:
    path = tmp_path / "model.toml"
    path.write_text(text, encoding="utf-8")
    return aggplus.solve(aggplus.load_model(path), market)


def test_every_surface_tells_what_was_given_up(
    run: Callable[..., Any], document: Callable[[str], Path], small_folder: Path, tmp_path: Path
) -> None:
    out, npz = tmp_path / "out.json", tmp_path / "problem.npz"
    ran = run("solve", document(SMALL), "--market", small_folder, "--json", out, "--export", npz)
    assert ran.code == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["status"] == "solved"
    assert record["certificate"]["ok"]
    assert record["given_up"] == [GIVEN_UP]
    assert record["sectors"]["treasury"] == pytest.approx(0.7, abs=1e-7)
    assert record["sectors"]["high_yield"] == pytest.approx(0.3, abs=1e-7)
    assert any(GIVEN_UP["words"] in warning and "exported problem" in warning for warning in record["warnings"])
    assert "Given up, the least important first" in ran.out
    assert any(
        line.split() == ["high_yield", "at", "least", "40", "%", "30", "%", "2"] for line in ran.out.splitlines()
    )
    with np.load(npz) as arrays:
        minimum = dict(zip(arrays["row_names"], arrays["row_lower"], strict=True))
        assert minimum["high_yield"] == 0.3
        assert minimum["treasury"] == 0.7
        assert np.all(arrays["A"] @ arrays["w"] >= arrays["row_lower"] - 1e-7)


def test_explain_says_which_clauses_gave_way(
    run: Callable[..., Any], document: Callable[[str], Path], small_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "why.json"
    ran = run("explain", document(SMALL), "--market", small_folder, "--json", out)
    assert ran.code == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["feasible"] is True
    assert record["conflict"] == []
    assert record["given_up"] == [GIVEN_UP]
    assert GIVEN_UP["words"] in record["sentences"][0]
    assert GIVEN_UP["words"] in " ".join(ran.out.split())


def test_without_priorities_the_same_limits_are_a_conflict(
    run: Callable[..., Any], document: Callable[[str], Path], small_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    ran = run("solve", document(HARD), "--market", small_folder, "--json", out)
    assert ran.code == 3
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["given_up"] == []
    assert record["status"] == "infeasible"


def test_hard_limits_in_conflict_are_not_blamed_on_soft_ones(
    run: Callable[..., Any], document: Callable[[str], Path], small_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "why.json"
    hard = (
        '[[limits.group]]\nname = "safe"\nsectors = ["treasury", "tips"]\nmax = 0.2\n[limits.sector.tips]\nmin = 0.3\n'
    )
    path = document(SMALL + hard)
    ran = run("solve", path, "--market", small_folder, "--json", out)
    assert ran.code == 3
    findings = " ".join(json.loads(out.read_text(encoding="utf-8"))["findings"])
    assert "safe" in findings
    assert "high_yield" not in findings
    assert "treasury" not in findings
    assert run("explain", path, "--market", small_folder, "--json", out).code == 3
    record = json.loads(out.read_text(encoding="utf-8"))
    assert {member["clause"] for member in record["conflict"]} == {"safe", "tips"}
    # The repair leaves the soft clauses to give way for themselves.
    assert record["repair"]


def test_a_mandate_that_can_hold_is_solved_as_if_it_had_no_priorities(small: aggplus.Market, tmp_path: Path) -> None:
    text = SMALL.replace("min = 0.7", "min = 0.5")
    soft = solved(text + "[limits.priority]\nmax_weight = 3\n", small, tmp_path)
    hard = solved(text.replace("priority = 1\n", "").replace("priority = 2\n", ""), small, tmp_path)
    one, other = soft.to_dict(), hard.to_dict()
    assert one.pop("seconds") > 0.0
    assert other.pop("seconds") > 0.0
    assert one == other
    assert one["status"] == "solved"
    assert one["given_up"] == []
    assert soft.weights.to_numpy().tobytes() == hard.weights.to_numpy().tobytes()


def test_the_risk_target_gives_way_as_little_as_possible(small: aggplus.Market, tmp_path: Path) -> None:
    tight = SMALL.replace("multiple = 3.0", "multiple = 0.1\npriority = 3").replace("min = 0.4", "max = 0.4")
    portfolio = solved(tight, small, tmp_path)
    (given,) = portfolio.given_up
    assert (given.clause, given.side, given.priority) == ("risk target", "max", 3)
    assert given.start == pytest.approx(0.1 * portfolio.setting.risk_model.sigma_b)
    calmest = solved(tight + '[objective]\ngoal = "min_volatility"\n', small, tmp_path)
    assert calmest.risk is not None
    assert given.to == pytest.approx(calmest.risk.volatility, rel=1e-5)
    assert portfolio.setting.target.value == given.to
    assert portfolio.binding is True
    assert given.words in portfolio.setting.target.basis
    record = portfolio.to_dict()
    assert record["risk"]["target"]["value"] == given.to
    assert record["given_up"][0]["unit"] == "% a year"


def test_a_beta_target_gives_way_in_its_own_unit(small: aggplus.Market, tmp_path: Path) -> None:
    target = '[target]\nalgorithm = "dynamic_beta"\nbeta = 0.05\npriority = 1\n'
    start = SMALL.index("[target]")
    portfolio = solved(SMALL[:start] + target + "[limits]\nmax_weight = 0.1\n", small, tmp_path)
    (given,) = portfolio.given_up
    betas = np.sort(portfolio.setting.risk_model.beta)[:10]
    assert given.to == pytest.approx(betas.mean(), rel=1e-6)
    assert (given.clause, given.unit.name) == ("risk target", "beta")
    assert portfolio.setting.target.value == given.to


def test_risk_scaling_reads_its_correlation_from_the_portfolio_after_giving_way(
    small: aggplus.Market, tmp_path: Path
) -> None:
    scaled = SMALL.replace('"dynamic_risk"\nmultiple = 3.0', '"risk_scaling"\nbeta = 3.0')
    portfolio = solved(scaled, small, tmp_path)
    assert portfolio.given_up
    assert "ex ante, of the portfolio at correlation 1" in portfolio.setting.target.basis


def test_a_position_cap_of_a_preset_can_be_soft(small: aggplus.Market, tmp_path: Path) -> None:
    text = SMALL.replace("max_weight = 0.25", "diversification = 'broad'") + "[limits.priority]\nmax_weight = 3\n"
    portfolio = solved(text.replace("min = 0.4", "min = 0.3"), small, tmp_path)
    # Six treasuries for 70 %, and five of high yield for 30 %.
    assert [(given.clause, given.to) for given in portfolio.given_up] == [
        ("position cap", pytest.approx(0.7 / 6, rel=1e-8))
    ]
    assert portfolio.weights.max() <= portfolio.given_up[0].to + 1e-9


def test_turnover_gives_way_only_where_there_are_holdings(small: aggplus.Market, tmp_path: Path) -> None:
    text = SMALL.replace("priority = 2", "priority = 3").replace(
        "max_weight = 0.25", "max_weight = 0.25\nmax_turnover = 0.1"
    )
    path = tmp_path / "model.toml"
    path.write_text(text.replace("min = 0.4", "min = 0.3") + "[limits.priority]\nmax_turnover = 5\n", encoding="utf-8")
    model = aggplus.load_model(path)
    assert aggplus.solve(model, small).given_up == ()
    held = dict.fromkeys(("HI15", "HI16", "HI17", "HI18"), 0.25)
    portfolio = aggplus.solve(model, small, holdings=held)
    assert [(given.clause, given.to) for given in portfolio.given_up] == [("turnover", pytest.approx(0.7, rel=1e-8))]
    assert portfolio.turnover == pytest.approx(0.7, abs=1e-7)


def test_notebook_shows_what_was_given_up(small: aggplus.Market, tmp_path: Path) -> None:
    portfolio = solved(SMALL, small, tmp_path)
    html = portfolio._repr_html_()
    assert "<td>high_yield at least 40 %</td><td>30 %</td><td>2</td>" in html
    assert "given up" not in solved(SMALL.replace("min = 0.7", "min = 0.5"), small, tmp_path)._repr_html_()


def test_explanation_of_a_soft_mandate_in_python(small: aggplus.Market) -> None:
    explanation = explain(Model.model_validate(tomllib.loads(SMALL)), small)
    assert explanation.feasible
    assert explanation.margin is None
    assert "soft clauses give way" in explanation._repr_html_()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("priority = 1", "priority = 0"), "limits.sector.treasury.priority = 0: expected at least 1"),
        (SMALL.replace("priority = 1", "priority = -1"), "limits.sector.treasury.priority = -1: expected at least 1"),
        (
            SMALL.replace("priority = 1", "priority = 1.5"),
            "limits.sector.treasury.priority = 1.5: expected a whole number",
        ),
        (SMALL.replace("priority = 1", 'priority = "high"'), "treasury.priority = 'high': expected a whole number"),
        (SMALL.replace("priority = 1", "priority = true"), "treasury.priority = true: expected a whole number"),
        (SMALL.replace("multiple = 3.0", "priority = 0"), "target.priority = 0: expected at least 1"),
        (
            SMALL + "[limits.priority]\nmax_wieght = 1\n",
            "unknown key limits.priority.max_wieght, did you mean max_weight?",
        ),
        (SMALL + "[limits.priority]\nmax_turnover = 1\n", "priority.max_turnover is given, but no max_turnover"),
    ],
)
def test_priorities_that_cannot_be_are_refused(
    text: str, said: str, refuse: Callable[..., str], document: Callable[[str], Path], small_folder: Path
) -> None:
    assert said in refuse("solve", document(text), "--market", small_folder)


REAL = """
extends = "baseline"
id = "Income-9"
[target]
algorithm = "constant_volatility"
value = 0.0225
[limits]
max_weight = 0.05
[limits.priority]
max_weight = 3
[limits.duration]
min = 5.0
priority = 1
[limits.sector.high_yield]
min = 0.4
priority = 2
[limits.expense_ratio_bp]
max = 4
priority = 3
"""


@pytest.mark.skipif(MARKET is None, reason="AGGPLUS_MARKET names no market")
def test_on_the_real_market_a_client_gets_what_matters_most(
    run: Callable[..., Any], document: Callable[[str], Path], tmp_path: Path
) -> None:
    out, npz = tmp_path / "out.json", tmp_path / "problem.npz"
    ran = run("solve", document(REAL), "--market", MARKET, "--asof", "2022-01-03", "--json", out, "--export", npz)
    assert ran.code == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["certificate"]["ok"]
    moved = {given["clause"]: given["to"] for given in record["given_up"]}
    assert set(moved) == {"position cap", "expense ratio"}
    with np.load(npz) as arrays:
        names, w = list(arrays["row_names"]), arrays["w"]
        figures = dict(zip(names, arrays["A"] @ w, strict=True))
        limits = dict(zip(names, arrays["row_upper"], strict=True))
        risk = float(np.sqrt(w @ arrays["Sigma"] @ w))
        cap = float(arrays["upper"].max())
    assert figures["duration"] >= 5.0 - 1e-6
    assert figures["high_yield"] >= 0.4 - 1e-7
    assert risk <= 2.25 + 1e-6
    assert limits["expense ratio"] == moved["expense ratio"] > 4.0
    assert figures["expense ratio"] <= moved["expense ratio"] + 1e-5
    assert cap == moved["position cap"] > 0.05


@pytest.mark.skipif(MARKET is None, reason="AGGPLUS_MARKET names no market")
def test_on_the_real_market_the_second_tier_gives_way_by_what_the_first_and_the_target_take(
    run: Callable[..., Any], document: Callable[[str], Path], tmp_path: Path
) -> None:
    """The most high yield that duration and a volatility of 2 % leave, by a cone program without the third tier."""
    out, npz = tmp_path / "out.json", tmp_path / "problem.npz"
    text = REAL.replace("0.0225", "0.02")
    ran = run("solve", document(text), "--market", MARKET, "--asof", "2022-01-03", "--json", out, "--export", npz)
    assert ran.code == 0
    given_up = {given["clause"]: given for given in json.loads(out.read_text(encoding="utf-8"))["given_up"]}
    with np.load(npz) as arrays:
        rows = dict(zip(arrays["row_names"], arrays["A"], strict=True))
        root = np.linalg.cholesky(arrays["Sigma"])
    w = cp.Variable(len(root))
    allowed = [w >= 0, cp.sum(w) == 1, rows["duration"] @ w >= 5.0, rows["credit"] @ w <= 0.6]
    most = cp.Problem(cp.Maximize(rows["high_yield"] @ w), [*allowed, cp.norm(root.T @ w) <= 2.0]).solve(cp.CLARABEL)
    assert most < 0.39
    assert given_up["high_yield"]["to"] == pytest.approx(most, abs=1e-5)
    assert "duration" not in given_up
