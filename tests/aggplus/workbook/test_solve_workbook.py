"""`aggplus solve --xlsx` beside the JSON of the same run, and every clause worked out anew from weights and catalog."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.clause_table import clause_table
from aggplus.workbook import solve_workbook
from universe import SECTORS, Market

CLIENT = """
extends = "baseline"
id = "C"
name = "=HYPERLINK('http://x')"
[universe]
min_aum_mm = 0
[limits]
max_weight = 0.2
max_turnover = 0.8
max_holdings = 12
min_weight = 0.01
account_size_mm = 100
max_adv_share = 2.0
[limits.sector]
treasury = { min = 0.10, max = 0.5 }
[[limits.group]]
name = "@SUM"
sectors = ["high_yield", "tips"]
max = 0.35
[limits.fund]
TI12 = { max = 0.03 }
[limits.duration]
min = 3.0
max = 7.0
[limits.expense_ratio_bp]
max = 60
[limits.beta]
min = 0.1
"""

PRICED = """
extends = "baseline"
id = "priced"
[limits]
max_weight = {cap}
[limits.sector]
treasury = {{ min = {treasury} }}
[[limits.group]]
name = "credit"
sectors = ["high_yield", "bank_loan"]
max = {credit}
[target]
algorithm = "constant_volatility"
value = {target}
"""


@pytest.fixture
def client(tmp_path: Path) -> Path:
    file = tmp_path / "client.toml"
    file.write_text(CLIENT)
    return file


@pytest.fixture
def held(tmp_path: Path, small: Market) -> dict[str, float]:
    return {"AGG": 0.6, next(ticker for ticker in small.prices.columns if ticker.startswith("TR")): 0.3}


def test_sheets_agree_with_the_record(
    run: Callable[..., Any],
    read: Callable[..., Any],
    checked: Callable[..., None],
    small_folder: Path,
    client: Path,
    held: dict[str, float],
) -> None:
    Path("held.csv").write_text("ticker,weight\n" + "".join(f"{t},{w}\n" for t, w in held.items()))
    files = ("--holdings", "held.csv", "--xlsx", "s.xlsx", "--json", "s.json")
    ran = run("solve", client, "--market", small_folder, *files)
    assert (ran.code, ran.err) == (0, "")
    checked(Path("s.xlsx"))
    record, sheets = json.loads(Path("s.json").read_text()), read(Path("s.xlsx"))
    holdings = sheets["Holdings"].set_index("ticker")
    assert holdings["weight"].sum() == pytest.approx(1.0, abs=1e-9)
    assert holdings["weight"].to_dict() == pytest.approx(record["weights"])
    assert [held["name"] for held in record["positions"]] == list(holdings["name"])
    sectors = sheets["Sectors"].set_index("sector")["weight"]
    assert sectors.to_dict() == pytest.approx({SECTORS[key].title: w for key, w in record["sectors"].items()})
    assert sectors.sum() == pytest.approx(1.0, abs=1e-9)
    assert dict(zip(sheets["Exclusions"]["ticker"], sheets["Exclusions"]["reason"], strict=True)) == record["excluded"]
    risk = sheets["Risk"].set_index("figure")["portfolio"]
    for figure in ("volatility", "beta", "correlation"):
        assert risk[figure] == pytest.approx(record["risk"][figure])
    assert risk["target: volatility at most"] == pytest.approx(record["risk"]["target"]["value"])
    prices = {price["clause"]: price["price_bp_per_pct"] for price in record["shadow_prices"]}
    clauses = sheets["Clauses"].set_index("clause")
    assert {name: p for name, p in clauses["shadow price"].dropna().items() if p} == pytest.approx(prices)
    assert set(clauses.index[clauses["binds"] == "yes"]) >= set(prices)
    assert list(clauses.index[clauses["shadow price"].isna()]) == ["fully invested", "long only", "max_holdings"]
    assert set(record["warnings"]) <= set(sheets["Notes"]["note"])
    about = sheets["About"].set_index("what")["value"]
    assert about["model"] == "=HYPERLINK('http://x')"
    assert about["version: cvxpy"] == record["versions"]["cvxpy"]
    trades = sheets["Trades"].set_index("ticker")
    change = {t: record["weights"].get(t, 0.0) - held.get(t, 0.0) for t in {*held, *record["weights"]}}
    assert trades["change"].to_dict() == pytest.approx({t: c for t, c in change.items() if c})
    assert trades["change"].sum() == pytest.approx(0.1)
    assert ((trades["action"] == "BUY") == (trades["change"] > 0)).all()


def test_every_clause_worked_out_anew(read: Callable[..., Any], small: Market, client: Path, held: Any) -> None:
    model = aggplus.load_model(client)
    portfolio = aggplus.solve(model, small, holdings=held)
    lines = read(solve_workbook(portfolio, held))["Clauses"].set_index("clause")
    w, catalog = portfolio.weights, small.catalog.loc[portfolio.weights.index]
    everyone = w.reindex(portfolio.setting.catalog.index, fill_value=0.0)
    returns = small.prices.pct_change(fill_method=None).iloc[1:]
    assert len(returns)
    room = 2.0 * small.catalog["adv_usd_mm"].reindex(everyone.index).astype(float) / 100.0 - everyone
    value = {
        "fully invested": (1.0, w.sum(), 1.0),
        "long only": (0.0, everyone.min(), None),
        "position cap": (None, w.max(), 0.2),
        "treasury": (0.1, w[catalog["sector"] == "treasury"].sum(), 0.5),
        "credit": (None, w[catalog["sector"].isin(["high_yield", "bank_loan"])].sum(), 0.6),
        "@SUM": (None, w[catalog["sector"].isin(["high_yield", "tips"])].sum(), 0.35),
        "fund TI12": (None, everyone.get("TI12", 0.0), 0.03),
        "duration": (3.0, (w * catalog["effective_duration_years"]).sum(), 7.0),
        "expense ratio": (None, (w * catalog["expense_ratio_bp"]).sum(), 60.0),
        "beta": (0.1, portfolio.holdings["beta"] @ portfolio.holdings["weight"], None),
        "share of daily volume": (None, everyone[room.idxmin()], (room + everyone)[room.idxmin()]),
        "turnover": (None, 0.5 * (w.sub(pd.Series(held), fill_value=0.0).abs().sum() + 0.1), 0.8),
        "max_holdings": (None, len(w), 12),
        "min_weight": (0.01, w.min(), None),
        "risk target": (None, portfolio.risk.volatility, portfolio.setting.target.value),
    }
    assert list(lines.index) == list(value)
    for name, (lower, figure, upper) in value.items():
        line = lines.loc[name]
        assert line["value"] == pytest.approx(figure, abs=1e-9), name
        limits = [None if pd.isna(line[side]) else line[side] for side in ("lower", "upper")]
        assert limits == [None if limit is None else pytest.approx(limit) for limit in (lower, upper)], name
        slack = min(np.inf if upper is None else upper - figure, np.inf if lower is None else figure - lower)
        assert line["slack"] == pytest.approx(slack, abs=1e-9), name
        assert line["binds"] == ("yes" if slack <= 1e-6 * max(1.0, abs(upper or 0.0)) else "no"), name


@pytest.mark.parametrize(
    ("clause", "moved", "by"),
    [
        ("position cap", {"cap": 0.2501}, 0.01),
        ("treasury", {"treasury": 0.1001}, 0.01),
        ("credit", {"credit": 0.2001}, 0.01),
        ("risk target", {"target": 0.0661}, 0.01),
    ],
)
def test_a_price_is_what_one_more_unit_brings(
    real_market: Market, tmp_path: Path, clause: str, moved: dict[str, float], by: float
) -> None:
    """Each binding limit moved by a hundredth of its unit, and solved again."""

    def solved(limits: dict[str, float]) -> aggplus.ModelPortfolio:
        file = tmp_path / "priced.toml"
        file.write_text(PRICED.format(**{"cap": 0.25, "treasury": 0.1, "credit": 0.2, "target": 0.066, **limits}))
        return aggplus.solve(aggplus.load_model(file), real_market, "2024-01-31")

    before, after = solved({}), solved(moved)
    line = next(line for line in clause_table(before) if line.clause == clause)
    assert line.binds
    assert line.price_bp
    assert before.expected_return is not None
    assert after.expected_return is not None
    brought = 100.0 * (after.expected_return - before.expected_return) / by
    assert brought == pytest.approx(line.price_bp, rel=2e-3)


def test_a_model_without_a_portfolio(run: Callable[..., Any], read: Callable[..., Any], small_folder: Path) -> None:
    Path("none.toml").write_text('extends = "baseline"\nid = "N"\n[limits]\nmax_weight = 0.01\n')
    ran = run("solve", "none.toml", "--market", small_folder, "--xlsx", "s.xlsx")
    assert ran.code == 3
    sheets = read(Path("s.xlsx"))
    assert list(sheets) == ["About", "Exclusions", "Notes"]
    assert any("can hold at most 21 % together" in note for note in sheets["Notes"]["note"])


def test_names_of_funds_stay_text(read: Callable[..., Any], small: Market) -> None:
    from dataclasses import replace

    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "http://x"]
    catalog = small.catalog.assign(name=np.resize(evil, len(small.catalog)))
    portfolio = aggplus.solve(aggplus.load_model("baseline"), replace(small, catalog=catalog))
    names = read(solve_workbook(portfolio))["Holdings"]["name"]
    assert list(names) == [held.name for held in portfolio.positions]
    assert set(names) <= set(evil)


def test_number_formats(run: Callable[..., Any], formats: Callable[..., Any], small_folder: Path) -> None:
    run("solve", "baseline", "--market", small_folder, "--xlsx", "s.xlsx", "-q")
    held = formats(Path("s.xlsx"), "Holdings")
    assert (held["weight"], held["volatility"], held["beta"]) == ("0.00%", '0.00" %"', "0.00")
    clause = formats(Path("s.xlsx"), "Clauses")
    assert (clause["upper"], clause["shadow price"]) == ("0.00%", '0.00" bp"')


def test_the_same_run_gives_the_same_bytes(run: Callable[..., Any], small_folder: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        run("solve", "baseline", "--market", small_folder, "--xlsx", name, "-q")
    assert Path("one.xlsx").read_bytes() == Path("two.xlsx").read_bytes()


class TestBadInput:
    def test_files(self, refuse: Callable[..., str], small_folder: Path, client: Path) -> None:
        solve = ("solve", client, "--market", small_folder, "--xlsx")
        assert "is read by this command" in refuse(*solve, client)
        assert "the folder nowhere does not exist" in refuse(*solve, "nowhere/s.xlsx")
        assert "asked for twice" in refuse(*solve, "s", "--json", "s")

    @pytest.mark.parametrize("command", ["solve", "walk-forward"])
    def test_the_library_is_missed_before_any_work(
        self, refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch, small_folder: Path, command: str
    ) -> None:
        monkeypatch.setattr("aggplus.workbook.writing.find_spec", lambda name: None)
        line = refuse(command, "baseline", "--market", "no-such-market", "--xlsx", "s.xlsx")
        assert line == "workbooks are written with xlsxwriter, not installed: pip install 'aggplus[workbook]'"


def test_the_real_market(read: Callable[..., Any], checked: Callable[..., None], real_market: Market) -> None:
    portfolio = aggplus.solve(aggplus.load_model("baseline"), real_market, "2024-01-31", {"HYG": 0.5, "AGG": 0.5})
    content = solve_workbook(portfolio, {"HYG": 0.5, "AGG": 0.5})
    checked(content)
    sheets = read(content)
    assert sheets["Holdings"]["weight"].sum() == pytest.approx(1.0, abs=1e-9)
    assert sheets["Trades"]["change"].sum() == pytest.approx(0.0, abs=1e-9)
    eligible = int(sheets["About"].set_index("what")["value"]["eligible funds"])
    assert len(sheets["Exclusions"]) + eligible == len(real_market.catalog)
    credit = sheets["Clauses"].set_index("clause").loc["credit"]
    held = sheets["Holdings"][sheets["Holdings"]["sector"].isin(["High yield", "Bank loans"])]
    assert credit["value"] == pytest.approx(held["weight"].sum())
    assert credit["slack"] == pytest.approx(0.6 - held["weight"].sum(), abs=1e-9)
