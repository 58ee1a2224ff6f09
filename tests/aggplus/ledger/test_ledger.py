"""What is recorded comes back, what was changed is found, and what was solved can be solved again."""

import json
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import aggplus
from aggplus.ledger import Ledger, LedgerError, existing_ledger, open_ledger, replay, solve_entry, verify
from aggplus.ledger.canonical import row_hash
from aggplus.ledger.schema import DOCUMENTS, GENESIS, HEAD, ROWS
from universe import Market

DECISION = {
    "date": "2024-01-31",
    "action": "re-solve",
    "reasons": ["volatility of AGG changed by 31 %, more than 25 %"],
    "readings": [{"trigger": "volatility_change", "value": 0.31, "threshold": 0.25}],
}


def change(ledger: Ledger, *statements: sa.Executable) -> None:
    """Do to the tables what a ledger never does."""
    with ledger._writing.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def words(ledger: Ledger, head: str | None = None) -> list[str]:
    return [finding.words for finding in verify(ledger, head)]


@pytest.fixture
def five(ledger: Ledger, baseline: aggplus.ModelPortfolio, small: Market) -> Ledger:
    ledger.append_solves([baseline] * 5, small)
    return ledger


def test_a_solve_comes_back_to_the_last_bit(
    ledger: Ledger, baseline: aggplus.ModelPortfolio, small: Market, place: str
) -> None:
    holdings = {"TR00": 0.1 + 0.2, "AGG": 1.0 / 3.0}
    assert ledger.append_solve(baseline, small, holdings) == 1
    ledger.close()
    with existing_ledger(place) as again:
        (row,) = again.rows()
        assert row == again.row(1)
        model = json.loads(again.document(row.model_hash))
        versions = json.loads(again.document(row.versions_hash))
    assert row.weights == baseline.weights.to_dict()
    assert row.holdings == holdings
    certificate = baseline.certificate
    assert certificate is not None
    assert (row.gap_bp, row.max_violation, row.kkt_residual, row.certified) == (
        certificate.gap_bp,
        certificate.max_violation,
        certificate.kkt_residual,
        certificate.ok,
    )
    assert (row.kind, row.model_id, row.asof, row.status) == ("solve", "ModelPort20", "2024-01-31", "solved")
    assert row.backend == baseline.backend
    assert model["target"]["algorithm"] == "dynamic_risk"
    assert versions["numpy"] == np.__version__
    assert row.previous_hash == GENESIS


def test_an_infeasible_solve_is_recorded_with_its_reasons_and_repeated(ledger: Ledger, small: Market) -> None:
    document = aggplus.load_model("baseline").model_dump(exclude_unset=True)
    document["limits"]["sector"] = {"tips": {"min": 0.9}}
    document["limits"]["max_weight"] = 0.1
    refused = aggplus.solve(aggplus.Model.model_validate(document), small)
    assert refused.status == "infeasible"
    number = ledger.append_solve(refused, small)
    row = ledger.row(number)
    assert row.reasons == refused.findings
    assert (row.status, row.weights, row.certified) == ("infeasible", {}, None)
    assert replay(ledger, number, small).agrees


