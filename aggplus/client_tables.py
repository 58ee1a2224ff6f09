"""Tables as custodians and spreadsheets save them: commas, semicolons or tabs, with or without a byte order mark."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

from aggplus.desk_errors import AccountError

# Thousands begin with no zero: 0.125 is an eighth, and 0,125 is one only where semicolons part the fields.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r"sep=([,;\t])[\r\n]")
"""A first line that tells a spreadsheet what parts the fields."""


@dataclass(frozen=True)
class Line:
    """A line of a table: its number in the file, its key, and its figure as it is written."""

    path: Path
    number: int
    key: str
    figure: str
    delimiter: str

    @property
    def place(self) -> str:
        """Where it stands, for print."""
        return f"{self.path}, line {self.number}"

    def value(self, name: str, expected: str) -> float:
        """The figure as a number.

        With semicolons a comma is the decimal sign; elsewhere it may set thousands apart.

        Parameters
        ----------
        name, expected : str
            What it is and what it should be like, for print.

        Raises
        ------
        AccountError
            When it is no number, or could be two: 1.234 where semicolons part the fields.
        """
        text = self.figure.replace("\u00a0", "").replace(" ", "")
        if self.delimiter == ";":
            if _AMBIGUOUS.fullmatch(text):
                raise AccountError(
                    f"{self.place}: {name} {text} can be read in two ways in a file with semicolons; "
                    f"write {text.replace('.', '')} or {text.replace('.', ',')}0"
                )
            if _DECIMAL_COMMA.fullmatch(text):
                text = text.replace(".", "").replace(",", ".")
        elif _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        number = float(text) if _PLAIN.fullmatch(text) else math.nan
        if not math.isfinite(number):
            raise AccountError(f"{self.place}: {name} {self.figure!r} is no number; expected {expected}")
        return number


def read_table(path: Path, key: str, figure: str) -> list[Line]:
    """The lines of a table with two columns of interest; other columns and blank lines are passed over.

    Parameters
    ----------
    path : Path
    key, figure : str
        Names of the columns; capitals do not matter.

    Raises
    ------
    AccountError
        When the file cannot be read as text, is no such table, or has a key twice.
    """
    expected = f"expected the columns {key}, {figure}"
    text = _text(path)
    head = next((line for line in text.splitlines() if line.strip()), "")
    if not head:
        raise AccountError(f"{path}: empty; {expected}")
    named = _SEPARATOR.match(text)
    delimiter = max(_DELIMITERS, key=head.count) if named is None else named[1]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        if named is not None:
            next(reader)
        table = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise AccountError(f"{path}: not a CSV table ({error}); {expected}") from None
    if not table:
        raise AccountError(f"{path}: empty; {expected}")
    header = [cell.lower() for cell in table[0][1]]
    for column in (key, figure):
        if header.count(column) != 1:
            what = f"no column {column!r}" if column not in header else f"the column {column!r} more than once"
            raise AccountError(f"{path}: {what}; found {', '.join(header)}; {expected}")
    lines, seen = [], set()
    for number, row in table[1:]:
        if len(row) != len(header):
            raise AccountError(f"{path}, line {number}: {len(row)} fields; expected {len(header)} as in the header")
        line = Line(path, number, row[header.index(key)], row[header.index(figure)], delimiter)
        if not line.key:
            raise AccountError(f"{line.place}: no {key}; expected one a line")
        if line.key in seen:
            raise AccountError(f"{line.place}: {line.key} is there twice; expected one line of it")
        seen.add(line.key)
        lines.append(line)
    return lines


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise AccountError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content[:2]:
        # A Latin letter in UTF-16 has a zero byte: before it or behind it.
        encodings = ("utf-16-be",) if content[:1] == b"\0" else ("utf-16-le",)
    else:
        # What Western spreadsheets save where they do not save UTF-8.
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise AccountError(f"{path}: neither UTF-8, UTF-16 nor Windows-1252 text; save it as UTF-8")
