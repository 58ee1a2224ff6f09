"""The least moves of soft limits, tier by tier, the most important first.

With x_i >= 0 how far limit i of the soft clauses is loosened, relative to itself (or to one unit of print where it is
smaller; see `Limit.size`), and X the moves after which the mandate and the risk cap hold together,

    s_1 = min  sum of x_i over priority 1      over  x in X
    s_2 = min  sum of x_i over priority 2      over  x in X with the sum over priority 1 at most s_1
    ...

so that the least important tier bears what has to be given up (lexicographic, or preemptive, goal programming:
Charnes & Cooper 1961; Ignizio 1976). X is convex: a polyhedron, or one cut by the cone of the risk cap, which may be
soft itself. Only the sums are fixed on the way: who of a tier bears its sum is left open as long as it helps a later
one. Where the sums still leave a choice, a tier's largest move is made as small as they allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.conflicts.elastic import MoveRows, cheapest_moves
from optimizer.conflicts.terms import Terms
from optimizer.exact_risk import own_risk
from riskmodels.factor_form import Floats

_NOTHING = 1e-8
"""Relative: a tier whose moves sum to less does not give way."""

_CURVED = 1e3
"""Hairs of a sum that the risk cap bounds: the portfolios within h of such a sum lie up to sqrt(h) apart."""

_NOTICEABLE = 1e3
"""Hairs by which sharing a sum has to make the largest move smaller: a hair lets sums be shared that have no choice."""

_TRACE = 1e-3
"""Relative to the largest move: what interior points leave of one that is not needed, and how far sums are then off."""


def least_moves(terms: Terms, tiers: Mapping[int, int], hair: float) -> dict[int, float] | None:
    """By position, how far each limit that gives way is loosened, relative to its size; None: nothing is enough.

    Parameters
    ----------
    terms : Terms
    tiers : mapping of int to int
        Priority of each soft limit, by position.
    hair : float
    """
    ends = {i: _farthest(terms, i) / terms.limits[i].size for i in sorted(tiers)}
    most = {i: end for i, end in ends.items() if end > 0.0}
    found = _tier_by_tier(terms, tiers, most, hair)
    if found is None or not found.curved:
        return None if found is None else found.moves
    # Interior points leave traces where nothing needs to move, and take them from what does: do without, if possible.
    trace = _TRACE * max(found.moves.values(), default=0.0)
    needed = {i: most[i] for i, by in found.moves.items() if by > trace}
    without = _tier_by_tier(terms, tiers, needed, hair) if 0 < len(needed) < len(most) else None
    return found.moves if without is None or found.better_than(without, trace) else without.moves


@dataclass(frozen=True)
class _Lexicographic:
    """Relative moves by position of the limit, their sum by tier, and whether the risk cap has a say in them."""

    moves: dict[int, float]
    sums: tuple[float, ...]
    curved: bool

    def better_than(self, other: _Lexicographic, least: float) -> bool:
        """Whether the first tier in which the sums differ by a least amount gives up less here."""
        apart = [mine - its for mine, its in zip(self.sums, other.sums, strict=True) if abs(mine - its) > least]
        return bool(apart) and apart[0] < 0.0


def _tier_by_tier(
    terms: Terms, tiers: Mapping[int, int], farthest: Mapping[int, float], hair: float
) -> _Lexicographic | None:
    """The moves of some soft limits, each within its own end; None where no solver finds them to be enough."""
    soft, most = list(farthest), np.array(list(farthest.values()))
    of_tier = np.array([tiers[i] for i in soft], dtype=int)
    among, curved = MoveRows(np.zeros((0, len(soft))), np.zeros(0)), False
    x, sums, slack = np.zeros(len(soft)), list[float](), hair
    for tier in sorted(set(tiers.values())):
        members = of_tier == tier
        if not members.any():
            sums.append(0.0)
            continue
        least = _cheapest(terms, soft, members.astype(float), most, among)
        if least is None:
            return None
        x, total = least.x, float(least.x[members].sum())
        sums.append(total)
        curved = curved or least.curved
        if total <= _NOTHING:
            most = np.where(members, 0.0, most)
            continue
        slack = _CURVED * hair if curved else hair
        among = MoveRows(np.vstack([among.C, members]), np.append(among.d, total + slack))
    for members in among.C > 0.0:
        # An interior point shares by itself.
        even = None if curved or members.sum() == 1 else _most_even(terms, soft, members, most, among)
        if even is not None and even.x[-1] < x[members].max() - _NOTICEABLE * slack:
            x = even.x[:-1]
        most = np.where(members, np.minimum(most, x[members].max() + slack), most)
    moves = {i: float(by) for i, by in zip(soft, x, strict=True) if by > max(_NOTHING, 2.0 * slack)}
    return _Lexicographic(moves, tuple(sums), curved)


def _farthest(terms: Terms, i: int) -> float:
    """How far limit i can move before it holds for every portfolio: without an end, cone programs are solved badly."""
    limit, rows = terms.limits[i], terms.limits[i].rows
    if i == terms.cap:
        return max(0.0, float(own_risk(terms.problem).max()) - limit.value)
    # At most all of the weight is in one fund, and all of it bought; a share of nothing can grow for ever.
    used = np.asarray(rows.G.max(axis=1).toarray(), dtype=np.float64).ravel() + float(rows.trades)
    grows = rows.slope > 0.0
    return min(limit.room, float(((used - rows.h)[grows] / rows.slope[grows]).max(initial=0.0)))


@dataclass(frozen=True, eq=False)
class _Least:
    """Moves of least cost, relative to the sizes of their limits, and whether the risk cap has a say in them."""

    x: Floats
    curved: bool


def _cheapest(terms: Terms, soft: Sequence[int], cost: Floats, most: Floats, among: MoveRows) -> _Least | None:
    """Moves of the soft limits, shape (K,), followed by what `cost` has in further columns; None without an answer."""
    M = np.zeros((len(terms.limits), cost.size))
    for k, i in enumerate(soft):
        M[i, k] = terms.limits[i].size
    # A move that may only be zero would leave a cone program without an interior.
    free = most > 0.0
    moves = cheapest_moves(terms, terms.every, M[:, free], cost[free], most[free], replace(among, C=among.C[:, free]))
    if moves is None:
        return None
    x = np.zeros(cost.size)
    x[free] = moves.x
    return _Least(x, terms.cap is not None and bool(moves.prices[terms.cap] > 0.0))


def _most_even(
    terms: Terms, soft: Sequence[int], members: NDArray[np.bool_], most: Floats, sums: MoveRows
) -> _Least | None:
    """Moves of which the largest among the members is least: one more column stands for the largest."""
    below_largest = np.hstack([np.eye(len(soft)), -np.ones((len(soft), 1))])[members]
    rows = np.vstack([np.hstack([sums.C, np.zeros((sums.d.size, 1))]), below_largest])
    among = MoveRows(rows, np.append(sums.d, np.zeros(below_largest.shape[0])))
    cost = np.append(np.zeros(len(soft)), 1.0)
    return _cheapest(terms, soft, cost, np.append(most, np.inf), among)
