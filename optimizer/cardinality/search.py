"""Branch and bound over the names: best bound first, with dives.

A node decides some funds (Land & Doig 1960). Its bound is proven by `node_bound`; a node whose bound does not exceed
the best portfolio found is closed. To branch, each of the heaviest undecided funds is left out on trial (strong
branching; Applegate, Bixby, Chvatal & Cook 1995): where that closes the node the fund is in, and the one that costs
most decides the branch. The side with the fund is followed first, so that a dive ends in a portfolio soon; what is
left over waits in the order of its bound. Everything but the time limit is independent of the clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.cardinality.bound import Bound, held_by, node_bound
from optimizer.cardinality.candidates import improve, round_off
from optimizer.cardinality.ledger import CLOSED, Ledger, SearchLimits, Stopped
from optimizer.cardinality.node import IN, OUT, UNDECIDED, Choice, NameProblem, decided, first_choice
from optimizer.cardinality.perspective import lower_of, sharper_claim, too_risky
from optimizer.cardinality.relaxing import Relaxed
from optimizer.problem import NoClaim, Problem
from riskmodels.factor_form import Floats

_TRIALS = 6
"""Funds that are left out on trial at a node."""

_STEPS = 1
"""Steps of the perspective at a node."""

_FIGURE_NODES = 100
"""Convex problems that may go into the least risk of few names where it is known to lie above the cap."""

_CALM_SHARE = 0.5
"""Part of the limits that may go into looking for any portfolio within the risk cap."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a search came to. Scores are the goal in percent a year; for least volatility, its negative.

    Parameters
    ----------
    choice : ndarray or None
        The names of the best portfolio: IN, all others OUT, shape (n,).
    score : float
        Of that portfolio, -inf without one.
    bound : float
        No portfolio of few names has a higher score; -inf when it is proven that there is none.
    least_risk : float or None
        Where it is that which proves that there is none: no portfolio of few names has less risk.
    nodes : int
        Convex problems solved.
    seconds : float
    stopped_by : str or None
        The limit that ended the search: "30 s" or "4,000 nodes"; None when it came to its end.
    backends : tuple of str
        That solved its convex problems.
    """

    choice: Choice | None
    score: float
    bound: float
    least_risk: float | None
    nodes: int
    seconds: float
    stopped_by: str | None
    backends: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Node:
    """An open node: what is decided, its relaxation, and its bound as a score."""

    choice: Choice
    relaxed: Relaxed
    bound: float


def search(names: NameProblem, limits: SearchLimits, backends: Sequence[str], ceiling: float) -> Found:
    """Find the best portfolio of few names and prove how good it is.

    Parameters
    ----------
    names : NameProblem
    limits : SearchLimits
    backends : sequence of str
        For the convex problems, asked in turn.
    ceiling : float
        A score that no portfolio exceeds, whatever its names.
    """
    ledger = Ledger(names, limits, backends)
    floor: float | None = None
    try:
        root = _node(ledger, first_choice(names), ceiling)
        if ledger.best is None and names.problem.cap is not None:
            # Without a root nothing is allowed, and only the figure is wanted that says why.
            floor = _calm_names(ledger, names.problem.cap, _FIGURE_NODES if root is None else None)
            root = root if floor is None else None
    except Stopped as stop:
        return _found(ledger, ceiling, None, str(stop))
    bound, stopped_by = _branch_and_bound(ledger, root)
    return _found(ledger, bound, floor, stopped_by)


def _found(ledger: Ledger, bound: float, floor: float | None, stopped_by: str | None) -> Found:
    return Found(
        choice=None if ledger.best is None else ledger.best.choice,
        score=ledger.score,
        bound=float(max(bound, ledger.score)),
        # Infinite where no names meet the other limits: then it is not the cap that rules them out.
        least_risk=None if floor == np.inf else floor,
        nodes=ledger.nodes,
        seconds=ledger.seconds,
        stopped_by=stopped_by,
        backends=tuple(sorted(ledger.used)),
    )


def _branch_and_bound(ledger: Ledger, root: _Node | None) -> tuple[float, str | None]:
    """Look through the tree; the bound that is left, and the limit that ended it early."""
    waiting: list[tuple[float, int, _Node]] = []
    order, dive, stopped_by = 0, [] if root is None else [root], None
    improved = -np.inf
    try:
        while dive or waiting:
            if ledger.score > improved:
                improve(ledger)
                improved = ledger.score
            node = dive[-1] if dive else waiting[0][2]
            children = [] if ledger.closed(node.bound) else _children(ledger, node)
            # The node is open until its children stand.
            if dive:
                dive.pop()
            else:
                heapq.heappop(waiting)
            for child in children[:-1]:
                order += 1
                heapq.heappush(waiting, (-child.bound, order, child))
            dive = children[-1:]
    except Stopped as stop:
        stopped_by = str(stop)
    still_open = [node.bound for node in dive] + [node.bound for _, _, node in waiting]
    return max([ledger.settled, *still_open]), stopped_by


def _calm_names(ledger: Ledger, cap: float, most: int | None) -> float | None:
    """Look for names that meet the risk cap, by least risk; a risk above it that no portfolio goes below, or None."""
    names, limits = ledger.names, ledger.limits
    if most is None and limits.nodes is not None:
        most = int(_CALM_SHARE * (limits.nodes - ledger.nodes))
    calm = Ledger(
        names=replace(names, problem=names.problem.minimising_risk()),
        limits=SearchLimits(
            seconds=_CALM_SHARE * max(0.0, limits.seconds - ledger.seconds),
            nodes=most,
        ),
        backends=ledger.backends,
        enough=-cap,
    )
    bound = np.inf
    try:
        root = _node(calm, first_choice(names), np.inf)
        bound, _ = _branch_and_bound(calm, root)
    except Stopped:
        pass
    ledger.nodes += calm.nodes
    if calm.best is not None:
        ledger.try_names(np.flatnonzero(calm.best.choice == IN))
    return -bound if bound < -cap * (1.0 + 1e-9) and ledger.best is None else None


def _node(ledger: Ledger, choice: Choice, above: float) -> _Node | None:
    """Solve a node, try the portfolios that it suggests, and decide what its bound decides; None when it is closed.

    Parameters
    ----------
    ledger : Ledger
    choice : ndarray, shape (n,)
    above : float
        Bound of its parent.
    """
    names = ledger.names
    while True:
        relaxed = ledger.solve(choice)
        if relaxed is None:
            return None
        if relaxed.claim is None or relaxed.bound is None:
            # Nothing is known of this node beyond its parent.
            return _Node(choice, relaxed, above)
        round_off(ledger, choice, relaxed.claim.w)
        bound = min(above, float(ledger.scores(np.array(relaxed.bound.value))))
        if ledger.closed(bound):
            return None
        sharper = _sharper(ledger, choice, relaxed.problem, relaxed.claim.w, relaxed.bound)
        if sharper is None:
            return None
        bound = min(bound, float(ledger.scores(np.array(sharper.value))))
        if ledger.closed(bound):
            return None
        with_fund, without = ledger.scores(sharper.with_fund), ledger.scores(sharper.without_fund)
        undecided = choice == UNDECIDED
        leave, enter = undecided & (with_fund <= ledger.score + CLOSED), undecided & (without <= ledger.score + CLOSED)
        if not (leave | enter).any():
            return _Node(choice, relaxed, bound)
        ledger.settle(max(with_fund[leave].max(initial=-np.inf), without[enter].max(initial=-np.inf)))
        if (leave & enter).any():
            return None
        choice = decided(names, decided(names, choice, np.flatnonzero(leave), OUT), np.flatnonzero(enter), IN)
        if not enter.any() and not (leave & held_by(relaxed.claim.w)).any():
            return _Node(choice, relaxed, bound)
        above = bound


def _sharper(ledger: Ledger, choice: Choice, problem: Problem, w: Floats, bound: Bound) -> Bound | None:
    """A lower bound of a node by the perspective of its names; None when it is proven that it has no portfolio."""
    names = ledger.names
    for _ in range(_STEPS):
        claim = sharper_claim(names, choice, problem, w)
        if claim is None:
            break
        ledger.spend()
        if isinstance(claim, NoClaim):
            return None if claim.infeasible and too_risky(names, choice, problem) else bound
        round_off(ledger, choice, claim.w)
        w, bound = claim.w, lower_of(bound, node_bound(names, choice, problem, claim))
    return bound


def _children(ledger: Ledger, node: _Node) -> list[_Node]:
    """The open nodes that a node falls apart into, the one to follow last."""
    names, choice = ledger.names, node.choice
    if node.relaxed.claim is None:
        return _blind_children(ledger, node)
    w = node.relaxed.claim.w
    candidates = np.flatnonzero((choice == UNDECIDED) & held_by(w))
    if not candidates.size:
        # The relaxation holds what is in and nothing else: its portfolio is one of few names, and has been tried.
        ledger.settle(node.bound)
        return []
    heaviest = candidates[np.argsort(-w[candidates], kind="stable")][:_TRIALS]
    without: list[tuple[float, int, _Node]] = []
    for position in range(heaviest.size):
        fund = heaviest[position : position + 1]
        child = _node(ledger, decided(names, choice, fund, OUT), node.bound)
        if child is None:
            # No better portfolio does without it.
            inside = _node(ledger, decided(names, choice, fund, IN), node.bound)
            return [] if inside is None else [inside]
        without.append((child.bound, position, child))
    _, position, outside = min(without)
    inside = _node(ledger, decided(names, choice, heaviest[position : position + 1], IN), node.bound)
    children = [outside] if inside is None else [outside, inside]
    return [child for child in children if not ledger.closed(child.bound)]


def _blind_children(ledger: Ledger, node: _Node) -> list[_Node]:
    """Branch without a relaxation to go by."""
    undecided = np.flatnonzero(node.choice == UNDECIDED)
    if not undecided.size:
        ledger.settle(node.bound)
        return []
    names, first = ledger.names, undecided[:1]
    sides = (decided(names, node.choice, first, OUT), decided(names, node.choice, first, IN))
    children = [_node(ledger, side, node.bound) for side in sides]
    return [child for child in children if child is not None]
