"""A risk cap at zero, or so near to it that prices of risk and rounding mix.

From a portfolio without risk the path sets out along a ray,  w = w0 + R b,  on which prices do not change. So the
answer lies on the line through two portfolios of the ray, and their tangents and multipliers prove it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.parametric.standard_form import StandardForm
from optimizer.parametric.start import variance_unit
from optimizer.parametric.stop import claim_of, follow
from optimizer.parametric.target import TARGET_MET, TARGET_SLACK
from optimizer.problem import Claim, NoClaim, Problem

_SMALL = 1e-5
"""A cap is small when it is below this share of a typical volatility."""

_DUST = 1e-15
"""Weights that are nothing but rounding."""


def small_risk(form: StandardForm) -> float:
    """A risk below which a cap is taken for nearly none, percent.

    Parameters
    ----------
    form : StandardForm
    """
    return _SMALL * float(np.sqrt(variance_unit(form.program)))


def solve_riskless(problem: Problem, form: StandardForm, last: float) -> Claim | NoClaim:
    """Solve with a cap below `small_risk`.

    Parameters
    ----------
    problem : Problem
    form : StandardForm
        Its own.
    last : float
        Largest risk tolerance.
    """
    near, cap = small_risk(form), problem.cap or 0.0
    outer, inner = (follow(form, (share * near) ** 2, last) for share in (1.0, 0.5))
    if outer.status == TARGET_SLACK:
        # The best portfolio has next to no risk, perhaps none.
        return claim_of(problem, outer if problem.risk.value(outer.w) <= cap else follow(form, cap**2, last))
    claim = claim_of(problem, outer)
    if outer.status != TARGET_MET or isinstance(claim, NoClaim):
        return claim
    if inner.status != TARGET_MET:
        return claim_of(problem, inner)
    ray = 2.0 * (outer.w - inner.w)
    w = np.clip(outer.w - (1.0 - cap / near) * ray, problem.mandate.lower, problem.mandate.upper)
    w[np.abs(w) < _DUST] = 0.0
    if problem.risk.value(w) > max(2.0 * cap, 1e-6 * near):
        return NoClaim(True, f"risk cannot go below {follow(form, np.inf, last=0.0).risk:.6g} %")
    return replace(claim, w=w, tangent=outer.w)
