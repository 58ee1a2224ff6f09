"""Portfolios of few names to compare with: the heaviest names of a relaxation, and swaps of single names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from optimizer.cardinality.bound import held_by
from optimizer.cardinality.ledger import Best, Ledger
from optimizer.cardinality.node import IN, OUT, Choice, first_choice
from optimizer.cardinality.relaxing import Relaxed
from riskmodels.factor_form import Floats

_OUTSIDE = 10
"""Funds outside that are tried in the place of each name."""

_ROUNDS = 20


def round_off(ledger: Ledger, choice: Choice, w: Floats) -> None:
    """Try the heaviest funds of a relaxation as the names, those below x left out or not.

    Parameters
    ----------
    ledger : Ledger
    choice : ndarray, shape (n,)
        Of the relaxation.
    w : ndarray, shape (n,)
    """
    names = ledger.names
    inside = np.flatnonzero(choice == IN)
    others = np.flatnonzero((choice != IN) & held_by(w))
    others = others[np.argsort(-w[others], kind="stable")][: max(0, names.most - inside.size)]
    thresholds = dict.fromkeys((0.0, 0.5 * names.least, names.least))
    for least in thresholds:
        ledger.try_names(np.concatenate([inside, others[w[others] >= least]]))


def improve(ledger: Ledger) -> None:
    """Swap single names of the best portfolio as long as that makes it better.

    Parameters
    ----------
    ledger : Ledger
    """
    for _ in range(_ROUNDS):
        best = ledger.best
        if best is None or not any(ledger.try_names(funds) for funds in _neighbours(ledger, best)):
            return


def _neighbours(ledger: Ledger, best: Best) -> Iterator[NDArray[np.intp]]:
    """Names that differ in one: first the funds with the steepest ascent in the places of the lightest."""
    start, inside = first_choice(ledger.names), np.flatnonzero(best.choice == IN)
    if best.relaxed.claim is None:
        return
    ascent = _ascent(best.relaxed)
    outside = np.flatnonzero((best.choice == OUT) & (start != OUT))
    outside = outside[np.argsort(-ascent[outside], kind="stable")][:_OUTSIDE]
    places = inside[start[inside] != IN]
    places = places[np.argsort(best.relaxed.claim.w[places], kind="stable")]
    if inside.size < ledger.names.most:
        yield from (np.append(inside, fund) for fund in outside)
    yield from (np.append(inside[inside != place], fund) for fund in outside for place in places)


def _ascent(relaxed: Relaxed) -> Floats:
    """What a little more of each fund adds to the goal at the prices of a solved problem, shape (n,)."""
    problem, claim = relaxed.problem, relaxed.claim
    if claim is None:
        return np.zeros(problem.size)
    ascent = problem.smooth_gradient(claim.w) - problem.mandate.A.T @ claim.multipliers.rows
    if problem.cap is not None:
        ascent = ascent - claim.multipliers.risk * problem.risk.gradient(claim.w)
    return np.asarray(ascent - (problem.kink + 0.5 * claim.multipliers.turnover) * np.sign(claim.w - problem.held))
