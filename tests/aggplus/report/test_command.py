"""`aggplus report`: refusals in one line, a month cut short, names that are markup, ledgers, the same bytes again."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

EVIL_FUND = "<script>alert(1)</script>"
EVIL_MODEL = "</script><img src=x onerror=alert(2)>"

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2024-13", "month '2024-13' cannot be read; expected YYYY-MM, such as 2024-01"),
        ("Jan 2024", "month 'Jan 2024' cannot be read; expected YYYY-MM, such as 2024-01"),
        ("2024-1", "month '2024-1' cannot be read; expected YYYY-MM, such as 2024-01"),
        ("2024-01-31", "month '2024-01-31' cannot be read; expected YYYY-MM, such as 2024-01"),
        ("٢٠٢٤-٠١", "month '٢٠٢٤-٠١' cannot be read; expected YYYY-MM, such as 2024-01"),
        ("2031-05", "month 2031-05: there is no close in it; small has closes from 2022-12-08 to 2024-01-31"),
        ("2001-05", "month 2001-05: there is no close in it; small has closes from 2022-12-08 to 2024-01-31"),
        ("2022-12", "month 2022-12: there is no close before it to measure returns from; small has closes from"),
        ("2023-06", "month 2023-06: the models can be estimated from 2023-11-27 on, not before the month begins"),
    ],
)
def test_a_month_that_cannot_be_reported_on(
    refuse: Callable[..., str], small_folder: Path, tmp_path: Path, month: str, words: str
) -> None:
    said = refuse("report", "--month", month, "--out", tmp_path / "r.html", "--market", small_folder)
    assert said.startswith(words)


def test_outputs_that_cannot_be_written(refuse: Callable[..., str], small_folder: Path, tmp_path: Path) -> None:
    report = ("report", "--month", "2024-01", "--market", small_folder, "--out")
    out = tmp_path / "r.html"
    assert "does not exist; make it first" in refuse(*report, tmp_path / "none" / "r.html")
    assert "it is a folder" in refuse(*report, tmp_path)
    assert "asked for twice" in refuse(*report, out, "--pdf", out)
    assert "does not exist" in refuse(*report, out, "--pdf", tmp_path / "none" / "r.pdf")
    model = tmp_path / "own.toml"
    model.write_text('extends = "baseline"\nid = "Own"\nname = "Own"\n')
    assert "is read by this command" in refuse(*report, model, model)
    assert "there is no such file" in refuse(*report, out, "--ledger", tmp_path / "none.sqlite")
    if os.geteuid():
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        assert "no permission" in refuse(*report, closed / "r.html")


def test_models_that_cannot_be_reported_on(refuse: Callable[..., str], small_folder: Path, tmp_path: Path) -> None:
    report = ("report", "--month", "2024-01", "--market", small_folder, "--out", tmp_path / "r.html")
    assert "neither a shipped model nor a file" in refuse(*report, "nonesuch")
    assert "2 of the models have the id" in refuse(*report, "baseline", "baseline")
    model = tmp_path / "other.toml"
    model.write_text('extends = "baseline"\nid = "Other"\nname = "Other"\nbenchmark = "NONE"\n')
    assert "the benchmark NONE is not a fund" in refuse(*report, "baseline", model)
    model.write_text('extends = "baseline"\nid = "Other"\nname = "Other"\n[limits]\nmax_weight = 0.01\n')
    assert "Other: no portfolio was ever held" in refuse(*report, model)
    assert "choose 2023-12-29 or a day before it" in refuse(*report, "--start", "2024-01-10")


def test_a_missing_library_is_told_before_any_work(
    refuse: Callable[..., str], small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ("report", "--month", "2024-01", "--market", small_folder, "--out", tmp_path / "r.html")
    monkeypatch.setattr("aggplus.report.monthly_report", None)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert "pip install 'aggplus[pdf]'" in refuse(*report, "--pdf", tmp_path / "r.pdf")


def test_without_pango_a_pdf_is_refused_in_one_line(
    refuse: Callable[..., str], small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What weasyprint does where the system lacks the library: it cannot be imported, with an OSError of many lines.
    library = tmp_path / "library"
    library.mkdir()
    (library / "weasyprint.py").write_text("raise OSError('cannot load library libpango:\\nno such file')")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(library)
    report = ("report", "--month", "2024-01", "--market", small_folder, "--out", tmp_path / "r.html")
    said = refuse(*report, "--pdf", tmp_path / "r.pdf")
    assert "Pango" in said
    assert "apt-get install" in said
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)


def test_a_month_that_is_not_over_is_reported_up_to_the_last_close(run: Any, small_market: Any, tmp_path: Path) -> None:
    small_market.prices = small_market.prices.loc[:"2024-01-18"]
    folder = small_market.write(tmp_path / "cut")
    html, record = tmp_path / "r.html", tmp_path / "r.json"
    ran = run("report", "--month", "2024-01", "--out", html, "--json", record, "--market", folder, "conservative")
    assert ran.code == 0, ran
    page, said = html.read_text(encoding="utf-8"), json.loads(record.read_text())
    assert said["end"] == "2024-01-18"
    assert said["whole_month"] is False
    assert "The month is not over in the data" in page
    assert "18 January 2024" in page
    agg = small_market.prices["AGG"]
    assert said["models"]["ModelPort91"]["benchmark_month_return"] == pytest.approx(
        agg.iloc[-1] / agg.loc["2023-12-29"] - 1.0, abs=1e-9
    )


def test_quiet_says_nothing(run: Any, small_folder: Path) -> None:
    quiet = run("report", "--month", "2024-01", "--out", "r.html", "--quiet", "--market", small_folder, "baseline")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert Path("r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_workbook_has_the_walks_of_the_page(run: Any, refuse: Any, small_folder: Path) -> None:
    report = ("report", "--month", "2024-01", "--market", small_folder, "baseline", "conservative", "--out", "r.html")
    assert "asked for twice" in refuse(*report, "--xlsx", "r.html")
    assert run(*report, "--xlsx", "r.xlsx", "--json", "r.json", "--quiet").code == 0
    daily = pd.read_excel("r.xlsx", sheet_name="Daily", engine="openpyxl")
    january = daily[daily["date"] > "2023-12-29"]
    for model, told in json.loads(Path("r.json").read_text())["models"].items():
        net = january.loc[january["model"] == model, "net"]
        assert (1.0 + net).prod() - 1.0 == pytest.approx(told["month_return"], abs=1e-12)


def test_a_fund_that_closes_while_held_is_told(run: Any, small_market: Any, tmp_path: Path) -> None:
    html, record = tmp_path / "r.html", tmp_path / "r.json"
    report = ("report", "--month", "2024-01", "--out", html, "--json", record, "conservative", "--market")
    assert run(*report, small_market.write(tmp_path / "open")).code == 0
    gone = json.loads(record.read_text())["models"]["ModelPort91"]["funds"][0]
    small_market.prices.loc["2024-01-09":, gone["ticker"]] = float("nan")
    ran = run(*report, small_market.write(tmp_path / "closed"))
    assert ran.code == 0, ran
    one = json.loads(record.read_text())["models"]["ModelPort91"]
    assert [paid["ticker"] for paid in one["payouts"]] == [gone["ticker"]]
    assert one["cash"]["before"] == pytest.approx(0.0, abs=1e-9)
    assert one["cash"]["after"] == pytest.approx(gone["before"], abs=0.02)
    # The portfolio is not said to be as it was.
    said = "No trade this month, though a fund that was held has closed: what is left of the portfolio of"
    assert one["decision"].startswith(said)
    assert f"{gone['ticker']} closed and paid out" in html.read_text(encoding="utf-8")


@pytest.fixture
def evil(small_market: Any, run: Any, tmp_path: Path) -> tuple[Path, Path]:
    """A report and its PDF, of funds and a model whose names are markup."""
    for row in small_market.catalog:
        row["name"] = f"{EVIL_FUND} {row['ticker']}"
    folder = small_market.write(tmp_path / "evil")
    model = tmp_path / "evil.toml"
    model.write_text(f'extends = "baseline"\nid = "Evil"\nname = "{EVIL_MODEL}"\n')
    html, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    ran = run("report", "--month", "2024-01", "--out", html, "--pdf", pdf, "--market", folder, model, "conservative")
    assert ran.code == 0, ran
    return html, pdf


def test_names_never_become_markup(evil: tuple[Path, Path], chromium: Any) -> None:
    html, pdf = evil
    page = chromium.open(html)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2 + page.locator("[data-chart]").count()
    assert page.locator(".card .who").first.inner_text() == EVIL_MODEL
    assert EVIL_FUND in page.locator(".holdings .name").first.inner_text()
    chart = page.locator("[data-chart=spec-growth] svg")
    chart.scroll_into_view_if_needed()
    last = chart.locator(".mark-rule line").last.bounding_box()
    page.mouse.move(last["x"] - 200, last["y"] + 100)
    page.mouse.move(last["x"] - 1, last["y"] + 100, steps=5)
    page.locator("#vg-tooltip-element.visible").wait_for()
    assert page.locator("#vg-tooltip-element img").count() == 0
    assert "onerror" in page.locator("#vg-tooltip-element").inner_text()
    text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True).stdout.decode()
    assert EVIL_MODEL in text
    assert EVIL_FUND in " ".join(text.split())


def test_a_page_with_long_names_stays_in_its_bounds(evil: tuple[Path, Path], chromium: Any) -> None:
    page = chromium.open(evil[0], width=390)
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert size[0] <= size[1]


def test_the_ledger_is_named_by_its_rows(run: Any, small_folder: Path, tmp_path: Path) -> None:
    ledger, html, record = tmp_path / "l.sqlite", tmp_path / "r.html", tmp_path / "r.json"
    for day in ("2023-12-04", "2023-12-20", "2024-01-10"):
        asked = ("--asof", day, "--market", small_folder, "--ledger", ledger)
        assert run("solve", "baseline", *asked).code == 0
    report = ("report", "--month", "2024-01", "--out", html, "--json", record, "--market", small_folder, "baseline")
    assert run(*report, "--ledger", ledger).code == 0
    shown = tmp_path / "shown.json"
    assert run("ledger", "show", "--ledger", ledger, "--json", shown).code == 0
    rows = json.loads(shown.read_text())
    noted = json.loads(record.read_text())["ledger"]
    assert noted["head"] == rows["head"]
    assert noted["length"] == 3
    # The last solve before the month, and those of the month.
    assert [(row["id"], row["asof"], row["hash"]) for row in noted["rows"]] == [
        (row["id"], row["asof"], row["hash"]) for row in rows["rows"] if row["asof"] >= "2023-12-20"
    ]
    page = html.read_text(encoding="utf-8")
    assert all(row["hash"] in page for row in noted["rows"])
    assert rows["head"] in page
    assert run(*report).code == 0
    assert "No ledger was given" in html.read_text(encoding="utf-8")


def test_the_same_input_is_the_same_file(run: Any, small_folder: Path, tmp_path: Path) -> None:
    first = [tmp_path / name for name in ("a.html", "a.pdf", "a.json")]
    html, pdf, record = first
    asked = ("report", "--month", "2024-01", "--market", str(small_folder), "--out")
    assert run(*asked, html, "--pdf", pdf, "--json", record).code == 0
    again = [tmp_path / name for name in ("b.html", "b.pdf", "b.json")]
    # Another process, another order of sets, another time zone.
    subprocess.run(
        [sys.executable, "-m", "aggplus", *asked, again[0], "--pdf", again[1], "--json", again[2]],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)},
    )
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.suffix
    assert not re.search(r"\d\d:\d\d:\d\d", html.read_text(encoding="utf-8").split("<script", 1)[0])
