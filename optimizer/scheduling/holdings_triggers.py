"""Triggers on the holdings: drift, risk, breaches, funds that left.

A solve need not cure these. Fired and solved, a trigger (a single clause or fund, where it speaks of several) is
disarmed until it has calmed down: else it would fire every day on a target that no portfolio reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from constraints import Unit
from constraints.units import BASIS_POINTS, BETA, FUNDS, VOLATILITY, WEIGHT, YEARS
from optimizer.risk_target import RiskTarget
from optimizer.scheduling.reading import Reading, compared, lacking, still_waiting, than
from optimizer.scheduling.state import Breach, Quantity, RebalanceState

TOLERANCES: Mapping[Unit, float] = MappingProxyType(
    {WEIGHT: 1.0, YEARS: 0.1, BASIS_POINTS: 1.0, BETA: 0.02, VOLATILITY: 0.1, FUNDS: 0.5}
)
"""By how much drift may break a clause before it counts, in units of print: 1 is 1 % of weight."""

_OTHER_UNITS = 0.01

LEAST_TARGET = 0.1
"""Deviations are relative to the target, or to this (percent a year, or beta) where the target is smaller."""

_PERCENT = 100.0
_ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class WeightDrift:
    """One-way distance of the drifted weights from those last traded to > threshold."""

    threshold: float
    rearm: float
    name: ClassVar[str] = "weight_drift"
    unit: ClassVar[str] = "fraction"
    needs: ClassVar[tuple[Quantity, ...]] = ("weight_drift",)
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The distance."""
        value = state.weight_drift
        if value is None or not 0.0 <= value < _ENDLESS:
            lacking(self, state)
        return _latching(self, state, value)

    def words(self, reading: Reading) -> str:
        """The distance in percent of weight."""
        if reading.value is None:
            lacking(self, reading.state)
        size = compared(_PERCENT * reading.value, _PERCENT * self.threshold, decimals=2)
        end = still_waiting(reading, f"{_PERCENT * self.rearm * self.threshold:.10g} %")
        return (
            f"weights have drifted by {size} % one way from those last traded to, "
            f"{than(reading.value, self.threshold)} {_PERCENT * self.threshold:.10g} %{end}"
        )


@dataclass(frozen=True, slots=True)
class RiskDrift:
    """Relative deviation of the holdings' ex-ante risk from today's target > threshold.

    With `at_most` only risk above the target counts: below it the portfolio is allowed, and may be the best there is.
    With `equal` a deviation either way does.
    """

    threshold: float
    rearm: float
    name: ClassVar[str] = "risk_drift"
    unit: ClassVar[str] = "fraction"
    needs: ClassVar[tuple[Quantity, ...]] = ("risk", "target")
    hard: ClassVar[bool] = False

    def reading(self, state: RebalanceState) -> Reading:
        """The deviation; below zero where an `at_most` target has room."""
        risk, target = state.risk, state.target
        if risk is None or target is None or not -_ENDLESS < risk - target.value < _ENDLESS:
            lacking(self, state)
        return _latching(self, state, _deviation(risk, target))

    def words(self, reading: Reading) -> str:
        """Risk, target and the deviation."""
        risk, target, value = reading.state.risk, reading.state.target, reading.value
        if risk is None or target is None or value is None:
            lacking(self, reading.state)
        unit, limit = target.unit.suffix, f"{_PERCENT * self.threshold:.10g} %"
        head = f"{target.kind.replace('_', ' ')} {risk:.2f}{unit} against a target of {target.value:.2f}{unit}"
        if value < 0.0:
            return f"{head}: {-_PERCENT * value:.1f} % below it, which is allowed"
        size = compared(_PERCENT * value, _PERCENT * self.threshold)
        where = "above" if risk >= target.value else "below"
        end = still_waiting(reading, f"{_PERCENT * self.rearm * self.threshold:.10g} %")
        return f"{head}: {size} % {where} it, {than(value, self.threshold)} {limit}{end}"


