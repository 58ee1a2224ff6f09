"""Certified optima, to which all portfolios are held.

Found by Clarabel, not by the engine that is measured; the certificate bounds the expected return of every allowed
portfolio from the problem's numbers alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers.instance import Floats
from optimizer import BACKENDS, Claim, Problem, certify
from optimizer.polishing import polish


@dataclass(frozen=True, eq=False)
class Optimum:
    """A certified optimum.

    Parameters
    ----------
    w : ndarray, shape (n,)
    gap_bp, violation : float
        From its certificate.
    aversion : float
        The a at which it also maximises mu'w - a/2 w'Sigma w under the same rows and bounds; percent per percent
        squared.
    """

    w: Floats
    gap_bp: float
    violation: float
    aversion: float


def certified(problem: Problem) -> Optimum:
    """The optimum by Clarabel, polished and certified.

    Parameters
    ----------
    problem : Problem

    Raises
    ------
    SystemExit
        When it cannot be certified: then there is nothing to hold the peers to.
    """
    answer = BACKENDS["conic"](problem)
    if not isinstance(answer, Claim):
        raise SystemExit(f"the instance has a variant without an optimum: {answer.words}")
    claim = polish(problem, answer)
    proof = certify(problem, claim)
    if not proof.ok:
        raise SystemExit(f"the instance has a variant whose optimum could not be certified: {proof}")
    aversion = claim.multipliers.risk / problem.risk.value(claim.w)
    return Optimum(claim.w, proof.gap_bp, proof.max_violation, aversion)
