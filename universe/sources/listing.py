"""A list of funds to classify: any CSV, or the financedatabase package."""

from __future__ import annotations

import csv
import importlib
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from universe.errors import MarketError
from universe.wording import clipped, did_you_mean, listed

FINANCEDATABASE = "financedatabase"
"""What stands for that package where a file of a listing could stand."""

_ALIASES = {"symbol": "ticker", "fund name": "name", "long name": "name", "family": "issuer"}


def open_listing(named: str, tickers: Sequence[str]) -> pd.DataFrame:
    """What a listing says of funds.

    Parameters
    ----------
    named
        Path of a CSV, or `FINANCEDATABASE`.
    tickers
        Of the funds.

    Returns
    -------
    DataFrame
        Column ``ticker``, and of ``name``, ``category``, ``issuer`` and a catalog's columns what there is, as text.

    Raises
    ------
    MarketError
        If the listing cannot be had or read, or has no column of tickers.
    """
    whole = from_financedatabase() if named == FINANCEDATABASE else read_listing(Path(named))
    return whole.loc[whole["ticker"].isin(list(tickers))].reset_index(drop=True)


def read_listing(path: Path) -> pd.DataFrame:
    """A CSV with one row a fund.

    Parameters
    ----------
    path
        In UTF-8, with a header; ``ticker`` (or ``symbol``) must be there. Other columns than those of a catalog
        are kept, and used where rules read them.

    Raises
    ------
    MarketError
        If it cannot be read, has lines of unequal length or no column of tickers, or a column twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except UnicodeDecodeError:
        raise MarketError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except (csv.Error, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise MarketError(f"{path}: the listing cannot be read ({why})") from None
    if not rows:
        raise MarketError(f"{path} is empty; expected a listing with the columns ticker and name")
    header, *body = rows
    names = [_ALIASES.get(cell.strip().casefold(), cell.strip()) for cell in header]
    if "ticker" not in names:
        hint = did_you_mean("ticker", header)
        raise MarketError(f"{path} has no column 'ticker' (found: {listed(header)}){hint}")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise MarketError(f"{path} has the column {clipped(repeated)!r} more than once; expected once")
    for number, row in enumerate(body, start=1):
        if len(row) != len(names):
            raise MarketError(
                f"{path} row {number} ({clipped(row[0])}) has {len(row)} fields; the header has {len(names)}"
            )
    return pd.DataFrame(body, columns=pd.Index(names, dtype="str"), dtype="str")


def from_financedatabase() -> pd.DataFrame:
    """The exchange-traded funds of the financedatabase package, which fetches its data when it is asked.

    Raises
    ------
    MarketError
        If the package is not installed, or its data cannot be had.
    """
    try:
        database = importlib.import_module("financedatabase")
    except ImportError:
        raise MarketError(
            "a catalog from financedatabase needs that package; install it: pip install 'aggplus[listing]'"
        ) from None
    try:
        with warnings.catch_warnings():
            # What the package says of its own libraries is nothing that a user could act on.
            warnings.simplefilter("ignore")
            funds: pd.DataFrame = database.ETFs().data
    except Exception as error:  # whatever its libraries raise: network, disk, parsing
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise MarketError(f"financedatabase cannot fetch its data ({first_line[:160]}); is there a network?") from error
    known = funds.reset_index(names="ticker").rename(columns={"family": "issuer"})
    known = known.loc[known["ticker"].notna() & ~known["ticker"].duplicated()]
    wanted = [name for name in ("ticker", "name", "category", "issuer") if name in known.columns]
    return known.loc[:, wanted].astype(object).reset_index(drop=True)
