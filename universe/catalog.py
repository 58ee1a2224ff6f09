"""The catalog of a market: one row of labels and facts per fund."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.dates import days_from_text, plausible
from universe.errors import MarketError
from universe.sectors import SECTORS, sector_suggestion
from universe.tickers import ticker_fault
from universe.wording import clipped, closest, did_you_mean, listed

REQUIRED_COLUMNS = ("ticker", "name", "sector")

# Similar enough that the column was meant; looser, facts that we do not use would be taken for misspelt ones.
_COLUMN_CUTOFF = 0.82
_OPTIONAL_CUTOFF = 0.9

# How "unknown" is written where a number, a date or a flag is expected. In a label only a blank means unknown:
# "NA" could be one.
_UNKNOWN = ("", "na", "n/a", "nan", "nat", "null", "none", "<na>")


def read_catalog(path: Path) -> pd.DataFrame:
    """The catalog in a CSV file, as `validate_catalog` returns it.

    Parameters
    ----------
    path
        A CSV file in UTF-8 (a byte-order mark is accepted) with a header line.

    Raises
    ------
    MarketError
        If the file is missing, empty, not UTF-8 or has lines of unequal length, and for all that
        `validate_catalog` refuses.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except FileNotFoundError:
        raise MarketError(f"{path} does not exist; expected a catalog with one row per fund") from None
    except UnicodeDecodeError:
        raise MarketError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except (csv.Error, OSError) as error:
        raise MarketError(f"{path} cannot be read as CSV: {error}") from error
    if not rows:
        raise MarketError(f"{path} is empty; expected columns {', '.join(REQUIRED_COLUMNS)} and one row per fund")
    header, *body = rows
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise MarketError(
                f"{path} row {number} ({clipped(row[0])}) has {len(row)} fields; the header has {len(header)}"
            )
    frame = pd.DataFrame(body, columns=pd.Index(header, dtype="str"), dtype="str")
    return validate_catalog(frame, str(path))