def test_a_decision_is_recorded_and_not_replayed(ledger: Ledger, small: Market) -> None:
    number = ledger.append_decision(aggplus.load_model("baseline"), DECISION, small)
    row = ledger.row(number)
    assert (row.kind, row.status, row.asof) == ("decision", "re-solve", "2024-01-31")
    assert list(row.reasons) == DECISION["reasons"]
    assert row.readings == DECISION["readings"]
    assert words(ledger) == []
    with pytest.raises(LedgerError, match="row 1 is a decision; only solves can be repeated"):
        replay(ledger, number, small)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"reasons": "one sentence"}, "expected a list of sentences"),
        ({"readings": {"value": float("nan")}}, "readings is no JSON"),
        ({"date": "soon"}, "date 'soon' cannot be read"),
    ],
)
def test_a_decision_that_says_nothing_clear_is_refused(ledger: Ledger, spoilt: dict[str, Any], said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        ledger.append_decision(aggplus.load_model("baseline"), DECISION | spoilt)
    with pytest.raises(LedgerError, match="no 'action'"):
        ledger.append_decision(aggplus.load_model("baseline"), {"date": "2024-01-31"})
    assert len(ledger) == 0


def test_rows_are_found_by_kind_model_and_day(ledger: Ledger, small: Market) -> None:
    models = [aggplus.load_model(name) for name in ("baseline", "conservative")]
    solved = aggplus.solve_many(models, small, ["2024-01-29", "2024-01-30", "2024-01-31"])
    ledger.append_solves(solved.portfolios, small)
    ledger.append_decision(models[0], DECISION)
    assert [row.id for row in ledger.rows(kind="decision")] == [7]
    assert [row.asof for row in ledger.rows(kind="solve", model="ModelPort91")] == [
        "2024-01-29",
        "2024-01-30",
        "2024-01-31",
    ]
    assert [row.id for row in ledger.rows(start="2024-01-30", end="2024-01-30")] == [3, 4]
    assert [row.id for row in ledger.rows(last=2)] == [6, 7]


def test_appends_are_whole_or_not_at_all(five: Ledger, baseline: aggplus.ModelPortfolio, small: Market) -> None:
    good = solve_entry(baseline, five.fingerprint(small))
    bad: Any = replace(good, reasons=None)
    with pytest.raises(LedgerError):
        five.append([good, bad, good])
    assert len(five) == len(five.rows()) == 5
    assert five.append([good]) == [6]
    assert words(five) == []


def test_a_change_in_any_column_is_found_and_its_row_named(five: Ledger) -> None:
    for column in ROWS.columns:
        if column.name == "id":
            continue
        with five._engine.begin() as connection:
            (was,) = connection.execute(sa.select(column).where(ROWS.c.id == 3)).one()
        other: object = {bool: not was, float: 1e-3}.get(type(was), "0" * 10)
        row = ROWS.update().where(ROWS.c.id == 3)
        change(five, row.values({column.name: other}))
        found = verify(five)
        assert [finding.row for finding in found if finding.what == "edited"] == [3], column.name
        assert {finding.what for finding in found} <= {"edited", "document"}, column.name
        change(five, row.values({column.name: was}))
        assert words(five) == []


def shifted(first: int, by: int) -> list[sa.Executable]:
    # By way of numbers that no row has: each statement keeps the key unique.
    far = ROWS.update().where(ROWS.c.id >= first).values(id=ROWS.c.id + 1000)
    return [far, ROWS.update().where(ROWS.c.id > 1000).values(id=ROWS.c.id - 1000 + by)]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ([1], ["row 1 is missing"]),
        ([3], ["row 3 is missing"]),
        ([2, 3], ["rows 2 to 3 are missing"]),
        ([5], ["row 5 is missing"]),
        ([4, 5], ["rows 4 to 5 are missing"]),
        ([1, 2, 3, 4, 5], ["rows 1 to 5 are missing"]),
    ],
)
def test_missing_rows_are_named_wherever_they_stood(five: Ledger, gone: list[int], said: list[str]) -> None:
    change(five, ROWS.delete().where(ROWS.c.id.in_(gone)))
    assert words(five) == said


def test_a_gap_that_was_closed_is_found(five: Ledger) -> None:
    change(five, ROWS.delete().where(ROWS.c.id == 3), *shifted(4, -1))
    assert words(five) == [
        "row 3 was moved: it was appended as row 4",
        "row 3 is missing",
        "row 4 was moved: it was appended as row 5",
    ]


def test_rows_that_changed_places_are_found(five: Ledger) -> None:
    move = [ROWS.update().where(ROWS.c.id == old).values(id=new) for old, new in ((2, 99), (4, 2), (99, 4))]
    change(five, *move)
    assert words(five) == ["row 2 was moved: it was appended as row 4", "row 4 was moved: it was appended as row 2"]


