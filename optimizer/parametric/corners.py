"""Every corner of the path: the whole efficient frontier, exactly.

From least risk at t = 0 to the highest return the optimum w(t) of  min R(w)^2 / 2 - t (return)  is a chain of straight
legs, one working set each (Markowitz 1956). The path is followed on data without ties (see `start`), which yields the
order of the working sets; each is then solved with the true data, and a leg ends where on the true data the condition
fails that ended it.

What is optimal at both ends of a leg and half way is optimal all along: feasibility, and prices of the right sign,
pass from the ends to the points between; and a slack times its price, both linear and not negative, that is zero inside
has a factor that is zero throughout. So K corners and K - 1 points half way speak for infinitely many portfolios.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from optimizer.parametric.breakpoints import END, HOLD_LOWER, RELEASE, Breakpoint, first_breakpoint
from optimizer.parametric.direction import steady_direction
from optimizer.parametric.engine import unfit
from optimizer.parametric.exact import Line, Point, natural_residual, point_at, solve_line
from optimizer.parametric.exchange import DONE, INFEASIBLE
from optimizer.parametric.path import ARRIVED, LAST_TOLERANCE, morph, set_off, turn, walking
from optimizer.parametric.standard_form import StandardForm, standard_form
from optimizer.parametric.start import set_goal, start_from_nothing, tolerance_unit
from optimizer.parametric.state import Data, new_move, new_state
from optimizer.problem import Claim, Multipliers, NoClaim, Problem
from riskmodels.factor_form import Floats

_NO_LENGTH = 1e-12
"""A leg shorter than this, relative to the risk tolerance, is a tie."""

_OPTIMAL = 1e-11
"""Natural residual, relative to the mean variance where it is a price's, up to which a leg may be drawn out."""

_SAME_WEIGHT, _SAME_FIGURE = 1e-9, 1e-10
"""Corners nearer than this in every weight, or in risk and return, percent, are one."""


class Leg(NamedTuple):
    """The path between two risk tolerances, on one working set.

    Parameters
    ----------
    start, end : float
    line : Line
        The optimum there as a function of t.
    """

    start: float
    end: float
    line: Line


@dataclass(frozen=True, eq=False)
class Corners:
    """The corner portfolios, from least risk to the highest return.

    Parameters
    ----------
    tolerance : ndarray, shape (K,)
        Risk tolerance t at which the path reaches each.
    weights : ndarray, shape (K, n)
    claims : tuple of (Problem, Claim)
        That each of them, and each point half way to the next, is an optimum, and of which problem: the corners are
        the least risk, the best at their own risk, and the best of all.
    """

    tolerance: Floats
    weights: Floats
    claims: tuple[tuple[Problem, Claim], ...]


def corner_portfolios(problem: Problem, shift: float) -> Corners | NoClaim:
    """All corners of the efficient frontier of a problem.

    Parameters
    ----------
    problem : Problem
        With the goal of expected return and without a ridge, with which the path bends; its cap is ignored.
    shift : float
        By how much data are moved apart to find the order of the working sets, as a fraction of weight.
    """
    obstacle = unfit(problem)
    if obstacle is not None:
        return obstacle
    form = standard_form(problem, curvature=1.0, ridge=0.0)
    legs = legs_of(form, shift)
    if isinstance(legs, NoClaim):
        return legs
    points = [_corner(form, legs, k) for k in range(len(legs))]
    weights = np.array([_weights(problem, form, point.x) for point in points])
    firsts = _distinct(problem, weights)
    # A corner's onward leg is the last of those that start from it.
    onward = [legs[following - 1] for following in firsts[1:]]
    claims = [_least_risk(problem, form, weights[0], points[0])]
    claims += [_at_own_risk(problem, form, weights[k], points[k], legs[k].start) for k in firsts[1:-1]]
    for here, there, leg in zip(firsts[:-1], firsts[1:], onward, strict=True):
        t = 0.5 * (leg.start + leg.end)
        middle = 0.5 * (weights[here] + weights[there])
        claims.append(_at_own_risk(problem, form, middle, point_at(form.program, leg.line, t), t))
    claims.append(_best_of_all(problem, form, weights[firsts[-1]], legs[-1].line))
    return Corners(np.array([legs[k].start for k in firsts]), weights[firsts], tuple(claims))


