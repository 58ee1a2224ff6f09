"""Everything that bad input can raise, so that a caller can catch it in one place."""

from __future__ import annotations

from aggplus.performance.errors import PerformanceError
from constraints import MandateError
from optimizer import OptimizerError
from riskmodels import EstimationError
from universe import MarketError


class OutputError(ValueError):
    """A result that cannot be written where it was asked for."""


BAD_INPUT: tuple[type[ValueError], ...] = (
    MarketError,
    EstimationError,
    MandateError,
    OptimizerError,
    OutputError,
    PerformanceError,
)
"""Errors whose one line tells the user what to change."""