@pytest.mark.parametrize("number", [3, 6])
def test_a_row_that_was_put_in_is_found(
    five: Ledger, number: int, tmp_path: Path, small: Market, baseline: Any
) -> None:
    # Forged with care: its own hash is right, and it follows the row before it.
    with open_ledger(tmp_path / "other.sqlite") as other:
        before = five.row(number - 1).hash
        other.append_solves([baseline] * (number - 1), small)
        change(other, HEAD.update().values(last_hash=before))
        other.append_solve(baseline, small)
        with other._engine.begin() as connection:
            forged = dict(connection.execute(sa.select(ROWS).where(ROWS.c.id == number)).mappings().one())
    change(five, *shifted(number, 1), ROWS.insert().values(forged))
    found = words(five)
    assert f"row {number} was put in: nothing in the chain follows it" in found
    moved = [f"row {new} was moved: it was appended as row {new - 1}" for new in range(number + 1, 7)]
    assert sorted(found) == sorted([f"row {number} was put in: nothing in the chain follows it", *moved])


def test_a_row_rewritten_with_a_new_hash_is_found(five: Ledger) -> None:
    with five._engine.begin() as connection:
        row = dict(connection.execute(sa.select(ROWS).where(ROWS.c.id == 3)).mappings().one())
    row["weights"] = '{"AGG":1.0}'
    change(five, ROWS.update().where(ROWS.c.id == 3).values(weights=row["weights"], hash=row_hash(row)))
    assert words(five) == ["row 3 was edited: its hash is not the one that row 4 follows"]


def test_a_chain_written_anew_is_found_by_a_head_kept_elsewhere(
    five: Ledger, baseline: aggplus.ModelPortfolio, small: Market
) -> None:
    _, kept = five.head
    five.append_solve(baseline, small)
    assert words(five, kept) == []
    change(five, ROWS.delete(), HEAD.update().values(last_id=0, last_hash=GENESIS))
    five.append_solves([baseline] * 5, small)
    assert words(five) == []
    (found,) = verify(five, kept)
    assert found.what == "head"


def test_edited_and_missing_documents_are_found(five: Ledger) -> None:
    digest = five.row(1).model_hash
    change(five, DOCUMENTS.update().where(DOCUMENTS.c.hash == digest).values(content="{}"))
    assert words(five) == [f"row 1: its document {digest[:12]}... was edited (named by 5 rows)"]
    change(five, DOCUMENTS.delete().where(DOCUMENTS.c.hash == digest))
    assert words(five) == [f"row 1: its document {digest[:12]}... is missing (named by 5 rows)"]


def test_a_solve_with_holdings_record_and_files_is_repeated_without_them(
    ledger: Ledger, small: Market, tmp_path: Path
) -> None:
    views = tmp_path / "views.csv"
    views.write_text("ticker,annual_percent,confidence\nTR03,9.5,0.8\n", encoding="utf-8")
    document = aggplus.load_model("aggressive").model_dump(exclude_unset=True)
    document["limits"]["max_turnover"] = 0.4
    document["expected_return"]["views"] = str(views)
    model = aggplus.Model.model_validate(document)
    agg = small.prices["AGG"].pct_change().dropna()
    record = 0.9 * agg + pd.Series(np.random.default_rng(1).normal(0.0, 0.001, len(agg)), index=agg.index)
    record.iloc[7] = np.nan
    holdings = {"TR01": 0.25, "TR02": 0.25, "IG06": 0.25, "IG07": 0.25}
    portfolio = aggplus.solve(model, small, holdings=holdings, record=record)
    plain = aggplus.solve(aggplus.load_model("aggressive"), small)
    number = ledger.append_solve(portfolio, small, holdings, record)
    views.unlink()
    again = replay(ledger, number, small)
    assert again.agrees, again.sentences
    assert again.changes == ()
    assert again.difference <= 1e-9
    assert portfolio.status == "solved"
    assert not portfolio.weights.equals(plain.weights)


def grown(market: Market) -> Market:
    """A later delivery: two more days, and a fund that begins on the last."""
    days = market.prices.index.append(pd.bdate_range(market.prices.index[-1], periods=3)[1:])
    prices = market.prices.reindex(days).ffill()
    prices["NEW"] = [np.nan] * (len(days) - 1) + [50.0]
    return replace(market, prices=prices[sorted(prices.columns)])


