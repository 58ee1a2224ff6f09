"""cvxpy with Clarabel, which takes the risk target as a cone: a new problem each time, or one with parameters.

`Numbers` holds either constants or cvxpy parameters, so that both are stated by the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import cvxpy as cp
import numpy as np

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.route import Open, Solve


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of a problem; `root` and `own` give the covariance as root root' + diag(own)^2.

    All but the budget row are two-sided; `A` has none for it.
    """

    mu: Any
    A: Any
    low: Any
    high: Any
    upper: Any
    root: Any
    own: Any
    target: Any


def numbers(day: Day, variant: int, root: Floats, own: Floats) -> Numbers:
    limits = day.variants[variant]
    low, high = limits.row_lower[1:], limits.row_upper[1:]
    return Numbers(day.mu, day.A[1:], low, high, limits.upper, root, own, limits.target)


def parameters(like: Numbers) -> Numbers:
    return Numbers(**{field.name: cp.Parameter(np.shape(getattr(like, field.name))) for field in fields(like)})


def set_parameters(given: Numbers, values: Numbers) -> None:
    for field in fields(values):
        parameter, value = getattr(given, field.name), getattr(values, field.name)
        # What stays the same is not set again.
        if parameter.value is None or not np.array_equal(parameter.value, value):
            parameter.value = value


def norm_of(w: cp.Variable, given: Numbers) -> cp.Expression:
    """Volatility from the factor form."""
    return cp.norm(cp.hstack([given.root.T @ w, cp.multiply(given.own, w)]), 2)


def norm_of_root(w: cp.Variable, given: Numbers) -> cp.Expression:
    """Volatility from a square root alone."""
    return cp.norm(given.root.T @ w, 2)


def allowed(w: cp.Variable, given: Numbers) -> list[cp.Constraint]:
    return [cp.sum(w) == 1, given.A @ w >= given.low, given.A @ w <= given.high, w >= 0, w <= given.upper]


def answer(w: cp.Variable, stated: cp.Problem) -> Floats:
    """What was found; cvxpy itself is silent when there is nothing."""
    if w.value is None:
        raise RuntimeError(f"cvxpy: {stated.status}")
    return np.asarray(w.value)


def new_dense(day: Day) -> Solve:
    """As anyone would write it first."""
    sigma = day.sigma

    def solve(variant: int) -> Floats:
        given = numbers(day, variant, np.zeros((0, 0)), np.zeros(0))
        w = cp.Variable(day.mu.size)
        capped = cp.quad_form(w, cp.psd_wrap(sigma)) <= given.target**2
        stated = cp.Problem(cp.Maximize(given.mu @ w), [*allowed(w, given), capped])
        stated.solve(solver=cp.CLARABEL)
        return answer(w, stated)

    return solve


def new_factor(day: Day) -> Solve:
    def solve(variant: int) -> Floats:
        given = numbers(day, variant, day.loadings, day.specific)
        w = cp.Variable(day.mu.size)
        stated = cp.Problem(cp.Maximize(given.mu @ w), [*allowed(w, given), norm_of(w, given) <= given.target])
        stated.solve(solver=cp.CLARABEL)
        return answer(w, stated)

    return solve


def reused_dense() -> Open:
    """One problem for all dates and variants; the Cholesky factor of the covariance is a parameter."""
    return _reused(norm_of_root, lambda day: (np.asarray(np.linalg.cholesky(day.sigma), dtype=np.float64), np.zeros(1)))


def reused_factor() -> Open:
    return _reused(norm_of, lambda day: (day.loadings, day.specific))


def _reused(
    volatility: Callable[[cp.Variable, Numbers], cp.Expression], covariance: Callable[[Day], tuple[Floats, Floats]]
) -> Open:
    compiled: list[tuple[cp.Variable, Numbers, cp.Problem]] = []

    def open_date(day: Day) -> Solve:
        root, own = covariance(day)
        if not compiled:
            given, w = parameters(numbers(day, 0, root, own)), cp.Variable(day.mu.size)
            constraints = [*allowed(w, given), volatility(w, given) <= given.target]
            compiled.append((w, given, cp.Problem(cp.Maximize(given.mu @ w), constraints)))
        w, given, stated = compiled[0]

        def solve(variant: int) -> Floats:
            set_parameters(given, numbers(day, variant, root, own))
            stated.solve(solver=cp.CLARABEL)
            return answer(w, stated)

        return solve

    return open_date
