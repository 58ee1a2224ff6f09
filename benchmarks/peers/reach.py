"""The two ends between which risk targets are placed."""

from __future__ import annotations

import numpy as np
import osqp
import scipy.sparse as sp
from scipy.optimize import linprog

from benchmarks.peers.instance import Floats
from riskmodels import FactorForm


def highest_return(mu: Floats, A: Floats, row_lower: Floats, row_upper: Floats, upper: Floats) -> Floats:
    """Weights of the highest expected return, shape (n,), by HiGHS.

    Parameters
    ----------
    mu, upper : ndarray, shape (n,)
    A : ndarray, shape (m, n)
        The first row is an equality.
    row_lower, row_upper : ndarray, shape (m,)
    """
    result = linprog(
        c=-mu,
        A_ub=np.vstack([A[1:], -A[1:]]),
        b_ub=np.concatenate([row_upper[1:], -row_lower[1:]]),
        A_eq=A[:1],
        b_eq=row_upper[:1],
        bounds=[(0.0, cap) for cap in upper.tolist()],
        method="highs",
    )
    if result.x is None:
        raise RuntimeError(f"a variant without a portfolio: {result.message}")
    return np.asarray(result.x)


class CalmPortfolios:
    """Portfolios near the least risk of each mandate of a date: allowed ones, so that targets above can be reached.

    Rough on purpose (ten factors, loose tolerance): 2 ms each. A class because OSQP's factorisation is kept.

    Parameters
    ----------
    form : FactorForm
    A : ndarray, shape (m, n)
    """

    def __init__(self, form: FactorForm, A: Floats) -> None:
        self._n, self._k = form.loadings.shape
        quadratic = sp.block_diag([sp.diags(form.specific**2), sp.eye(self._k)], format="csc")
        n, k = self._n, self._k
        rows = np.block([[A, np.zeros((len(A), k))], [form.loadings.T, -np.eye(k)], [np.eye(n), np.zeros((n, k))]])
        self._solver = osqp.OSQP()
        none = np.zeros(len(rows))
        self._solver.setup(
            quadratic,
            np.zeros(self._n + self._k),
            sp.csc_matrix(rows),
            none,
            none,
            eps_abs=1e-5,
            eps_rel=1e-5,
            rho=10.0,
            adaptive_rho_interval=50,
            verbose=False,
        )

    def find(self, row_lower: Floats, row_upper: Floats, upper: Floats) -> Floats:
        """Weights, shape (n,).

        Parameters
        ----------
        row_lower, row_upper : ndarray, shape (m,)
        upper : ndarray, shape (n,)
        """
        factors = np.zeros(self._k)
        self._solver.update(
            l=np.concatenate([row_lower, factors, np.zeros(self._n)]), u=np.concatenate([row_upper, factors, upper])
        )
        return np.asarray(self._solver.solve(raise_error=False).x[: self._n])
