"""Daily returns as other libraries take them."""

from __future__ import annotations

import pandas as pd

from aggplus.performance.returns import daily_record


def quantstats_series(returns: pd.Series, name: str) -> pd.Series:
    """Daily returns as quantstats, empyrical and pyfolio take them.

    Parameters
    ----------
    returns : Series
        Fractions by date.
    name : str
        What reports call the model.

    Returns
    -------
    Series
        float64, named, in order, with a DatetimeIndex in nanoseconds, without time zone, called "Date".

    Raises
    ------
    PerformanceError
        When the returns cannot be used (see `daily_record`).
    """
    record = daily_record(returns, name)
    days = pd.DatetimeIndex(record.index).as_unit("ns").rename("Date")
    return pd.Series(record.to_numpy(dtype=float), index=days, name=name)
