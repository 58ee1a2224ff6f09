"""Linear rows that every portfolio allowed by a convex clause meets: its tangents at a point.

A convex h lies above each of its tangents, so h(v) <= 0 implies  h(p) + grad h(p)'(v - p) <= 0  for any p (Kelley
1960). The mandate with these rows allows all that the clauses allow, and more: a bound on its optimum is a bound on
theirs, and where it allows nothing, nothing is allowed. At an optimum w of smooth clauses the tangents at w lose
nothing, because the conditions of the optimum hold for both problems with the same multipliers.

What is trusted here is cvxpy's calculus, that an expression is convex and its gradient; nothing that a solver said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np

from constraints import CompiledMandate, Label, Unit
from optimizer.expressions.clause import Stated
from riskmodels.factor_form import Floats

OWN_UNIT = Unit("its own unit", "", 1.0)
"""In which a clause given from Python reads."""

_INWARD = 1e-9
"""Share of the middle of the bounds mixed into a portfolio where a gradient does not exist, as that of w log w at 0."""

_NEARBY = 1e-7
"""Weight by which a neighbour differs that tells a kink from a bend."""

_BEND = 1e-3
"""Change of a gradient over that distance, relative to it, beyond which it is a kink."""


@dataclass(frozen=True, eq=False)
class Tangents:
    """Rows  G v <= upper, or == upper for an equality: one for each entry of a constraint.

    Parameters
    ----------
    G : ndarray, shape (k, n)
    upper : ndarray, shape (k,)
    """

    G: Floats
    upper: Floats


def excess(stated: Stated, w: cp.Variable, at: Floats) -> Floats:
    """Value of lhs - rhs, shape (k,) in column order; NaN or infinite outside the domain.

    Parameters
    ----------
    stated : Stated
    w : Variable, shape (n,)
        The weights it was stated for.
    at : ndarray, shape (n,)
    """
    w.value = at
    with np.errstate(all="ignore"):
        value = stated.excess.value
    if value is None:
        return np.full(stated.excess.size, np.nan)
    value = value.toarray() if hasattr(value, "toarray") else value
    return np.asarray(value, dtype=float).ravel(order="F")


def gradient(stated: Stated, w: cp.Variable, at: Floats) -> Floats | None:
    """Gradient or a subgradient of each entry of lhs - rhs, shape (k, n); None where cvxpy has none.

    Parameters
    ----------
    stated : Stated
    w : Variable, shape (n,)
    at : ndarray, shape (n,)
    """
    w.value = at
    try:
        with np.errstate(all="ignore"):
            by_variable = stated.excess.grad
    except NotImplementedError:
        return None
    if w not in by_variable:
        return np.zeros((stated.excess.size, at.size))
    found = by_variable[w]
    if found is None:
        return None
    dense = found.toarray() if hasattr(found, "toarray") else np.asarray(found, dtype=float)
    slopes = np.reshape(dense, (at.size, stated.excess.size)).T
    return slopes if np.isfinite(slopes).all() else None


def tangents(stated: Stated, w: cp.Variable, at: Floats, middle: Floats) -> Tangents | None:
    """The tangents of a constraint at a portfolio, or where there is none, at one a hair further inside.

    Parameters
    ----------
    stated : Stated
    w : Variable, shape (n,)
    at : ndarray, shape (n,)
    middle : ndarray, shape (n,)
        A point between the bounds.

    Returns
    -------
    Tangents or None
        None where cvxpy has no gradient.
    """
    for point in (at, at + _INWARD * (middle - at)):
        slopes, values = gradient(stated, w, point), excess(stated, w, point)
        if slopes is not None and np.isfinite(values).all():
            return Tangents(slopes, slopes @ point - values)
    return None


def kinked(stated: Stated, w: cp.Variable, at: Floats) -> bool:
    """Whether the gradient jumps at a portfolio, so that a single tangent cannot tell which way the clause bends.

    Parameters
    ----------
    stated : Stated
    w : Variable, shape (n,)
    at : ndarray, shape (n,)
    """
    # Neighbours on both sides in every coordinate, apart from one another in size so that ties come undone.
    step = _NEARBY * np.linspace(1.0, 2.0, at.size) * np.where(np.arange(at.size) % 2, 1.0, -1.0)
    there, here, back = (gradient(stated, w, at + shift) for shift in (step, np.zeros(at.size), -step))
    if there is None or here is None or back is None:
        return True
    scale = max(1.0, float(np.abs(here).max(initial=0.0)))
    return max(float(np.abs(other - here).max(initial=0.0)) for other in (there, back)) > _BEND * scale


def outer_mandate(mandate: CompiledMandate, stated: Sequence[Stated], cuts: Sequence[Tangents]) -> CompiledMandate:
    """The mandate with the tangents of the clauses as further rows, in their order.

    Parameters
    ----------
    mandate : CompiledMandate
    stated : sequence of Stated
    cuts : sequence of Tangents
        Of each.
    """
    rows = list(zip(stated, cuts, strict=True))
    lower = [cut.upper if one.equality else np.full(cut.upper.size, -np.inf) for one, cut in rows]
    labels = [Label(one.clause, OWN_UNIT) for one, cut in rows for _ in cut.upper]
    return replace(
        mandate,
        A=np.vstack([mandate.A, *(cut.G for cut in cuts)]),
        row_lower=np.concatenate([mandate.row_lower, *lower]),
        row_upper=np.concatenate([mandate.row_upper, *(cut.upper for cut in cuts)]),
        row_labels=(*mandate.row_labels, *labels),
    )
