"""Whole shares nearest to a model: an integer program by HiGHS.

With x the whole shares, p their prices, h those held, V the account's value, t the model's weights in money:

    minimise  sum_i d_i,   d_i >= |p_i x_i - t_i|
    p'x <= V                                         cash is not negative
    0 <= x_i <= max(h_i, floor(V / p_i))             x_i >= h_i where it must not be sold
    x_i = h_i  or  p_i |x_i - h_i| >= least trade
    row_lower V <= A (p o x) <= row_upper V, turnover, number of names        the clauses
    R(p o x / V) <= cap, by its tangents                                      the risk target

**No optimum is cut off.** The bounds on x follow from long only and p'x <= V: they are the range of the problem itself,
not a window around the target. What makes it fast instead is the convex hull of each fund's distance: over whole
numbers |p x - t| is also at least the line through its values at floor(t/p) and the next number, so that without
clauses and cash the relaxation is whole by itself.

**Clauses first.** If they can hold, they hold. If not, the sum of the breaches is minimised, each in units of what its
kind tolerates, and then the distance among the portfolios with that least sum: the limit of a penalty without the
numbers of one. Holding on to what is held breaks nothing else, so there is always an answer.

**Risk by tangents.** R is convex; the program has the tangents of R where it was looked at, which cut no allowed
portfolio off. An answer beyond the cap gets its own tangent and the program is solved again, until the answer is within
the cap: then it is the optimum, as that of a larger set. The tangents share one breach, what R is beyond the cap.

**Binaries only where they matter.** The least trade starts without binaries for funds whose trade is far from it. An
optimum that keeps to it anyway is the optimum (it was found in a larger set); else the funds that do not get theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from aggplus.accounts.mixed_rows import MixedRows
from aggplus.accounts.quiet_solver import quiet_solver
from aggplus.accounts.risk_cap import RiskCap, Tangent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LIMIT_REACHED = 1
_INFEASIBLE = 2
_CENT_FRACTION = 1e-6
"""Money: less is rounding of sums."""
_BREACH_SLACK = 1e-6
"""By how much the second program may exceed the least sum of breaches, relative and in money."""
_NEAR = 2.0
"""Trades up to this multiple of the least trade get their binaries from the start."""
_TANGENTS = 40
"""Of the risk target; a few are enough. Where these are not, what is left of a breach is told."""
_NODES = 1000
"""Of a search: a few dozen are enough; of one that takes so many the best found is taken, with its proven gap. Nodes
and no clock, so that a busy machine gives the same orders."""
_GAP = 1e-5
"""Of the account's value: a tenth of a basis point. Where cash is scarce, portfolios that differ by cents alone are
countless (a subset-sum problem), and going through all of them to prove the last cent takes minutes."""


@dataclass(frozen=True, eq=False)
class RoundingProblem:
    """An account beside its model, over n funds.

    Parameters
    ----------
    price : ndarray, shape (n,)
    held : ndarray of int, shape (n,)
    target : ndarray, shape (n,)
        Model weights in money.
    value : float
        V, cash included.
    keep : ndarray of bool, shape (n,)
        Funds of which no share is sold.
    min_trade : float
    A : ndarray, shape (m, n)
        Clauses as rows over weights.
    row_lower, row_upper, row_scale : ndarray, shape (m,)
        Limits, and the weight of a breach of one unit against one of weight 1.
    max_turnover : float or None
        One way, as `constraints.TurnoverLimit` counts it.
    max_holdings : int or None
    holdings_scale : float
        Weight of one fund too many.
    min_weight : float
        Of each fund held; zero for no such rule.
    risk : RiskCap or None
    risk_scale : float
        Weight of a percent of risk too much.
    """

    price: Floats
    held: Ints
    target: Floats
    value: float
    keep: NDArray[np.bool_]
    min_trade: float
    A: Floats
    row_lower: Floats
    row_upper: Floats
    row_scale: Floats
    max_turnover: float | None
    max_holdings: int | None
    holdings_scale: float
    min_weight: float
    risk: RiskCap | None
    risk_scale: float

    @property
    def least_shares(self) -> Ints:
        """Shares in the least trade of each fund, shape (n,)."""
        # A hair off, so that 500 / 0.1 is not one share more than it is; beyond all that can be held there is no trade.
        shares = np.ceil(self.min_trade / self.price * (1.0 - 1e-12))
        return np.asarray(np.minimum(shares, self.most + 1.0), dtype=np.int64)

    @property
    def most(self) -> Ints:
        """Shares that the account can hold of each fund, shape (n,)."""
        return np.maximum(self.held, np.floor(self.value / self.price * (1.0 + 1e-12)).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Nearest:
    """Whole shares of shape (n,), and by how much money their distance may at most be above the smallest possible."""

    shares: Ints
    gap: float


class RoundingError(RuntimeError):
    """HiGHS has ended without an answer."""


def nearest_shares(problem: RoundingProblem) -> Nearest:
    """Whole shares of least breach, and among those of least distance to the target.

    Parameters
    ----------
    problem : RoundingProblem

    Raises
    ------
    RoundingError
        When HiGHS stops without any answer.
    """
    trade, least = problem.target / problem.price - problem.held, problem.least_shares
    watched = (least > 1) & (np.abs(trade) <= _NEAR * least)
    budget = problem.value
    tangents = [] if problem.risk is None else [problem.risk.tangent(problem.target / problem.value)]
    while True:
        nearest = _least_breach_then_nearest(problem, watched, budget, tangents)
        shares = nearest.shares
        traded = np.abs(shares - problem.held)
        too_small = (traded > 0) & (traded < least)
        cash = problem.value - float(problem.price @ shares)
        overdrawn = cash < -_CENT_FRACTION * max(1.0, 1e-9 * problem.value) and traded.any()
        weights = problem.price * shares / problem.value
        risky = len(tangents) < _TANGENTS and problem.risk is not None and problem.risk.is_missed(weights, tangents)
        if not too_small.any() and not overdrawn and not risky:
            return nearest
        watched = watched | too_small
        if overdrawn:
            budget += cash - _CENT_FRACTION
        if risky and problem.risk is not None:
            tangents = [*tangents, problem.risk.tangent(weights)]


def _least_breach_then_nearest(
    problem: RoundingProblem, watched: NDArray[np.bool_], budget: float, tangents: Sequence[Tangent]
) -> Nearest:
    program = _program(problem, watched, budget, tangents)
    n, distance = problem.price.size, program.cost("distance")
    firm = program.upper.copy()
    firm[program.columns("breach")] = 0.0
    answer = _solved(program, distance, firm)
    if answer is None:
        breach = program.cost("breach")
        first = _solved(program, breach, program.upper)
        if first is None:
            raise RoundingError("no whole shares keep to the rules")
        breach[~program.columns("breach")] = 0.0
        least = float(breach @ first[0])
        program.add(
            {j: float(breach[j]) for j in np.flatnonzero(breach).tolist()},
            -np.inf,
            least * (1 + _BREACH_SLACK) + _BREACH_SLACK,
        )
        answer = _solved(program, distance, program.upper)
        # The first answer keeps to the new row up to rounding; without a second one, nothing is known of distance.
        answer = (first[0], problem.value) if answer is None else answer
    return Nearest(np.rint(answer[0][:n]).astype(np.int64), answer[1])


def _solved(program: MixedRows, cost: Floats, upper: Floats) -> tuple[Floats, float] | None:
    """The columns and the proven gap; None where nothing is feasible, or nothing was found that is."""
    A, low, high = program.rows()
    rows, bounds = LinearConstraint(csc_array(A), low, high), Bounds(program.lower, upper)
    # Rarely HiGHS loses its way in its own simplifications and ends with "solve error"; without them it does not.
    for presolve in (True, False):
        with quiet_solver():
            result = milp(
                cost,
                integrality=program.whole,
                bounds=bounds,
                constraints=rows,
                options={"mip_rel_gap": _GAP, "node_limit": _NODES, "presolve": presolve},
            )
        if result.x is not None:
            break
        if result.status in (_INFEASIBLE, _LIMIT_REACHED):
            return None
    else:
        raise RoundingError(result.message)
    bound = result.fun if result.mip_dual_bound is None else result.mip_dual_bound
    return np.asarray(result.x), max(0.0, float(result.fun - bound))


def _program(
    problem: RoundingProblem, watched: NDArray[np.bool_], budget: float, tangents: Sequence[Tangent]
) -> MixedRows:
    """Shares first, then the columns that clauses and rules need; everything in money."""
    p, held, n = problem.price, problem.held, problem.price.size
    program = MixedRows()
    for i in range(n):
        program.column("shares", float(held[i]) if problem.keep[i] else 0.0, float(problem.most[i]), whole=True)
    program.add(dict(enumerate(p)), -np.inf, max(budget, 0.0))
    # A constant, so that the relative gap of HiGHS is one of the account's value and not of what may be zero.
    for kind in ("distance", "breach"):
        program.constant(kind, problem.value)
    for i in range(n):
        _distance(program, i, float(p[i]), float(problem.target[i]))
    for i in np.flatnonzero(watched).tolist():
        _least_trade(program, problem, i)
    for a, lower, upper, scale in zip(problem.A, problem.row_lower, problem.row_upper, problem.row_scale, strict=True):
        row = {i: float(a[i] * p[i]) for i in np.flatnonzero(a).tolist()}
        program.softly(row, lower * problem.value, upper * problem.value, scale)
    _risk(program, problem, tangents)
    _turnover(program, problem)
    _names(program, problem)
    return program


def _distance(program: MixedRows, i: int, price: float, target: float) -> None:
    d = program.column("distance", 0.0, np.inf, cost=1.0)
    program.add({d: 1.0, i: -price}, -target, np.inf)
    program.add({d: 1.0, i: price}, target, np.inf)
    below = np.floor(target / price)
    at_below, at_above = abs(target - price * below), abs(price * (below + 1.0) - target)
    slope = at_above - at_below
    program.add({d: 1.0, i: -slope}, at_below - slope * below, np.inf)


def _least_trade(program: MixedRows, problem: RoundingProblem, i: int) -> None:
    """H + k b - h s <= x <= h + (most - h) b - k s: not traded, bought (b) or sold (s) by at least k shares."""
    h, k, most = float(problem.held[i]), float(problem.least_shares[i]), float(problem.most[i])
    buy = program.column("buy", 0.0, float(h + k <= most), whole=True)
    sell = program.column("sell", 0.0, float(h >= k and not problem.keep[i]), whole=True)
    program.add({i: 1.0, buy: -k, sell: h}, h, np.inf)
    program.add({i: 1.0, buy: h - most, sell: k}, -np.inf, h)
    program.add({buy: 1.0, sell: 1.0}, -np.inf, 1.0)


def _risk(program: MixedRows, problem: RoundingProblem, tangents: Sequence[Tangent]) -> None:
    if problem.risk is None:
        return
    beyond = program.column("breach", 0.0, np.inf, cost=problem.risk_scale)
    for tangent in tangents:
        row = {i: float(tangent.slope[i] * problem.price[i]) for i in np.flatnonzero(tangent.slope).tolist()}
        program.add({**row, beyond: -1.0}, -np.inf, (problem.risk.cap - tangent.constant) * problem.value)


def _turnover(program: MixedRows, problem: RoundingProblem) -> None:
    if problem.max_turnover is None:
        return
    p, held = problem.price, problem.held
    total: dict[int, float] = {}
    for i in range(p.size):
        moved = program.column("traded", 0.0, np.inf)
        program.add({moved: 1.0, i: -p[i]}, -p[i] * held[i], np.inf)
        program.add({moved: 1.0, i: p[i]}, p[i] * held[i], np.inf)
        total[moved] = 0.5
    cash = problem.value - float(p @ held)
    program.softly(total, -np.inf, problem.max_turnover * problem.value - 0.5 * cash, 1.0)


def _names(program: MixedRows, problem: RoundingProblem) -> None:
    n, limit = problem.price.size, problem.max_holdings
    counts = limit is not None and n > limit
    if not counts and problem.min_weight <= 0.0:
        return
    names = []
    for i in range(n):
        name = program.column("name", 0.0, 1.0, whole=True)
        program.add({i: 1.0, name: -float(problem.most[i])}, -np.inf, 0.0)
        if problem.min_weight > 0.0:
            row = {i: float(problem.price[i]), name: -problem.min_weight * problem.value}
            program.softly(row, 0.0, np.inf, 1.0)
        names.append(name)
    if counts and limit is not None:
        per_fund = problem.value
        program.softly(dict.fromkeys(names, per_fund), -np.inf, limit * per_fund, problem.holdings_scale)
