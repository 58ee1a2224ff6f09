"""What no portfolio of a node can exceed, and which funds that already decides.

The certificate's bound holds for any multipliers and every allowed v. Here more is known of v: each weight is zero or
lies in [x, u_i], and at most K of them are not zero. And where the certificate puts tangents, half of what a tangent
misses is put back: with Sigma = B B' + diag(s)^2 and kappa = curvature + theta / R,

    f(v) - theta R(v)  has the curvature  kappa Sigma + ridge  >=  q = kappa s^2 + ridge,   fund by fund.

(For the cap: R(v)^2 <= sigma*^2 priced with theta / 2R.) So what is left of the Lagrangian is a sum over the funds of

    h_i(v_i) = slope_i v_i - kink_i |v_i - w0_i| - q_i / 2 (v_i - w_i)^2

whose largest value over the portfolios of few names is found by sorting: all at zero, and the K largest gains
max over [x, u_i] of h_i  less  h_i(0). A fund whose gain is so far from the K largest that the bound with it falls to
what has been found already is out; one without which the bound falls is in (reduced cost fixing).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.cardinality.node import IN, OUT, UNDECIDED, Choice, NameProblem
from optimizer.certificate import admissible, row_terms
from optimizer.problem import Claim, Problem
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class Bound:
    """An upper bound on the goal of every portfolio of a node.

    Parameters
    ----------
    value : float
        Of the goal.
    with_fund, without_fund : ndarray, shape (n,)
        The bound when an undecided fund is in, and when it is out; `value` for the others.
    """

    value: float
    with_fund: Floats
    without_fund: Floats


def node_bound(names: NameProblem, choice: Choice, problem: Problem, claim: Claim) -> Bound:
    """Bound the goal over the portfolios of a node.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    problem : Problem
        The node's relaxation.
    claim : Claim
        On that; its multipliers may be any.
    """
    constant, gain = _gains(names, choice, problem, claim)
    inside, undecided = choice == IN, choice == UNDECIDED
    base = constant + float(gain[inside].sum())
    left = names.most - int(inside.sum())
    open_gain = np.where(undecided, gain, -np.inf)
    order = np.argsort(-open_gain, kind="stable")
    chosen = order[: min(left, int((open_gain > 0.0).sum()))]
    value = base + float(open_gain[chosen].sum())
    with_fund, without_fund = np.full(gain.size, value), np.full(gain.size, value)
    is_chosen = np.zeros(gain.size, dtype=np.bool_)
    is_chosen[chosen] = True
    # One more is in: where all places are taken, the least of the chosen goes.
    full = chosen.size == left and left > 0
    makes_room = float(open_gain[chosen[-1]]) if full else 0.0
    joining = undecided & ~is_chosen
    with_fund[joining] = value + gain[joining] - makes_room
    # One of the chosen is out: the next that gains takes its place.
    following = float(max(0.0, open_gain[order[chosen.size]])) if full and chosen.size < gain.size else 0.0
    without_fund[chosen] = value - gain[chosen] + following
    return Bound(value, with_fund, without_fund)


def _gains(names: NameProblem, choice: Choice, problem: Problem, claim: Claim) -> tuple[float, Floats]:
    """The bound with every fund at zero, and what each adds when it is held, shape (n,)."""
    w, mandate = claim.w, problem.mandate
    dual = admissible(problem, claim.multipliers)
    gradient = problem.smooth_gradient(w)
    bound = problem.smooth(w) - float(gradient @ w)
    slope = gradient - mandate.A.T @ dual.rows
    bound += row_terms(dual.rows, mandate.row_lower, mandate.row_upper)
    curvature = problem.curvature
    risk = problem.risk.value(w)
    if problem.cap is not None and dual.risk > 0.0 and risk > 0.0:
        price, gradient = dual.risk / risk, problem.risk.half_square_gradient(w)
        bound += 0.5 * price * (problem.cap**2 - risk**2) + price * float(gradient @ w)
        slope = slope - price * gradient
        curvature = curvature + price
    kink, held = problem.kink, problem.held
    if mandate.turnover is not None and dual.turnover > 0.0:
        bound += dual.turnover * (mandate.turnover.limit - 0.5 * mandate.turnover.outside)
        kink = kink + 0.5 * dual.turnover
    bend = curvature * problem.risk.form.specific**2 + problem.ridge_weight

    def value(v: Floats) -> Floats:
        return np.asarray(slope * v - kink * np.abs(v - held) - 0.5 * bend * (v - w) ** 2)

    least = np.maximum(mandate.lower, names.least)
    most = np.maximum(mandate.upper, least)
    # A concave function of one variable with one kink is largest at an end, at the kink, or where its slope is zero.
    flat = bend > 0.0
    step = np.divide(1.0, bend, out=np.zeros_like(bend), where=flat)
    rests = [least, most, held, w + (slope - kink) * step, w + (slope + kink) * step]
    holding = np.max([value(np.clip(v, least, most)) for v in rests], axis=0)
    nothing = value(np.zeros(w.size))
    gain = np.where(choice == OUT, 0.0, holding - nothing)
    return bound + float(nothing.sum()), gain


def held_by(w: Floats) -> NDArray[np.bool_]:
    """Which funds a portfolio holds, shape (n,): weights that are not rounding.

    Parameters
    ----------
    w : ndarray, shape (n,)
    """
    return w > ROUNDING


ROUNDING = 1e-9
"""Weights below this are rounding, not holdings."""
