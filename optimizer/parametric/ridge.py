"""A ridge and a risk cap that binds.

With a ridge the goal is  reward'w - ridge/2 ||w||^2 - kappa/2 R(w)^2,  and as the price kappa of risk grows the
optimum bends between its corners. For each kappa it is a single point of a path, and R falls with kappa: so kappa is
found as the root of  R(w(kappa)) = cap  (Brent 1973). The last digits are the polishing's, on the working set.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from optimizer.parametric.standard_form import standard_form
from optimizer.parametric.start import tolerance_unit
from optimizer.parametric.stop import Stop, claim_of, follow, multipliers_of
from optimizer.parametric.target import TARGET_SLACK
from optimizer.problem import Claim, NoClaim, Problem

_STEP = 10.0
_WIDEST = 1e12
"""A price of risk beyond this leaves nothing but risk to be seen."""

_HAIR = 1e-10
"""A cap nearer to least risk than this, relative to it, is aimed at from so much above."""

_MISSED = 5e-10
"""A cap below least risk by less than this, relative to it, is taken to be least risk."""

_ROOT = 1e-9
"""Relative accuracy of the price."""


def solve_ridged(problem: Problem) -> Claim | NoClaim:
    """Solve a problem with a ridge.

    Parameters
    ----------
    problem : Problem
        With `ridge_weight` above zero.
    """
    free = _at_price(problem, problem.curvature)
    if free.status != TARGET_SLACK:
        return claim_of(problem, free)
    cap = np.inf if problem.cap is None else problem.cap
    if problem.risk.value(free.w) <= cap:
        return Claim(free.w, multipliers_of(problem, free.y, 0.0))
    plain = standard_form(problem, curvature=1.0, ridge=0.0)
    least = follow(plain, np.inf, last=0.0)
    floor = problem.risk.value(least.w)
    if least.status == TARGET_SLACK and floor > cap * (1.0 + _MISSED):
        return NoClaim(True, f"risk cannot go below {least.risk:.6g} %")
    cap = max(cap, floor * (1.0 + _HAIR))
    try:
        price = _price_of_risk(problem, cap, 1.0 / tolerance_unit(plain.program))
    except ValueError:
        return NoClaim(False, "no price of risk was found at which a portfolio with a ridge meets the risk cap")
    stop = _at_price(problem, problem.curvature + price)
    if stop.status != TARGET_SLACK:
        return claim_of(problem, stop)
    return Claim(stop.w, multipliers_of(problem, stop.y, price * problem.risk.value(stop.w)))


def _price_of_risk(problem: Problem, cap: float, unit: float) -> float:
    """The root, looked for around `unit`; ValueError when there is none, or a path is lost."""

    def excess(logarithm: float) -> float:
        return problem.risk.value(_at_price(problem, problem.curvature + float(np.exp(logarithm))).w) - cap

    low = high = np.log(unit)
    while excess(low) < 0.0 and low > np.log(unit / _WIDEST):
        low -= np.log(_STEP)
    while excess(high) > 0.0 and high < np.log(unit * _WIDEST):
        high += np.log(_STEP)
    return float(np.exp(brentq(excess, low, high, xtol=_ROOT, rtol=_ROOT)))


def _at_price(problem: Problem, kappa: float) -> Stop:
    """The optimum at a price of risk: the end of a path of risk  kappa R^2 + ridge ||w||^2,  or of a multiple."""
    if kappa <= 1.0:
        return follow(standard_form(problem, kappa, problem.ridge_weight), np.inf, last=1.0)
    return follow(standard_form(problem, 1.0, problem.ridge_weight / kappa), np.inf, last=1.0 / kappa)
