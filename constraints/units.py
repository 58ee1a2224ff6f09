"""The unit in which a clause is read and printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit of print: what stands behind a number, and what one unit inside the optimizer is in it.

    Parameters
    ----------
    name : str
        As it stands in a table: "% of weight".
    suffix : str
        As it stands behind a number: " %".
    per_one : float
        Units of print in one unit of the optimizer: 100 for weights, 1 for years.
    """

    name: str
    suffix: str
    per_one: float

    def show(self, value: float) -> str:
        """A value of the optimizer in this unit: 0.25 -> "25 %"."""
        shown = value * self.per_one
        # Ten significant digits hide the rounding of 0.07 * 100 and keep a cap that is a hair off visible.
        return f"{shown:.10g}{self.suffix}"


WEIGHT = Unit("% of weight", " %", 100.0)
YEARS = Unit("years", " years", 1.0)
BASIS_POINTS = Unit("bp", " bp", 1.0)
BETA = Unit("beta", "", 1.0)
VOLATILITY = Unit("% a year", " %", 1.0)
FUNDS = Unit("funds", " funds", 1.0)
