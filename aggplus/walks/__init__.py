"""Models walked through history, point in time: what they would have held, earned, traded and decided.

A check of today takes the same steps.
"""

from aggplus.walks.checking import check, check_together, decision_on
from aggplus.walks.last_solve import Check, CheckRequest, LastSolve, last_solve_of
from aggplus.walks.track_record import Miss, PayOut, Rebalance, TrackRecord
from aggplus.walks.walk import walk_forward, walk_together

__all__ = [
    "Check",
    "CheckRequest",
    "LastSolve",
    "Miss",
    "PayOut",
    "Rebalance",
    "TrackRecord",
    "check",
    "check_together",
    "decision_on",
    "last_solve_of",
    "walk_forward",
    "walk_together",
]
