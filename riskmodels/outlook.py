"""What expected returns may be made of beside prices: sectors, yields and views.

A yield is taken as the expected return itself (carry: what is earned when nothing moves). A view states the annual
percent that somebody expects of a fund, and how far to believe it:

    mu_i = (1 - c_i) m_i + c_i v_i

with m_i the estimate, v_i the view and c_i in [0, 1] its confidence. This is the posterior mean of Black and Litterman
for one view on one fund, of variance s^2 (1 - c) / c beside an estimate of variance s^2; other funds do not move with
it.

References
----------
Koijen, Moskowitz, Pedersen & Vrugt, "Carry", J. Financial Economics 127 (2018).
Black & Litterman, "Global portfolio optimization", Financial Analysts Journal 48 (1992).
Idzorek, "A step-by-step guide to the Black-Litterman model" (2005): confidence in percent.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskmodels.errors import EstimationError
from riskmodels.factor_form import Floats

VIEW_COLUMNS = ("ticker", "annual_percent", "confidence")
"""Columns of a file of views."""

_MOST_PERCENT = 100.0
"""A bond fund is not expected to earn more in a year: a misprint."""

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Outlook:
    """Figures by ticker that estimates of expected return may need.

    Parameters
    ----------
    sectors : Series of str, optional
        For shrinkage towards sector means.
    yields : Series of float, optional
        Annual percent, for carry.
    views : DataFrame, optional
        By ticker, with `annual_percent` and `confidence` in [0, 1].
    """

    sectors: pd.Series | None = None
    yields: pd.Series | None = None
    views: pd.DataFrame | None = None


def read_yields(path: str | Path, column: str) -> pd.Series:
    """Yields by ticker from a column of a CSV file; blank cells are unknown.

    Parameters
    ----------
    path : path
        Has the columns `ticker` and `column`, and any others.
    column : str
        Annual percent.

    Raises
    ------
    EstimationError
        When the file cannot be read, a column is missing, or a yield is not a number of percent.
    """
    rows = _rows(path, ("ticker", column))
    return pd.Series(
        {row["ticker"]: _number(path, row, column, _MOST_PERCENT) for row in rows if row[column]},
        dtype=float,
        name=column,
    )


def read_views(path: str | Path) -> pd.DataFrame:
    """Views from a CSV file with the columns `ticker`, `annual_percent` and `confidence`.

    Parameters
    ----------
    path : path

    Raises
    ------
    EstimationError
        When the file cannot be read, a column is missing, a number is none, or a confidence lies outside [0, 1].
    """
    rows = _rows(path, VIEW_COLUMNS)
    views = {}
    for row in rows:
        confidence = _number(path, row, "confidence", 1.0)
        if confidence < 0.0:
            raise EstimationError(f"{path}: confidence of {row['ticker']} is {confidence:g}: expected 0 to 1")
        views[row["ticker"]] = (_number(path, row, "annual_percent", _MOST_PERCENT), confidence)
    return pd.DataFrame.from_dict(views, orient="index", columns=list(VIEW_COLUMNS[1:]), dtype=float)


def unrated(yields: pd.Series, tickers: Sequence[str]) -> tuple[str, ...]:
    """Funds without a yield.

    Parameters
    ----------
    yields : Series
    tickers : sequence of str
    """
    known = yields.reindex(list(tickers)).to_numpy(dtype=float)
    return tuple(ticker for ticker, value in zip(tickers, known, strict=True) if not np.isfinite(value))


def carry(yields: pd.Series | None, tickers: Sequence[str]) -> Floats:
    """Expected returns that are the funds' yields.

    Parameters
    ----------
    yields : Series or None
        Annual percent by ticker.
    tickers : sequence of str, length n

    Returns
    -------
    ndarray, shape (n,)
        Annual percent.

    Raises
    ------
    EstimationError
        When there are no yields, or not of every fund.
    """
    if yields is None:
        raise EstimationError("carry needs yields: name a file with them as expected_return.yields")
    without = unrated(yields, tickers)
    if without:
        raise EstimationError(
            f"no yield for {', '.join(without[:_NAMED])} ({len(without)} of {len(tickers)} funds): carry rates only "
            "funds whose yield is known; add them to the file, or exclude them"
        )
    return yields.reindex(list(tickers)).to_numpy(dtype=float)


def blended(estimate: Floats, tickers: Sequence[str], views: pd.DataFrame | None) -> Floats:
    """Estimates with views blended in; views on other funds are not looked at.

    Parameters
    ----------
    estimate : ndarray, shape (n,)
        Annual percent.
    tickers : sequence of str, length n
    views : DataFrame or None
    """
    if views is None:
        return estimate
    mine = views.reindex(list(tickers))
    confidence = mine["confidence"].fillna(0.0).to_numpy(dtype=float)
    return np.asarray((1.0 - confidence) * estimate + confidence * mine["annual_percent"].fillna(0.0).to_numpy(float))


def _rows(path: str | Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            found = [name.strip() for name in reader.fieldnames or ()]
            absent = [name for name in columns if name not in found]
            if absent:
                raise EstimationError(
                    f"{path} has no column {absent[0]!r} (found: {', '.join(found[:8]) or 'none'}): expected "
                    f"{', '.join(columns)}"
                )
            raw = [
                [(cell or "").strip() for cell in (row.get(name) for name in reader.fieldnames or ())] for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EstimationError(f"{path}: cannot be read ({reason}); expected a CSV file in UTF-8") from None
    rows = [dict(zip(found, cells, strict=True)) for cells in raw if any(cells)]
    seen: set[str] = set()
    for row in rows:
        if not row["ticker"] or row["ticker"] in seen:
            what = f"{row['ticker']} twice" if row["ticker"] else "a row without a ticker"
            raise EstimationError(f"{path} has {what}: expected one row a fund")
        seen.add(row["ticker"])
    return rows


def _number(path: str | Path, row: dict[str, str], column: str, most: float) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = float("nan")
    if not abs(value) <= most:
        raise EstimationError(
            f"{path}: {column} of {row['ticker']} is {row[column]!r}: expected a number of at most {most:g}"
        )
    return value
