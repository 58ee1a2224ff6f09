"""Triggers on time: age of the portfolio and the calendar of the exchange. The next solve sets them back to zero.

A calendar trigger is due from the end of the period on until a solve has been made: a day without data, a cool-down
or a failed solve delays it and does not lose it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from optimizer.scheduling.reading import Reading, lacking
from optimizer.scheduling.rules import Period
from optimizer.scheduling.session_ends import PeriodsEnded, month_name, quarter_name, year_name
from optimizer.scheduling.state import Quantity, RebalanceState


@dataclass(frozen=True, slots=True)
class MaximumAge:
    """Trading days since the last solve >= days."""

    days: int
    name: ClassVar[str] = "max_days"
    unit: ClassVar[str] = "trading days"
    needs: ClassVar[tuple[Quantity, ...]] = ()
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The age."""
        age = state.sessions_since_solve
        if age is None:
            lacking(self, state)
        return Reading(self, state, age, self.days, age >= self.days)

    def words(self, reading: Reading) -> str:
        """The age and the largest."""
        how = "at least" if reading.fired else "fewer than"
        return f"{reading.state.sessions_since_solve} trading days since the last solve, {how} {self.days}"


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """A month, quarter or year has ended since the last solve, today included."""

    period: Period
    name: ClassVar[str] = "calendar"
    unit: ClassVar[str] = "period ends"
    needs: ClassVar[tuple[Quantity, ...]] = ("periods", "periods_at_solve")
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """How many have ended."""
        now, then = state.periods, state.periods_at_solve
        if now is None or then is None:
            lacking(self, state)
        value = self._ended(now) - self._ended(then)
        return Reading(self, state, value, 1, value >= 1)

    def words(self, reading: Reading) -> str:
        """Which one has ended last."""
        noun, now = self.period.removesuffix("_end"), reading.state.periods
        if now is None:
            lacking(self, reading.state)
        if not reading.fired:
            return f"no {noun} has ended since the last solve"
        return f"the {noun} {self._last(now)} has ended since the last solve"

    def _ended(self, periods: PeriodsEnded) -> int:
        match self.period:
            case "month_end":
                return periods.month
            case "quarter_end":
                return periods.quarter
            case "year_end":
                return periods.year
            case _:
                assert_never(self.period)

    def _last(self, periods: PeriodsEnded) -> str:
        match self.period:
            case "month_end":
                return month_name(periods.month)
            case "quarter_end":
                return quarter_name(periods.quarter)
            case "year_end":
                return year_name(periods.year)
            case _:
                assert_never(self.period)


@dataclass(frozen=True, slots=True)
class EveryDays:
    """A session of the exchange whose number divides by `days` has come since the last solve, today included."""

    days: int
    name: ClassVar[str] = "every_days"
    unit: ClassVar[str] = "period ends"
    needs: ClassVar[tuple[Quantity, ...]] = ("periods", "periods_at_solve")
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """How many have come."""
        now, then = state.periods, state.periods_at_solve
        if now is None or then is None:
            lacking(self, state)
        value = now.sessions // self.days - then.sessions // self.days
        return Reading(self, state, value, 1, value >= 1)

    def words(self, reading: Reading) -> str:
        """Whether the day has come, or when it does."""
        now = reading.state.periods
        if now is None:
            lacking(self, reading.state)
        if reading.fired:
            return f"a period of {self.days} sessions has ended since the last solve"
        left = self.days - now.sessions % self.days
        return f"the period of {self.days} sessions ends in {left}"
