"""Sharpen a claimed optimum: guess what is active from primal and dual values, then solve that system exactly.

Interior-point answers leave 1e-9 of weight in every fund and first-order answers a risk that is a hair off. With the
active set known, the optimum solves a small linear system in the free weights w_F and the multipliers y of the active
rows E, where fixed funds sit at a bound or at their holdings:

    [ kappa Sigma_FF + ridge I   E_F' ] [ w_F ]   [ reward_F - cost_F sign_F + kappa (c - Sigma w_fixed)_F ]
    [ E_F                          0  ] [  y  ] = [ b - E w_fixed                                         ]

Here kappa = curvature + theta / R, and c is the benchmark's part of the gradient of R^2 / 2. When the cap is active,
kappa is Newton-iterated until R(w) = cap. The solution corrects the guess where a weight leaves its bounds or a price
has the wrong sign (a primal-dual active set; Hintermueller, Ito & Kunisch 2003), and is kept only if it is the better
claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.certificate import Certificate, certify
from optimizer.problem import Claim, Multipliers, Problem
from riskmodels.factor_form import Floats

_GUESSES = 8
_NEWTON_STEPS = 20
_CAP_TOLERANCE = 1e-13
_ROUNDING = 2e-11
"""Residual of an exact solution, of which no less can be asked."""

_NEARLY = 1e-6
"""Weight this near a resting place without being on it may be rounding."""

_TIE = 1e-12
"""Weight within which a fund that nothing pushes off its resting place stays there."""


@dataclass(frozen=True, eq=False)
class ActiveSet:
    """Where every fund and row stands.

    Parameters
    ----------
    free : ndarray of bool, shape (n,)
        Strictly between the places where a weight can rest.
    rest : ndarray, shape (n,)
        Weight of the funds that are not free, zero elsewhere.
    side : ndarray, shape (n,)
        Sign of w - w0 for free funds.
    rows : ndarray of int
        Active rows of the mandate.
    target : ndarray
        The side at which each is active.
    turnover, cap : bool
        Whether turnover and the risk cap are active.
    """

    free: NDArray[np.bool_]
    rest: Floats
    side: Floats
    rows: NDArray[np.intp]
    target: Floats
    turnover: bool
    cap: bool

    @property
    def key(self) -> bytes:
        """The same for the same active set."""
        parts = (self.free, self.rest, self.side, self.rows, self.target, np.array([self.turnover, self.cap]))
        return b"|".join(part.tobytes() for part in parts)


def polish(problem: Problem, claim: Claim) -> Claim:
    """The exact optimum on the claim's active set, or the claim itself where that is no better.

    Parameters
    ----------
    problem : Problem
    claim : Claim
    """
    return polish_and_certify(problem, claim)[0]


def polish_and_certify(problem: Problem, claim: Claim) -> tuple[Claim, Certificate]:
    """What `polish` comes to, with its certificate.

    Parameters
    ----------
    problem : Problem
    claim : Claim
    """
    best, guess, seen = claim, claim, set[bytes]()
    standing = certify(problem, best)
    if _exact(standing) and _clean(problem, claim):
        return claim, standing
    for _ in range(_GUESSES):
        active = identify(problem, guess)
        if active.key in seen:
            break
        seen.add(active.key)
        guess = _solve(problem, guess, active)
        # Clipping is for rounding: where a wrong guess leaves the bounds by more, it breaks a row and is not kept.
        within = replace(guess, w=np.clip(guess.w, problem.mandate.lower, problem.mandate.upper))
        certificate = certify(problem, within)
        if _no_worse(certificate, standing):
            best, standing = within, certificate
    return best, standing


def _exact(certificate: Certificate) -> bool:
    return (
        certificate.max_violation <= _ROUNDING
        and certificate.kkt_residual <= _ROUNDING
        and certificate.gap_bp <= 1e2 * _ROUNDING
    )


def _clean(problem: Problem, claim: Claim) -> bool:
    """Whether no weight is nearly, but not quite, where a weight can rest."""
    rests = np.stack([problem.mandate.lower, problem.mandate.upper, problem.held])
    distance = np.abs(claim.w - rests)
    return not bool(((distance > 0.0) & (distance < _NEARLY)).any())


def _no_worse(after: Certificate, before: Certificate) -> bool:
    return (
        after.max_violation <= max(_ROUNDING, before.max_violation)
        and after.kkt_residual <= max(_ROUNDING, before.kkt_residual)
        and after.gap_bp <= max(1e2 * _ROUNDING, before.gap_bp)
    )


def identify(problem: Problem, claim: Claim) -> ActiveSet:
    """Guess the active set: a limit is active where its price exceeds its slack.

    At a strictly complementary optimum one of the two is zero, so that any fixed comparison is right once the claim
    is close enough; the units are percent a year for prices and fractions for slack. For a weight that means: where
    one step up the price of its bounds, with the trading cost's dead band around w0, would take it.

    Parameters
    ----------
    problem : Problem
    claim : Claim
    """
    w, mandate, dual = claim.w, problem.mandate, claim.multipliers
    ascent = problem.smooth_gradient(w) - mandate.A.T @ dual.rows
    if problem.cap is not None:
        ascent = ascent - dual.risk * problem.risk.gradient(w)
    kink, held = problem.kink, problem.held
    if mandate.turnover is not None:
        kink = kink + 0.5 * dual.turnover
    move = w + ascent - held
    at_held = (kink > 0.0) & (np.abs(move) <= kink + _TIE) & (mandate.lower < held) & (held < mandate.upper)
    side = np.where(kink > 0.0, np.sign(move), 0.0)
    aim = held + np.where(np.abs(move) <= kink, 0.0, move - kink * side)
    at_lower, at_upper = aim <= mandate.lower + _TIE, aim >= mandate.upper - _TIE
    rest = np.select([at_held, at_lower, at_upper], [held, mandate.lower, mandate.upper], 0.0)

    values = mandate.A @ w
    scale = np.maximum(1.0, np.abs(mandate.A).max(axis=1, initial=0.0))
    up = (dual.rows * scale > (mandate.row_upper - values) / scale) | (mandate.row_lower == mandate.row_upper)
    down = ~up & (-dual.rows * scale > (values - mandate.row_lower) / scale)
    rows = np.flatnonzero(up | down)
    return ActiveSet(
        free=~(at_held | at_lower | at_upper),
        rest=rest,
        side=side,
        rows=rows,
        target=np.where(up[rows], mandate.row_upper[rows], mandate.row_lower[rows]),
        turnover=mandate.turnover is not None and dual.turnover > mandate.turnover.limit - mandate.turnover.of(w),
        cap=problem.cap is not None and dual.risk > problem.cap - problem.risk.value(w),
    )


def _solve(problem: Problem, claim: Claim, active: ActiveSet) -> Claim:
    """Solve the system of the module's docstring, Newton-iterating the price of risk where the cap is active."""
    free, rest = active.free, active.rest
    rows, right = _active_rows(problem, active)
    form, n_free = problem.risk.form, int(free.sum())
    loadings, specific = form.loadings[free], form.specific[free]
    sigma = loadings @ loadings.T + np.diag(specific**2)
    # Gradient of R^2 / 2 with the free weights at zero: Sigma w_fixed - c.
    pull = problem.risk.half_square_gradient(rest)[free]
    reward = problem.reward[free] - problem.kink[free] * active.side[free]
    size = n_free + right.size
    dual = claim.multipliers
    priced = np.append(dual.rows[active.rows], dual.turnover) if active.turnover else dual.rows[active.rows]
    start = np.concatenate([claim.w[free], priced])
    at_claim = problem.risk.value(claim.w)
    price = dual.risk / at_claim if active.cap and at_claim > 0.0 else 0.0

    def system(kappa: float) -> Floats:
        matrix = np.zeros((size, size))
        matrix[:n_free, :n_free] = kappa * sigma + problem.ridge_weight * np.eye(n_free)
        matrix[:n_free, n_free:] = rows[:, free].T
        matrix[n_free:, :n_free] = rows[:, free]
        return matrix

    for _ in range(_NEWTON_STEPS):
        kappa = problem.curvature + price
        matrix = system(kappa)
        # Clones and redundant rows make it singular.
        inverse: Floats = np.asarray(np.linalg.pinv(matrix, hermitian=True), dtype=np.float64)
        solution = _nearest_solution(matrix, inverse, np.concatenate([reward - kappa * pull, right]), start)
        w = rest.copy()
        w[free] = solution[:n_free]
        if not active.cap or problem.cap is None:
            break
        excess = problem.risk.value(w) - problem.cap
        if abs(excess) <= _CAP_TOLERANCE * problem.cap:
            break
        # d w / d price from the same matrix, hence d R / d price.
        change = np.zeros(w.size)
        gradient = problem.risk.half_square_gradient(w)
        still = np.concatenate([-gradient[free], np.zeros(right.size)])
        change[free] = (inverse @ still)[:n_free]
        slope = float(problem.risk.gradient(w) @ change)
        if slope * price > -_CAP_TOLERANCE * max(1.0, problem.cap):
            # The active rows leave the risk no room: whether it meets the cap is not a matter of its price.
            break
        price = min(10.0 * price, max(0.5 * price, price - excess / slope))
    y = np.zeros(problem.mandate.row_upper.size)
    y[active.rows] = solution[n_free : n_free + active.rows.size]
    sharper = Multipliers(
        rows=y,
        risk=price * problem.risk.value(w),
        turnover=float(solution[-1]) if active.turnover else 0.0,
    )
    return Claim(w, sharper)


def _active_rows(problem: Problem, active: ActiveSet) -> tuple[Floats, Floats]:
    """Active rows and what is left of their right sides once the resting weights are in place."""
    mandate = problem.mandate
    rows = mandate.A[active.rows]
    right = active.target - rows @ active.rest
    if not active.turnover or mandate.turnover is None:
        return rows, right
    free, held = active.free, mandate.turnover.held
    half_side = 0.5 * np.where(free, active.side, 0.0)
    used = 0.5 * (float(np.abs(active.rest - held)[~free].sum()) + mandate.turnover.outside)
    return np.vstack([rows, half_side]), np.append(right, mandate.turnover.limit - used + float(half_side @ held))


def _nearest_solution(matrix: Floats, inverse: Floats, right: Floats, start: Floats) -> Floats:
    """The solution nearest to `start`, refined once.

    Where active rows depend on each other the multipliers are not unique, and those of least norm may price a
    resting fund with the wrong sign; the claim's own are a better guide.
    """
    solution = start + inverse @ (right - matrix @ start)
    return np.asarray(solution + inverse @ (right - matrix @ solution))
