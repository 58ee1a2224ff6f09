"""Daily returns from prices: complete, or as long as each fund has them; nothing is filled in."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodels.errors import EstimationError
from riskmodels.factor_form import Floats

TRADING_DAYS = 252
"""Days in a year, for annualising."""

LEAST_DAYS = 20
"""Daily returns below which a fund's risk is not inferred."""

_MOST, _LEAST = 2.0, 0.5
"""Closes over the close before, beyond which a price is a misprint: a leveraged preferred fund fell by 40 % and rose by
52 % in March 2020, and no other fund of fixed income came near."""


def daily_returns(prices: pd.DataFrame, days: int) -> pd.DataFrame:
    """Simple daily returns over the last `days` rows of a price panel.

    Parameters
    ----------
    prices : DataFrame, shape (dates, n)
        Total-return prices, one row a trading day.
    days : int
        Number of returns; needs days + 1 prices.

    Raises
    ------
    EstimationError
        When the panel is shorter, or a price in the window is missing (nothing is filled), not positive, infinite or
        an evident misprint.
    """
    window = _window(prices, days)
    values = window.to_numpy(dtype=float)
    missing = np.isnan(values)
    if missing.any():
        column = int(np.argmax(missing.any(axis=0)))
        row = int(np.argmax(missing[:, column]))
        raise EstimationError(
            f"{window.columns[column]} has no price on {window.index[row]:%Y-%m-%d} and "
            f"{int(missing[:, column].sum())} of {days + 1} closes are missing: returns are never filled in"
        )
    return _returns(window, values)


def daily_returns_since_gaps(prices: pd.DataFrame, days: int) -> pd.DataFrame:
    """As `daily_returns`, for funds that may have started late: NaN before the first return after the last gap.

    Parameters
    ----------
    prices : DataFrame, shape (dates, n)
    days : int

    Raises
    ------
    EstimationError
        When the panel is shorter than the window, or a price in it is not positive, infinite or an evident misprint.
    """
    window = _window(prices, days)
    values = window.to_numpy(dtype=float).copy()
    # A gap ends a history: what lies before it, seen backwards from the last close, is not used.
    values[np.logical_or.accumulate(np.isnan(values)[::-1], axis=0)[::-1]] = np.nan
    return _returns(window, values)


def _window(prices: pd.DataFrame, days: int) -> pd.DataFrame:
    if len(prices) < days + 1:
        raise EstimationError(
            f"{days} daily returns need {days + 1} closes, and there are {len(prices)} up to "
            f"{prices.index[-1]:%Y-%m-%d}: choose a later date or a shorter window"
            if len(prices)
            else "there are no prices"
        )
    return prices.iloc[-days - 1 :]


def _returns(window: pd.DataFrame, values: Floats) -> pd.DataFrame:
    bad = np.argwhere(~(((values > 0.0) & np.isfinite(values)) | np.isnan(values)))
    if bad.size:
        row, column = map(int, bad[0])
        raise EstimationError(
            f"{window.columns[column]} has the price {values[row, column]:g} on {window.index[row]:%Y-%m-%d}: "
            "expected a positive number"
        )
    ratio = values[1:] / values[:-1]
    odd = np.argwhere((ratio > _MOST) | (ratio < _LEAST))
    if odd.size:
        row, column = map(int, odd[0])
        raise EstimationError(
            f"{window.columns[column]} returns {100.0 * (ratio[row, column] - 1.0):.0f} % on "
            f"{window.index[row + 1]:%Y-%m-%d}: expected between {100.0 * (_LEAST - 1.0):.0f} and "
            f"{100.0 * (_MOST - 1.0):.0f} % in a day; correct the price, or exclude the fund"
        )
    return pd.DataFrame(ratio - 1.0, index=window.index[1:], columns=window.columns)


def motionless(returns: Floats) -> NDArray[np.bool_]:
    """Which columns of returns, shape (days, n), never move."""
    # Rounding of a constant return leaves about 1e-17 of "volatility"; no bond fund has less than 1e-9 a day.
    return np.asarray(returns.std(axis=0) <= 1e-12 * np.maximum(1.0, np.abs(returns).max(axis=0)))


def unmoving(prices: pd.DataFrame, days: int) -> tuple[str, ...]:
    """Funds whose return is the same on each of the last `days` days, as a rule zero: no risk can be estimated.

    Parameters
    ----------
    prices : DataFrame, shape (dates, n)
    days : int
        Daily returns looked at; of a fund that started late, those it has. Without any, none is called unmoving.
    """
    values = prices.iloc[-days - 1 :].to_numpy(dtype=float)
    returns = values[1:] / values[:-1] - 1.0
    if not returns.size:
        return ()
    return tuple(str(ticker) for ticker in prices.columns[_still(returns)])


def _still(returns: Floats) -> NDArray[np.bool_]:
    known = np.isfinite(returns)
    still = motionless(returns)
    for column in np.flatnonzero(~known.all(axis=0) & known.any(axis=0)):
        still[column] = motionless(returns[known[:, column], column][:, None])[0]
    return still


def repeated(returns: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Pairs of funds with the very same returns on every day: one fund under two tickers, or a copied column.

    Parameters
    ----------
    returns : DataFrame, shape (days, n)
    """
    first: dict[bytes, str] = {}
    pairs = []
    # Prices on another level leave other last digits; 1e-10 is a millionth of a basis point.
    rounded = np.round(returns.to_numpy(dtype=float), 10)
    for ticker, column in zip(returns.columns, np.ascontiguousarray(rounded.T), strict=True):
        key = column.tobytes()
        if key in first:
            pairs.append((first[key], str(ticker)))
        else:
            first[key] = str(ticker)
    return tuple(pairs)
