"""Catalog and prices side by side, the benchmark, and rows that come twice."""

from pathlib import Path

import pandas as pd
import pytest

from universe.catalog import validate_catalog
from universe.checks import Finding, repeated_rows
from universe.checks.agreement import agreement
from universe.checks.benchmark import late_benchmark

ROW = {"name": "x", "sector": "treasury", "delisted": "False", "as_of": "2021-01-04"}


def catalog(panel: pd.DataFrame, **changes: dict[str, str]) -> pd.DataFrame:
    rows = [{"ticker": ticker, **ROW, **changes.get(ticker, {})} for ticker in [*panel.columns, *changes]]
    return validate_catalog(pd.DataFrame(rows).drop_duplicates("ticker").fillna(""), "the catalog")


def about(findings: list[Finding], ticker: str) -> list[tuple[str, str]]:
    return [(finding.kind, finding.severity) for finding in findings if finding.ticker == ticker]


@pytest.mark.parametrize(
    ("closes_until", "row", "expected"),
    [
        (520, {}, []),
        (400, {}, [("stops", "warning")]),
        (400, {"delisted": "True", "last_price_date": "AT"}, [("stops", "note")]),
        (400, {"delisted": "True", "last_price_date": "2021-02-01"}, [("stops", "note"), ("last_day", "warning")]),
        (517, {}, []),
        (520, {"delisted": "True"}, [("last_day", "warning")]),
        (520, {"delisted": "True", "last_price_date": "2023-05-05"}, []),
        (520, {"first_trade_date": "2020-01-02"}, []),
        (520, {"first_trade_date": "2021-03-01"}, [("first_day", "note")]),
        (520, {"first_trade_date": "2019-03-01"}, [("first_day", "note")]),
    ],
)
def test_what_the_catalog_says_of_a_fund_is_held_against_its_closes(
    panel: pd.DataFrame, closes_until: int, row: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    panel.iloc[closes_until:, 7] = float("nan")
    told = {key: f"{panel.index[closes_until - 1]:%Y-%m-%d}" if text == "AT" else text for key, text in row.items()}
    findings = agreement(panel, catalog(panel, F07=told), ())
    assert about(findings, "F07") == expected
    assert {finding.ticker for finding in findings} <= {"F07", ""}


def test_a_fund_that_stops_is_known_after_five_sessions(panel: pd.DataFrame) -> None:
    panel.iloc[400:, 7] = float("nan")
    (finding,) = [f for f in agreement(panel, catalog(panel), ()) if f.kind == "stops"]
    assert (finding.date, finding.known_from, finding.size) == (panel.index[399], panel.index[404], 120.0)


def test_rows_without_prices_and_prices_without_rows_are_told(panel: pd.DataFrame) -> None:
    findings = agreement(panel, catalog(panel, NEW={"first_trade_date": "2023-01-03"}), ("XYZ",))
    assert about(findings, "XYZ") == [("no_row", "warning")]
    (new,) = [finding for finding in findings if finding.ticker == "NEW"]
    assert new.kind == "no_prices"
    assert "2023-01-03" in new.why


def test_figures_of_another_time_are_one_line_for_the_market(panel: pd.DataFrame) -> None:
    findings = agreement(panel, catalog(panel, F01={"as_of": "2024-01-02"}, F02={"as_of": "2015-01-02"}), ())
    assert [(f.kind, f.severity, "looks ahead" in f.why) for f in findings if f.ticker == ""] == [
        ("figures_date", "note", True),
        ("figures_date", "note", False),
    ]


def test_a_benchmark_too_stale_to_target_is_an_error(panel: pd.DataFrame) -> None:
    assert late_benchmark(panel, "F00") == []
    (unknown,) = late_benchmark(panel, "AGG")
    assert (unknown.kind, unknown.severity) == ("late_benchmark", "error")
    panel["BLANK"] = float("nan")
    (blank,) = late_benchmark(panel, "BLANK")
    assert "has no prices" in blank.why
    panel.iloc[-3:, 0] = float("nan")
    (late,) = late_benchmark(panel, "F00")
    assert late.size == 3.0
    assert f"its last is of {panel.index[-4]:%Y-%m-%d}" in late.why
    for row in range(400, 500, 3):
        panel.iloc[row, 1] = panel.iloc[row - 1, 1]
    (still,) = late_benchmark(panel, "F01")
    assert still.size == pytest.approx(100 * 34 / 252, rel=0.02)


def test_rows_that_come_twice_are_found_in_any_long_file(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(
        "date,ticker,adj_close\n2024-01-02,A,1\n2024-01-02,B,1\n2024-01-03,A,2\n2024-01-02,A,9\n2024-01-03,B,x\n"
    )
    (finding,) = repeated_rows(tmp_path)
    assert (finding.ticker, finding.date, finding.size) == ("A", pd.Timestamp("2024-01-02"), 2.0)
    assert "rows 1, 4 of" in finding.why


@pytest.mark.parametrize("text", ["", "date,A,B\n2024-01-02,1,2\n", "date,ticker\n2024-01-02,A\n,\n"])
def test_other_files_have_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.csv").write_text(text)
    assert repeated_rows(tmp_path) == []
    assert repeated_rows(tmp_path / "nowhere") == []
