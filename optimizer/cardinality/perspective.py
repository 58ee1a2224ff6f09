"""A sharper bound for a node: what its fractional names would cost in risk.

With Sigma = B B' + diag(s)^2, a fund of which only the part z_i is held has, as the convex hull of "all or nothing"
sees it, the specific variance  s_i^2 w_i^2 / z_i  instead of  s_i^2 w_i^2  (the perspective reformulation: Frangioni &
Gentile 2006; Günlük & Linderoth 2010). The z that costs least for given w, with sum z <= K - |in|, is

    z_i = min(1, c s_i w_i, w_i / x)        c from the sum.

For fixed z that is the same kind of problem with larger specific risk. Solving it gives multipliers at which the bound
of `node_bound`, which holds for any, is much lower than at those of the plain relaxation; its heaviest funds are the
better names, too. One step from the plain relaxation's w takes nearly all there is to gain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.cardinality.bound import Bound, held_by, node_bound
from optimizer.cardinality.node import IN, UNDECIDED, Choice, NameProblem
from optimizer.parametric.engine import solve_parametric
from optimizer.problem import Claim, NoClaim, Problem
from riskmodels.factor_form import Floats

_LEAST_SHARE = 0.02
"""A fund that is not held may come back: its part is not taken for less."""

_BISECTIONS = 60


def sharper_claim(names: NameProblem, choice: Choice, problem: Problem, w: Floats) -> Claim | NoClaim | None:
    """Weights and multipliers that bound a node better than its relaxation's; None where there is nothing to gain.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    problem : Problem
        The node's relaxation.
    w : ndarray, shape (n,)
        Its solution, or that of an earlier step.
    """
    undecided = (choice == UNDECIDED) & held_by(w)
    left = names.most - int((choice == IN).sum())
    if int(undecided.sum()) <= left and not (w[undecided] < names.least).any():
        return None
    stiff = _stiffened(problem, _shares(names, choice, problem, w))
    answer = solve_parametric(stiff)
    if isinstance(answer, NoClaim):
        return answer
    # Prices of risk are per unit of R, which is not the same number in both.
    at_least = stiff.risk.value(answer.w)
    scale = problem.risk.value(answer.w) / at_least if at_least > 0.0 else 1.0
    return replace(answer, multipliers=replace(answer.multipliers, risk=answer.multipliers.risk * scale))


def lower_of(one: Bound, other: Bound) -> Bound:
    """Both hold, so the lower does, fund by fund.

    Parameters
    ----------
    one, other : Bound
    """
    return Bound(
        min(one.value, other.value),
        np.minimum(one.with_fund, other.with_fund),
        np.minimum(one.without_fund, other.without_fund),
    )


def too_risky(names: NameProblem, choice: Choice, problem: Problem) -> bool:
    """Whether it is proven that no portfolio of a node meets the risk cap, with what fractional names cost.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    problem : Problem
        The node's relaxation.
    """
    if problem.cap is None:
        return False
    calmest = problem.minimising_risk()
    answer = solve_parametric(calmest)
    if isinstance(answer, NoClaim):
        return False
    sharper = sharper_claim(names, choice, calmest, answer.w)
    if not isinstance(sharper, Claim):
        return False
    return node_bound(names, choice, calmest, sharper).value < -0.5 * problem.cap**2 * (1.0 + 1e-8)


def _shares(names: NameProblem, choice: Choice, problem: Problem, w: Floats) -> Floats:
    """z, shape (n,)."""
    undecided = choice == UNDECIDED
    left = names.most - int((choice == IN).sum())
    size = np.where(undecided, problem.risk.form.specific * np.abs(w), 0.0)
    most = np.minimum(1.0, w / names.least) if names.least > 0.0 else np.ones(w.size)
    low, high = 0.0, 1.0 / max(float(size[size > 0.0].min(initial=1.0)), 1e-12)
    if float(np.minimum(most, high * size).sum()) > left:
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if float(np.minimum(most, middle * size).sum()) > left else (middle, high)
        most = np.minimum(most, low * size)
    return np.where(undecided, np.clip(most, _LEAST_SHARE, 1.0), 1.0)


def _stiffened(problem: Problem, z: Floats) -> Problem:
    """The problem with specific variances s^2 / z; what a benchmark holds of the funds stays where it is."""
    risk, root = problem.risk, np.sqrt(z)
    beside = float((risk.specific_target**2) @ (1.0 - z))
    return replace(
        problem,
        risk=replace(
            risk,
            form=replace(risk.form, specific=risk.form.specific / root),
            specific_target=risk.specific_target * root,
            unhedgeable=float(np.sqrt(risk.unhedgeable**2 + beside)),
        ),
    )
