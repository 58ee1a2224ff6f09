"""How good forecasts of volatility were: bias statistic, ratio and QLIKE.

With sigma the forecast of a month, r a daily return of it and R its return, sigma and r in the same unit:

    daily bias     B_d = sqrt(mean (r / sigma_d)^2)                 over all days of all months
    monthly bias   B_m = std (R / sigma_m)                          over months
    calm           both without the days, and the months, of `CRISIS`
    ratio          mean of realised volatilities / mean of forecasts     over months
    QLIKE          mean (log sigma^2 + r^2 / sigma^2)                the less, the better

where sigma_d = sigma / sqrt(252) and sigma_m = sigma / sqrt(12). A bias above 1 means that risk was forecast too low.
With T observations of a perfect forecast of normal returns anything within 1 +- sqrt(2 / T) is to be expected. Thin
funds move late, so that months move more than days promise: the two biases differ, and what is held for months asks
for the monthly one.

References
----------
Menchero, Morozov & Shepard, "Global equity risk modeling" (2010): bias statistics.
Patton, "Volatility forecast comparison using imperfect volatility proxies", J. Econometrics 160 (2011): QLIKE ranks
forecasts rightly even though squared returns are a noisy picture of variance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MONTHS_A_YEAR = 12

FIGURES = (
    "daily_bias",
    "calm_daily_bias",
    "monthly_bias",
    "calm_monthly_bias",
    "ratio",
    "daily_qlike",
    "monthly_qlike",
    "months",
)
"""Columns of `judge`."""


def judge(table: pd.DataFrame, by: tuple[str, ...] = ("estimator", "kind", "portfolio")) -> pd.DataFrame:
    """The figures of every group of forecasts.

    Parameters
    ----------
    table : DataFrame
        One row a forecast, as in `ForecastRecord.table`.
    by : tuple of str
        Columns that make a group.

    Returns
    -------
    DataFrame
        Indexed by the groups in the order of their first row, with the columns `FIGURES`. A figure of too few
        observations is NaN.
    """
    return pd.DataFrame({key: figures(group) for key, group in table.groupby(list(by), sort=False)}).T.rename_axis(
        list(by)
    )


def figures(group: pd.DataFrame) -> pd.Series:
    """The figures of one group of forecasts.

    Parameters
    ----------
    group : DataFrame
        As in `judge`.
    """
    forecast, realised = group["forecast"].to_numpy(), group["realised"].to_numpy()
    days, calm_days = group["days"].to_numpy(), group["calm_days"].to_numpy()
    monthly = forecast / np.sqrt(MONTHS_A_YEAR)
    standardised = group["month_return"].to_numpy() / monthly
    squared, calm_squared = (realised / forecast) ** 2, (group["calm_realised"].to_numpy() / forecast) ** 2
    # A month wholly within the crisis has no calm days and no calm volatility.
    calm_squared = np.where(calm_days > 0, calm_squared, 0.0)
    return pd.Series(
        {
            "daily_bias": np.sqrt(_mean(squared, days)),
            "calm_daily_bias": np.sqrt(_mean(calm_squared, calm_days)),
            "monthly_bias": standardised.std(ddof=1) if len(group) > 1 else np.nan,
            "calm_monthly_bias": standardised[calm_days == days].std(ddof=1)
            if (calm_days == days).sum() > 1
            else np.nan,
            "ratio": realised.mean() / forecast.mean(),
            "daily_qlike": _mean(np.log(forecast**2) + squared, days),
            "monthly_qlike": np.mean(np.log(monthly**2) + standardised**2),
            "months": len(group),
        }
    )


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total else float("nan")


def betas(table: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """Ex-ante beta against realised beta of each portfolio, over all months of a table.

    Parameters
    ----------
    table : DataFrame
        As in `judge`.
    benchmark : str
        Its portfolio in the table.

    Returns
    -------
    DataFrame
        Indexed by estimator and portfolio: `ex_ante`, the mean of what was forecast; `daily`, the sum of products of
        daily returns with the benchmark's over the sum of its squares; `monthly`, the slope of monthly returns, NaN of
        a single month.
    """
    by_date = table[table["portfolio"] == benchmark].drop_duplicates("date").set_index("date")
    rows = {}
    for key, group in table.groupby(["estimator", "portfolio"], sort=False):
        own = group.set_index("date")
        of_benchmark = by_date.loc[own.index]
        variance = (of_benchmark["realised"] ** 2 * own["days"]).sum()
        rows[key] = {
            "ex_ante": own["beta"].mean(),
            "daily": (own["realised_covariance"] * own["days"]).sum() / variance,
            "monthly": _slope(own["month_return"].to_numpy(), of_benchmark["month_return"].to_numpy()),
        }
    return pd.DataFrame(rows).T.rename_axis(["estimator", "portfolio"])


def _slope(y: np.ndarray, x: np.ndarray) -> float:
    """Of a regression of y on x; NaN for fewer than two months."""
    if len(x) < 2:
        return float("nan")
    covariance = np.cov(y, x)
    return float(covariance[0, 1] / covariance[1, 1])


def monthly_losses(table: pd.DataFrame) -> pd.DataFrame:
    """The monthly QLIKE of each month: the mean over portfolios of a kind, then over kinds.

    Parameters
    ----------
    table : DataFrame
        As in `judge`.

    Returns
    -------
    DataFrame, shape (months, estimators)
        By date, columns in the order of the first rows.
    """
    monthly = table["forecast"] / np.sqrt(MONTHS_A_YEAR)
    loss = table.assign(loss=np.log(monthly**2) + (table["month_return"] / monthly) ** 2)
    means = loss.groupby(["date", "estimator", "kind"])["loss"].mean().groupby(level=["date", "estimator"]).mean()
    return means.unstack("estimator")[list(table["estimator"].unique())]


def by_kind(judged: pd.DataFrame) -> pd.DataFrame:
    """The mean over the portfolios of a kind: each portfolio counts once.

    Parameters
    ----------
    judged : DataFrame
        Of `judge`.

    Returns
    -------
    DataFrame
        Indexed by estimator and kind.
    """
    return judged.groupby(level=["estimator", "kind"], sort=False).mean()


def by_year(table: pd.DataFrame) -> pd.DataFrame:
    """The figures of each calendar year, of the days that were forecast.

    Parameters
    ----------
    table : DataFrame
        As in `judge`.

    Returns
    -------
    DataFrame
        Indexed by estimator, kind, portfolio and year.
    """
    # A forecast of the last session of December is one of January.
    year = (table["date"] + pd.offsets.MonthBegin(1)).dt.year
    return judge(table.assign(year=year), ("estimator", "kind", "portfolio", "year"))
