"""Triggers on what the benchmark has done since the last solve. The next solve sets them back to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from optimizer.scheduling.reading import Reading, compared, lacking, than
from optimizer.scheduling.state import Quantity, RebalanceState

_PERCENT = 100.0
_ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class VolatilityChange:
    """|sigma_b now / sigma_b at the last solve - 1| > threshold."""

    threshold: float
    name: ClassVar[str] = "volatility_change"
    unit: ClassVar[str] = "fraction"
    needs: ClassVar[tuple[Quantity, ...]] = ("sigma_b", "sigma_b_at_solve")
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The relative change."""
        now, then = state.sigma_b, state.sigma_b_at_solve
        if now is None or then is None or not (0.0 < then < _ENDLESS and 0.0 <= now < _ENDLESS):
            lacking(self, state)
        value = abs(now / then - 1.0)
        return Reading(self, state, value, self.threshold, value > self.threshold)

    def words(self, reading: Reading) -> str:
        """The two volatilities and the change between them."""
        state, now, then = reading.state, reading.state.sigma_b, reading.state.sigma_b_at_solve
        if now is None or then is None or reading.value is None:
            lacking(self, state)
        sign = "+" if now >= then else "-"
        change = compared(_PERCENT * reading.value, _PERCENT * self.threshold)
        return (
            f"{state.benchmark} volatility {now:.2f} % against {then:.2f} % at the last solve: {sign}{change} %, "
            f"{than(reading.value, self.threshold)} {_PERCENT * self.threshold:.10g} %"
        )


@dataclass(frozen=True, slots=True)
class BenchmarkMove:
    """|benchmark return since the last solve| > threshold."""

    threshold: float
    name: ClassVar[str] = "benchmark_move"
    unit: ClassVar[str] = "fraction"
    needs: ClassVar[tuple[Quantity, ...]] = ("benchmark_return",)
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The size of the move."""
        move = state.benchmark_return
        if move is None or not -_ENDLESS < move < _ENDLESS:
            lacking(self, state)
        value = abs(move)
        return Reading(self, state, value, self.threshold, value > self.threshold)

    def words(self, reading: Reading) -> str:
        """The move with its sign."""
        move = reading.state.benchmark_return
        if move is None or reading.value is None:
            lacking(self, reading.state)
        sign = "-" if move < 0.0 else "+"
        size = compared(_PERCENT * reading.value, _PERCENT * self.threshold, decimals=2)
        return (
            f"{reading.state.benchmark} return {sign}{size} % since the last solve, "
            f"{than(reading.value, self.threshold)} {_PERCENT * self.threshold:.10g} % either way"
        )
