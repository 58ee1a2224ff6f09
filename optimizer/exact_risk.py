"""Meet a risk target exactly, where the best portfolio lies below it.

R(w) = sigma* is two demands: R(w) <= sigma*, which is convex and what `solve_problem` takes, and R(w) >= sigma*, which
is not. When the best portfolio under the first has R < sigma*, risk has to be raised:

1. Look for the most risk that is allowed, by climbing from vertex to vertex along the gradient of R (a convex function
   is largest at a vertex). With 1'w = 1 and w >= 0, R(w) <= sum_i w_i R(e_i), whose largest value is a linear program:
   a ceiling that proves what cannot be reached.
2. Improve by convex steps (the convex-concave procedure, Yuille & Rangarajan 2003): R lies above its tangent at w, so
   every x with  grad R(w)'x >= grad R(w)'w  has R(x) >= sigma*. Its best x, drawn back along the line to the best
   portfolio until R = sigma*, is never worse than w.

The result is a local optimum; its gap is measured against the best portfolio without R >= sigma*, and is honest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from constraints import TARGET_CLAUSE, VOLATILITY, Label
from optimizer.certificate import Certificate, violations
from optimizer.linear_program import best_vertex
from optimizer.problem import Problem
from optimizer.solving import AUTO, Failed, Infeasible, Outcome, Solved, solve_problem
from riskmodels.factor_form import Floats

_MET = 1e-9
"""Relative: the target counts as met."""

_CLIMBS = 50
_CONVEX_STEPS = 50
_STARTS = 5
_GAIN = 1e-9
"""Percent a year: less improvement than this ends the search."""


def solve_at_exact_risk(problem: Problem, backend: str = AUTO) -> Outcome:
    """Solve with R(w) = cap instead of R(w) <= cap.

    Parameters
    ----------
    problem : Problem
        With a cap.
    backend : str
        "auto" or a name in `BACKENDS`.

    Returns
    -------
    Solved
        Certified where the cap binds by itself. Where risk had to be raised, `remarks` says so and what it costs at
        most, and the certificate's gap is measured against the best portfolio below the target.
    Infeasible
        When no allowed portfolio has that much risk, which the ceiling proves.
    Failed
        When none was found and none was ruled out.
    """
    outcome = solve_problem(problem, backend)
    if not isinstance(outcome, Solved) or problem.cap is None:
        return outcome
    if problem.risk.value(outcome.w) >= problem.cap * (1.0 - _MET):
        return outcome
    riskiest = _riskiest(problem, outcome.w)
    highest = problem.risk.value(riskiest)
    if highest < problem.cap:
        ceiling = _ceiling(problem)
        asked = f"{TARGET_CLAUSE}: exactly {problem.cap:.4g} % is asked for"
        if ceiling < problem.cap:
            return Infeasible((f"{asked}; no allowed portfolio can exceed {ceiling:.4g} %",))
        return Failed(
            (f"{asked}; the riskiest allowed portfolio found has {highest:.4g} %, none exceeds {ceiling:.4g} %",)
        )
    return _raised(problem, outcome, riskiest, backend)


def _raised(problem: Problem, best: Solved, riskiest: Floats, backend: str) -> Solved:
    """The convex steps, from the point between the best and the riskiest portfolio."""
    w, inner = _drawn_back(problem, best.w, riskiest), best
    for _ in range(_CONVEX_STEPS):
        tangent = problem.risk.gradient(w)
        mandate = problem.mandate.with_row(tangent, float(tangent @ w), np.inf, Label(TARGET_CLAUSE, VOLATILITY))
        step = solve_problem(replace(problem, mandate=mandate, cap=None), backend)
        if not isinstance(step, Solved):
            break
        improved = _drawn_back(problem, best.w, step.w)
        gain = problem.value(improved) - problem.value(w)
        if gain >= 0.0:
            w, inner = improved, step
        if gain <= _GAIN:
            break
    given_up = 100.0 * (problem.value(best.w) - problem.value(w))
    missed = max([abs(problem.risk.value(w) - (problem.cap or 0.0)), *violations(problem, w).values()])
    return Solved(
        w=w,
        certificate=Certificate(given_up + best.certificate.gap_bp, missed, None, inner.certificate.kkt_residual),
        prices=inner.prices,
        backend=inner.backend,
        fallbacks=inner.fallbacks,
        remarks=(
            f"the best allowed portfolio has less risk than the target; meeting it exactly gives up {given_up:.2f} bp "
            "a year. Raising risk is not a convex problem: a better portfolio at that risk may exist",
        ),
    )


def _riskiest(problem: Problem, best: Floats) -> Floats:
    """Allowed weights of much risk, shape (n,): the best of a few climbs along the gradient of R."""
    own = own_risk(problem)
    starts = [best, best_vertex(problem.mandate, own)]
    starts += [
        best_vertex(problem.mandate, problem.risk.gradient(np.eye(problem.size)[i]))
        for i in np.argsort(-own, kind="stable")[:_STARTS]
    ]
    return max((climbed(problem, start) for start in starts), key=problem.risk.value)


def climbed(problem: Problem, start: Floats) -> Floats:
    """Allowed weights of more risk, shape (n,): from vertex to vertex along the gradient of R until none is higher.

    Parameters
    ----------
    problem : Problem
    start : ndarray, shape (n,)
    """
    w = start
    for _ in range(_CLIMBS):
        higher = best_vertex(problem.mandate, problem.risk.gradient(w))
        if problem.risk.value(higher) <= problem.risk.value(w) * (1.0 + _MET):
            return w
        w = higher
    return w


def _ceiling(problem: Problem) -> float:
    """A risk that no allowed portfolio exceeds."""
    own = own_risk(problem)
    return float(own @ best_vertex(problem.mandate, own))


def own_risk(problem: Problem) -> Floats:
    """R of each fund held alone, shape (n,).

    Parameters
    ----------
    problem : Problem
    """
    return np.array([problem.risk.value(alone) for alone in np.eye(problem.size)])


def _drawn_back(problem: Problem, calm: Floats, risky: Floats) -> Floats:
    """Where R = cap on the line from a portfolio below the cap to one at or above it: the root of a quadratic."""
    cap = problem.cap or 0.0
    way = risky - calm
    low, high = problem.risk.value(calm) ** 2, problem.risk.value(risky) ** 2
    slope = 2.0 * float(problem.risk.half_square_gradient(calm) @ way)
    bend, gap = high - low - slope, cap**2 - low
    root = 2.0 * gap / (slope + np.sqrt(slope**2 + 4.0 * bend * gap))
    return calm + min(1.0, float(root)) * way
