"""The trigger that asks whether a trade would pay for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from optimizer.scheduling.reading import Reading, compared, lacking
from optimizer.scheduling.state import Quantity, RebalanceState

_ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class GainOverCost:
    """Gain over the horizon >= factor x cost of getting there, and above zero."""

    horizon_days: int
    factor: float
    name: ClassVar[str] = "expected_gain"
    unit: ClassVar[str] = "bp"
    needs: ClassVar[tuple[Quantity, ...]] = ("gain_bp", "cost_bp")
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The gain; None where there is no solve of the day to read it from."""
        gain, cost = state.gain_bp, state.cost_bp
        if gain is None:
            return Reading(self, state, None, None if cost is None else self.factor * cost, False)
        if cost is None or not (0.0 <= cost < _ENDLESS and -_ENDLESS < gain < _ENDLESS):
            lacking(self, state)
        threshold = self.factor * cost
        return Reading(self, state, gain, threshold, gain >= threshold and gain > 0.0)

    def words(self, reading: Reading) -> str:
        """Gain and cost."""
        gain, cost = reading.state.gain_bp, reading.state.cost_bp
        if gain is None or cost is None:
            return "the expected gain has not been looked at"
        shown = compared(gain, self.factor * cost)
        how = "at least" if reading.fired else "not"
        return (
            f"expected gain of {shown} bp over {self.horizon_days} trading days against a cost of {cost:.1f} bp, {how} "
            f"{self.factor:g} times as much"
        )
