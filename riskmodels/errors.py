"""What can be wrong with the numbers a risk estimate is asked to use."""

from __future__ import annotations


class EstimationError(ValueError):
    """Risk or expected returns cannot be estimated from these prices.

    The message is one line: what was found, where, what was expected, what to do.
    """
