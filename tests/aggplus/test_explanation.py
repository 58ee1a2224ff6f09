"""Explanations of models that allow nothing, tried out on the model's own document through the whole desk."""

from __future__ import annotations

import copy
import json
import tomllib
from typing import Any

import pandas as pd
import pytest

import aggplus
from aggplus.document_change import document_change
from aggplus.explanation import Explanation, explain
from aggplus.model import Model
from constraints import VOLATILITY
from optimizer.conflicts.repair import Move

Document = dict[str, Any]

DOCUMENT = """
id = "Client"
name = "A <client>"
benchmark = "AGG"
[universe]
sectors = ["core", "tips", "high_yield"]
currency = "USD"
min_aum_mm = 100
min_history_days = 252
[risk_model]
estimator = "ledoit_wolf"
window_days = 126
[expected_return]
estimator = "trailing"
window_days = 126
"""

AT_MOST_25 = '[target]\nalgorithm = "dynamic_risk"\nmultiple = 3.0\n'

INFEASIBLE = {
    "caps": AT_MOST_25 + "[limits]\nmax_weight = 0.01",
    "preset": AT_MOST_25 + '[limits]\ndiversification = "broad"\n[limits.sector.tips]\nmin = 0.2',
    "sector": AT_MOST_25 + "[limits]\nmax_weight = 0.1\n[limits.sector.high_yield]\nmin = 0.7",
    "group": AT_MOST_25
    + '[[limits.group]]\nname = "credit"\nsectors = ["high_yield"]\nmax = 0.3\n[limits.sector.high_yield]\nmin = 0.4',
    "fund": AT_MOST_25 + "[limits]\nmax_weight = 0.2\n[limits.fund.TR02]\nmin = 0.35",
    "duration": AT_MOST_25 + "[limits]\nmax_weight = 0.2\n[limits.duration]\nmin = 16.0",
    "expense": AT_MOST_25 + "[limits.expense_ratio_bp]\nmax = 3.0",
    "beta limit": AT_MOST_25 + "[limits]\nmax_weight = 0.2\n[limits.beta]\nmax = 0.1",
    "volume": AT_MOST_25 + "[limits]\naccount_size_mm = 400.0\nmax_adv_share = 0.5",
    "assets": AT_MOST_25 + "[limits]\naccount_size_mm = 4000.0\nmax_aum_share = 0.1",
    "active": AT_MOST_25
    + "[limits]\nmax_weight = 0.1\n[limits.benchmark_sectors]\ntips = 0.4\n[limits.active.tips]\nbelow = 0.05",
    "two": AT_MOST_25
    + "[limits]\nmax_weight = 0.1\n[limits.sector.high_yield]\nmin = 0.7\n[limits.expense_ratio_bp]\nmax = 3.0",
    "dynamic risk": '[target]\nalgorithm = "dynamic_risk"\nmultiple = 0.1\n[limits.duration]\nmin = 3.0',
    "risk scaling": '[target]\nalgorithm = "risk_scaling"\nbeta = 0.2\n[limits]\nmax_weight = 0.08',
    "volatility": '[target]\nalgorithm = "constant_volatility"\nvalue = 0.001',
    "tracking error": '[target]\nalgorithm = "tracking_error"\nvalue = 0.0\n[limits.fund.AGG]\nmax = 0.2',
    "beta": '[target]\nalgorithm = "dynamic_beta"\nbeta = 0.05\n[limits]\nmax_weight = 0.1',
    "exact beta": '[target]\nalgorithm = "dynamic_beta"\nbeta = 4.0\nmatch = "equal"\n[limits]\nmax_weight = 0.1',
}


def document(text: str) -> Document:
    return tomllib.loads(DOCUMENT + text)


def model(document: Document) -> Model:
    return Model.model_validate(document)


def changed(document: Document, changes: list[tuple[str, float]]) -> Document:
    """The document with numbers at other values, each found by its key as a reader would find it."""
    new = copy.deepcopy(document)
    for key, value in changes:
        *path, last = key.split(".")
        table: Any = new
        for name in path:
            table = (
                next(row for row in table if row["name"] == name)
                if isinstance(table, list)
                else table.setdefault(name, {})
            )
        table[last] = value
    return new


def explained(text: str, market: aggplus.Market, **given: Any) -> tuple[Document, Explanation, Document]:
    written = document(text)
    explanation = explain(model(written), market, **given)
    record = json.loads(json.dumps(explanation.to_dict(), allow_nan=False))
    return written, explanation, record


