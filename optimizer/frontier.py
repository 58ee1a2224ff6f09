"""The efficient frontier: for every risk the highest return, as its corner portfolios.

Between neighbouring corners the optimum is their mixture, so that the corners are the whole frontier and any risk or
return on it is looked up exactly: return is linear in the mixture, R^2 quadratic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from constraints import unreachable
from optimizer.certificate import Certificate, certify
from optimizer.errors import OptimizerError
from optimizer.parametric.corners import Corners, corner_portfolios
from optimizer.parametric.variant import SHIFT
from optimizer.problem import NoClaim, Problem
from optimizer.solving import Failed, Infeasible, Outcome, Solved, solve_problem, uncertified, why_infeasible
from riskmodels.factor_form import Floats

_SHIFTS = (SHIFT, 0.0, 7.0 * SHIFT)
"""Shifted data have no ties in which the path could be lost; where their order of working sets is not that of the true
data, those are walked themselves."""

_GRID = 41
"""Risks at which a frontier without corners is solved for."""

_BEYOND = 1e-9
"""Relative: a figure so little off the end of the frontier is the end's."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """K portfolios from least risk to the highest return.

    Parameters
    ----------
    problem : Problem
        Whose frontier it is; without a cap.
    points : {"corners", "grid"}
        Corners: mixtures of neighbours are optimal. Grid: each is optimal by itself, mixtures of neighbours are allowed
        and nearly so.
    tolerance : ndarray, shape (K,)
        Risk tolerance t at which the path reaches each corner, percent squared per percent; NaN on a grid.
    weights : ndarray, shape (K, n)
    risk : ndarray, shape (K,)
        R, annualised percent.
    expected_return : ndarray, shape (K,)
        Annualised percent, before costs.
    net_return : ndarray, shape (K,)
        The goal: less trading costs and ridge, where the problem has them.
    certificate : Certificate
        The largest figures over all points; with corners also over the points half way between them, which makes it
        a proof for every portfolio of the frontier.
    remarks : tuple of str
        Why it is a grid.
    """

    problem: Problem
    points: Literal["corners", "grid"]
    tolerance: Floats
    weights: Floats
    risk: Floats
    expected_return: Floats
    net_return: Floats
    certificate: Certificate
    remarks: tuple[str, ...] = ()


def efficient_frontier(problem: Problem) -> Frontier | Infeasible | Failed:
    """The frontier of expected return net of trading costs against R, over all that the mandate allows.

    Parameters
    ----------
    problem : Problem
        Its goal and its cap are ignored.

    Returns
    -------
    Frontier
        Of corners by the parametric path; of a grid of single solves, with the reason, where that has none or its
        certificate is not ok.
    Infeasible
        When the mandate allows nothing.
    Failed
        When no point could be certified.
    """
    problem = replace(problem, goal="expected_return", cap=None)
    ruled_out = unreachable(problem.mandate)
    if ruled_out:
        return Infeasible(tuple(found.sentence for found in ruled_out))
    words: list[str] = []
    for shift in _SHIFTS if problem.ridge == 0.0 else ():
        corners = corner_portfolios(problem, shift)
        if isinstance(corners, NoClaim):
            if corners.infeasible and (findings := why_infeasible(problem)):
                return Infeasible(findings)
            words.append(f"parametric: {corners.words}")
            continue
        certificate = _worst(certify(part, claim) for part, claim in corners.claims)
        if certificate.ok:
            return _of_corners(problem, corners, certificate)
        words.append(f"parametric: {uncertified(certificate)}")
    if problem.ridge > 0.0:
        words.append("with a ridge the frontier bends between its corners")
    return _grid(problem, tuple(dict.fromkeys(words)))


def at_risk(frontier: Frontier, risk: float) -> Floats:
    """The portfolio of the frontier at a risk, weights of shape (n,).

    Parameters
    ----------
    frontier : Frontier
    risk : float
        Annualised percent.

    Raises
    ------
    OptimizerError
        When it lies off the frontier.
    """
    k = _place(frontier.risk, risk, "risk")
    here: Floats = frontier.weights[k]
    if risk <= frontier.risk[k] or k + 1 == len(frontier.risk):
        return here
    way, measure = frontier.weights[k + 1] - here, frontier.problem.risk
    # R^2 along the way: low + 2 slope s + bend s^2.
    low, high = frontier.risk[k] ** 2, frontier.risk[k + 1] ** 2
    slope = float(measure.half_square_gradient(here) @ way)
    bend, gap = high - low - 2.0 * slope, risk**2 - low
    s = gap / (slope + np.sqrt(max(0.0, slope**2 + bend * gap)))
    mixed: Floats = here + min(1.0, float(s)) * way
    return mixed


def at_return(frontier: Frontier, net_return: float) -> Floats:
    """The portfolio of the frontier at a return, weights of shape (n,).

    Parameters
    ----------
    frontier : Frontier
    net_return : float
        Annualised percent, less trading costs.

    Raises
    ------
    OptimizerError
        When it lies off the frontier.
    """
    k = _place(frontier.net_return, net_return, "return")
    here: Floats = frontier.weights[k]
    if net_return <= frontier.net_return[k] or k + 1 == len(frontier.net_return):
        return here
    s = (net_return - frontier.net_return[k]) / (frontier.net_return[k + 1] - frontier.net_return[k])
    mixed: Floats = here + float(s) * (frontier.weights[k + 1] - here)
    return mixed


def _place(figures: Floats, figure: float, name: str) -> int:
    """The last point whose figure is not above the one asked for."""
    low, high = float(figures[0]), float(figures[-1])
    rounding = _BEYOND * max(1.0, abs(low), abs(high))
    if not low - rounding <= figure <= high + rounding:
        raise OptimizerError(
            f"a {name} of {figure:.6g} % is off the frontier: choose one from {low:.6g} % to {high:.6g} %"
        )
    return max(0, int(np.searchsorted(figures, figure, side="right")) - 1)


def _of_corners(problem: Problem, corners: Corners, certificate: Certificate) -> Frontier:
    return _frontier(problem, "corners", corners.tolerance, corners.weights, certificate, ())


def _frontier(
    problem: Problem,
    points: Literal["corners", "grid"],
    tolerance: Floats,
    weights: Floats,
    certificate: Certificate,
    remarks: tuple[str, ...],
) -> Frontier:
    return Frontier(
        problem=problem,
        points=points,
        tolerance=tolerance,
        weights=weights,
        risk=np.array([problem.risk.value(w) for w in weights]),
        expected_return=weights @ problem.mu,
        net_return=np.array([problem.value(w) for w in weights]),
        certificate=certificate,
        remarks=remarks,
    )


def _grid(problem: Problem, words: tuple[str, ...]) -> Frontier | Infeasible | Failed:
    """Points at even risks between the least and that of the highest return, each solved and certified by itself."""
    ends = solve_problem(problem.minimising_risk()), solve_problem(problem)
    calm, best = ends
    if not isinstance(calm, Solved) or not isinstance(best, Solved):
        return _without_frontier(ends, words)
    least, most = problem.risk.value(calm.w), problem.risk.value(best.w)
    caps = np.linspace(least, most, _GRID)[1:-1] if most > least * (1.0 + _BEYOND) else ()
    # Of several portfolios of least risk, the one with the highest return.
    first = solve_problem(replace(problem, cap=least))
    if isinstance(first, Solved) and problem.value(first.w) > problem.value(calm.w):
        calm = first
    found = [calm, *(solve_problem(replace(problem, cap=float(cap))) for cap in caps), best]
    solved = [outcome for outcome in found if isinstance(outcome, Solved)]
    missing = len(found) - len(solved)
    remarks = ("no corners, but a grid of single solves", *words)
    if missing:
        remarks = (*remarks, f"{missing} of {len(found)} points of the grid could not be certified and are left out")
    return _frontier(
        problem,
        "grid",
        np.full(len(solved), np.nan),
        np.array([outcome.w for outcome in solved]),
        _worst(outcome.certificate for outcome in solved),
        remarks,
    )


def _without_frontier(ends: Sequence[Outcome], words: tuple[str, ...]) -> Infeasible | Failed:
    for outcome in ends:
        if isinstance(outcome, Infeasible):
            return outcome
    said = [line for outcome in ends if isinstance(outcome, Failed) for line in outcome.words]
    return Failed((*words, *said))


def _worst(certificates: Iterable[Certificate]) -> Certificate:
    """The largest figure of each kind."""
    several = list(certificates)
    broken = max(several, key=lambda one: one.max_violation)
    return Certificate(
        gap_bp=max(one.gap_bp for one in several),
        max_violation=broken.max_violation,
        worst_clause=broken.worst_clause,
        kkt_residual=max(one.kkt_residual for one in several),
    )
