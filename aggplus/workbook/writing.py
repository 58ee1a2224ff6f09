"""Sheets to a workbook by XlsxWriter: the same sheets give the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from aggplus.errors import OutputError
from aggplus.workbook.sheet import FORMATS, Column, Form, Sheet, Shown, Value

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

EXTRA = "workbook"

_CREATED = dt.datetime(2000, 1, 1)
"""A day that is always the same, so that the file is, too."""

_MOST_ROWS, _LONGEST, _NAME = 1_048_575, 32_767, 31
_WIDTHS = (8, 60)
_OF_NUMBERS = 13

_NO_NAME = re.compile(r"[\[\]:*?/\\]")
_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no character for."""


def require_workbook() -> None:
    """Refuse a workbook before any work is done for it.

    Raises
    ------
    OutputError
        When the library that writes it is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise OutputError(f"workbooks are written with xlsxwriter, not installed: pip install 'aggplus[{EXTRA}]'")


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as the content of an .xlsx file.

    Text is always text, whatever it begins with; no formula and no link is written.

    Parameters
    ----------
    sheets : sequence of Sheet
        In the order of their tabs; at least one.

    Raises
    ------
    OutputError
        When a table has more rows than a sheet can.
    """
    import xlsxwriter

    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": FORMATS["date"],
    }
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"created": _CREATED})
    forms = {form: book.add_format({"num_format": shown, "valign": "top"}) for form, shown in FORMATS.items()}
    forms["text"] = book.add_format({"valign": "top", "text_wrap": True})
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True, "bg_color": "#EEF1F4"})
    taken: set[str] = set()
    for sheet in sheets:
        if len(sheet.rows) > _MOST_ROWS:
            raise OutputError(
                f"the table {sheet.name!r} has {len(sheet.rows):,} rows and a sheet has room for {_MOST_ROWS:,}: "
                "choose fewer models or a shorter period"
            )
        place = book.add_worksheet(sheet_name(sheet.name, taken))
        _write(place, sheet, head, forms)
    book.close()
    return content.getvalue()


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a tab can have and no other tab has; added to those taken.

    Parameters
    ----------
    wanted : str
    taken : set of str
        Lower-case names of other tabs.
    """
    plain = " ".join(_NO_NAME.sub(" ", clean(wanted)).split()).strip("' ") or "Sheet"
    # Excel keeps this one for itself.
    plain = "Changes" if plain.lower() == "history" else plain
    name, number = plain[:_NAME].rstrip("' "), 1
    while name.lower() in taken:
        number += 1
        tail = f" {number}"
        name = plain[: _NAME - len(tail)].rstrip() + tail
    taken.add(name.lower())
    return name


def clean(text: str) -> str:
    """Text that a cell can hold: without characters that XML lacks, and cut where it is too long.

    Parameters
    ----------
    text : str
    """
    known = _NO_TEXT.sub("\ufffd", text)
    return known if len(known) <= _LONGEST else known[: _LONGEST - 3] + "..."


def _write(place: Worksheet, sheet: Sheet, head: Any, forms: Mapping[Form, Any]) -> None:
    for at, column in enumerate(sheet.columns):
        place.write_string(0, at, clean(column.title), head)
        place.set_column(at, at, _width(column, [row[at] for row in sheet.rows]))
    for number, row in enumerate(sheet.rows, start=1):
        for at, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
            value, form = (cell.value, cell.form) if isinstance(cell, Shown) else (cell, column.form)
            _write_cell(place, number, at, value, forms[form], forms["text"])
    place.freeze_panes(1, 1 if len(sheet.columns) > 2 else 0)
    if sheet.rows:
        place.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _write_cell(place: Worksheet, row: int, at: int, value: Value, form: Any, words: Any) -> None:
    if isinstance(value, str):
        place.write_string(row, at, clean(value), words)
    elif isinstance(value, bool):
        place.write_string(row, at, "yes" if value else "no", words)
    elif isinstance(value, dt.date):
        place.write_datetime(row, at, dt.datetime(value.year, value.month, value.day), form)
    elif value is not None and math.isfinite(value):
        place.write_number(row, at, value, form)


def _width(column: Column, cells: Sequence[Value | Shown]) -> float:
    words = [cell for cell in cells if isinstance(cell, str)]
    longest = max((len(line) for text in words for line in text.splitlines()), default=0)
    least = len(column.title) if column.form == "text" else max(_OF_NUMBERS, len(column.title))
    return float(min(_WIDTHS[1], max(_WIDTHS[0], longest + 2, least + 3)))