@pytest.mark.parametrize("text", INFEASIBLE.values(), ids=INFEASIBLE.keys())
def test_repairs_solve_when_written_into_the_document_and_a_smaller_move_does_not(
    text: str, small: aggplus.Market
) -> None:
    written, explanation, record = explained(text, small)

    assert not explanation.feasible
    assert record["feasible"] is False
    assert record["conflict"]
    for member in record["conflict"]:
        assert set(member) >= {"clause", "limit", "unit"}
        assert member["clause"] not in ("fully invested", "long only")
    ways = [record["repair"], *record["alternatives"]]
    assert record["repair"]
    for moves in ways:
        repaired = changed(written, [(move["key"], move["value"]) for move in moves])
        assert aggplus.solve(model(repaired), small).status == "solved"
    alone = [moves[0] for moves in ways if len(moves) == 1]
    for move in alone:
        short = move["from"] + (1.0 - 1e-4) * (move["least"] - move["from"])
        scale = move["value"] / move["to"] if move["to"] else 1.0
        kept = changed(written, [(move["key"], short * scale)])
        assert aggplus.solve(model(kept), small).status == "infeasible"


@pytest.mark.parametrize(
    ("target", "key", "value"),
    [
        ({"algorithm": "dynamic_risk", "multiple": 0.7}, "target.multiple", 0.7 * 6.0 / 5.2),
        ({"algorithm": "risk_scaling", "beta": 0.9}, "target.beta", 0.9 * 6.0 / 5.2),
        ({"algorithm": "dynamic_beta", "beta": 5.2}, "target.beta", 6.0),
        ({"algorithm": "constant_volatility", "value": 0.052}, "target.value", 0.06),
        ({"algorithm": "tracking_error", "value": 0.052}, "target.value", 0.06),
    ],
)
def test_a_target_in_the_document_is_rounded_in_the_direction_of_its_move(
    target: Document, key: str, value: float
) -> None:
    client = model(document("[target]\nalgorithm = 'dynamic_risk'") | {"target": target})
    change = document_change(client, Move("risk target", "max", 5.2, 6.0, 6.0, VOLATILITY, ""))

    assert change.key == key
    assert 0.0 <= change.value - value <= 1e-6


def test_twenty_caps_of_one_percent(small: aggplus.Market) -> None:
    _, explanation, record = explained(INFEASIBLE["caps"], small)
    funds = explanation.portfolio.setting.problem.size

    assert record["conflict"] == [{"clause": "position cap", "side": "max", "limit": 0.01, "unit": "% of weight"}]
    (move,) = record["repair"]
    assert move["key"] == "limits.max_weight"
    assert move["least"] == pytest.approx(1 / funds)
    assert 1 / funds <= move["to"] == move["value"] < 1 / funds + 0.01
    assert explanation.sentences[0].startswith("position cap 1 % cannot hold: ")
    assert explanation.sentences[1].startswith("to solve it, raise the position cap from 1 % to ")


@pytest.mark.parametrize(
    ("name", "clauses", "key"),
    [
        ("sector", ["position cap", "high_yield"], "limits.sector.high_yield.min"),
        ("group", ["high_yield", "credit"], "limits.sector.high_yield.min"),
        ("preset", ["position cap", "tips"], "limits.sector.tips.min"),
        ("active", ["position cap", "tips against benchmark"], "limits.max_weight"),
        ("volatility", ["risk target"], "target.value"),
        ("beta", ["risk target"], "target.beta"),
    ],
)
def test_what_clashes_and_what_is_cheapest(name: str, clauses: list[str], key: str, small: aggplus.Market) -> None:
    _, _, record = explained(INFEASIBLE[name], small)

    assert [member["clause"] for member in record["conflict"]] == clauses
    assert record["repair"][0]["key"] == key


def test_without_any_member_of_the_conflict_the_rest_solves(small: aggplus.Market) -> None:
    written, _, record = explained(INFEASIBLE["sector"], small)

    assert [member["clause"] for member in record["conflict"]] == ["position cap", "high_yield"]
    for key, open_end in (("limits.max_weight", 1.0), ("limits.sector.high_yield.min", 0.0)):
        assert aggplus.solve(model(changed(written, [(key, open_end)])), small).status == "solved"


def test_no_single_limit_is_enough_for_two_conflicts(small: aggplus.Market) -> None:
    _, explanation, record = explained(INFEASIBLE["two"], small)

    assert len(record["repair"]) > 1
    assert record["alternatives"] == []
    assert explanation.sentences[1].startswith("no single limit is enough: ")


