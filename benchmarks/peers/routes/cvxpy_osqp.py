"""cvxpy with OSQP in factor form. OSQP takes no cone, so the risk aversion is root-found until the target is met."""

from __future__ import annotations

from collections.abc import Callable

import cvxpy as cp

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.risk_root import RiskRoot, mean_size
from benchmarks.peers.route import Open, Solve
from benchmarks.peers.routes.cvxpy_clarabel import Numbers, allowed, answer, numbers, parameters, set_parameters

_SETTINGS = {"eps_abs": 1e-6, "eps_rel": 1e-6, "max_iter": 100_000, "polishing": True}
"""cvxpy drops polishing on warm solves unless it is asked for."""


def new() -> Open:
    """A new problem for each variant; its reward t mu is a parameter."""
    root = RiskRoot()

    def open_date(day: Day) -> Solve:
        size = mean_size(day)
        loadings, own = day.loadings / size, day.specific / size

        def solve(variant: int) -> Floats:
            stated = _stated(numbers(day, variant, loadings, own))
            return root.meet(day, variant, _at(day.mu / size**2, *stated))

        return solve

    return open_date


def reused() -> Open:
    """One problem for all dates and variants."""
    root = RiskRoot()
    compiled: list[tuple[Numbers, cp.Variable, cp.Parameter, cp.Problem]] = []

    def open_date(day: Day) -> Solve:
        size = mean_size(day)
        loadings, own = day.loadings / size, day.specific / size
        if not compiled:
            given = parameters(numbers(day, 0, loadings, own))
            compiled.append((given, *_stated(given)))
        given, *stated = compiled[0]

        def solve(variant: int) -> Floats:
            set_parameters(given, numbers(day, variant, loadings, own))
            return root.meet(day, variant, _at(day.mu / size**2, *stated))

        return solve

    return open_date


def _stated(given: Numbers) -> tuple[cp.Variable, cp.Parameter, cp.Problem]:
    n = given.upper.shape[0]
    w, reward = cp.Variable(n), cp.Parameter(n)
    half_variance = 0.5 * (cp.sum_squares(given.root.T @ w) + cp.sum_squares(cp.multiply(given.own, w)))
    return w, reward, cp.Problem(cp.Minimize(half_variance - reward @ w), allowed(w, given))


def _at(mu: Floats, w: cp.Variable, reward: cp.Parameter, stated: cp.Problem) -> Callable[[float], Floats]:
    def at(t: float) -> Floats:
        reward.value = t * mu
        stated.solve(solver=cp.OSQP, **_SETTINGS)
        return answer(w, stated)

    return at
