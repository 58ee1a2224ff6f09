"""The figures by which a model's daily returns are judged beside its benchmark's."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from aggplus.desk_errors import PerformanceError
from aggplus.performance.distribution import share_positive, skewness
from aggplus.performance.drawdown import Drawdown, deepest_drawdown
from aggplus.performance.months import (
    MONTHS_A_YEAR,
    calendar_years,
    month_to_date,
    monthly_returns,
    trailing_year,
    year_to_date,
)
from aggplus.performance.ratios import reward_to_variability, volatility
from aggplus.performance.returns import (
    SESSIONS_A_YEAR,
    SHORTEST_YEAR,
    Floats,
    annual_return,
    compounded,
    daily_record,
    on_days_of,
)
from aggplus.performance.risk_match import Regression, regress


@dataclass(frozen=True)
class Statistics:
    """What a record of daily returns comes to; a figure for which it is too short is None, never NaN.

    Returns, volatilities, alphas and drawdowns are fractions; what is "a year" is annualised. *Monthly* figures are of
    calendar months that the record covers whole, the horizon such a portfolio is held for: thin funds trade late, so
    that daily returns understate beta and correlation and overstate alpha. The *daily* ones stand beside them.

    Parameters
    ----------
    start, end : date
        First and last day with a return.
    days : int
        Daily returns.
    months : int
        Whole calendar months.
    month : float or None
        Return of the last calendar month, up to the last day.
    year_to_date : float or None
        Return since the end of the year before.
    trailing_year : float or None
        Return of the last twelve calendar months; where the record ends within a month, since the same date a year
        before.
    calendar_years : dict of int to float
        Return by calendar year. The first and the last may be parts of a year; chained they give `cumulative`.
    cumulative : float
        Return over the record.
    annual_return : float or None
        (1 + cumulative)^(252 / days) - 1; None below a year.
    volatility, volatility_monthly : float or None
        Sample standard deviation of daily returns x sqrt(252); of monthly returns x sqrt(12).
    relative_volatility : float or None
        Daily volatility over the benchmark's.
    trailing_beta, trailing_correlation : float or None
        Of the last twelve whole months' returns. Twelve points: with a true correlation of 0.7 the estimate is off by
        0.15 one time in three.
    trailing_beta_daily, trailing_correlation_daily : float or None
        Of the daily returns of the trailing year.
    beta, correlation : float or None
        Long-run: of all monthly returns. None for fewer than three months, or a benchmark that does not move.
    alpha : float or None
        12 x the intercept of monthly returns on the benchmark's. No cash return is deducted on either side: only so do
        the published alphas follow from the published returns and betas. None below twelve months.
    beta_daily, correlation_daily, alpha_daily : float or None
        The same of daily returns; alpha is 252 x the intercept, None below a year.
    jensen_alpha : float or None
        12 x the intercept of monthly returns less cash on the benchmark's less cash; None without a cash return.
    sharpe : float or None
        Mean over standard deviation of daily returns less cash, x sqrt(252). None below a year.
    cash : str
        What was taken for cash: the name of the given returns, or "0".
    tracking_error : float or None
        Sample standard deviation of daily returns less the benchmark's, x sqrt(252).
    information_ratio : float or None
        Mean over standard deviation of the same differences, x sqrt(252). None below a year.
    drawdown : Drawdown or None
        The deepest; None when the record never fell.
    positive_months : float or None
        Share of months with a return above 0.
    skewness, skewness_daily : float or None
        Adjusted Fisher-Pearson, of monthly and of daily returns.
    turnover_per_year : float or None
        Sum of the turnover given over the record's days, x 252 / days; None when none was given, or below a year.
    holdings : float or None
        Mean of the numbers of holdings given on the record's days; None when there are none.
    """

    start: dt.date
    end: dt.date
    days: int
    months: int
    month: float | None
    year_to_date: float | None
    trailing_year: float | None
    calendar_years: dict[int, float]
    cumulative: float
    annual_return: float | None
    volatility: float | None
    volatility_monthly: float | None
    relative_volatility: float | None
    trailing_beta: float | None
    trailing_correlation: float | None
    trailing_beta_daily: float | None
    trailing_correlation_daily: float | None
    beta: float | None
    correlation: float | None
    alpha: float | None
    beta_daily: float | None
    correlation_daily: float | None
    alpha_daily: float | None
    jensen_alpha: float | None
    sharpe: float | None
    cash: str
    tracking_error: float | None
    information_ratio: float | None
    drawdown: Drawdown | None
    positive_months: float | None
    skewness: float | None
    skewness_daily: float | None
    turnover_per_year: float | None
    holdings: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `json` writes without help: dates as text, calendar years by text."""
        record = asdict(self)
        record["calendar_years"] = {str(year): value for year, value in self.calendar_years.items()}
        record["start"], record["end"] = self.start.isoformat(), self.end.isoformat()
        if self.drawdown is not None:
            record["drawdown"] = {
                key: value.isoformat() if isinstance(value, dt.date) else value
                for key, value in record["drawdown"].items()
            }
        return record


