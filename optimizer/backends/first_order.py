"""`osqp`: OSQP on quadratic programs, the risk aversion root-found so that the risk target is met.

OSQP takes no cone, so a cap on R is met through the family  min R(w)^2 / 2 - t (reward)  over the mandate. R(w(t)) does
not fall as t grows: towards t = 0 it is the least risk, for a large t that of the highest reward. So the cap is either
slack, out of reach, or met at one t; and between two values of t with the same active set w(t) is a straight line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from optimizer.backends.quadratic_program import QuadraticFamily, Stopped
from optimizer.certificate import certify, least_risk
from optimizer.polishing import polish
from optimizer.problem import Claim, NoClaim, Problem
from optimizer.risk_measure import RiskMeasure
from optimizer.statement import half_square_risk, reward
from riskmodels.factor_form import Floats

_RISK_TOLERANCE = 1e-9
"""How closely the root-find meets the cap, relative to it or to 1 % where it is lower."""

_ROOT_STEPS = 60
_STRIDE = 4.0
"""Factor from one t to the next while the root is being bracketed."""

_REWARD_WEIGHTS = (1e-9, 1e6)
"""Range of t relative to the first guess: beyond it only the risk, or only the reward, is left."""

_PROXIMAL_STEPS = 40
_LARGEST_PROXIMAL_STEP = 1e4
_PROXIMAL_GAP_BP = 1e-6


def solve_first_order(problem: Problem) -> Claim | NoClaim:
    """Solve by OSQP.

    Parameters
    ----------
    problem : Problem
    """
    try:
        return _solve(problem)
    except Stopped as stop:
        return NoClaim(infeasible=stop.infeasible, words=str(stop))


def _solve(problem: Problem) -> Claim | NoClaim:
    quadratic = problem.curvature > 0.0 or problem.ridge_weight > 0.0
    uncapped = _best_compromise(problem) if quadratic else _highest_reward(problem)
    if problem.cap is None:
        return uncapped
    # Whether the cap is slack is a matter of the optimum itself, not of what OSQP's tolerance leaves of it.
    uncapped = polish(problem.without_cap(), uncapped)
    if problem.risk.value(uncapped.w) <= problem.cap + _tolerance(problem.cap):
        return uncapped
    return _at_cap(problem, problem.cap, uncapped)


def _tolerance(cap: float) -> float:
    return _RISK_TOLERANCE * max(1.0, cap)


def _best_compromise(problem: Problem) -> Claim:
    """The optimum of a quadratic goal without the cap: one program."""

    def goal(w: cp.Variable, t: cp.Parameter) -> cp.Expression:
        return half_square_risk(problem, w) * problem.curvature - t * reward(problem, w)

    family = QuadraticFamily(problem, goal)
    family.solve(1.0)
    return family.claim(risk=0.0, scale=1.0)


def _highest_reward(problem: Problem) -> Claim:
    """The optimum of a linear goal without the cap, by the proximal point method.

    Each step maximises  t reward - ||w - anchor||^2 / 2, and finitely many reach the optimum (Ferris 1991). They
    grow, because two funds that promise nearly the same would otherwise take thousands.
    """

    def proximal(w: cp.Variable, t: cp.Parameter) -> cp.Expression:
        return 0.5 * cp.sum_squares(w) - t * reward(problem, w)

    # The anchor enters the linear term alone.
    family, uncapped = QuadraticFamily(problem, proximal), problem.without_cap()
    anchor, t = np.zeros(problem.size), 1.0
    for _ in range(_PROXIMAL_STEPS):
        anchor = family.solve(t, pull=-anchor)
        claim = polish(uncapped, family.claim(risk=0.0, scale=t))
        if certify(uncapped, claim).gap_bp <= _PROXIMAL_GAP_BP:
            break
        t = min(2.0 * t, _LARGEST_PROXIMAL_STEP)
    return claim


@dataclass(frozen=True, eq=False)
class _Point:
    """w(t), shape (n,), and its risk."""

    t: float
    w: Floats
    risk: float


def _at_cap(problem: Problem, cap: float, uncapped: Claim) -> Claim | NoClaim:
    """Meet the cap with equality: bracket t by strides from a guess, then close in.

    Parameters
    ----------
    problem : Problem
    cap : float
    uncapped : Claim
        The optimum without the cap, which it breaks.
    """

    def traded_off(w: cp.Variable, t: cp.Parameter) -> cp.Expression:
        return half_square_risk(problem, w) - t * reward(problem, w)

    family, calmest = QuadraticFamily(problem, traded_off), problem.minimising_risk()

    def at(t: float) -> _Point:
        w = family.solve(t)
        return _Point(t, w, problem.risk.value(w))

    tolerance = _tolerance(cap)
    guess = _first_guess(problem, cap, uncapped)
    low = high = last = at(guess)
    while low.risk > cap + tolerance:
        # The dual bound of any t makes the solve at t = 0, by far the hardest of the family, unnecessary.
        if least_risk(calmest, family.claim(risk=0.0, scale=1.0)) > cap or low.t < guess * _REWARD_WEIGHTS[0]:
            return NoClaim(infeasible=True, words=f"OSQP: risk stays above {cap:.6g} %, {low.risk:.6g} % at last")
        high, low = low, at(low.t / _STRIDE)
        last = low
    while high.risk <= cap and high.t < guess * _REWARD_WEIGHTS[1]:
        low, high = high, at(high.t * _STRIDE)
        last = high
    if low.risk <= cap < high.risk and abs(last.risk - cap) > tolerance:
        last = _close_in(problem.risk, cap, tolerance, at, low, high)
    # At w(t):  grad reward = (R / t) grad R + multipliers / t,  of which the goal itself takes curvature R grad R.
    theta = max(0.0, last.risk * (1.0 / last.t - problem.curvature))
    return family.claim(risk=theta, scale=last.t)


def _first_guess(problem: Problem, cap: float, uncapped: Claim) -> float:
    """A t of the right order: risk squared over reward, both as far as they can differ."""
    spread = float(np.ptp(problem.reward))
    return max(cap, 1e-3) * problem.risk.value(uncapped.w) / spread if spread > 0.0 else 1.0


def _close_in(
    risk: RiskMeasure, cap: float, tolerance: float, at: Callable[[float], _Point], low: _Point, high: _Point
) -> _Point:
    """Where R(w(t)) = cap between two points: a secant that follows the line through the last two portfolios.

    It is exact once they share their active set. A step that has not come ten times nearer, or would leave the
    bracket, is followed by one in its (geometric) middle, so that it shrinks whatever the active sets do.
    """
    before, point, slow = low, high, False
    for _ in range(_ROOT_STEPS):
        t = point.t + _crossing(risk, cap, point.w, before.w) * (before.t - point.t)
        middle = slow or not low.t < t < high.t
        before, point = point, at(float(np.sqrt(low.t * high.t)) if middle else t)
        slow = not middle and abs(point.risk - cap) > 0.1 * abs(before.risk - cap)
        if abs(point.risk - cap) <= tolerance:
            break
        if point.risk <= cap:
            low = point
        else:
            high = point
        if high.t - low.t <= 1e-10 * high.t:
            break
    return point


def _crossing(risk: RiskMeasure, cap: float, start: Floats, end: Floats) -> float:
    """Where R = cap on the line  start + x (end - start): the root x nearest to the start, zero where there is none.

    R^2 is a quadratic along a line.
    """
    at_start, at_end = risk.value(start) ** 2, risk.value(end) ** 2
    slope = float(risk.half_square_gradient(start) @ (end - start))
    bend, gap = at_end - at_start - 2.0 * slope, cap**2 - at_start
    square = slope**2 + bend * gap
    if square < 0.0 or slope == 0.0:
        return 0.0
    # The form of the solution that does not cancel.
    return float(gap / (slope + np.copysign(np.sqrt(square), slope)))
