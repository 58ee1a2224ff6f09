"""`aggplus trades` from the outside."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import aggplus
from aggplus.accounts import AccountTrades, Order, TradeList, csv_bytes, last_closes
from aggplus.client_tables import read_table
from aggplus.errors import AccountError

Refuse = Callable[..., str]


@pytest.fixture
def prices(small: aggplus.Market, tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    closes = last_closes(small, small.prices.index[-1])
    path.write_text("ticker,price\n" + "".join(f"{t},{p:.2f}\n" for t, p in closes.items()), encoding="utf-8")
    return path


def table(folder: Path, text: str | bytes, name: str = "smith.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_one_account(run: Callable[..., object], small_folder: Path, prices: Path, tmp_path: Path) -> None:
    held = table(tmp_path, "ticker,shares\nTR00,120\nHI17,0\n")
    asked = ("--account", held, "--cash", 125000, "--prices", prices, "--min-trade", 500, "--do-not-sell", "TR00")
    ran = run("trades", "baseline", "--market", small_folder, *asked, "--out", "orders.csv", "--json", "orders.json")
    assert ran.code == 0, ran
    rows = list(csv.DictReader(Path("orders.csv").read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["account", "ticker", "action", "shares", "price", "value"]
    assert {row["account"] for row in rows} == {"smith"}
    record = json.loads(Path("orders.json").read_text())["accounts"][0]
    for row, order in zip(rows, record["orders"], strict=True):
        assert (row["ticker"], row["action"], int(row["shares"])) == (order["ticker"], order["action"], order["shares"])
        assert float(row["value"]) == pytest.approx(int(row["shares"]) * float(row["price"]), abs=0.005)
        assert float(row["value"]) >= 500.0
        assert row["ticker"] in ran.out
    assert ("TR00", "SELL") not in {(row["ticker"], row["action"]) for row in rows}
    assert 0.0 <= record["cash"] < 1000.0
    assert "every clause" in ran.out.lower() or "Does not hold" in ran.out


def test_a_folder_tells_the_bad_and_trades_the_others(
    run: Callable[..., object], small_folder: Path, prices: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "accounts"
    folder.mkdir()
    table(folder, "ticker,shares\nTR00,100\n", "a.csv")
    table(folder, "ticker;shares\r\nTR00;1.200,00\r\nCASH;5.000,50\r\n".encode("utf-8-sig"), "b.csv")
    table(folder, "ticker\tshares\tname\nTR01\t50\tÜberfund\n".encode("utf-16"), "c.csv")
    table(folder, "ticker,shares,name\nTR01,50,Fonds à rendement\n".encode("cp1252"), "=d.csv")
    table(folder, "ticker,shares\nTR00,1.5\n", "e.csv")
    table(folder, "ticker,shares\nTR00,-5\n", "f.csv")
    table(folder, "ticker,shares\nNOPE,5\n", "g.csv")
    table(folder, "sep=;\r\nticker;shares\r\nTR00;7\r\nCASH;9000\r\n", "h.csv")
    table(folder, "ticker,shares\nTR00,70\n".encode("utf-16-le"), "i.csv")
    table(folder, "not a table", "j.xlsx")
    table(folder, "", ".hidden")
    table(folder, "ticker,shares\nTR00,70\n", "\x1b[31mk\nl.csv")
    asked = ("--accounts", folder, "--cash", 20000, "--prices", prices)
    ran = run("trades", "baseline", "--market", small_folder, *asked, "--out", "o.csv", "--json", "o.json")
    assert ran.code == 0, ran
    record = json.loads(Path("o.json").read_text())
    assert {account["account"] for account in record["accounts"]} == {"a", "b", "c", "=d", "h", "i"}
    by_name = {account["account"]: account for account in record["accounts"]}
    assert by_name["b"]["cash_before"] == 5000.5
    assert next(h for h in by_name["b"]["holdings"] if h["ticker"] == "TR00")["before"] == 1200
    why = {refusal["account"]: refusal["why"] for refusal in record["refused"]}
    assert set(why) == {"e", "f", "g", "j.xlsx", "\x1b[31mk\nl"}
    assert "\x1b" not in ran.out
    assert "rename the file" in why["\x1b[31mk\nl"]
    assert "no CSV file" in why["j.xlsx"]
    assert "line 2" in why["e"]
    assert "whole number" in why["e"]
    assert "at least 0" in why["f"]
    assert "'NOPE' is no fund of the catalog" in why["g"]
    assert ran.out.count("Refused: ") == 5
    cells = Path("o.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("'=d,") for line in cells)
    assert not any(line.startswith("=") for line in cells)


def test_a_model_without_a_portfolio_ends_with_3(
    run: Callable[..., object], small_folder: Path, prices: Path, tmp_path: Path
) -> None:
    document = table(tmp_path, 'extends = "baseline"\nid = "x"\nname = "x"\n[limits.duration]\nmin = 29.0\n', "x.toml")
    folder = tmp_path / "accounts"
    folder.mkdir()
    table(folder, "ticker,shares\nTR00,7\n", "a.csv")
    table(folder, "", "b.csv")
    asked = ("--accounts", folder, "--prices", prices, "--json", "o.json", "--out", "o.csv", "--xlsx", "o.xlsx")
    Path("o.csv").write_text("orders of the month before\n")
    ran = run("trades", document, "--market", small_folder, *asked)
    assert ran.code == 3
    assert ran.err == f"aggplus: {folder / 'b.csv'}: empty; expected the columns ticker, shares\n"
    record = json.loads(Path("o.json").read_text())
    assert (record["status"], record["accounts"]) == ("infeasible", [])
    assert any("duration asks for at least 29 years" in finding for finding in record["findings"])
    assert [refusal["account"] for refusal in record["refused"]] == ["b"]
    assert Path("o.csv").read_text() == "account,ticker,action,shares,price,value\n"
    notes = [row[0] for row in openpyxl.load_workbook("o.xlsx")["Notes"].iter_rows(values_only=True)]
    assert set(record["findings"]) <= set(notes)


def test_refused_accounts_are_told_when_nothing_is_printed(
    run: Callable[..., object], small_folder: Path, prices: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "accounts"
    folder.mkdir()
    table(folder, "ticker,shares\nTR00,100\n", "a.csv")
    table(folder, "ticker,shares\nTR00,-5\n", "b.csv")
    trades = ("trades", "baseline", "--market", small_folder, "--accounts", folder, "--prices", prices)
    for more in (("--quiet",), ("--json", "-")):
        ran = run(*trades, *more)
        assert ran.code == 0
        assert ran.err.startswith(f"aggplus: {folder / 'b.csv'}, line 2: shares of TR00 = -5")
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--out", "--json", "--xlsx"])
def test_no_result_among_the_accounts(
    refuse: Refuse, small_folder: Path, prices: Path, tmp_path: Path, option: str
) -> None:
    """Orders have a ticker and shares: the next run would take them for what an account holds."""
    folder = tmp_path / "accounts"
    folder.mkdir()
    table(folder, "ticker,shares\nTR00,100\n", "a.csv")
    asked = ("--accounts", folder, "--prices", prices, option, tmp_path / "x" / ".." / "accounts" / "orders.csv")
    (tmp_path / "x").mkdir()
    assert "write it to another folder" in refuse("trades", "baseline", "--market", small_folder, *asked)
    assert [path.name for path in folder.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("ticker,shares\nTR00,1.5\n", "expected a whole number"),
        ("ticker,shares\nTR00,-1\n", "expected at least 0"),
        ("ticker,shares\nTR00,many\n", "is no number"),
        ("ticker,shares\nTR00,1\nTR00,2\n", "twice"),
        ("ticker,shares\nTR99,1\n", "no fund of the catalog"),
        ("ticker,weight\nTR00,0.2\n", "no column 'shares'"),
        ("ticker,shares\nTR00\n", "1 fields"),
        ("ticker,shares\nCASH,-3\n", "cash = -3"),
        ("ticker,shares\nCASH,3\ncash,4\n", "CASH is there twice"),
        ("ticker,shares\nTR00,1e300\n", "at most 1,000,000,000"),
        ("ticker,shares\nTR00,99999999999999999999\n", "at most 1,000,000,000"),
        ("ticker,shares\nTR00,inf\n", "is no number"),
        ("ticker,shares\nTR00,nan\n", "is no number"),
        ("ticker,shares\nCASH,1e15\n", "look at shares, cash and prices"),
        ("sep=;\n", "empty"),
        ("ticker,shares\n", "worth 0.00"),
        ("", "empty"),
        (b"\x00\x01\x02", "save it as UTF-8"),
        ("ticker;shares\nTR00;1.200\n", "two ways"),
    ],
)
def test_bad_accounts(
    content: str | bytes, words: str, refuse: Refuse, small_folder: Path, prices: Path, tmp_path: Path
) -> None:
    held = table(tmp_path, content)
    line = refuse(
        "trades", "baseline", "--market", small_folder, "--account", held, "--prices", prices, "--out", "o.csv"
    )
    assert words in line
    assert "smith" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--account", "HELD"), "relative levels"),
        (("--account", "HELD", "--prices", "PRICES", "--last-close"), "give one of them"),
        (("--prices", "PRICES"), "--account FILE or --accounts FOLDER"),
        (("--accounts", "EMPTY", "--prices", "PRICES"), "no accounts in it"),
        (("--account", "HELD", "--prices", "HELD"), "no column 'price'"),
        (("--account", "HELD", "--prices", "PRICES", "--do-not-sell", "TR0"), "do not sell: 'TR0'"),
        (("--account", "HELD", "--prices", "FREE"), "expected more than 0"),
        (("--account", "HELD", "--prices", "FEW"), "no price of"),
        (("--account", "HELD", "--prices", "PRICES", "--min-trade", "inf"), "smallest trade"),
        (("--account", "HELD", "--prices", "PRICES", "--cash", "inf"), "cash is inf"),
        (("--account", "HELD", "--prices", "PRICES", "--cash", "nan"), "--cash"),
        (("--account", "RICH", "--prices", "PRICES", "--cash", "7"), "has a line CASH of 5.00, and 7.00 is given"),
        (("--account", "HELD", "--prices", "CHEAP", "--cash", "1000"), "at most 1,000,000,000 of a fund"),
        (("--accounts", "TWINS", "--prices", "PRICES"), "a has two files"),
        (("--account", "HELD", "--prices", "PRICES", "--out", "none/o.csv"), "the folder none does not exist"),
    ],
)
def test_bad_commands(
    arguments: tuple[str, ...], words: str, refuse: Refuse, small_folder: Path, prices: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    twins = tmp_path / "twins"
    twins.mkdir()
    table(twins, "ticker,shares\n", "a.csv")
    table(twins, "ticker,shares\n", "a.CSV")
    files = {
        "TWINS": twins,
        "RICH": table(tmp_path, "ticker,shares\nCASH,5\n", "rich.csv"),
        "CHEAP": table(tmp_path, re.sub(r",.*", ",1e-9", prices.read_text()).replace(",1e-9", ",price", 1), "low.csv"),
        "HELD": table(tmp_path, "ticker,shares\nTR00,10\n"),
        "PRICES": prices,
        "EMPTY": empty,
        "FREE": table(tmp_path, "ticker,price\nTR00,0\n", "free.csv"),
        "FEW": table(tmp_path, "ticker,price\nTR00,10\n", "few.csv"),
    }
    line = refuse("trades", "baseline", "--market", small_folder, *(files.get(a, a) for a in arguments))
    assert words in line


@pytest.mark.parametrize("name", ["=1+1", "+a", "-a", "@a", "\ta", "\n=a", "\r=a"])
def test_no_formula_leaves(name: str) -> None:
    order = Order("TR00", "BUY", 3, 10.5, 31.5)
    account = AccountTrades(name, 100.0, (order,), (), 100.0, 68.5, 0.0, 0.0, 0.0, (), ())
    text = io.StringIO(csv_bytes(TradeList("m", "2024-01-31", "solved", (), (account,), ())).decode(), newline="")
    assert list(csv.reader(text))[1] == [
        f"'{name.strip()}" if name[0] in "\n\r" else f"'{name}",
        "TR00",
        "BUY",
        "3",
        "10.5",
        "31.50",
    ]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("A,12", 12.0),
        ('A,"1,234.50"', 1234.5),
        ("A;12,5", 12.5),
        ("A;1.234,50", 1234.5),
        ("A;12.5", 12.5),
        ("A;0.125", 0.125),
    ],
)
def test_numbers_as_they_are_written(row: str, number: float, tmp_path: Path) -> None:
    delimiter = row[1]
    (line,) = read_table(table(tmp_path, f"Ticker{delimiter}Price\n{row}\n"), "ticker", "price")
    assert line.value("price", "one such as 120") == number


@pytest.mark.parametrize("row", ["A,0x10", "A,1_0", 'A,"0,125"', "A,nan", "A,1e999", 'A,"1,23"', "A,"])
def test_what_is_no_number(row: str, tmp_path: Path) -> None:
    (line,) = read_table(table(tmp_path, f"ticker,price\n{row}\n"), "ticker", "price")
    with pytest.raises(AccountError, match="no number"):
        line.value("price", "one such as 120")


def test_the_page_on_accounts_runs(run: Callable[..., object]) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "accounts.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["result"].orders
    assert names["result"].told == ()
    told = run("trades", "--help").out
    for option in re.findall(r"--[a-z-]+", page):
        assert option in told