@dataclass(frozen=True, slots=True)
class BreachedClause:
    """A clause is broken by more than its unit's tolerance."""

    rearm: float
    name: ClassVar[str] = "breached_clause"
    unit: ClassVar[str] = "tolerances"
    needs: ClassVar[tuple[Quantity, ...]] = ("breaches",)
    hard: ClassVar[bool] = True

    def reading(self, state: RebalanceState) -> Reading:
        """The worst breach, in tolerances."""
        breaches = state.breaches
        if breaches is None:
            lacking(self, state)
        worst, quiet, latched = 0.0, [], []
        for breach in breaches:
            size = _in_tolerances(breach)
            if not 0.0 <= size < _ENDLESS:
                lacking(self, state)
            worst = max(worst, size)
            key = self._key(breach)
            if key in state.disarmed and size >= self.rearm:
                quiet.append(key)
            elif size > 1.0:
                latched.append(key)
        return Reading(self, state, worst, 1.0, bool(latched), tuple(quiet), tuple(latched))

    def words(self, reading: Reading) -> str:
        """Each clause that is broken, its value and its limit."""
        told = [self._sentence(breach, reading) for breach in reading.state.breaches or ()]
        return "; ".join(told) or "every clause holds"

    def _sentence(self, breach: Breach, reading: Reading) -> str:
        unit, key = breach.unit, self._key(breach)
        off = unit.per_one * abs(breach.value - breach.limit)
        allowed = tolerance(unit)
        beyond = "more than" if off > allowed else "not more than"
        end = " (already so after the last solve)" if key in reading.quiet else ""
        value = f"{unit.per_one * breach.value:.2f}{unit.suffix}"
        return (
            f"{breach.clause} at {value}, limit {unit.show(breach.limit)}: off by {compared(off, allowed, 2)}"
            f"{unit.suffix}, {beyond} {allowed:g}{unit.suffix}{end}"
        )

    def _key(self, breach: Breach) -> str:
        return f"{self.name}: {breach.clause}"


@dataclass(frozen=True, slots=True)
class LeftEligibility:
    """A fund that is held is refused by today's screens."""

    name: ClassVar[str] = "left_eligibility"
    unit: ClassVar[str] = "funds"
    needs: ClassVar[tuple[Quantity, ...]] = ("left",)
    hard: ClassVar[bool] = True

    def reading(self, state: RebalanceState) -> Reading:
        """How many."""
        left = state.left
        if left is None:
            lacking(self, state)
        keys = [f"{self.name}: {departure.ticker}" for departure in left]
        quiet = tuple(key for key in keys if key in state.disarmed)
        latched = tuple(key for key in keys if key not in state.disarmed)
        return Reading(self, state, len(keys), 1, bool(latched), quiet, latched)

    def words(self, reading: Reading) -> str:
        """Each fund with its reason."""
        told = []
        for departure in reading.state.left or ():
            seen = f"{self.name}: {departure.ticker}" in reading.quiet
            end = " (and the last solve knew)" if seen else ""
            told.append(f"{departure.ticker} is held and no longer eligible: {departure.reason}{end}")
        return "; ".join(told) or "every fund held is eligible"


def tolerance(unit: Unit) -> float:
    """By how much drift may break a clause of this unit before it counts, in units of print."""
    return TOLERANCES.get(unit, _OTHER_UNITS)


def _in_tolerances(breach: Breach) -> float:
    return breach.unit.per_one * abs(breach.value - breach.limit) / tolerance(breach.unit)


def _deviation(risk: float, target: RiskTarget) -> float:
    away = (risk - target.value) / max(abs(target.value), LEAST_TARGET)
    return away if target.match == "at_most" else abs(away)


def _latching(trigger: WeightDrift | RiskDrift, state: RebalanceState, value: float) -> Reading:
    """Above the threshold, and below rearm x threshold in between since it fired last and was solved."""
    name, threshold = trigger.name, trigger.threshold
    if name in state.disarmed and value >= trigger.rearm * threshold:
        return Reading(trigger, state, value, threshold, False, (name,))
    fired = value > threshold
    return Reading(trigger, state, value, threshold, fired, (), (name,) if fired else ())
