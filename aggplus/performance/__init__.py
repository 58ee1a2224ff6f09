"""How a track record is judged: figures beside the benchmark's, and how much of the best of many is luck.

>>> from aggplus.performance import statistics_of
>>> statistics_of(returns, benchmark).to_dict()  # doctest: +SKIP
"""

from aggplus.desk_errors import PerformanceError
from aggplus.performance.deflated_sharpe import (
    DeflatedSharpe,
    deflated_sharpe,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    probabilistic_sharpe_ratio,
)
from aggplus.performance.drawdown import Drawdown, deepest_drawdown, underwater
from aggplus.performance.months import calendar_years, monthly_returns, trailing_year
from aggplus.performance.overfitting import Overfitting, backtest_overfitting
from aggplus.performance.published import PUBLISHED, PublishedFigures, beside_published, covers_published_period
from aggplus.performance.quantstats_series import quantstats_series
from aggplus.performance.returns import daily_record
from aggplus.performance.risk_match import Regression, regress
from aggplus.performance.statistics import Statistics, statistics_of
from aggplus.performance.table import statistics_table

__all__ = [
    "PUBLISHED",
    "DeflatedSharpe",
    "Drawdown",
    "Overfitting",
    "PerformanceError",
    "PublishedFigures",
    "Regression",
    "Statistics",
    "backtest_overfitting",
    "beside_published",
    "calendar_years",
    "covers_published_period",
    "daily_record",
    "deepest_drawdown",
    "deflated_sharpe",
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "monthly_returns",
    "probabilistic_sharpe_ratio",
    "quantstats_series",
    "regress",
    "statistics_of",
    "statistics_table",
    "trailing_year",
    "underwater",
]
