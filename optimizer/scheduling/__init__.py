"""When to solve again: triggers, what they read, and the decision."""

from optimizer.scheduling.decision import Action, Decision, decide, needs, triggers_of
from optimizer.scheduling.measures import breaches, horizon_gain_bp, one_way_distance
from optimizer.scheduling.reading import Reading, Trigger
from optimizer.scheduling.rules import ExpectedGain, RebalanceRules, Triggers
from optimizer.scheduling.session_ends import PeriodsEnded, SessionEnds, session_ends
from optimizer.scheduling.state import Breach, Departure, Quantity, RebalanceState

__all__ = [
    "Action",
    "Breach",
    "Decision",
    "Departure",
    "ExpectedGain",
    "PeriodsEnded",
    "Quantity",
    "Reading",
    "RebalanceRules",
    "RebalanceState",
    "SessionEnds",
    "Trigger",
    "Triggers",
    "breaches",
    "decide",
    "horizon_gain_bp",
    "needs",
    "one_way_distance",
    "session_ends",
    "triggers_of",
]
