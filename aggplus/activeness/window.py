"""Over how many returns the rolling figures are taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from aggplus.performance import PerformanceError

_SHORTEST = {"days": 21, "months": 6}
_COMPLETE = 0.9
_MONTH = {"days": 21, "months": 1}


@dataclass(frozen=True)
class Window:
    """A window of daily or of monthly returns.

    Parameters
    ----------
    length : int
        Returns in it.
    unit : {"days", "months"}

    Raises
    ------
    PerformanceError
        When it is too short for a correlation that means anything.
    """

    length: int
    unit: Literal["days", "months"] = "days"

    def __post_init__(self) -> None:
        if self.length < _SHORTEST[self.unit]:
            raise PerformanceError(
                f"a window of {self.length} {self.unit} is too short for a correlation: expected at least "
                f"{_SHORTEST[self.unit]} {self.unit}"
            )

    @property
    def least(self) -> int:
        """Returns that must be there for a window to count: nine in ten."""
        return math.ceil(_COMPLETE * self.length)

    @property
    def month(self) -> int:
        """Returns in a month."""
        return _MONTH[self.unit]

    def __str__(self) -> str:
        return f"{self.length} {self.unit}"


DEFAULT_WINDOW = Window(252)
"""A year of daily returns."""