def legs_of(form: StandardForm, shift: float) -> tuple[Leg, ...] | NoClaim:
    """The legs of the path, from t = 0 on; the last has no end.

    Parameters
    ----------
    form : StandardForm
    shift : float
        See `corner_portfolios`.
    """
    program = form.program
    N, m = program.mu.size, form.scale.size
    limits = _limits(form)
    state, move = new_state(N, m), new_move(N, m)
    set_goal(program, limits, 0.0, shift, move)
    start_from_nothing(program, move, state)
    arrival = morph(program, state, move)
    if arrival.outcome == INFEASIBLE:
        return NoClaim(True, "no portfolio meets the rows and bounds")
    if arrival.outcome != ARRIVED:
        return NoClaim(False, "the parametric path was lost on the way to least risk")
    noise = walking(program, 1.0, move)
    set_off(program, move)
    unit = tolerance_unit(program)
    last = LAST_TOLERANCE * unit
    legs: list[Leg] = []
    walked, start = 0.0, 0.0
    # As in `path.follow`, more turns than this are a sign of going in circles.
    for _ in range(1000 + 10 * (N + m)):
        line = solve_line(program, limits, -program.linear, state)
        if not line.regular or not steady_direction(program, state, noise.scale, move):
            break
        found = first_breakpoint(N, state, move, last - walked, noise)
        if found.event == END:
            return tuple(_with(legs, Leg(start, math.inf, line)))
        walked += found.step
        end = _end(form, limits, line, found, walked)
        if end - start > _NO_LENGTH * (unit + start):
            legs = _with(legs, Leg(start, end, line))
            start = end
        if turn(program, state, last - walked + found.step, math.inf, noise, move).outcome != DONE:
            break
    return NoClaim(False, f"the parametric path was lost after {len(legs)} corners")


def _with(legs: list[Leg], leg: Leg) -> list[Leg]:
    """One leg more, or the last one longer: the shifted data have two sides where the true limits are one."""
    if legs:
        last, line = legs[-1], leg.line
        if np.array_equal(last.line.members, line.members) and np.array_equal(last.line.at, line.at):
            return [*legs[:-1], Leg(last.start, leg.end, line)]
    return [*legs, leg]


def _end(form: StandardForm, limits: Data, line: Line, found: Breakpoint, walked: float) -> float:
    """Where on the true data the condition fails that ended the leg on the shifted ones, at `walked`."""
    a, n = found.code, form.program.mu.size
    if found.event == RELEASE:
        left, rate = (line.start.force[a], line.slope.force[a]) if a < n else (line.start.p[a], line.slope.p[a])
    else:
        limit = limits.lower[a] if found.event == HOLD_LOWER else limits.upper[a]
        left, rate = line.start.x[a] - limit, line.slope.x[a]
    end = -left / rate if rate != 0.0 else walked
    if end > walked:
        # Another condition, that failed later on the shifted data, may fail before.
        point = point_at(form.program, line, end)
        prices = point.p / np.abs(point.force).max(initial=1.0)
        if natural_residual(form.program, limits, point.x, -prices) > _OPTIMAL:
            return walked
    return float(end)


def _corner(form: StandardForm, legs: Sequence[Leg], k: int) -> Point:
    """Where leg k starts: by the line before or the line after, whichever is less sensitive to rounding there."""
    t = legs[k].start
    after = point_at(form.program, legs[k].line, t)
    if k == 0:
        return after
    before = point_at(form.program, legs[k - 1].line, t)
    limits = _limits(form)
    return min(after, before, key=lambda point: natural_residual(form.program, limits, point.x, -point.p))


def _limits(form: StandardForm) -> Data:
    return Data(form.lower[0], form.upper[0], np.zeros(form.program.mu.size))


def _weights(problem: Problem, form: StandardForm, x: Floats) -> Floats:
    """Weights of the funds, shape (n,), from quantities, without roundings beyond a bound."""
    N = form.program.mu.size
    pieces = np.clip(x[:N], form.lower[0, :N], form.upper[0, :N])
    return np.clip(form.weights(pieces), problem.mandate.lower, problem.mandate.upper)


def _distinct(problem: Problem, weights: Floats) -> list[int]:
    """The first of each run of legs that start from the same portfolio, or from clones of it."""
    net = weights @ problem.mu - np.abs(weights - problem.held) @ problem.kink
    risk = problem.risk.value
    firsts = [0]
    for k in range(1, len(weights)):
        at = firsts[-1]
        same = np.abs(weights[k] - weights[at]).max() <= _SAME_WEIGHT
        alike = abs(net[k] - net[at]) <= _SAME_FIGURE
        if not same and not (alike and abs(risk(weights[k]) - risk(weights[at])) <= _SAME_FIGURE):
            firsts.append(k)
    return firsts


def _least_risk(problem: Problem, form: StandardForm, w: Floats, point: Point) -> tuple[Problem, Claim]:
    return problem.minimising_risk(), Claim(w, _multipliers(problem, form, -point.p, 0.0))


def _at_own_risk(problem: Problem, form: StandardForm, w: Floats, point: Point, t: float) -> tuple[Problem, Claim]:
    risk = problem.risk.value(w)
    return replace(problem, cap=risk), Claim(w, _multipliers(problem, form, -point.p / t, risk / t))


def _best_of_all(problem: Problem, form: StandardForm, w: Floats, line: Line) -> tuple[Problem, Claim]:
    return problem.without_cap(), Claim(w, _multipliers(problem, form, -line.slope.p, 0.0))


def _multipliers(problem: Problem, form: StandardForm, ascent: Floats, theta: float) -> Multipliers:
    """Multipliers of the mandate's rows and of turnover from the ascent of all quantities, shape (N + m,)."""
    y = ascent[form.program.mu.size :] / form.scale
    if problem.mandate.turnover is None:
        return Multipliers(y, theta, 0.0)
    return Multipliers(y[:-1], theta, max(0.0, float(y[-1])))
