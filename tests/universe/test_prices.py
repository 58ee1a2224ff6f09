"""Prices: every accepted form of a file gives one panel, and every damaged one a line that says where."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universe import MarketError, read_prices

HEADER = "date,ticker,adj_close\n"

# Texts that a careless reader of CSV takes for nulls, booleans, numbers or formulas.
TRICKY_TICKERS = ["NA", "NAN", "TRUE", "NULL", "1E5", "INF", "BRK.B", "é", "AGG", "a b"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str, name: str = "prices.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def plain_panel(rows: list[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    return {(date, ticker): price for date, ticker, price in rows if price == price}


def as_dict(panel: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {
        (f"{date:%Y-%m-%d}", ticker): panel.to_numpy()[i, j]
        for i, date in enumerate(panel.index)
        for j, ticker in enumerate(panel.columns)
        if panel.to_numpy()[i, j] == panel.to_numpy()[i, j]
    }


@st.composite
def long_rows(draw: st.DrawFn) -> list[tuple[str, str, float]]:
    """Rows with holes, in any order in which the dates of each ticker go forward."""
    tickers = draw(st.lists(st.sampled_from(TRICKY_TICKERS), min_size=1, max_size=5, unique=True))
    days = draw(st.lists(st.dates(), min_size=1, max_size=6, unique=True).map(sorted))
    days = [day.replace(year=1950 + day.year % 100) for day in days if (day.month, day.day) != (2, 29)]
    price = st.floats(1e-6, 1e9) | st.just(float("nan"))
    queues = [
        [(f"{day}", ticker, draw(price)) for day in sorted(set(days)) if draw(st.booleans())] for ticker in tickers
    ]
    rows = []
    while any(queues):
        queue = draw(st.sampled_from([queue for queue in queues if queue]))
        rows.append(queue.pop(0))
    return rows


def read_all_forms(rows: list[tuple[str, str, float]]) -> dict[str, pd.DataFrame]:
    long = pd.DataFrame(rows, columns=["date", "ticker", "adj_close"]).assign(volume=1.0)
    wide = long.assign(date=pd.to_datetime(long["date"])).pivot(index="date", columns="ticker", values="adj_close")
    stamps = long.assign(date=pd.to_datetime(long["date"]))
    after_hours = stamps["date"].dt.tz_localize("America/New_York") + pd.Timedelta("20h")  # the next day in London
    writers: dict[str, Callable[[Path], object]] = {
        "long csv": lambda to: long.to_csv(to / "prices.csv", index=False),
        "long parquet": lambda to: stamps.to_parquet(to / "prices.parquet"),
        "long parquet, ns": lambda to: stamps.astype({"date": "datetime64[ns]"}).to_parquet(to / "prices.parquet"),
        "long parquet, text dates": lambda to: long.to_parquet(to / "prices.parquet"),
        "long parquet, categories": lambda to: long.astype({"ticker": "category"}).to_parquet(to / "prices.parquet"),
        "long parquet, zone": lambda to: stamps.assign(date=after_hours).to_parquet(to / "prices.parquet"),
        "wide csv": lambda to: wide.to_csv(to / "prices.csv"),
        "wide csv, other column order": lambda to: wide[wide.columns[::-1]].to_csv(to / "prices.csv"),
        "wide parquet, index": lambda to: wide.to_parquet(to / "prices.parquet"),
        "wide parquet, nameless index": lambda to: wide.rename_axis(index=None).to_parquet(to / "prices.parquet"),
        "wide parquet, column": lambda to: wide.reset_index().to_parquet(to / "prices.parquet"),
    }
    panels = {}
    for form, writer in writers.items():
        with tempfile.TemporaryDirectory() as name:
            writer(Path(name))
            panels[form] = read_prices(Path(name))
    return panels


@settings(max_examples=25, deadline=None)
@given(long_rows())
def test_every_form_gives_the_same_panel(rows: list[tuple[str, str, float]]) -> None:
    expected = plain_panel(rows)
    if not expected:
        return
    for form, panel in read_all_forms(rows).items():
        assert as_dict(panel) == expected, form
        assert list(panel.columns) == sorted({ticker for _, ticker in expected}), form
        assert [f"{day:%Y-%m-%d}" for day in panel.index] == sorted({date for date, _ in expected}), form
        assert (panel.dtypes == np.float64).all()
        assert isinstance(panel.index, pd.DatetimeIndex)
        assert (panel.index.name, panel.columns.name, panel.index.tz) == ("date", "ticker", None)


def test_byte_order_mark_and_blank_lines_are_accepted(folder: Path) -> None:
    write(folder, "\ufeff" + HEADER + "2020-01-02,A,1.5\n\n2020-01-03,A,\n2020-01-06,A,nan\n2020-01-07,A,2\n\n")
    panel = read_prices(folder)
    assert as_dict(panel) == {("2020-01-02", "A"): 1.5, ("2020-01-07", "A"): 2.0}


def test_integer_and_decimal_text_prices_are_numbers(folder: Path) -> None:
    frame = pd.DataFrame({"date": ["2020-01-02", "2020-01-03"], "ticker": "A", "adj_close": ["10", "1.5e1"]})
    frame.to_parquet(folder / "prices.parquet")
    assert list(read_prices(folder)["A"]) == [10.0, 15.0]


LONG_CASES = {
    "misspelt ticker": (
        "date,tikcer,adj_close\n2020-01-02,A,1\n",
        ["no column 'ticker'", "found: date, tikcer, adj_close", "did you mean 'tikcer'?"],
    ),
    "misspelt price": (
        "date,ticker,Adj Close\n2020-01-02,A,1\n",
        ["no column 'adj_close'", "did you mean 'Adj Close'?"],
    ),
    "misspelt date": ("Date,ticker,adj_close\n2020-01-02,A,1\n", ["no column 'date'", "did you mean 'Date'?"]),
    "no date": ("when,ticker,adj_close\n2020-01-02,A,1\n", ["no column 'date'", "found: when"]),
    "column twice": (HEADER.strip() + ",date\n2020-01-02,A,1,2020-01-02\n", ["column 'date' 2 times"]),
    "textual price": (HEADER + "2020-01-02,A,1\n2020-01-03,AGG,abc\n", ["row 2 (AGG, 2020-01-03)", "'abc'"]),
    "thousands separator": (HEADER + '2020-01-03,AGG,"1,000"\n', ["row 1 (AGG, 2020-01-03)", "'1,000'"]),
    "zero price": (HEADER + "2020-01-02,A,0\n", ["row 1 (A, 2020-01-02)", "price is 0.0", "positive"]),
    "negative price": (HEADER + "2020-01-02,A,1\n2020-01-03,A,-3.5\n", ["row 2 (A, 2020-01-03)", "-3.5"]),
    "infinite price": (HEADER + "2020-01-02,A,inf\n", ["row 1 (A, 2020-01-02)", "inf"]),
    "blank ticker": (HEADER + "2020-01-02,A,1\n2020-01-02,,1\n", ["row 2: the ticker is blank"]),
    "ticker of blanks": (HEADER + "2020-01-02,  ,1\n", ["row 1: the ticker is blank"]),
    "ticker in blanks": (HEADER + "2020-01-02, A,1\n", ["row 1: the ticker ' A' has blanks around it"]),
    "blank date": (HEADER + "2020-01-02,A,1\n,A,2\n", ["row 2 (A): the date is blank"]),
    "other date form": (HEADER + "01/02/2020,A,1\n", ["row 1 (A): date '01/02/2020'", "YYYY-MM-DD"]),
    "date with a tail": (HEADER + "2020-01-02x,A,1\n", ["row 1 (A): date '2020-01-02x'"]),
    "no such date": (HEADER + "2023-02-29,A,1\n", ["row 1 (A): date '2023-02-29'", "YYYY-MM-DD"]),
    "implausible date": (HEADER + "0020-01-02,A,1\n", ["row 1 (A): date '0020-01-02'"]),
    "row twice": (
        HEADER + "2020-01-02,A,1\n2020-01-02,B,1\n2020-01-03,A,2\n2020-01-02,B,1\n2020-01-02,A,1\n",
        ["row 4 (B, 2020-01-02)", "already in row 2"],
    ),
    "row twice, without a price": (
        HEADER + "2020-01-02,A,1\n2020-01-02,A,\n",
        ["row 2 (A, 2020-01-02)", "already in row 1"],
    ),
    "dates go back": (
        HEADER + "2020-01-02,A,1\n2020-01-06,B,1\n2020-01-07,A,1\n2020-01-03,B,1\n2020-01-03,A,1\n",
        ["row 4 (B): date 2020-01-03 comes after 2020-01-06 in row 2", "ascending"],
    ),
    "short row": (HEADER + "2020-01-02,A,1\n2020-01-03,A\n", ["row 2 has 2 fields; the header has 3"]),
    "long row": (HEADER + "2020-01-02,A,1,7\n", ["row 1 has 4 fields; the header has 3"]),
    "quote never closed": ('date,ticker,"adj_close\n2020-01-02,A,1\n', ["no column 'adj_close'"]),
    "header only": (HEADER, ["holds no prices"]),
    "no price at all": (HEADER + "2020-01-02,A,\n", ["holds no prices"]),
    "empty": ("", ["is empty", "date, ticker, adj_close"]),
}


@pytest.mark.parametrize("case", LONG_CASES)
def test_damaged_long_file_is_refused_in_one_line(folder: Path, case: str) -> None:
    text, expected = LONG_CASES[case]
    refused(write(folder, text), ["prices.csv", *expected])


WIDE_CASES = {
    "no date": ("day,A,B\n2020-01-02,1,1\n", ["no column 'date'", "found: day, A, B"]),
    "misspelt date": ("Date,A,B\n2020-01-02,1,1\n", ["no column 'date'", "did you mean 'Date'?"]),
    "ticker twice": ("date,A,B,A\n2020-01-02,1,1,1\n", ["column 'A' twice"]),
    "blank ticker": ("date,A,\n2020-01-02,1,1\n", ["column 3: the ticker is blank"]),
    "textual price": ("date,A,B\n2020-01-02,1,1\n2020-01-03,1,x\n", ["row 2 (B, 2020-01-03)", "'x'", "wide form"]),
    "zero price": ("date,A,B\n2020-01-02,1,0\n", ["row 1 (B, 2020-01-02)", "price is 0.0"]),
    "infinite price": ("date,A,B\n2020-01-02,-inf,1\n", ["row 1 (A, 2020-01-02)", "-inf"]),
    "blank date": ("date,A\n2020-01-02,1\n,1\n", ["row 2: the date is blank"]),
    "unreadable date": ("date,A\n2020-13-02,1\n", ["row 1: date '2020-13-02'"]),
    "date twice": ("date,A\n2020-01-02,1\n2020-01-02,1\n", ["row 2: date 2020-01-02 is already in row 1"]),
    "date twice, apart": (
        "date,A\n2020-01-02,1\n2020-01-03,1\n2020-01-02,1\n",
        ["row 3: date 2020-01-02 is already in row 1"],
    ),
    "dates go back": ("date,A\n2020-01-03,1\n2020-01-02,1\n", ["row 2: date 2020-01-02 comes after 2020-01-03"]),
    "no rows": ("date,A\n", ["holds no prices"]),
    "no tickers": ("date\n2020-01-02\n", ["holds no prices"]),
    "long form by other names": ("symbol,date,px\nAGG,2020-01-02,1\n", ["'AGG'", "wide form"]),
}


@pytest.mark.parametrize("case", WIDE_CASES)
def test_damaged_wide_file_is_refused_in_one_line(folder: Path, case: str) -> None:
    text, expected = WIDE_CASES[case]
    refused(write(folder, text), ["prices.csv", *expected])


PARQUET_CASES = {
    "numbers for dates": ({"date": [20200102], "ticker": ["A"], "adj_close": [1.0]}, ["row 1 (A): date '20200102'"]),
    "null date": (
        {"date": pd.to_datetime([None]), "ticker": ["A"], "adj_close": [1.0]},
        ["row 1 (A): the date is blank"],
    ),
    "epoch in the wrong unit": (
        {
            "date": pd.to_datetime([10**9], unit="h", errors="coerce").astype("datetime64[s]"),
            "ticker": ["A"],
            "adj_close": [1.0],
        },
        ["row 1 (A): "],
    ),
    "null ticker": (
        {"date": ["2020-01-02"] * 2, "ticker": ["A", None], "adj_close": 1.0},
        ["row 2: the ticker is blank"],
    ),
    "numbers for tickers": ({"date": ["2020-01-02"], "ticker": [7], "adj_close": [1.0]}, ["'ticker' is of type int64"]),
    "flags for prices": (
        {"date": ["2020-01-02"], "ticker": ["A"], "adj_close": [True]},
        ["row 1 (A, 2020-01-02)", "True"],
    ),
    "text for prices": (
        {"date": ["2020-01-02"], "ticker": ["A"], "adj_close": ["-"]},
        ["row 1 (A, 2020-01-02)", "'-'"],
    ),
    "infinite price": (
        {"date": ["2020-01-02"], "ticker": ["A"], "adj_close": [np.inf]},
        ["row 1 (A, 2020-01-02)", "inf"],
    ),
    "misspelt column": ({"date": ["2020-01-02"], "ticker": ["A"], "adjclose": [1.0]}, ["did you mean 'adjclose'?"]),
}


@pytest.mark.parametrize("case", PARQUET_CASES)
def test_damaged_parquet_is_refused_in_one_line(folder: Path, case: str) -> None:
    columns, expected = PARQUET_CASES[case]
    pd.DataFrame(columns).to_parquet(folder / "prices.parquet")
    refused(folder, ["prices.parquet", *expected])


@pytest.mark.parametrize("content", [b"", b"date,ticker,adj_close\n", b"PAR1 and then nothing of use PAR1"])
def test_what_is_no_parquet_is_refused_in_one_line(folder: Path, content: bytes) -> None:
    (folder / "prices.parquet").write_bytes(content)
    refused(folder, ["prices.parquet cannot be read as Parquet"])


@pytest.mark.parametrize("content", [b"dat\xe9,ticker,adj_close\n", b"date,ticker,adj_close\n2020-01-02,\xe9,1\n"])
def test_latin_1_is_refused_in_one_line(folder: Path, content: bytes) -> None:
    (folder / "prices.csv").write_bytes(content)
    refused(folder, ["prices.csv is not UTF-8"])


def test_two_price_files_are_refused(folder: Path) -> None:
    write(folder, HEADER + "2020-01-02,A,1\n")
    pd.DataFrame({"date": ["2020-01-02"], "ticker": ["A"], "adj_close": [1.0]}).to_parquet(folder / "prices.parquet")
    refused(folder, ["holds both prices.parquet and prices.csv"])


def test_no_price_file_is_refused(folder: Path) -> None:
    refused(folder, ["neither prices.parquet nor prices.csv"])


def refused(folder: Path, expected: list[str]) -> None:
    with pytest.raises(MarketError) as caught:
        read_prices(folder)
    message = str(caught.value)
    assert "\n" not in message
    for part in expected:
        assert part in message
