"""Why no portfolio is allowed: smallest conflicts between clauses, the cheapest repairs, and how much room is left."""

from optimizer.conflicts.conflict import Conflict, find_conflict
from optimizer.conflicts.exact_conflict import find_exact_conflict, target_within_reach
from optimizer.conflicts.margin import Margin, margin
from optimizer.conflicts.repair import Move, Repair, cheapest_repairs
from optimizer.conflicts.terms import Terms, terms_of

__all__ = [
    "Conflict",
    "Margin",
    "Move",
    "Repair",
    "Terms",
    "cheapest_repairs",
    "find_conflict",
    "find_exact_conflict",
    "margin",
    "target_within_reach",
    "terms_of",
]
