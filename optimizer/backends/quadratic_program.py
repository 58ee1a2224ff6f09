"""cvxpy's standard form of a family of quadratic programs, handed to OSQP once; then only vectors change.

The family is  minimise f(w; t)  over the mandate, with the objective affine in a number t >= 0. cvxpy states it with
t as a parameter; reading its standard form at t = 0 and t = 1 gives  P(t) = P0 + t P1,  q(t) = q0 + t q1  for every t.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cvxpy as cp
import numpy as np
import osqp
import scipy.sparse as sp

from optimizer.problem import Claim, Problem
from optimizer.statement import Statement, multipliers, state_mandate
from riskmodels.factor_form import Floats

_ROUGH, _EXACT = 1e-4, 1e-8
"""Residuals at which the iterations stop, and those that an answer must have. Defaults of 1e-3 leave a budget off by
20 bp; but polishing, where the active set is clear, takes 1e-4 to rounding at once, ten times sooner than iterating."""

# Polishing is asked for each time: cvxpy drops it on warm solves.
# Both intervals are pinned so that the path of a solve does not depend on a clock.
_SETTINGS = {
    "eps_abs": _ROUGH,
    "eps_rel": _ROUGH,
    "eps_prim_inf": 1e-9,
    "eps_dual_inf": 1e-9,
    "max_iter": 100_000,
    "polishing": True,
    "polish_refine_iter": 10,
    "adaptive_rho_interval": 50,
    "check_termination": 25,
    # The risk is in percent squared: the default step of 0.1 starts three orders too low.
    "rho": 100.0,
    "verbose": False,
}

_STEADY = {"adaptive_rho": 0, "rho": 1.0}
"""For a second attempt: on a few problems the adapted step swings between two values for ever."""

_SOLVED, _INFEASIBLE = osqp.SolverStatus.OSQP_SOLVED, osqp.SolverStatus.OSQP_PRIMAL_INFEASIBLE
_TIRED = osqp.SolverStatus.OSQP_MAX_ITER_REACHED


class Stopped(Exception):
    """OSQP ended without a solution; `infeasible` tells whether it says that there is none."""

    def __init__(self, words: str, infeasible: bool) -> None:
        super().__init__(words)
        self.infeasible = infeasible


class QuadraticFamily:
    """A compiled family of quadratic programs with OSQP's state.

    A class because OSQP keeps its factorisation and its last iterate between solves; it lives inside one call of the
    backend and is never shared, so that no answer depends on what was solved before.

    Parameters
    ----------
    problem : Problem
        Its mandate is the constraint set.
    objective : callable
        From (w, t), with t a cvxpy parameter, to the expression to be minimised.
    """

    def __init__(self, problem: Problem, objective: Callable[[cp.Variable, cp.Parameter], cp.Expression]) -> None:
        self._problem = problem
        self._statement: Statement = state_mandate(problem)
        t = cp.Parameter(nonneg=True, value=0.0)
        self._stated = cp.Problem(cp.Minimize(objective(self._statement.w, t)), list(self._statement.clauses.values()))
        at_zero, self._chain, self._inverse = self._stated.get_problem_data(cp.OSQP)
        t.value = 1.0
        at_one, _, _ = self._stated.get_problem_data(cp.OSQP)
        start = at_zero[cp.settings.PARAM_PROB].var_id_to_col[self._statement.w.id]
        self._columns = slice(start, start + problem.size)
        self._q0, self._q1 = at_zero["q"], at_one["q"] - at_zero["q"]
        # OSQP keeps one sparsity pattern, so both ends are laid out on their union.
        union = sp.triu(abs(at_zero["P"]) + abs(at_one["P"]), format="csc")
        self._p0, p1 = _laid_out(at_zero["P"], union), _laid_out(at_one["P"], union)
        self._p1 = p1 - self._p0
        rows = sp.vstack([at_zero["A"], at_zero["F"]]).tocsc()
        upper = np.concatenate([at_zero["b"], at_zero["G"]])
        lower = np.concatenate([at_zero["b"], np.full(at_zero["G"].size, -np.inf)])
        self._pattern, self._limits = union, (_for_osqp(rows), lower, upper)
        self._solver = self._set_up(self._p0, self._q0, _SETTINGS)

    def solve(self, t: float, pull: Floats | None = None) -> Floats:
        """Weights at t, shape (n,), starting from the last iterate.

        Parameters
        ----------
        t : float
        pull : ndarray, shape (n,), optional
            A further linear term on the weights.

        Raises
        ------
        Stopped
        """
        q = self._q0 + t * self._q1
        if pull is not None:
            q[self._columns] += pull
        p = self._p0 + t * self._p1
        if self._p1.any():
            self._solver.update(q=q, Px=p)
        else:
            self._solver.update(q=q)
        for tolerance in (_ROUGH, _EXACT):
            self._run(tolerance)
            if self._result.info.status_val == _TIRED:
                self._solver = self._set_up(p, q, _SETTINGS | _STEADY)
                self._run(tolerance)
            info = self._result.info
            if info.status_val != _SOLVED:
                raise Stopped(f"OSQP: {info.status}", infeasible=info.status_val == _INFEASIBLE)
            if info.prim_res <= _EXACT and info.dual_res <= _EXACT * max(1.0, float(np.abs(q).max())):
                break
        return np.array(self._result.x[self._columns])

    def _set_up(self, p: Floats, q: Floats, settings: Mapping[str, object]) -> osqp.OSQP:
        """A solver that knows nothing of earlier iterates."""
        solver = osqp.OSQP()
        quadratic = sp.csc_array((p, self._pattern.indices, self._pattern.indptr), shape=self._pattern.shape)
        solver.setup(_for_osqp(quadratic), q, *self._limits, **settings)
        return solver

    def _run(self, tolerance: float) -> None:
        self._solver.update_settings(eps_abs=tolerance, eps_rel=tolerance)
        self._result = self._solver.solve(raise_error=False)

    def claim(self, risk: float, scale: float) -> Claim:
        """The last solution as a claim, its duals read by cvxpy from its own standard form.

        Parameters
        ----------
        risk : float
            theta.
        scale : float
            What the negative goal was multiplied by.
        """
        self._stated.unpack_results(self._result, self._chain, self._inverse)
        w = np.array(self._result.x[self._columns])
        return Claim(w, multipliers(self._problem, self._statement, risk, scale))


def _laid_out(matrix: sp.csc_array, pattern: sp.csc_array) -> Floats:
    """Values of the upper triangle of `matrix` at the positions of `pattern`, zero where it has none."""
    columns = np.repeat(np.arange(pattern.shape[1]), np.diff(pattern.indptr))
    return np.asarray(sp.csr_array(matrix)[pattern.indices, columns]).ravel()


def _for_osqp(matrix: sp.csc_array) -> sp.csc_matrix:
    """OSQP takes scipy's older matrix class with 32-bit indices."""
    return sp.csc_matrix(
        (matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)), shape=matrix.shape
    )
