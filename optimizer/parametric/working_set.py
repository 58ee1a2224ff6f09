"""The inverse of the KKT matrix of the working set, kept while members come and go.

With F the loose funds and W the held rows

    K = [ Sigma_FF  A_WF' ]        K [ dw_F ]  =  [ right_F ]
        [ A_WF        0   ]          [ -lam ]     [ right_W ]

Bordering: for one more column v with diagonal d, z = K^-1 v and the Schur complement s = d - v'z,

    [ K  v ]^-1   [ K^-1 + z z'/s   -z/s ]
    [ v' d ]    = [     -z'/s        1/s ]

and dropping position k undoes it:  K^-1 - c c'/c_k  with c the column k of the inverse. Both cost the square of the
size, which is that of the working set and not of the universe (Golub & Van Loan 2013, section 2.1.4; Best 1996 keeps
the same inverse in his parametric method).
"""

from __future__ import annotations

from optimizer.parametric.columns import Integers, learn
from optimizer.parametric.compiled import compiled, inlined
from optimizer.parametric.state import Program, WorkingSet
from riskmodels.factor_form import Floats


@compiled
def border(program: Program, working: WorkingSet, code: int, v: Floats, z: Floats) -> float:
    """The border that `code` would add: v = its column of K, z = K^-1 v; the Schur complement s is returned.

    Parameters
    ----------
    program : Program
    working : WorkingSet
    code : int
    v, z : ndarray, shape (n + m,)
        Overwritten.
    """
    n, size, members, inverse = program.mu.size, working.size[0], working.code, working.inverse
    A, sigma, s = program.A, program.columns.value, 0.0
    if code < n:
        learn(program.columns, code)
        s = sigma[code, code]
    for k in range(size):
        c = members[k]
        if code < n:
            v[k] = sigma[code, c] if c < n else A[c - n, code]
        else:
            v[k] = A[code - n, c] if c < n else 0.0
    times_inverse(inverse, size, v, z)
    for k in range(size):
        s -= v[k] * z[k]
    return s


@inlined
def times_inverse(inverse: Floats, size: int, right: Floats, solution: Floats) -> None:
    """Solution = K^-1 right.

    Parameters
    ----------
    inverse : ndarray, shape (n + m, n + m)
    size : int
    right, solution : ndarray, shape (n + m,)
        The leading `size` entries count.
    """
    for k in range(size):
        solution[k] = 0.0
    for k in range(size):
        factor = right[k]
        if factor != 0.0:
            for h in range(size):
                solution[h] += factor * inverse[k, h]


@compiled
def enlist(working: WorkingSet, code: int, n: int) -> None:
    """Put `code` on the list; the inverse is left alone.

    Parameters
    ----------
    working : WorkingSet
    code : int
    n : int
        Codes from n on are rows.
    """
    size = working.size[0]
    working.code[size] = code
    working.place[code] = size
    working.size[0] = size + 1
    if code >= n:
        working.size[1] += 1


@compiled
def strike(working: WorkingSet, code: int, n: int) -> None:
    """Take `code` off the list, the last one taking its place; the inverse is left alone.

    Parameters
    ----------
    working : WorkingSet
    code : int
    n : int
        Codes from n on are rows.
    """
    at, last = working.place[code], working.size[0] - 1
    working.code[at] = working.code[last]
    working.place[working.code[at]] = at
    working.place[code] = -1
    working.size[0] = last
    if code >= n:
        working.size[1] -= 1


@compiled
def insert(inverse: Floats, size: int, z: Floats, s: float) -> None:
    """Border the inverse at position `size`.

    Parameters
    ----------
    inverse : ndarray, shape (n + m, n + m)
    size : int
        Before the insertion.
    z : ndarray, shape (n + m,)
    s : float
        Not zero.
    """
    for k in range(size):
        factor = z[k] / s
        for h in range(size):
            inverse[k, h] += factor * z[h]
        inverse[k, size] = -factor
        inverse[size, k] = -factor
    inverse[size, size] = 1.0 / s


