"""What the triggers on holdings are read from: distance, gain and breached clauses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from constraints import CompiledMandate, Label
from optimizer.scheduling.state import Breach
from riskmodels.returns import TRADING_DAYS

Floats = NDArray[np.float64]

_BP_PER_PERCENT = 100.0


def one_way_distance(now: Floats, then: Floats) -> float:
    """Half the sum of |now - then|.

    Parameters
    ----------
    now, then : ndarray, shape (n,)
        Weights of the same funds; a fund that only one of them holds has weight zero in the other.
    """
    return 0.5 * float(np.abs(now - then).sum())


def horizon_gain_bp(mu: Floats, new: Floats, held: Floats, horizon_days: int) -> float:
    """mu'(new - held) x horizon / 252, in basis points.

    Parameters
    ----------
    mu : ndarray, shape (n,)
        Expected returns, annualised percent.
    new, held : ndarray, shape (n,)
        Weights of a solve of the day and of the holdings.
    horizon_days : int
        Trading days.
    """
    return _BP_PER_PERCENT * float(mu @ (new - held)) * horizon_days / TRADING_DAYS


def breaches(mandate: CompiledMandate, weights: Floats) -> tuple[Breach, ...]:
    """The clauses that weights break, by however little, each at its worst row or bound.

    A limit on turnover is not among them: it limits trades, not holdings.

    Parameters
    ----------
    mandate : CompiledMandate
        Over the funds of the weights, and without a row for the risk target.
    weights : ndarray, shape (n,)
    """
    found: dict[str, Breach] = {}

    def note(label: Label | None, value: float, limit: float) -> None:
        if label is None:
            return
        before = found.get(label.clause)
        if before is None or abs(value - limit) > abs(before.value - before.limit):
            found[label.clause] = Breach(label.clause, value, limit, label.unit)

    values = mandate.A @ weights
    for labels, figures, lower, upper in (
        (mandate.row_labels, values, mandate.row_lower, mandate.row_upper),
        (mandate.lower_labels, weights, mandate.lower, np.inf),
        (mandate.upper_labels, weights, -np.inf, mandate.upper),
    ):
        low, high = np.broadcast_to(lower, figures.shape), np.broadcast_to(upper, figures.shape)
        for i in np.flatnonzero((figures < low) | (figures > high)).tolist():
            note(labels[i], float(figures[i]), float(low[i] if figures[i] < low[i] else high[i]))
    return tuple(found.values())
