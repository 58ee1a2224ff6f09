"""Where the path of one problem stops, and the claim that this is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.parametric.chain import solve_chain
from optimizer.parametric.standard_form import StandardForm
from optimizer.parametric.target import ROWS_INFEASIBLE, TARGET_MET, TARGET_SLACK, TARGET_TOO_LOW
from optimizer.problem import Claim, Multipliers, NoClaim, Problem
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class Stop:
    """Where the path of one problem ended.

    Parameters
    ----------
    status : int
        See `Answer.outcome`.
    t : float
        Risk tolerance.
    risk : float
        R, percent.
    w : ndarray, shape (n,)
        Weights of the funds.
    y : ndarray, shape (m,)
        Multipliers of the rows.
    """

    status: int
    t: float
    risk: float
    w: Floats
    y: Floats


def follow(form: StandardForm, variance: float, last: float) -> Stop:
    """Follow the path of one problem to a variance, or to the risk tolerance `last`.

    Parameters
    ----------
    form : StandardForm
    variance, last : float
        Infinite for none.
    """
    chain = solve_chain(form.program, form.lower, form.upper, np.array([variance]), form.constant, last)
    risk = float(np.sqrt(np.maximum(chain.variance[0], 0.0)))
    return Stop(int(chain.status[0]), float(chain.t[0]), risk, form.weights(chain.x[0]), chain.y[0] / form.scale)


def claim_of(problem: Problem, stop: Stop) -> Claim | NoClaim:
    """What a stop says of the problem whose path it ended.

    Parameters
    ----------
    problem : Problem
    stop : Stop
    """
    if stop.status == ROWS_INFEASIBLE:
        return NoClaim(True, "no portfolio meets the rows and bounds")
    if stop.status == TARGET_TOO_LOW:
        return NoClaim(True, f"risk cannot go below {stop.risk:.6g} %")
    priceless = stop.status == TARGET_MET and not stop.t > 0.0
    if stop.status not in (TARGET_MET, TARGET_SLACK) or priceless:
        return NoClaim(False, "the parametric path was lost: its answer does not hold")
    # Where the cap binds, 1 / t is the whole aversion to risk, of which the goal has its own part.
    theta = max(0.0, stop.risk * (1.0 / stop.t - problem.curvature)) if stop.status == TARGET_MET else 0.0
    return Claim(stop.w, multipliers_of(problem, stop.y, theta))


def multipliers_of(problem: Problem, y: Floats, theta: float) -> Multipliers:
    """Multipliers of the rows, the last of which is turnover where that is limited, and of the risk cap.

    Parameters
    ----------
    problem : Problem
    y : ndarray, shape (m,)
    theta : float
    """
    if problem.mandate.turnover is None:
        return Multipliers(y, theta, 0.0)
    return Multipliers(y[:-1], theta, max(0.0, float(y[-1])))
