"""Whether a portfolio is a certified optimum, by plain arithmetic on the instance's own arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.instance import Day, Floats
from benchmarks.peers.optima import Optimum

SAME_BP = 0.1
"""The same answer: expected return within this of the certified optimum, basis points a year."""

SAME_VIOLATION = 1e-5
"""The same answer: no limit broken by more, as a fraction of weight (rows in years relative to the longest duration),
and the risk target overshot by no more, relative to itself."""


@dataclass(frozen=True)
class Agreement:
    """How far a peer's portfolios are from the certified optima.

    Parameters
    ----------
    checked : int
    off_bp : float
        Largest difference of expected return in either direction, basis points a year: less is missed, more was bought
        by a broken limit.
    violation : float
        Largest, of rows and bounds.
    overshoot : float
        Largest, of the risk target, relative to it.
    """

    checked: int
    off_bp: float
    violation: float
    overshoot: float

    @property
    def same(self) -> bool:
        """Whether these are the same answers."""
        near = self.off_bp <= SAME_BP and self.violation <= SAME_VIOLATION and self.overshoot <= SAME_VIOLATION
        return self.checked > 0 and near


def agreement(day: Day, optima: Sequence[Optimum], portfolios: Sequence[Floats]) -> Agreement:
    """Compare the portfolios of a date's first variants with their optima; those beyond the shorter are left out.

    Parameters
    ----------
    day : Day
    optima : sequence of Optimum
    portfolios : sequence of ndarray, shape (n,)
    """
    checked = min(len(optima), len(portfolios))
    pairs = list(zip(optima, portfolios, strict=False))
    return Agreement(
        checked,
        off_bp=worst([100.0 * abs(float(day.mu @ (best.w - w))) for best, w in pairs]),
        violation=worst([_violation(day, v, w) for v, (_, w) in enumerate(pairs)]),
        overshoot=worst([_overshoot(day, v, w) for v, (_, w) in enumerate(pairs)]),
    )


def worst(values: Sequence[float]) -> float:
    """The largest; numpy's, because what is not a number must not hide behind one that is.

    Parameters
    ----------
    values : sequence of float
    """
    return float(np.max(values, initial=0.0))


def _violation(day: Day, v: int, w: Floats) -> float:
    limits, rows = day.variants[v], day.A @ w
    broken = np.maximum(rows - limits.row_upper, limits.row_lower - rows) / np.maximum(1.0, np.abs(day.A).max(axis=1))
    return worst([*broken.tolist(), *(w - limits.upper).tolist(), *(-w).tolist()])


def _overshoot(day: Day, v: int, w: Floats) -> float:
    return float(np.sqrt(w @ day.sigma @ w) / day.variants[v].target - 1.0)
