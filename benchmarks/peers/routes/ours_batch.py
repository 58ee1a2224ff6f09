"""The optimizer on all variants of all dates at once. Every answer comes with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.instance import Day
from benchmarks.peers.problems import problems
from optimizer import Certificate, Claim, Multipliers, certify
from optimizer.batch import Family, FamilyAnswer


@dataclass(frozen=True)
class Proof:
    """The certificates of a whole batch.

    Parameters
    ----------
    certified, variants : int
        How many, of how many.
    gap_bp, violation, kkt_residual : float
        The largest.
    """

    certified: int
    variants: int
    gap_bp: float
    violation: float
    kkt_residual: float


def families(days: Sequence[Day]) -> list[Family]:
    """One for each date."""
    return [_family(day) for day in days]


def _family(day: Day) -> Family:
    upper = np.array([variant.upper for variant in day.variants])
    return Family(
        tickers=day.names,
        mu=day.mu,
        sigma=day.sigma,
        A=day.A,
        lower=np.zeros(upper.shape),
        upper=upper,
        row_lower=np.array([variant.row_lower for variant in day.variants]),
        row_upper=np.array([variant.row_upper for variant in day.variants]),
        caps=np.array([variant.target for variant in day.variants]),
    )


def proof(days: Sequence[Day], answers: Sequence[FamilyAnswer]) -> Proof:
    """Certify each answer once more, one by one, by `optimizer.certify`, which shares no code with the batch's own.

    Parameters
    ----------
    days : sequence of Day
    answers : sequence of FamilyAnswer
    """
    found = [one for day, answer in zip(days, answers, strict=True) for one in _certificates(day, answer)]
    return Proof(
        certified=sum(one.ok for one in found),
        variants=len(found),
        gap_bp=float(np.max([one.gap_bp for one in found])),
        violation=float(np.max([one.max_violation for one in found])),
        kkt_residual=float(np.max([one.kkt_residual for one in found])),
    )


def _certificates(day: Day, answer: FamilyAnswer) -> list[Certificate]:
    return [
        certify(problem, Claim(w, Multipliers(rows, float(theta), 0.0)))
        for problem, w, rows, theta in zip(problems(day), answer.w, answer.rows, answer.theta, strict=True)
    ]
