"""Columns of the covariance, computed when a fund first needs one and kept.

The path moves few funds: those strictly between their bounds, and those that rest above zero. Only their columns of
Sigma are ever read, so that with Sigma = B B' + diag(s)^2 a column costs k n once, and the n^2 k of the whole matrix is
not spent. A dense Sigma is the same store with every column known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.parametric.compiled import compiled
from riskmodels.factor_form import FactorForm, Floats

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Columns(NamedTuple):
    """Sigma over n funds, column by column.

    Parameters
    ----------
    value : ndarray, shape (n, n)
        Row i holds column i once it is known, which it is for every fund that is loose or held off zero; the diagonal
        holds the variances from the beginning.
    known : ndarray of bool, shape (n,)
    loadings : ndarray, shape (k, n)
        B'.
    """

    value: Floats
    known: Flags
    loadings: Floats


def dense_columns(sigma: Floats) -> Columns:
    """All columns of a dense covariance.

    Parameters
    ----------
    sigma : ndarray, shape (n, n)
        Symmetric.
    """
    n = sigma.shape[0]
    return Columns(np.ascontiguousarray(sigma, dtype=np.float64), np.ones(n, dtype=np.bool_), np.zeros((0, n)))


def factor_columns(form: FactorForm) -> Columns:
    """Columns of a covariance in factor form, none of them known yet.

    Parameters
    ----------
    form : FactorForm
    """
    n = form.specific.size
    value = np.empty((n, n))
    value[np.diag_indices(n)] = np.einsum("ik,ik->i", form.loadings, form.loadings) + form.specific**2
    return Columns(value, np.zeros(n, dtype=np.bool_), np.ascontiguousarray(form.loadings.T))


def known_columns(form: FactorForm) -> Columns:
    """All columns of a covariance in factor form, the same to the last bit as when they are learnt one by one.

    Parameters
    ----------
    form : FactorForm
    """
    columns = factor_columns(form)
    learn_all(columns)
    return columns


@compiled
def learn_all(columns: Columns) -> None:
    """Make sure that all columns are known.

    Parameters
    ----------
    columns : Columns
    """
    for i in range(columns.known.size):
        learn(columns, i)


@compiled
def learn(columns: Columns, i: int) -> None:
    """Make sure that column i is known.

    Parameters
    ----------
    columns : Columns
    i : int
    """
    value, loadings = columns.value, columns.loadings
    if not columns.known[i]:
        variance = value[i, i]
        for k in range(value.shape[1]):
            value[i, k] = 0.0
        for factor in range(loadings.shape[0]):
            own = loadings[factor, i]
            for k in range(value.shape[1]):
                value[i, k] += own * loadings[factor, k]
        value[i, i] = variance
        columns.known[i] = True


@compiled
def add_row(to: Floats, factor: float, matrix: Floats, row: int) -> None:
    """Add a multiple of a row to a vector.

    Parameters
    ----------
    to : ndarray, shape (n,)
    factor : float
    matrix : ndarray, shape (m, n)
    row : int
    """
    for k in range(to.size):
        to[k] += factor * matrix[row, k]
