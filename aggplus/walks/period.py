"""The sessions of a walk, and refusals of walks that cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.model import Model
from aggplus.performance.published import FIRST_MONTH
from universe import Market, MarketError, close_on
from universe.wording import did_you_mean


def sessions_of(
    model: Model, market: Market, start: str | dt.date | pd.Timestamp, end: str | dt.date | pd.Timestamp | None
) -> tuple[int, int]:
    """First and last session of a walk, as rows of the market's prices.

    Parameters
    ----------
    model : Model
    market : Market
    start, end : date
        A day without a close stands for the last close before it; no end stands for the market's last close.

    Raises
    ------
    MarketError
        When a day lies outside the market, the end is not after the start, or the model cannot be estimated at the
        start; the line says from when on it can.
    """
    sessions = pd.DatetimeIndex(market.prices.index)
    first = int(sessions.searchsorted(close_on(market, start).date))
    last = int(sessions.searchsorted(close_on(market, end).date))
    require_days(sessions[first], sessions[last])
    benchmark, days = model.benchmark, model.window_days
    complete = _complete(model, market)
    if not complete[first]:
        possible = np.flatnonzero(complete[first:]) + first
        when = (
            f"the first estimate is possible on {sessions[possible[0]]:%Y-%m-%d}" if possible.size else "it never has"
        )
        raise MarketError(
            f"{model.name} cannot be estimated on {sessions[first]:%Y-%m-%d}: {benchmark} has not the {days + 1} "
            f"closes in a row that the windows take; {when}"
        )
    return first, last


def require_days(start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Refuse a walk that is over before it has begun.

    Parameters
    ----------
    start, end : Timestamp
        Of closes.

    Raises
    ------
    MarketError
    """
    if end <= start:
        raise MarketError(
            f"a walk from {start:%Y-%m-%d} to {end:%Y-%m-%d} has no day to earn a return on: choose an end after the "
            "start"
        )


def default_start(models: Sequence[Model], market: Market) -> pd.Timestamp:
    """The last close before the period that figures are published of, or the first day on which all can be estimated.

    Parameters
    ----------
    models : sequence of Model
    market : Market

    Raises
    ------
    MarketError
        When a benchmark has no prices.
    """
    sessions = pd.DatetimeIndex(market.prices.index)
    usual = int(sessions.searchsorted(pd.Timestamp(FIRST_MONTH))) - 1
    if usual >= 0 and _all_complete(models, market)[usual]:
        return pd.Timestamp(sessions[usual])
    return earliest_start(models, market) or pd.Timestamp(sessions[0])


def earliest_start(models: Sequence[Model], market: Market) -> pd.Timestamp | None:
    """The first day on which all models can be estimated; None where there is none.

    Parameters
    ----------
    models : sequence of Model
    market : Market

    Raises
    ------
    MarketError
        When a benchmark has no prices.
    """
    possible = np.flatnonzero(_all_complete(models, market))
    return pd.Timestamp(market.prices.index[possible[0]]) if possible.size else None


def require_benchmark(model: Model, market: Market) -> None:
    """Refuse a model whose benchmark has no prices.

    Parameters
    ----------
    model : Model
    market : Market

    Raises
    ------
    MarketError
    """
    benchmark = model.benchmark
    if benchmark not in market.prices.columns:
        hint = did_you_mean(benchmark, market.prices.columns)
        raise MarketError(f"the benchmark {benchmark} is not a fund of {market.name} with prices{hint}")


def _all_complete(models: Sequence[Model], market: Market) -> NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([_complete(model, market) for model in models]))


def _complete(model: Model, market: Market) -> NDArray[np.bool_]:
    """On which sessions the benchmark has every close that the windows take."""
    require_benchmark(model, market)
    days = model.window_days
    there = market.prices[model.benchmark].notna().to_numpy()
    return np.asarray(np.convolve(there, np.ones(days + 1))[: len(there)] == days + 1)
