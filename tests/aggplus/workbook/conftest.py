"""A workbook as openpyxl, another library, reads it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

Read = Callable[[bytes | Path], dict[str, pd.DataFrame]]


def tables(content: bytes | Path) -> dict[str, pd.DataFrame]:
    book = openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)
    read = {}
    for sheet in book:
        head, *rows = sheet.iter_rows(values_only=True)
        read[sheet.title] = pd.DataFrame(rows, columns=list(head))
    return read


def holds_to_the_house(content: bytes | Path) -> None:
    """On every sheet: a frozen heading, a filter, text that is text, numbers and days with a format, no formula."""
    book = openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)
    assert book.sheetnames[0] == "About"
    for sheet in book:
        assert sheet.freeze_panes in ("A2", "B2"), sheet.title
        assert sheet.max_row == 1 or sheet.auto_filter.ref == sheet.dimensions, sheet.title
        assert len({cell.value for cell in sheet[1]}) == sheet.max_column
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "d"), (sheet.title, cell.coordinate, cell.data_type)
                assert cell.hyperlink is None
                if isinstance(cell.value, dt.datetime):
                    assert cell.number_format == "yyyy-mm-dd", (sheet.title, cell.coordinate)
                elif isinstance(cell.value, float):
                    assert cell.number_format != "General", (sheet.title, cell.coordinate)
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert all(8 <= width <= 62 for width in widths), sheet.title


@pytest.fixture
def read() -> Read:
    return tables


@pytest.fixture
def checked() -> Callable[[bytes | Path], None]:
    return holds_to_the_house


@pytest.fixture
def formats() -> Callable[[Path, str], dict[str, Any]]:
    """Number formats of the first filled cell below each heading."""

    def of(file: Path, name: str) -> dict[str, Any]:
        columns = openpyxl.load_workbook(file)[name].iter_cols()
        return {
            str(head.value): next(cell.number_format for cell in cells if cell.value is not None)
            for head, *cells in columns
            if any(cell.value is not None for cell in cells)
        }

    return of