def statistics_of(
    returns: pd.Series,
    benchmark: pd.Series,
    *,
    cash: pd.Series | None = None,
    turnover: pd.Series | None = None,
    holdings: pd.Series | None = None,
) -> Statistics:
    """Compute every figure of a record.

    Parameters
    ----------
    returns : Series
        The model's daily returns, fractions by date.
    benchmark : Series
        The benchmark's daily returns. It may begin earlier and end later; in between the days have to be the same.
    cash : Series, optional
        Daily returns of cash, such as a Treasury-bill fund's, on at least the record's days. Left out, cash earns 0.
    turnover : Series, optional
        One-way turnover by date of trade, fractions; the caller decides whether the first purchase is among it.
    holdings : Series, optional
        Number of holdings by date.

    Raises
    ------
    PerformanceError
        When returns cannot be used (see `daily_record`), the record does not share its days with the benchmark or cash,
        or turnover or holdings are not figures by date.
    """
    record = daily_record(returns)
    against = on_days_of(record, daily_record(benchmark, "benchmark"))
    without_risk = None if cash is None else on_days_of(record, daily_record(cash, "cash return"), "cash return")

    own, of_benchmark = _values(record), _values(against)
    excess = own if without_risk is None else own - _values(without_risk)
    monthly, monthly_benchmark = _values(monthly_returns(record)), _values(monthly_returns(against))
    long_run = regress(monthly, monthly_benchmark, MONTHS_A_YEAR)
    daily = regress(own, of_benchmark, SESSIONS_A_YEAR)
    year = trailing_year(record)
    last_months = None
    if len(monthly) >= MONTHS_A_YEAR:
        last_months = regress(monthly[-MONTHS_A_YEAR:], monthly_benchmark[-MONTHS_A_YEAR:], MONTHS_A_YEAR)
    last_days = None
    if year is not None:
        last_days = regress(_values(year), of_benchmark[-len(year) :], SESSIONS_A_YEAR)
    return Statistics(
        start=record.index[0].date(),
        end=record.index[-1].date(),
        days=len(record),
        months=len(monthly),
        month=month_to_date(record),
        year_to_date=year_to_date(record),
        trailing_year=None if year is None else compounded(year),
        calendar_years=calendar_years(record),
        cumulative=compounded(record),
        annual_return=annual_return(record),
        volatility=volatility(own, SESSIONS_A_YEAR),
        volatility_monthly=volatility(monthly, MONTHS_A_YEAR),
        relative_volatility=_ratio(volatility(own, SESSIONS_A_YEAR), volatility(of_benchmark, SESSIONS_A_YEAR)),
        trailing_beta=_beta(last_months),
        trailing_correlation=_correlation(last_months),
        trailing_beta_daily=_beta(last_days),
        trailing_correlation_daily=_correlation(last_days),
        beta=_beta(long_run),
        correlation=_correlation(long_run),
        alpha=_alpha(long_run, len(monthly), MONTHS_A_YEAR),
        beta_daily=_beta(daily),
        correlation_daily=_correlation(daily),
        alpha_daily=_alpha(daily, len(own), SHORTEST_YEAR),
        jensen_alpha=None if without_risk is None else _jensen_alpha(monthly, monthly_benchmark, without_risk),
        sharpe=reward_to_variability(excess),
        cash="0" if cash is None else str(cash.name or "given"),
        tracking_error=volatility(own - of_benchmark, SESSIONS_A_YEAR),
        information_ratio=reward_to_variability(own - of_benchmark),
        drawdown=deepest_drawdown(record),
        positive_months=share_positive(monthly),
        skewness=skewness(monthly),
        skewness_daily=skewness(own),
        turnover_per_year=None if turnover is None else _turnover_per_year(turnover, record),
        holdings=None if holdings is None else _mean_holdings(holdings, record),
    )


def _values(returns: pd.Series) -> Floats:
    return returns.to_numpy(dtype=float)


def _beta(regression: Regression | None) -> float | None:
    return None if regression is None else regression.beta


def _correlation(regression: Regression | None) -> float | None:
    return None if regression is None else regression.correlation


def _alpha(regression: Regression | None, periods: int, a_year: int) -> float | None:
    return None if regression is None or periods < a_year else regression.alpha


def _jensen_alpha(monthly: Floats, benchmark: Floats, cash: pd.Series) -> float | None:
    monthly_cash = _values(monthly_returns(cash))
    regression = regress(monthly - monthly_cash, benchmark - monthly_cash, MONTHS_A_YEAR)
    return _alpha(regression, len(monthly), MONTHS_A_YEAR)


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or not denominator else numerator / denominator


def _turnover_per_year(turnover: pd.Series, record: pd.Series) -> float | None:
    traded = float(np.sum(_on_days_within(turnover, record, "turnover")))
    return None if len(record) < SHORTEST_YEAR else traded * SESSIONS_A_YEAR / len(record)


def _mean_holdings(holdings: pd.Series, record: pd.Series) -> float | None:
    counts = _on_days_within(holdings, record, "holdings")
    return float(np.mean(counts)) if len(counts) else None


def _on_days_within(figures: pd.Series, record: pd.Series, what: str) -> Floats:
    """Figures by date from the record's first day to its last; a model that never trades has an empty Series."""
    if figures.empty:
        return np.empty(0)
    if not isinstance(figures.index, pd.DatetimeIndex):
        raise PerformanceError(f"{what}: expected a Series indexed by date")
    days = figures.index.tz_localize(None).normalize()
    within = (days >= record.index[0]) & (days <= record.index[-1])
    values: Floats = figures.to_numpy(dtype=float)[within]
    if not (np.isfinite(values) & (values >= 0.0)).all():
        raise PerformanceError(f"{what}: a figure is missing, negative or infinite; expected 0 or more")
    return values