def validate_catalog(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A catalog with all known columns, each of its type, from columns of text or of the type already.

    Parameters
    ----------
    frame
        One row per fund; columns ``ticker`` (or the index of that name), ``name``, ``sector``, and any of the
        optional ones below. Other columns are dropped.
    where
        What to call the catalog in an error line.

    Returns
    -------
    DataFrame, indexed by "ticker" (str, sorted, unique)
        ``name`` (str, blank if unknown) and ``sector`` (str);
        ``issuer, sub_sector, currency_exposure, maturity_bucket, credit_quality, tax_status`` (str, NaN unknown);
        ``leveraged_or_inverse, options_overlay, delisted`` (boolean, NA unknown);
        ``effective_duration_years`` (years), ``expense_ratio_bp`` (basis points), ``aum_usd_mm``, ``adv_usd_mm``
        (USD millions) (float64, NaN unknown);
        ``as_of, first_trade_date, last_price_date`` (datetime64, NaT unknown).

    Raises
    ------
    MarketError
        If a required column is missing, a column is misspelt or comes twice, there is no row; if a ticker is blank
        or comes twice, a sector is not in the taxonomy, a number is text, infinite or (other than a duration)
        negative, a flag is neither True nor False, a date cannot be read. Rows are counted from 1.
    """
    if frame.index.name == "ticker" and "ticker" not in frame.columns:
        frame = frame.reset_index()
    _check_columns(list(map(str, frame.columns)), where)
    if frame.empty:
        raise MarketError(f"{where} has no rows; expected one per fund")
    tickers = _tickers(frame["ticker"], where)

    def place(row: int) -> str:
        return f"{where} row {row + 1} ({tickers[row]})"

    columns: dict[str, pd.Series] = {}
    for name, convert in _COLUMNS.items():
        if name in frame.columns:
            columns[name] = convert(frame[name].reset_index(drop=True), place)
        else:
            columns[name] = convert(pd.Series([None] * len(frame), name=name, dtype=object), place)
    catalog = pd.DataFrame(columns)
    catalog.index = pd.Index(tickers, name="ticker", dtype="str")
    return catalog.iloc[np.argsort(np.array(tickers, dtype=object), kind="stable")]


_Place = Callable[[int], str]


def _check_columns(found: list[str], where: str) -> None:
    known = ("ticker", *_COLUMNS)
    unclaimed = [name for name in found if name not in known]
    for name in known:
        if found.count(name) > 1:
            raise MarketError(f"{where} has the column {name!r} {found.count(name)} times; once is expected")
        if name in found:
            continue
        if name in REQUIRED_COLUMNS:
            suggestion = did_you_mean(name, unclaimed, _COLUMN_CUTOFF)
            raise MarketError(f"{where} has no column {name!r} (found: {listed(found, 30)}){suggestion}")
        # Left alone, a misspelt optional column would silently become "unknown" for every fund.
        misspelt = closest(name, unclaimed, _OPTIONAL_CUTOFF)
        if misspelt is not None:
            raise MarketError(f"{where}: unknown column {clipped(misspelt)!r}; did you mean {name!r}?")


def _tickers(column: pd.Series, where: str) -> list[str]:
    rows: dict[str, int] = {}
    for row, ticker in enumerate(column.tolist()):
        if isinstance(ticker, str):
            fault = ticker_fault(ticker)
        else:
            fault = "is blank" if pd.isna(ticker) else f"is {ticker!r}, which is not text"
        if fault is not None:
            raise MarketError(f"{where} row {row + 1}: the ticker {fault}")
        if ticker in rows:
            raise MarketError(
                f"{where} row {row + 1}: ticker {ticker!r} is already in row {rows[ticker] + 1}; expected one row each"
            )
        rows[ticker] = row
    return list(rows)


def _label(column: pd.Series, _: _Place) -> pd.Series:
    text = column.astype("str").str.strip()
    return text.where(text != "")


def _name(column: pd.Series, place: _Place) -> pd.Series:
    return _label(column, place).fillna("")


def _sector(column: pd.Series, place: _Place) -> pd.Series:
    sectors = _label(column, place)
    known = sectors.isin(list(SECTORS)).to_numpy()
    if not known.all():
        row = int((~known).argmax())
        value = sectors.iloc[row]
        if not isinstance(value, str):
            raise MarketError(f"{place(row)}: the sector is blank; expected one of {', '.join(SECTORS)}")
        raise MarketError(f"{place(row)}: unknown sector {clipped(value)!r}{sector_suggestion(value)}")
    return sectors


def _shown(column: pd.Series, row: int) -> str:
    return repr(clipped(str(column.iloc[row])))


def _unknown(text: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(text.isna() | text.str.casefold().isin(_UNKNOWN), dtype=bool)


def _number(column: pd.Series, place: _Place) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        numbers = column.astype("float64")
        textual = np.zeros(len(column), dtype=bool)
    else:
        text = column.astype("str").str.strip()
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        textual = numbers.isna().to_numpy() & ~_unknown(text)
    bad = textual | np.isinf(numbers.to_numpy())
    if bad.any():
        row = int(bad.argmax())
        raise MarketError(
            f"{place(row)}: {column.name} is {clipped(str(column.iloc[row]))!r}; expected a number or a blank"
        )
    return numbers


def _non_negative(column: pd.Series, place: _Place) -> pd.Series:
    numbers = _number(column, place)
    negative = (numbers < 0).to_numpy()
    if negative.any():
        row = int(negative.argmax())
        raise MarketError(f"{place(row)}: {column.name} is {numbers.iloc[row]:g}; expected a number from 0 up")
    return numbers


def _flag(column: pd.Series, place: _Place) -> pd.Series:
    text = column.astype("str").str.strip()
    flags = text.str.casefold().map({"true": True, "false": False, "1": True, "0": False}).astype("boolean")
    bad = flags.isna().to_numpy() & ~_unknown(text)
    if bad.any():
        row = int(bad.argmax())
        raise MarketError(f"{place(row)}: {column.name} is {_shown(column, row)}; expected True, False or a blank")
    return flags


def _date(column: pd.Series, place: _Place) -> pd.Series:
    text = column.astype("str").str.strip()
    days = days_from_text(text.where(text.notna(), "").tolist())
    bad = ~plausible(days) & ~_unknown(text)
    if bad.any():
        row = int(bad.argmax())
        raise MarketError(f"{place(row)}: {column.name} is {_shown(column, row)}; expected YYYY-MM-DD or a blank")
    return pd.Series(days.astype("datetime64[us]"), name=column.name)


# A duration may be negative: some rate-hedged funds aim for one.
_COLUMNS: Mapping[str, Callable[[pd.Series, _Place], pd.Series]] = MappingProxyType(
    {
        "name": _name,
        "sector": _sector,
        "issuer": _label,
        "sub_sector": _label,
        "currency_exposure": _label,
        "maturity_bucket": _label,
        "credit_quality": _label,
        "tax_status": _label,
        "leveraged_or_inverse": _flag,
        "options_overlay": _flag,
        "effective_duration_years": _number,
        "expense_ratio_bp": _non_negative,
        "aum_usd_mm": _non_negative,
        "adv_usd_mm": _non_negative,
        "as_of": _date,
        "first_trade_date": _date,
        "delisted": _flag,
        "last_price_date": _date,
    }
)

CATALOG_COLUMNS: tuple[str, ...] = tuple(_COLUMNS)
"""Every column of a catalog beside the ticker."""
