"""What a workbook must be whatever is in it: Hypothesis looks for a text or a number that spoils one."""

import datetime as dt
import io
import math
import zipfile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggplus.errors import OutputError
from aggplus.workbook import Column, Sheet, Shown, require_workbook, workbook_bytes
from aggplus.workbook.about import with_about
from aggplus.workbook.writing import sheet_name

DANGEROUS = ["=HYPERLINK('http://x','y')", "+1", "-1", "@SUM(A1)", "\t=1", "https://example.com", "1e5", "{=1}", "TRUE"]


def opened(sheets: list[Sheet]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(sheets)))


@given(st.text(min_size=1, max_size=40))
@example("_x0041_ stays")
@example("\x00\x07 bell")
@example("\ud800 half a character")
@example("\uffff")
def test_text_comes_back_as_text(text: str) -> None:
    sheet = opened([Sheet("T", (Column("a"), Column("b")), [(text, "end")])])["T"]
    cell = sheet["A2"]
    assert cell.data_type == "s"
    kept = "".join(
        letter if letter in "\t\n\r" or letter.isprintable() or ord(letter) > 0x7E else "" for letter in text
    )
    shown = str(cell.value or "")
    for letter in kept:
        # XML reads a carriage return as the end of a line.
        if ord(letter) not in (0xD, 0xFFFE, 0xFFFF) and not 0xD800 <= ord(letter) <= 0xDFFF:
            assert letter in shown
    assert sheet["B2"].value == "end"


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    book = opened([Sheet(text, (Column(text),), [(text,)])])
    (sheet,) = book
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)
    with zipfile.ZipFile(io.BytesIO(workbook_bytes([Sheet(text, (Column(text),), [(text,)])]))) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert "hyperlink" not in page


@given(st.lists(st.text(min_size=0, max_size=50), min_size=1, max_size=5))
def test_names_of_tabs_are_allowed_and_differ(wanted: list[str]) -> None:
    taken: set[str] = set()
    names = [sheet_name(name, taken) for name in wanted]
    assert len({name.lower() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 for name in names)
    assert opened([Sheet(name, (Column("a"),), []) for name in wanted]).sheetnames == names


@given(st.floats(-1e300, 1e300))
def test_numbers_come_back(value: float) -> None:
    cell = opened([Sheet("N", (Column("n", "figure"),), [(value,)])])["N"]["A2"]
    assert cell.data_type == "n"
    assert cell.value == pytest.approx(value, rel=1e-15, abs=5e-324)


def test_numbers_that_are_none_are_blank_and_told() -> None:
    rows = [(math.nan, 1.0), (math.inf, None), (-math.inf, 2.0)]
    book = opened(with_about({}, {}, [], [Sheet("N", (Column("n", "figure"), Column("m", "figure")), rows)]))
    assert [cell.value for cell in book["N"]["A"]] == ["n", None, None, None]
    assert [cell.value for cell in book["N"]["B"]] == ["m", 1, None, 2]
    assert book["Notes"]["A2"].value == "3 figures of the sheet 'N' are no numbers and left blank"
    assert "3 figures of the sheet 'N' are no numbers and left blank" in [cell.value for cell in book["About"]["B"]]


def test_days_formats_and_long_text() -> None:
    columns = (Column("day", "date"), Column("share", "percent"), Column("words"), Column("yes"))
    row = (dt.date(2024, 2, 29), 0.25, "x" * 40_000, True)
    sheet = opened([Sheet("D", columns, [row, (None, Shown(3, "count"), "", False)])])["D"]
    assert (sheet["A2"].value, sheet["A2"].number_format) == (dt.datetime(2024, 2, 29), "yyyy-mm-dd")
    assert (sheet["B2"].value, sheet["B2"].number_format) == (0.25, "0.00%")
    assert (sheet["B3"].value, sheet["B3"].number_format) == (3, "#,##0")
    assert sheet["C2"].value == "x" * 32_764 + "..."
    assert [sheet["D2"].value, sheet["D3"].value] == ["yes", "no"]
    assert sheet.freeze_panes == "B2"


def test_the_same_sheets_give_the_same_bytes_on_any_day() -> None:
    sheets = [Sheet("D", (Column("a"), Column("b", "figure")), [("x", 1.5)])]
    content = workbook_bytes(sheets)
    assert content == workbook_bytes(sheets)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 2
    assert f"{dt.date.today():%Y-%m-%d}" not in core


def test_refusals_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(list[tuple[str]]):
        def __len__(self) -> int:
            return 1_048_576

    with pytest.raises(OutputError, match="has 1,048,576 rows and a sheet has room for 1,048,575"):
        workbook_bytes([Sheet("D", (Column("a"),), Endless())])
    monkeypatch.setattr("aggplus.workbook.writing.find_spec", lambda name: None)
    with pytest.raises(OutputError, match=r"^workbooks are written with xlsxwriter, .*'aggplus\[workbook\]'$"):
        require_workbook()
