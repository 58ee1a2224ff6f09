"""Whether a change of the working set keeps its KKT matrix regular, as numbers without units.

K is regular when the held rows are independent on the loose funds, and no direction of the loose funds that keeps
those rows is without risk. So a quantity that is to be held is asked for independence, one that is to be released for
curvature.
"""

from __future__ import annotations

from optimizer.parametric.compiled import compiled
from optimizer.parametric.state import Program, WorkingSet
from riskmodels.factor_form import Floats

DOUBTFUL_PIVOT = 1e-5
"""Below this a number is computed again from a fresh inverse."""

ZERO_PIVOT = 1e-10
"""Below this a number from a fresh inverse is zero."""

_RISKLESS = 1e-6
"""A variance below this, relative to the largest, is taken for it."""


@compiled
def relative_variance(program: Program, working: WorkingSet, answer: Floats, variance: float, own: float) -> float:
    """Variance of a direction, relative to what it would be if funds were uncorrelated.

    Parameters
    ----------
    program : Program
    working : WorkingSet
    answer : ndarray, shape (n + m,)
        By how much the loose funds answer, by place in the working set.
    variance : float
        Of the direction.
    own : float
        Variance of the fund that the direction brings in besides; 0 for none.
    """
    n, sigma, members, scale = program.mu.size, program.columns.value, working.code, own
    largest = own
    for k in range(working.size[0]):
        if members[k] < n:
            largest = max(largest, sigma[members[k], members[k]])
    for k in range(working.size[0]):
        i = members[k]
        if i < n:
            # A fund without risk would make anything look risky beside it.
            scale += answer[k] * answer[k] * max(sigma[i, i], _RISKLESS * largest)
    return variance / scale if scale > 0.0 else 0.0


@compiled
def independence(program: Program, working: WorkingSet, code: int, eta: Floats) -> float:
    """Largest part of the gradient of a quantity on the loose funds that the held rows leave over, relative to it.

    Parameters
    ----------
    program : Program
    working : WorkingSet
    code : int
        A fund, whose gradient is a unit vector, or a row.
    eta : ndarray, shape (n + m,)
        Multipliers of the held rows that come nearest, by place in the working set.
    """
    n, size, members, At, left, scale = program.mu.size, working.size[0], working.code, program.At, 0.0, 0.0
    for k in range(size):
        i = members[k]
        if i < n:
            own = At[i, code - n] if code >= n else (1.0 if i == code else 0.0)
            scale = max(scale, abs(own))
            for h in range(size):
                if members[h] >= n:
                    own -= eta[h] * At[i, members[h] - n]
            left = max(left, abs(own))
    return left / scale if scale > 0.0 else 0.0
