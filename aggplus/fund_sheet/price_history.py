"""What the closes of a fund say of it up to a day: how long, how complete, what it earned, how it moved."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

YEAR_SESSIONS = 252
_LEAST_RETURNS = 200
_LATE_DAYS = 7
"""A close that a return is counted from may be so old; beyond, what the fund earned since the day is not known."""


@dataclass(frozen=True)
class PriceHistory:
    """Closes of one fund up to a day.

    Parameters
    ----------
    first_close, last_close : str
        Days, YYYY-MM-DD.
    closes : int
    gaps : int
        Sessions between the first and the last close that have none.
    unchanged_share : float or None
        Share of daily changes that are exactly zero; None without a change.
    return_1m, return_ytd, return_1y : float or None
        Total return to the day from the last close a month, a year's end, a year before, fractions; None where there is
        no close on the day, or none within a week before the day that it is counted from.
    volatility : float or None
        Of the year's daily returns, annualised, a fraction, on days that have one of the benchmark, too; None with
        fewer than 200 of them.
    beta : float or None
        To the benchmark over the same days; None likewise.
    """

    first_close: str
    last_close: str
    closes: int
    gaps: int
    unchanged_share: float | None
    return_1m: float | None
    return_ytd: float | None
    return_1y: float | None
    volatility: float | None
    beta: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return asdict(self)


def price_history(closes: pd.Series, benchmark: pd.Series | None) -> PriceHistory | None:
    """The history of a fund up to the last session of its series; None without any close.

    Parameters
    ----------
    closes : Series of float by session
        Adjusted closes; NaN where there is none. The last session is the day.
    benchmark : Series of float by session, or None
        Of the benchmark, on the same sessions; None where it has no prices.
    """
    known = closes.dropna()
    if known.empty:
        return None
    day, first, last = closes.index[-1], known.index[0], known.index[-1]
    inside = closes.loc[first:last]
    changes = inside.pct_change(fill_method=None).dropna()
    month, year = day - pd.DateOffset(months=1), day - pd.DateOffset(years=1)
    volatility, beta = _movement(closes, benchmark)
    return PriceHistory(
        first_close=f"{first:%Y-%m-%d}",
        last_close=f"{last:%Y-%m-%d}",
        closes=len(known),
        gaps=len(inside) - len(known),
        unchanged_share=float((changes == 0.0).mean()) if len(changes) else None,
        return_1m=_earned(known, day, month),
        return_ytd=_earned(known, day, pd.Timestamp(day.year - 1, 12, 31)),
        return_1y=_earned(known, day, year),
        volatility=volatility,
        beta=beta,
    )


def _earned(known: pd.Series, day: pd.Timestamp, since: pd.Timestamp) -> float | None:
    before = known.loc[:since]
    if known.index[-1] != day or before.empty or (since - before.index[-1]).days > _LATE_DAYS:
        return None
    return float(known.iloc[-1] / before.iloc[-1] - 1.0)


def _movement(closes: pd.Series, benchmark: pd.Series | None) -> tuple[float | None, float | None]:
    pair = pd.DataFrame({"fund": closes, "benchmark": closes if benchmark is None else benchmark})
    pair = pair.iloc[-YEAR_SESSIONS - 1 :]
    returns = pair.pct_change(fill_method=None).dropna()
    if len(returns) < _LEAST_RETURNS:
        return None, None
    covariance = np.cov(returns["fund"], returns["benchmark"])
    volatility = math.sqrt(YEAR_SESSIONS * float(covariance[0, 0]))
    known = benchmark is not None and covariance[1, 1] > 0.0
    return volatility, float(covariance[0, 1] / covariance[1, 1]) if known else None
