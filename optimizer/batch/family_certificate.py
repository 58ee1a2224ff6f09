"""The certificate of `optimizer.certificate`, for a whole family at once and compiled.

The same bound, with the same letters: for multipliers y of the rows and theta >= 0 of the risk cap, and r the gradient
of R at the claimed w, every allowed v satisfies

    mu'v <= y-terms + theta cap + sum_i max over [l_i, u_i] of (mu - A'y - theta r)_i v_i,

because R is a norm: R(w) = r'w.

It reads the family's numbers and the claim alone. Held funds are few, so that Sigma w costs a row of Sigma for each.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.batch.family import Family
from optimizer.certificate import CONTRADICTION_BP
from optimizer.parametric.compiled import allocating
from riskmodels.factor_form import Floats


def certify_family(
    family: Family, w: Floats, rows: Floats, theta: Floats, claimed: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Gap in basis points, largest violation and KKT residual of each claim, shape (V,) each; infinite without one.

    Parameters
    ----------
    family : Family
    w : ndarray, shape (V, n)
    rows : ndarray, shape (V, m)
    theta : ndarray, shape (V,)
    claimed : ndarray of bool, shape (V,)
        Which variants claim to be solved.
    """
    V = family.size
    gap, violation, residual = np.full(V, np.inf), np.full(V, np.inf), np.full(V, np.inf)
    _certify_all(
        family.mu,
        family.sigma,
        family.A,
        np.maximum(1.0, np.abs(family.A).max(axis=1, initial=0.0)),
        family.lower,
        family.upper,
        family.row_lower,
        family.row_upper,
        family.caps,
        w,
        rows,
        theta,
        claimed,
        gap,
        violation,
        residual,
    )
    return gap, violation, residual


@allocating
def _certify_all(
    mu: Floats,
    sigma: Floats,
    A: Floats,
    scale: Floats,
    lower: Floats,
    upper: Floats,
    row_lower: Floats,
    row_upper: Floats,
    caps: Floats,
    w: Floats,
    rows: Floats,
    theta: Floats,
    claimed: NDArray[np.bool_],
    gap: Floats,
    violation: Floats,
    residual: Floats,
) -> None:
    """Fill gap, violation and residual."""
    n, m = mu.size, A.shape[0]
    pull, slope, ascent, values = np.empty(n), np.empty(n), np.empty(n), np.empty(m)
    for v in range(caps.size):
        if claimed[v] and np.isfinite(w[v]).all():
            # Sigma w, A w and R(w).
            pull[:], values[:] = 0.0, 0.0
            earned = 0.0
            for i in range(n):
                if w[v, i] != 0.0:
                    earned += mu[i] * w[v, i]
                    for k in range(n):
                        pull[k] += w[v, i] * sigma[i, k]
                    for j in range(m):
                        values[j] += w[v, i] * A[j, i]
            square = 0.0
            for i in range(n):
                square += w[v, i] * pull[i]
            risk = math.sqrt(max(0.0, square))
            price = max(0.0, theta[v]) if math.isfinite(theta[v]) and math.isfinite(caps[v]) else 0.0

            # mu - A'y - theta r: with the multipliers as claimed, and with those that prove something, none of them
            # of the wrong sign or on an open side.
            bound, off, broken = 0.0, 0.0, 0.0
            slope[:], ascent[:] = mu, mu
            for j in range(m):
                y, low, high, value = rows[v, j], row_lower[v, j], row_upper[v, j], values[j]
                broken = max(broken, (value - high) / scale[j], (low - value) / scale[j])
                off = max(off, abs(value - min(max(value + y, low), high)) / scale[j])
                open_side = (y > 0.0 and high == math.inf) or (y < 0.0 and low == -math.inf)
                proving = 0.0 if open_side or not math.isfinite(y) else y
                if proving != 0.0:
                    bound += proving * (high if proving > 0.0 else low)
                if y != 0.0:
                    for i in range(n):
                        ascent[i] -= y * A[j, i]
                        slope[i] -= proving * A[j, i]
            if math.isfinite(caps[v]):
                broken = max(broken, (risk - caps[v]) / max(1.0, caps[v]))
                off = max(off, abs(min(theta[v], caps[v] - risk)))
                # theta (cap - R + r'w), and r'w = R. Where R = 0, r = 0 is a subgradient.
                bound += price * caps[v]
                if risk > 0.0:
                    for i in range(n):
                        ascent[i] -= theta[v] * pull[i] / risk
                        slope[i] -= price * pull[i] / risk
            for i in range(n):
                low, high, weight = lower[v, i], upper[v, i], w[v, i]
                bound += max(slope[i] * low, slope[i] * high)
                broken = max(broken, low - weight, weight - high)
                off = max(off, abs(weight - min(max(weight + ascent[i], low), high)))
            off_by = 100.0 * (bound - earned)
            # As `optimizer.certificate.proven_gap`.
            off_by = -off_by if off_by <= -CONTRADICTION_BP else max(0.0, off_by)
            gap[v] = off_by if off_by < math.inf else math.inf
            violation[v] = broken
            residual[v] = off if off < math.inf else math.inf
