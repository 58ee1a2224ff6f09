"""The returns of all variants that were tried, checked, and their Sharpe ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from aggplus.desk_errors import PerformanceError
from aggplus.performance.ratios import ROUNDING
from aggplus.performance.returns import Floats


def trial_returns(returns: pd.DataFrame) -> Floats:
    """Returns of the variants as an array, shape (periods, variants).

    Parameters
    ----------
    returns : DataFrame, shape (periods, variants)

    Raises
    ------
    PerformanceError
        For fewer than two variants or three periods, two variants of one name, days out of order, a return that is
        missing or infinite, or a variant that does not move.
    """
    if not isinstance(returns, pd.DataFrame) or returns.shape[1] < 2 or len(returns) < 3:
        raise PerformanceError(
            "variants: expected a DataFrame of at least 3 returns (rows) of at least 2 variants (columns)"
        )
    if returns.columns.has_duplicates:
        raise PerformanceError(f"variants: {returns.columns[returns.columns.duplicated()][0]} is there twice")
    if not returns.index.is_monotonic_increasing or returns.index.has_duplicates:
        raise PerformanceError("variants: the days are not in order, or one is there twice; sort them first")
    try:
        values = returns.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise PerformanceError("variants: a return is no number; expected fractions such as 0.0012") from None
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise PerformanceError(
            f"{returns.columns[column]}: the return of {_day(returns.index[row])} is {values[row, column]}; expected a "
            "return of every variant on every day"
        )
    still = np.ptp(values, axis=0) <= ROUNDING
    if still.any():
        raise PerformanceError(
            f"{returns.columns[int(np.argmax(still))]}: does not move, so that it has no Sharpe ratio; leave it out"
        )
    return values


def sharpe_ratios(values: Floats) -> Floats:
    """Mean over sample standard deviation of each column, of a period.

    Parameters
    ----------
    values : array, shape (periods, variants)
    """
    ratios: Floats = values.mean(axis=0) / values.std(axis=0, ddof=1)
    return ratios


def _day(label: object) -> str:
    return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else str(label)
