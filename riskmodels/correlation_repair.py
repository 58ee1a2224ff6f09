"""The positive semidefinite covariance nearest to an indefinite one, with every volatility kept.

Sigma = D C D with D the volatilities. Repairing C instead of Sigma leaves the volatilities alone, and makes a bill fund
at 0.2 % a year count as much as a long bond at 15 %. The nearest correlation matrix (Higham 2002) is

    minimise 1/2 ||X - C||^2 (Frobenius)    subject to    X positive semidefinite,  diag(X) = 1.

Its dual has one number a fund and no constraint (Malick 2004; Qi & Sun 2006):

    minimise 1/2 ||(C + diag(y))_+||^2 - sum(y),      gradient diag((C + diag(y))_+) - 1,      X = (C + diag(y))_+

where ( )_+ drops the negative eigenvalues. The dual is convex and smooth once, and a quasi-Newton method takes a few
dozen eigendecompositions where alternating projections take hundreds.

References
----------
Higham, "Computing the nearest correlation matrix: a problem from finance", IMA J. Numer. Anal. 22 (2002).
Malick, "A dual approach to semidefinite least-squares problems", SIAM J. Matrix Anal. Appl. 26 (2004).
Qi & Sun, "A quadratically convergent Newton method for computing the nearest correlation matrix", ibid. 28 (2006).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from riskmodels.errors import EstimationError
from riskmodels.factor_form import Floats

_DIAGONAL = 1e-6
"""Distance of the diagonal from 1 at which a solution counts: what is left is scaled away, and moves as little."""

_STEPS = 2000


def nearest_correlation(correlation: Floats) -> Floats:
    """Root Y of the nearest correlation matrix X = Y Y'.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Symmetric with a unit diagonal, of any eigenvalues.

    Returns
    -------
    ndarray, shape (n, k)
        Rows of length 1, so that Y Y' is a correlation matrix whatever the rounding; k is its rank.

    Raises
    ------
    EstimationError
        When the iteration does not converge.
    """

    def dual(y: Floats) -> tuple[float, Floats]:
        values, vectors = _positive_part(correlation, y)
        return 0.5 * float(values @ values) - float(y.sum()), (vectors**2) @ values - 1.0

    # L-BFGS stops where the dual no longer falls in its last digits; whether that is near enough is judged below.
    found = minimize(
        dual,
        np.zeros(correlation.shape[0]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "maxfun": 2 * _STEPS, "maxcor": 30, "gtol": 1e-10, "ftol": 1e-16},
    )
    values, vectors = _positive_part(correlation, found.x)
    root = vectors * np.sqrt(values)
    lengths = np.linalg.norm(root, axis=1)
    off = float(np.abs(lengths**2 - 1.0).max())
    if not off <= _DIAGONAL:
        raise EstimationError(
            f"the covariance is indefinite and could not be repaired: after {found.nit} steps the nearest one changes "
            f"a variance by {100.0 * off:.2g} %; look for the pairs whose correlation is beyond 1"
        )
    return np.asarray(root / lengths[:, None])


def _positive_part(correlation: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Positive eigenvalues of C + diag(y), shape (k,), and their vectors, shape (n, k)."""
    values, vectors = np.linalg.eigh(correlation + np.diag(y))
    positive = values > 0.0
    return values[positive], vectors[:, positive]