def test_replay_tells_a_market_that_grew_from_one_that_changed(
    five: Ledger, small: Market, baseline: aggplus.ModelPortfolio
) -> None:
    again = replay(five, 2, grown(small))
    assert again.agrees
    assert again.changes == ()

    prices = small.prices.copy()
    held = baseline.weights.index[0]
    prices.iloc[:-60, prices.columns.get_loc(held)] *= 0.9
    restated = replay(five, 2, replace(small, prices=prices))
    assert restated.changes == ("The market has changed since: recorded on small with other prices up to 2024-01-31",)
    assert not restated.agrees
    then, now = baseline.weights.align(restated.portfolio.weights, fill_value=0.0)
    assert restated.difference == (then - now).abs().max()
    assert restated.to_dict()["agrees"] is False

    catalog = small.catalog.assign(aum_usd_mm=small.catalog["aum_usd_mm"] * 1.5)
    assert replay(five, 2, replace(small, catalog=catalog)).changes == (
        "The market has changed since: recorded on small with another catalog or quarantine",
    )


def test_replay_forces_a_backend_that_was_forced(ledger: Ledger, small: Market) -> None:
    portfolio = aggplus.solve(aggplus.load_model("baseline"), small, backend="conic")
    again = replay(ledger, ledger.append_solve(portfolio, small), small)
    assert again.portfolio.backend == portfolio.backend == "conic"
    assert again.agrees


def test_what_came_from_python_is_named_and_not_repeated(ledger: Ledger, small: Market) -> None:
    clause = aggplus.expression("no more than two tenths of anything", lambda w: w.weights <= 0.2)
    portfolio = aggplus.solve(aggplus.load_model("baseline"), small, clauses=[clause])
    number = ledger.append_solve(portfolio, small)
    with pytest.raises(LedgerError, match="the clause 'no more than two tenths of anything' given from Python"):
        replay(ledger, number, small)


@pytest.mark.parametrize("where", ["mysql://host/base", "sqlite://", "nonsense://"])
def test_other_databases_are_refused(where: str) -> None:
    with pytest.raises(LedgerError, match="expected a file, sqlite:///FILE or postgresql://"):
        open_ledger(where)


def test_what_is_no_ledger_is_refused_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("hello, this is not a database at all; " * 40)
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    for where, said in {
        text: "is not a ledger",
        tmp_path: "is a folder",
        tmp_path / "no" / "where": "does not exist; make it first",
    }.items():
        with pytest.raises(LedgerError, match=said):
            open_ledger(where)
    with pytest.raises(LedgerError, match="there is no ledger in this database"):
        existing_ledger(other)
    with pytest.raises(LedgerError, match="there is no such file"):
        existing_ledger(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_server_that_is_not_there_is_told_in_one_line_without_the_password() -> None:
    with pytest.raises(LedgerError) as told:
        open_ledger("postgresql://desk:secret@127.0.0.1:1/ledger")
    assert "secret" not in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_a_missing_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"pip install 'aggplus\[postgres\]'"):
        open_ledger("postgresql://localhost/ledger")


def test_a_ledger_of_another_format_is_refused(five: Ledger, place: str) -> None:
    change(five, HEAD.update().values(format=99))
    with pytest.raises(LedgerError, match="of format 99"):
        open_ledger(place)


def test_the_recipe_of_the_documentation_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Market) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
    recipe = page.split("```python\n")[2].split("```")[0]
    monkeypatch.chdir(tmp_path)
    with open_ledger("ledger.sqlite") as ledger:
        ledger.append_solves(aggplus.solve_many([aggplus.load_model("baseline")], small).portfolios, small)
        ledger.append_decision(aggplus.load_model("baseline"), DECISION, small)
    scope: dict[str, Any] = {}
    exec(recipe, scope)
    scope["rows"].execute("UPDATE ledger_rows SET status = 'failed' WHERE id = 2")
    scope["rows"].commit()
    scope["rows"].close()
    with pytest.raises(AssertionError, match="2"):
        exec(recipe, scope)
    scope["rows"].close()
