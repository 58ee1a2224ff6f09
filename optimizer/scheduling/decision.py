"""Solve again today, or not? A pure function of the rules and of what is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from optimizer.scheduling.benchmark_triggers import BenchmarkMove, VolatilityChange
from optimizer.scheduling.gain_trigger import GainOverCost
from optimizer.scheduling.holdings_triggers import BreachedClause, LeftEligibility, RiskDrift, WeightDrift
from optimizer.scheduling.reading import Reading, Trigger
from optimizer.scheduling.rules import RebalanceRules
from optimizer.scheduling.state import Quantity, RebalanceState
from optimizer.scheduling.time_triggers import EveryDays, MaximumAge, PeriodEnd

Action = Literal["hold", "look", "resolve"]

FIRST_SOLVE = "no portfolio yet"
NO_REASON = "no trigger fired"
LOOK = "a solve of the day has to show whether the expected gain pays for its cost"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to solve again, and every trigger's value against its threshold.

    Parameters
    ----------
    state : RebalanceState
        What was known.
    action : {"hold", "look", "resolve"}
        "look" asks for a solve of the day that is traded only if it pays: put its gain and its cost into the state and
        decide again; the answer is then "hold" or "resolve".
    readings : tuple of Reading
        In the order of the document's reference; none when there is no portfolio yet.
    cool_down_days : int
        Of the rules.
    """

    state: RebalanceState
    action: Action
    readings: tuple[Reading, ...]
    cool_down_days: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in sentences: what fired, or what a cool-down holds back, or that nothing did."""
        since = self.state.sessions_since_solve
        if since is None:
            return (FIRST_SOLVE,)
        fired = tuple(reading.words for reading in self.readings if reading.fired)
        if self.action == "resolve":
            return fired
        if self.action == "look":
            return (LOOK,)
        wait = f" (held back: {since} of {self.cool_down_days} days of cool-down since the last solve)"
        return tuple(words + wait for words in fired) or (NO_REASON,)

    @property
    def disarmed(self) -> frozenset[str]:
        """What is disarmed tomorrow if there is no solve today, or none whose portfolio is taken."""
        return frozenset(key for reading in self.readings for key in reading.quiet)

    @property
    def disarmed_after_solve(self) -> frozenset[str]:
        """What is disarmed tomorrow if the portfolio of a solve is taken today."""
        return self.disarmed.union(*(reading.latched for reading in self.readings))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "date": f"{self.state.day:%Y-%m-%d}",
            "action": self.action,
            "reasons": list(self.reasons),
            "readings": [reading.to_dict() for reading in self.readings],
        }


def decide(rules: RebalanceRules, state: RebalanceState) -> Decision:
    """Solve again today, or not.

    Parameters
    ----------
    rules : RebalanceRules
    state : RebalanceState

    Raises
    ------
    OptimizerError
        When the state lacks a number that a trigger of the rules needs.
    """
    since = state.sessions_since_solve
    if since is None:
        return Decision(state, "resolve", (), rules.cool_down_days)
    readings = tuple([trigger.reading(state) for trigger in triggers_of(rules)])
    cooling = since < rules.cool_down_days
    action: Action = "hold"
    for reading in readings:
        if reading.fired and (not cooling or reading.trigger.hard):
            action = "resolve"
            break
        if reading.value is None and not cooling:
            action = "look"
    return Decision(state, action, readings, rules.cool_down_days)


# A walk asks 200,000 times with the same few rules.
@lru_cache(maxsize=1024)
def triggers_of(rules: RebalanceRules) -> tuple[Trigger, ...]:
    """The triggers that rules ask for.

    Parameters
    ----------
    rules : RebalanceRules
    """
    asked, rearm = rules.triggers, rules.rearm
    gain = asked.expected_gain
    every: tuple[Trigger | None, ...] = (
        None if asked.volatility_change is None else VolatilityChange(asked.volatility_change),
        None if asked.benchmark_move is None else BenchmarkMove(asked.benchmark_move),
        None if asked.max_days is None else MaximumAge(asked.max_days),
        None if asked.calendar is None else PeriodEnd(asked.calendar),
        None if asked.every_days is None else EveryDays(asked.every_days),
        None if asked.weight_drift is None else WeightDrift(asked.weight_drift, rearm),
        None if asked.risk_drift is None else RiskDrift(asked.risk_drift, rearm),
        BreachedClause(rearm) if asked.breached_clause else None,
        LeftEligibility() if asked.left_eligibility else None,
        None if gain is None else GainOverCost(gain.horizon_days, gain.factor),
    )
    return tuple(trigger for trigger in every if trigger is not None)


def needs(rules: RebalanceRules) -> frozenset[Quantity]:
    """The quantities of a state that rules look at.

    `gain_bp` and `cost_bp` need a solve of the day; leave them None until a decision says "look".

    Parameters
    ----------
    rules : RebalanceRules
    """
    return frozenset(quantity for trigger in triggers_of(rules) for quantity in trigger.needs)
