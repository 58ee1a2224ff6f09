"""How good risk models forecast: candidates, the portfolios they are tried on, figures of merit, and the choice."""

from aggplus.forecasts.candidates import CANDIDATES
from aggplus.forecasts.choice import Choice, choose
from aggplus.forecasts.judgement import betas, by_kind, by_year, judge
from aggplus.forecasts.record import Forecast, ForecastRecord, forecast_record
from aggplus.forecasts.report import ForecastReport

__all__ = [
    "CANDIDATES",
    "Choice",
    "Forecast",
    "ForecastRecord",
    "ForecastReport",
    "betas",
    "by_kind",
    "by_year",
    "choose",
    "forecast_record",
    "judge",
]
