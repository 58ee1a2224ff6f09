"""What the statistics refuse."""

from __future__ import annotations


class PerformanceError(ValueError):
    """Daily returns, or settings, of which no figure can be computed."""
