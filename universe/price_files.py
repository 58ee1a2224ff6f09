"""Columns of a price file, Parquet or CSV alike, as numpy arrays."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from universe.dates import days_from_text, plausible
from universe.errors import MarketError

PRICE_FILES = ("prices.parquet", "prices.csv")

# How an absent price is written where the column is text.
_NO_NUMBER = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")

_CSV_BLOCK_BYTES = 8 << 20


def find_price_file(folder: Path) -> Path:
    """The price file of a market folder.

    Raises
    ------
    MarketError
        If there is none, or one of each kind.
    """
    found = [folder / name for name in PRICE_FILES if (folder / name).is_file()]
    if not found:
        raise MarketError(f"{folder} holds neither {' nor '.join(PRICE_FILES)}; one of them is expected")
    if len(found) > 1:
        raise MarketError(f"{folder} holds both {' and '.join(PRICE_FILES)}; remove the one that is not meant")
    return found[0]


def column_names(path: Path) -> list[str]:
    """Names of the columns, in file order.

    Raises
    ------
    MarketError
        If the file cannot be read as what its name says.
    """
    try:
        if path.suffix == ".parquet":
            return [str(name) for name in pyarrow.parquet.read_schema(path).names]
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return next(csv.reader(lines), [])
    except (pa.ArrowException, csv.Error, UnicodeDecodeError, OSError) as error:
        raise _unreadable(path, error) from error


def read_columns(path: Path, text: Sequence[str], numbers: Sequence[str]) -> pa.Table:
    """The named columns of the file; those of `numbers` are float64 if every cell of a CSV allows it.

    Raises
    ------
    MarketError
        If the file is damaged, has lines of unequal length or is not UTF-8.
    """
    try:
        if path.suffix == ".parquet":
            return pyarrow.parquet.ParquetFile(path, read_dictionary=list(text)).read(columns=[*text, *numbers])
        try:
            return _read_csv(path, {**dict.fromkeys(text, _TEXT), **dict.fromkeys(numbers, pa.float64())})
        except pa.ArrowInvalid:
            # A cell that is no number: read it as it stands, so that the caller can say which.
            return _read_csv(path, dict.fromkeys((*text, *numbers), _TEXT))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


_TEXT = pa.dictionary(pa.int32(), pa.string())


def _read_csv(path: Path, types: dict[str, pa.DataType]) -> pa.Table:
    # Threads would lose the row number that pyarrow's own complaints carry.
    all_text = all(kind == _TEXT for kind in types.values())
    return pyarrow.csv.read_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(use_threads=not all_text, block_size=_CSV_BLOCK_BYTES),
        convert_options=pyarrow.csv.ConvertOptions(include_columns=list(types), column_types=types),
    )


def as_codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[str]] | None:
    """Text as integer codes and the distinct texts they stand for; None for a column that is not text.

    Returns
    -------
    codes : ndarray of int32, shape (rows,)
        -1 where the cell is null.
    texts : list of str
    """
    if not pa.types.is_dictionary(column.type):
        if not _is_text(column.type):
            return None
        column = column.dictionary_encode()
    elif not _is_text(column.type.value_type):
        return None
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    codes = whole.indices.fill_null(-1).to_numpy().astype(np.int32, copy=False)
    return codes, whole.dictionary.to_pylist()


def as_days(column: pa.ChunkedArray) -> NDArray[np.datetime64]:
    """Calendar days of a date, timestamp or text column, NaT where a cell is blank or no plausible date.

    A time of day is dropped; a timestamp with a zone counts by the wall clock of its zone.
    """
    coded = as_codes(column)
    if coded is not None:
        codes, texts = coded
        # One NaT more, at the end, is what the code -1 of a null picks.
        days = np.append(days_from_text(texts), np.datetime64("NaT", "D"))[codes]
    elif pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        if pa.types.is_timestamp(column.type) and column.type.tz is not None:
            column = pyarrow.compute.local_timestamp(column)
        days = column.to_numpy().astype("datetime64[D]", copy=False)
    else:
        days = np.full(len(column), np.datetime64("NaT", "D"))
    good = plausible(days)
    return days if good.all() else np.where(good, days, np.datetime64("NaT", "D"))


def as_floats(column: pa.ChunkedArray) -> tuple[NDArray[np.float64], int | None]:
    """Numbers of a column, NaN where blank, and the first row whose cell is no number (None if there is none)."""
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_numpy(), None
    cells = pd.Series([None if cell is None else str(cell) for cell in column.to_pylist()], dtype="str")
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    blank = cells.isna() | cells.str.strip().isin(_NO_NUMBER)
    textual = np.flatnonzero(np.isnan(numbers) & ~blank.to_numpy(dtype=bool))
    return numbers, int(textual[0]) if textual.size else None


def cell_text(column: pa.ChunkedArray, row: int) -> str:
    """A cell as it should be shown to whoever has to correct it; blank for a null."""
    cell = column[row]
    if not cell.is_valid:
        return ""
    try:
        return str(cell.as_py())
    except (OverflowError, ValueError):  # a timestamp beyond the years that Python knows
        return str(cell.value)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _unreadable(path: Path, error: Exception) -> MarketError:
    if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in str(error):
        return MarketError(f"{path} is not UTF-8 text; save it as UTF-8")
    uneven = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(error))
    if uneven is not None:
        line, expected, got = map(int, uneven.groups())
        return MarketError(f"{path} row {line - 1} has {got} fields; the header has {expected}")
    kind = "Parquet" if path.suffix == ".parquet" else "CSV"
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    return MarketError(f"{path} cannot be read as {kind}: {first_line[:160]}")
