"""The optimizer on one problem at a time: what a user calls, with certificate and shadow prices."""

from __future__ import annotations

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.problems import problems
from benchmarks.peers.route import Solve
from optimizer import Solved, solve_problem


def public_call(day: Day) -> Solve:
    stated = problems(day)

    def solve(variant: int) -> Floats:
        outcome = solve_problem(stated[variant])
        if not isinstance(outcome, Solved):
            raise RuntimeError(str(outcome))
        return outcome.w

    return solve
