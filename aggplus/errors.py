"""Everything that bad input can raise, so that a caller can catch it in one place."""

from __future__ import annotations

from aggplus.desk_errors import AccountError, CrewError, LedgerError, OutputError, PerformanceError, ReportError
from constraints import MandateError
from optimizer import OptimizerError
from riskmodels import EstimationError
from universe import MarketError

__all__ = ["BAD_INPUT", "AccountError", "CrewError", "LedgerError", "OutputError", "PerformanceError", "ReportError"]

BAD_INPUT: tuple[type[ValueError], ...] = (
    MarketError,
    EstimationError,
    MandateError,
    OptimizerError,
    OutputError,
    CrewError,
    PerformanceError,
    LedgerError,
    AccountError,
    ReportError,
)
"""Errors whose one line tells the user what to change."""