def test_turnover_is_measured_from_the_holdings(small: aggplus.Market) -> None:
    text = AT_MOST_25 + "[limits]\nmax_turnover = 0.05\n[limits.sector.high_yield]\nmax = 0.1"
    held = pd.Series({"HI15": 0.2, "HI16": 0.2, "TR02": 0.2, "TR03": 0.2, "TR04": 0.2})
    written, _, record = explained(text, small, holdings=held)

    assert [member["clause"] for member in record["conflict"]] == ["high_yield", "turnover"]
    # 40 % of high yield has to come down to 10 %: 30 % one way.
    moves = {moves[0]["key"]: moves[0] for moves in (record["repair"], *record["alternatives"])}
    assert moves["limits.max_turnover"]["least"] == pytest.approx(0.3)
    assert moves["limits.sector.high_yield.max"]["least"] == pytest.approx(0.35)
    for key, move in moves.items():
        solved = aggplus.solve(model(changed(written, [(key, move["value"])])), small, holdings=held)
        assert solved.status == "solved"


def test_a_volatility_to_be_met_exactly_that_is_too_high(small: aggplus.Market) -> None:
    text = '[target]\nalgorithm = "constant_volatility"\nvalue = 0.9\nmatch = "equal"\n[limits]\nmax_weight = 0.2'
    written, explanation, record = explained(text, small)

    assert [member["clause"] for member in record["conflict"]] == ["risk target"]
    assert "no portfolio has more risk than" in explanation.sentences[0]
    assert record["margin"] is None
    (move,) = record["repair"]
    repaired = aggplus.solve(model(changed(written, [(move["key"], move["value"])])), small)
    assert repaired.status == "solved"
    assert repaired.risk is not None
    assert repaired.risk.volatility == pytest.approx(100.0 * move["value"])


def test_nothing_to_explain_where_a_portfolio_is_allowed(small: aggplus.Market) -> None:
    _, explanation, record = explained(AT_MOST_25 + "[limits]\nmax_weight = 0.25", small)

    assert explanation.feasible
    assert record["feasible"] is True
    assert record["conflict"] == record["repair"] == record["alternatives"] == []
    assert record["near_infeasible"] is False
    assert record["margin"] > 1e-3
    assert explanation.sentences == ("a portfolio is allowed: nothing to explain",)


def test_allowed_by_a_hair_is_told(small: aggplus.Market) -> None:
    funds = explain(model(document(AT_MOST_25)), small).portfolio.setting.problem.size
    written = document(AT_MOST_25 + f"[limits]\nmax_weight = {1 / funds + 1e-9!r}")
    explanation = explain(model(written), small)

    assert explanation.feasible
    assert explanation.near_infeasible
    assert explanation.sentences[-1].startswith("allowed by a hair only")

    short = explain(model(changed(written, [("limits.max_weight", 1 / funds - 1e-9)])), small)
    assert not short.feasible
    assert short.near_infeasible
    assert short.sentences[-1].startswith("it is short by less than a millionth")
    assert short.to_dict()["conflict"][0]["clause"] == "position cap"


def test_a_notebook_shows_the_sentences_and_escapes_them(small: aggplus.Market) -> None:
    _, explanation, _ = explained(INFEASIBLE["caps"], small)
    page = explanation._repr_html_()

    assert "A &lt;client&gt;" in page
    assert "no portfolio is allowed" in page
    assert "raise the position cap from 1 % to" in page


REAL = {
    "caps": (AT_MOST_25 + "[limits]\nmax_weight = 0.002", ["position cap"], {"limits.max_weight": 1.0}),
    "calm and long": (
        '[target]\nalgorithm = "dynamic_risk"\nmultiple = 0.2\n[limits.duration]\nmin = 3.0',
        ["duration", "risk target"],
        {"limits.duration.min": 0.0, "target.multiple": 1.0},
    ),
    "cheap": (
        AT_MOST_25 + "[limits.expense_ratio_bp]\nmax = 1.5",
        ["position cap", "expense ratio"],
        {"limits.max_weight": 1.0, "limits.expense_ratio_bp.max": 100.0},
    ),
}


@pytest.mark.parametrize(("text", "clauses", "open_ends"), REAL.values(), ids=REAL.keys())
def test_conflicts_and_repairs_on_the_real_market(
    text: str, clauses: list[str], open_ends: dict[str, float], real_market: aggplus.Market
) -> None:
    written, day = document(text), "2024-01-31"
    record = explain(model(written), real_market, day).to_dict()

    assert [member["clause"] for member in record["conflict"]] == clauses
    for key, value in open_ends.items():
        assert aggplus.solve(model(changed(written, [(key, value)])), real_market, day).status == "solved"
    repaired = changed(written, [(move["key"], move["value"]) for move in record["repair"]])
    assert aggplus.solve(model(repaired), real_market, day).status == "solved"
