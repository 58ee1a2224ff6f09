"""Solve a problem, certify the answer, and say what happened when there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from constraints import TARGET_CLAUSE, unreachable
from optimizer.backends import BACKENDS
from optimizer.certificate import Certificate, least_risk
from optimizer.errors import OptimizerError
from optimizer.linear_program import Miss, nearest_miss
from optimizer.polishing import polish, polish_and_certify
from optimizer.problem import Claim, NoClaim, Problem
from optimizer.shadow_prices import ShadowPrice, shadow_prices
from riskmodels.factor_form import Floats

AUTO = "auto"

_EDGE = 1e-6
"""Relative distance to the least risk below which a target leaves next to no choice."""

_HAIR = 1e-9
"""Relative: at so little above the least risk there is a choice again, and it is far within what a client can tell."""

_ROUNDING = 2e-10
"""A target that is missed by less, relative to it, is met."""

_UNPROVEN = (
    "; no proof of that was found, so the problem is within solver tolerance of infeasible: "
    "loosen a clause or the risk target by a hair, or look whether two clauses meet in a single point"
)


@dataclass(frozen=True, eq=False)
class Solved:
    """A certified optimum.

    Parameters
    ----------
    w : ndarray, shape (n,)
        Weights, fractions.
    certificate : Certificate
    prices : tuple of ShadowPrice
    backend : str
        The one whose answer this is.
    fallbacks : tuple of str
        What backends asked before it said.
    remarks : tuple of str
        What a reader of the answer has to know about how it came about.
    """

    w: Floats
    certificate: Certificate
    prices: tuple[ShadowPrice, ...]
    backend: str
    fallbacks: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Infeasible:
    """No portfolio is allowed: shown by arithmetic, by a linear program, or by a bound on the least risk.

    Parameters
    ----------
    findings : tuple of str
        Sentences in the client's words and units.
    """

    findings: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """No backend came back with an answer that could be certified.

    Parameters
    ----------
    words : tuple of str
        Each backend's own words, and what the problem itself has to do with it.
    """

    words: tuple[str, ...]


Outcome = Solved | Infeasible | Failed


def solve_problem(problem: Problem, backend: str = AUTO) -> Outcome:
    """Solve by one backend, or by each in turn until an answer is certified.

    Parameters
    ----------
    problem : Problem
    backend : str
        "auto" or a name in `BACKENDS`.

    Raises
    ------
    OptimizerError
        For a backend that does not exist.
    """
    if backend != AUTO and backend not in BACKENDS:
        raise OptimizerError(f"backend {backend!r} does not exist: expected {AUTO}, {', '.join(BACKENDS)}")
    ruled_out = unreachable(problem.mandate)
    if ruled_out:
        return Infeasible(tuple(found.sentence for found in ruled_out))
    words: list[str] = []
    findings: tuple[str, ...] | None = None
    for name in BACKENDS if backend == AUTO else (backend,):
        answer = BACKENDS[name](problem)
        if isinstance(answer, NoClaim):
            if answer.infeasible and findings is None:
                findings = why_infeasible(problem)
            if answer.infeasible and findings:
                return Infeasible(findings)
            words.append(f"{name}: {answer.words}{_UNPROVEN if answer.infeasible else ''}")
            continue
        claim, certificate = polish_and_certify(problem, answer)
        if certificate.ok:
            return Solved(claim.w, certificate, shadow_prices(problem, claim), name, tuple(words))
        words.append(f"{name}: {uncertified(certificate)}")
    # A backend that merely failed may have met a problem that has no answer.
    if findings is None:
        findings = why_infeasible(problem)
    if findings:
        return Infeasible(findings)
    floor = _floor_at_the_edge(problem)
    if floor is None:
        return Failed(tuple(words))
    return _a_hair_above(problem, floor, backend, tuple(words))


def why_infeasible(problem: Problem) -> tuple[str, ...]:
    """Proof that nothing is allowed, in words; empty when there is none.

    First the rows alone (a linear program), then the least risk that they leave: a bound from the dual, which no
    allowed portfolio goes below however loosely it was solved.

    Parameters
    ----------
    problem : Problem
    """
    miss = nearest_miss(problem.mandate)
    if miss is not None:
        return (_told(problem, miss),)
    if problem.cap is None:
        return ()
    floor = _least_risk(problem)
    if floor <= problem.cap * (1.0 + _ROUNDING):
        return ()
    figure = "tracking error" if problem.risk.factor_target.any() else "volatility"
    least, target = _apart(floor, problem.cap)
    return (f"{TARGET_CLAUSE}: {figure} cannot go below {least}; the target is {target}",)


def _least_risk(problem: Problem) -> float:
    """A figure that the risk of no allowed portfolio goes below: the best that any backend's answer proves."""
    calmest = problem.minimising_risk()
    answers = (solve(calmest) for solve in BACKENDS.values())
    floors = [least_risk(calmest, polish(calmest, answer)) for answer in answers if isinstance(answer, Claim)]
    return max(floors, default=0.0)


def _floor_at_the_edge(problem: Problem) -> float | None:
    """The least risk there is, where the risk target leaves next to no choice above it."""
    if problem.cap is None or (floor := _least_risk(problem)) < problem.cap * (1.0 - _EDGE):
        return None
    return floor


def _a_hair_above(problem: Problem, floor: float, backend: str, words: tuple[str, ...]) -> Outcome:
    """The problem with its target a billionth above the least risk, which it asks for to the last digit."""
    target = f"the {TARGET_CLAUSE} of {problem.cap:.10g} % is the least risk possible, {floor:.10g} %"
    above = floor * (1.0 + _HAIR)
    if backend == AUTO and problem.cap is not None and problem.cap < above:
        outcome = solve_problem(replace(problem, cap=above))
        if isinstance(outcome, Solved):
            return replace(outcome, fallbacks=(*words, f"{target}: solved at a billionth above it"))
    return Failed((*words, f"{target}: raise it by a hair"))


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two volatilities in print, with as many digits as it takes to tell them apart."""
    for digits in range(4, 17):
        shown = f"{one:.{digits}g} %", f"{other:.{digits}g} %"
        if shown[0] != shown[1]:
            break
    return shown


def _told(problem: Problem, miss: Miss) -> str:
    units = {label.clause: label.unit for label in problem.mandate.row_labels}
    if problem.mandate.turnover_label is not None:
        units[problem.mandate.turnover_label.clause] = problem.mandate.turnover_label.unit
    by = ", ".join(f"{clause} by {units[clause].show(float(f'{size:.4g}'))}" for clause, size in miss.missed.items())
    return f"these clauses cannot hold together: {', '.join(miss.clauses)}; the nearest portfolio misses {by}"


def uncertified(certificate: Certificate) -> str:
    """What an answer lacks, in words.

    Parameters
    ----------
    certificate : Certificate
    """
    return (
        f"its answer was not certified (up to {certificate.gap_bp:.3g} bp better is possible, "
        f"{certificate.worst_clause or 'no clause'} broken by {certificate.max_violation:.3g})"
    )