@compiled
def drop(inverse: Floats, size: int, at: int) -> None:
    """Take position `at` out of the inverse, the last one taking its place.

    Parameters
    ----------
    inverse : ndarray, shape (n + m, n + m)
        Its entry (at, at) must not be zero.
    size : int
        Before the removal.
    at : int
    """
    pivot, last = inverse[at, at], size - 1
    for k in range(size):
        if k != at:
            factor = inverse[k, at] / pivot
            for h in range(size):
                inverse[k, h] -= factor * inverse[at, h]
    if at != last:
        for h in range(size):
            inverse[at, h] = inverse[last, h]
        for k in range(last):
            inverse[k, at] = inverse[k, last]
        inverse[at, at] = inverse[last, last]


@compiled
def rebuild(program: Program, working: WorkingSet) -> bool:
    """Compute the inverse afresh; False when K is singular.

    Parameters
    ----------
    program : Program
    working : WorkingSet
    """
    size, inverse = working.size[0], working.inverse
    kkt_matrix(program, working.code, size, inverse)
    regular = invert(inverse, size, working.pivots)
    symmetrise(inverse, size)
    return regular


@compiled
def symmetrise(matrix: Floats, size: int) -> None:
    """Take the mean of the leading block and its transpose.

    Parameters
    ----------
    matrix : ndarray, shape (n + m, n + m)
    size : int
    """
    for k in range(size):
        for h in range(k):
            matrix[k, h] = 0.5 * (matrix[k, h] + matrix[h, k])
            matrix[h, k] = matrix[k, h]


@compiled
def kkt_matrix(program: Program, code: Integers, size: int, matrix: Floats) -> None:
    """Fill the leading block of `matrix` with K.

    Parameters
    ----------
    program : Program
    code : ndarray of int, shape (n + m,)
        The members; the first `size` count.
    size : int
    matrix : ndarray, shape (n + m, n + m)
        Overwritten.
    """
    n, sigma, At = program.mu.size, program.columns.value, program.At
    for k in range(size):
        a = code[k]
        for h in range(size):
            b = code[h]
            if a < n:
                matrix[k, h] = sigma[a, b] if b < n else At[a, b - n]
            else:
                matrix[k, h] = At[b, a - n] if b < n else 0.0


@compiled
def invert(matrix: Floats, size: int, pivots: Integers) -> bool:
    """Invert in place by Gauss-Jordan elimination with row pivoting; False when the matrix is singular.

    Parameters
    ----------
    matrix : ndarray, shape (n + m, n + m)
        Symmetric and indefinite in its leading block, which alone counts.
    size : int
    pivots : ndarray of int, shape (n + m,)
        Scratch.
    """
    largest = 0.0
    for k in range(size):
        for h in range(size):
            largest = max(largest, abs(matrix[k, h]))
    for k in range(size):
        best = k
        for h in range(k + 1, size):
            if abs(matrix[h, k]) > abs(matrix[best, k]):
                best = h
        pivots[k] = best
        if best != k:
            for h in range(size):
                matrix[k, h], matrix[best, h] = matrix[best, h], matrix[k, h]
        pivot = matrix[k, k]
        if abs(pivot) <= 1e-15 * largest:
            return False
        matrix[k, k] = 1.0
        for h in range(size):
            matrix[k, h] /= pivot
        for h in range(size):
            if h != k:
                factor = matrix[h, k]
                matrix[h, k] = 0.0
                for b in range(size):
                    matrix[h, b] -= factor * matrix[k, b]
    # Rows were exchanged in the matrix, so columns are exchanged back in its inverse, last first.
    for k in range(size - 1, -1, -1):
        best = pivots[k]
        if best != k:
            for h in range(size):
                matrix[h, k], matrix[h, best] = matrix[h, best], matrix[h, k]
    return True
