"""Solve families on several threads: each works through chains of variants, with the interpreter lock released.

A chain is some variants of one family, solved one from another. How families are cut into chains does not depend on
the number of workers, and an answer depends on its variant alone (see `optimizer.parametric.variant`): not on the
order, the workers, or what was solved before.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimizer.batch.family import Family, FamilyAnswer
from optimizer.batch.family_certificate import certify_family
from optimizer.certificate import GAP_BP, VIOLATION
from optimizer.parametric.chain import Chain, solve_chain
from optimizer.parametric.columns import dense_columns
from optimizer.parametric.standard_form import scaled_rows
from optimizer.parametric.state import Program
from optimizer.parametric.target import ROWS_INFEASIBLE, TARGET_MET, TARGET_SLACK, TARGET_TOO_LOW
from riskmodels.factor_form import Floats

CHAIN = 128
"""Variants a chain: each begins from nothing, which costs as much as a few variants."""


@dataclass(frozen=True, eq=False)
class _Link:
    """A chain's place."""

    family: int
    variants: slice


def solve_families(families: Sequence[Family], workers: int = 1) -> list[FamilyAnswer]:
    """Solve and certify every variant of every family.

    Parameters
    ----------
    families : sequence of Family
    workers : int
        Threads.

    Returns
    -------
    list of FamilyAnswer
        One a family. A variant that was not certified is left to `optimizer.solve_problem`, which proves why.
    """
    links = [
        _Link(f, slice(start, min(start + CHAIN, family.size)))
        for f, family in enumerate(families)
        for start in range(0, family.size, CHAIN)
    ]

    def solve(link: _Link) -> FamilyAnswer:
        return _solve_part(families[link.family].part(link.variants))

    with ThreadPoolExecutor(max_workers=workers) as threads:
        parts = list(threads.map(solve, links))
    return [
        _joined([part for link, part in zip(links, parts, strict=True) if link.family == f])
        for f in range(len(families))
    ]


def _solve_part(family: Family) -> FamilyAnswer:
    """One chain, and its certificates."""
    widest = np.maximum(np.abs(family.lower), np.abs(family.upper)).max(axis=0, initial=0.0)
    rows, low, high, scale = scaled_rows(family.A, family.row_lower, family.row_upper, widest)
    program = Program(
        dense_columns(family.sigma), family.mu, np.zeros(family.mu.size), rows, np.ascontiguousarray(rows.T)
    )
    chain = solve_chain(program, np.hstack([family.lower, low]), np.hstack([family.upper, high]), family.caps**2)
    met, claimed = chain.status == TARGET_MET, chain.status <= TARGET_SLACK
    theta = np.sqrt(np.maximum(chain.variance, 0.0)) * np.divide(1.0, chain.t, out=np.zeros(family.size), where=met)
    y = chain.y / scale
    gap, violation, residual = certify_family(family, chain.x, y, theta, claimed)
    solved = claimed & (gap <= GAP_BP) & (violation <= VIOLATION)
    words = {int(v): _words(chain, gap, int(v)) for v in np.flatnonzero(~solved)}
    chain.x[~claimed] = np.nan
    return FamilyAnswer(chain.x, y, theta, gap, violation, residual, solved, words)


def _words(chain: Chain, gap: Floats, v: int) -> str:
    """What the path says of a variant without a certified answer."""
    match int(chain.status[v]):
        case status if status == ROWS_INFEASIBLE:
            return "no portfolio meets the rows and bounds"
        case status if status == TARGET_TOO_LOW:
            return f"risk cannot go below {np.sqrt(max(0.0, chain.variance[v])):.6g} %"
        case status if status <= TARGET_SLACK:
            return f"the answer was not certified: up to {gap[v]:.3g} bp better is possible"
    return "the path was lost"


def _joined(parts: Sequence[FamilyAnswer]) -> FamilyAnswer:
    """The parts of one family, one after another."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(part.solved.size for part in parts)])
    words = {int(start) + v: said for start, part in zip(starts, parts, strict=False) for v, said in part.words.items()}
    return FamilyAnswer(
        w=np.concatenate([part.w for part in parts]),
        rows=np.concatenate([part.rows for part in parts]),
        theta=np.concatenate([part.theta for part in parts]),
        gap_bp=np.concatenate([part.gap_bp for part in parts]),
        max_violation=np.concatenate([part.max_violation for part in parts]),
        kkt_residual=np.concatenate([part.kkt_residual for part in parts]),
        solved=np.concatenate([part.solved for part in parts]),
        words=words,
    )
