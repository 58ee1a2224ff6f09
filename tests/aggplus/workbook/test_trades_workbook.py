"""`aggplus trades --xlsx` beside the orders and the JSON of the same run."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aggplus
from aggplus.accounts import last_closes


def test_sheets_agree_with_orders_and_record(
    run: Callable[..., Any],
    read: Callable[..., Any],
    checked: Callable[..., None],
    small_folder: Path,
    small: aggplus.Market,
) -> None:
    closes = last_closes(small, small.prices.index[-1])
    Path("prices.csv").write_text("ticker,price\n" + "".join(f"{t},{p:.2f}\n" for t, p in closes.items()))
    Path("accounts").mkdir()
    for name, text in {"=1+1": "TR00,120\nCASH,50000\n", "b": "HI17,700\n", "bad": "HI17,-5\n"}.items():
        Path("accounts", f"{name}.csv").write_text("ticker,shares\n" + text)
    files = ("--xlsx", "t.xlsx", "--json", "t.json", "--out", "orders.csv", "-q")
    asked = ("--accounts", "accounts", "--cash", 900, "--prices", "prices.csv", "--min-trade", 500)
    ran = run("trades", "baseline", "--market", small_folder, *asked, *files)
    assert ran.code == 0, ran
    checked(Path("t.xlsx"))
    sheets, record = read(Path("t.xlsx")), json.loads(Path("t.json").read_text())
    orders = list(csv.DictReader(Path("orders.csv").read_text().splitlines()))
    shown = sheets["Orders"]
    assert [int(order["shares"]) for order in orders] == list(shown["shares"])
    assert list(shown["value"]) == pytest.approx([float(order["value"]) for order in orders], abs=0.005)
    assert set(shown["account"]) == {"=1+1", "b"}
    accounts = sheets["Accounts"].set_index("account")
    for told in record["accounts"]:
        line, own = accounts.loc[told["account"]], shown[shown["account"] == told["account"]]
        assert line["value"] == pytest.approx(told["value"])
        assert line["clauses broken"] == len(told["breaches"])
        spent = own["value"].where(own["action"] == "BUY", -own["value"]).sum()
        assert line["cash"] == pytest.approx(line["cash before"] - spent, abs=0.01)
        held = sheets["Holdings"][sheets["Holdings"]["account"] == told["account"]]
        assert (held["after"] * held["price"]).sum() + line["cash"] == pytest.approx(line["value"])
        assert held["model"].sum() == pytest.approx(1.0, abs=1e-6)
    assert list(sheets["Refused"]["account"]) == ["bad"]
    broken = [breach["clause"] for told in record["accounts"] for breach in told["breaches"]]
    assert list(sheets["Breaches"]["clause"] if broken else []) == broken
