"""What Yahoo's answers mean, as yfinance hands them over."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from universe.sources.protocol import PRICE_COLUMNS
from universe.wording import listed

_NEEDED = ("Adj Close", "Close", "Volume")
_MOST_EXPENSIVE_BP = 2000.0


class AnswerError(ValueError):
    """An answer that was understood, and that no market can be made of."""


def rows_from_history(ticker: str, frame: pd.DataFrame, currency: str | None) -> tuple[pd.DataFrame, str]:
    """A fund's rows of a price table from its history, and a note where some were left out.

    Parameters
    ----------
    ticker
    frame
        Of `yfinance.Ticker.history`, not adjusted.
    currency
        What it is priced in.

    Raises
    ------
    AnswerError
        If there is no row, no adjusted close, or another currency than USD.
    """
    if frame.empty:
        raise AnswerError("Yahoo has no price in these days")
    if currency != "USD":
        raise AnswerError(f"priced in {currency or 'an unknown currency'}; expected USD")
    lacking = [name for name in _NEEDED if name not in frame.columns]
    if lacking:
        raise AnswerError(f"Yahoo gives no {' and no '.join(lacking)}")
    index = pd.DatetimeIndex(frame.index)
    # A day is a day of the exchange: its wall clock counts, not UTC's.
    days = (index.tz_localize(None) if index.tz is not None else index).normalize()
    paid = sum((_column(frame, name).fillna(0.0).to_numpy() for name in ("Dividends", "Capital Gains")), start=0.0)
    split = _column(frame, "Stock Splits")
    table = pd.DataFrame(
        {
            "date": days.as_unit("us"),
            "ticker": pd.Series([ticker] * len(frame), dtype="str"),
            "adj_close": _column(frame, "Adj Close").to_numpy(),
            "close": _column(frame, "Close").to_numpy(),
            "volume": _column(frame, "Volume").to_numpy(),
            "distribution": np.where(np.asarray(paid) > 0.0, paid, np.nan),
            "split": split.where(split > 0.0).to_numpy(),
        }
    )
    priced = table.loc[table["adj_close"].notna()]
    good = (priced["adj_close"] > 0.0) & (priced["adj_close"] < np.inf)
    rows = priced.loc[good].drop_duplicates("date").sort_values("date").reset_index(drop=True)
    if rows.empty:
        raise AnswerError("Yahoo has no price in these days")
    _require_adjusted(rows)
    left_out = int((~good).sum())
    said = [f"{left_out} prices of nothing or less were left out"] if left_out else []
    said += _gains_twice(rows["date"], frame.set_axis(days))
    return rows.loc[:, list(PRICE_COLUMNS)], f"{ticker}: {'; '.join(said)}" if said else ""


def _gains_twice(kept: pd.Series, frame: pd.DataFrame) -> list[str]:
    """A line on days whose capital gain the adjusted closes may hold twice.

    Yahoo adds a gain to the dividend of its day, and for some funds takes off both (yfinance's repair, which is not
    used here, guesses where from how far the price fell; a bond fund's gain is too small for that).
    """
    days = frame.loc[~frame.index.duplicated()].reindex(pd.DatetimeIndex(kept))
    gain, dividend = (_column(days, name).fillna(0.0).to_numpy() for name in ("Capital Gains", "Dividends"))
    close, scale = days["Close"].to_numpy(), (days["Adj Close"] / days["Close"]).to_numpy()
    suspects = []
    for day in range(1, len(days)):
        if 0.0 < gain[day] <= dividend[day]:
            taken = (1.0 - scale[day - 1] / scale[day]) * close[day - 1]
            if abs(taken - dividend[day] - gain[day]) < abs(taken - dividend[day]):
                over = 1e4 * gain[day] / close[day - 1]
                suspects.append(f"{days.index[day]:%Y-%m-%d} by {over:.0f} bp")
    if not suspects:
        return []
    return [
        "adjusted closes take off a dividend and a capital gain, and the dividend may hold the gain already; returns "
        f"may be too high on {listed(suspects)}"
    ]


def _require_adjusted(rows: pd.DataFrame) -> None:
    # Where Yahoo leaves adjusted closes out of an answer, yfinance puts the closes in their place. A distribution
    # lowers the adjusted closes of all days before it; none lower than the close means that they are not adjusted.
    paying = rows["distribution"].iloc[1:].notna()
    if not paying.any():
        return
    before = rows.iloc[: int(np.flatnonzero(paying.to_numpy())[-1]) + 1]
    if np.allclose(before["adj_close"], before["close"], rtol=1e-9, atol=0.0):
        raise AnswerError("Yahoo gives no adjusted closes, though distributions were paid")


def facts_from_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """What a catalog can use of `yfinance.Ticker.info`: USD millions and basis points.

    Parameters
    ----------
    info
        As it comes; what is absent or out of bounds stays unknown.
    """
    facts: dict[str, Any] = {
        "name": info.get("longName") or info.get("shortName"),
        "category": info.get("category"),
        "issuer": info.get("fundFamily"),
        "aum_usd_mm": _positive(info.get("totalAssets") or info.get("netAssets"), 1e-6, math.inf),
        "expense_ratio_bp": _expense_ratio(info),
    }
    if info.get("currency", "USD") != "USD":
        facts["aum_usd_mm"] = None
    return {key: value for key, value in facts.items() if value not in (None, "")}


def _expense_ratio(info: Mapping[str, Any]) -> float | None:
    """Basis points: `netExpenseRatio` is in percent, `annualReportExpenseRatio` a fraction."""
    net = _positive(info.get("netExpenseRatio"), 1e2, _MOST_EXPENSIVE_BP)
    return net if net is not None else _positive(info.get("annualReportExpenseRatio"), 1e4, _MOST_EXPENSIVE_BP)


def _positive(value: Any, factor: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = round(float(value) * factor, 6)
    return number if 0.0 < number < math.inf and number <= most else None


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(np.nan, index=frame.index)
    return frame[name].astype(np.float64)
