"""What a search has found and spent so far: the one thing in it that changes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.cardinality.node import IN, OUT, Choice, NameProblem
from optimizer.cardinality.relaxing import Relaxed, relax
from optimizer.problem import Problem
from riskmodels.factor_form import Floats

CLOSED = 2.5e-5
"""Percent a year (a quarter of a hundredth of a basis point): a node that promises less than this more is closed."""

_BETTER = 1e-9
"""Percent a year: a portfolio that is better by less is the same."""


@dataclass(frozen=True)
class SearchLimits:
    """When a search ends, proven or not.

    Parameters
    ----------
    seconds : float
    nodes : int or None
        Convex problems solved; unlike the seconds, it stops at the same place every time.
    """

    seconds: float
    nodes: int | None = None


class Stopped(Exception):
    """A limit of the search was reached; the words say which."""


@dataclass(frozen=True, eq=False)
class Best:
    """The best portfolio so far.

    Parameters
    ----------
    choice : ndarray, shape (n,)
        Its names are IN, all others OUT.
    relaxed : Relaxed
    score : float
    """

    choice: Choice
    relaxed: Relaxed
    score: float


@dataclass(eq=False)
class Ledger:
    """Counts, limits and records. Scores are the goal in percent a year; for least volatility, its negative.

    Parameters
    ----------
    names : NameProblem
    limits : SearchLimits
    backends : sequence of str
    enough : float
        A portfolio with this score ends the search.
    """

    names: NameProblem
    limits: SearchLimits
    backends: Sequence[str]
    enough: float = np.inf
    started: float = field(default_factory=time.perf_counter)
    nodes: int = 0
    best: Best | None = None
    settled: float = -np.inf
    """Highest bound of what was closed."""
    tried: set[bytes] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    @property
    def score(self) -> float:
        """Of the best portfolio, -inf without one."""
        return -np.inf if self.best is None else self.best.score

    @property
    def seconds(self) -> float:
        """Since the search began."""
        return time.perf_counter() - self.started

    def scores(self, goals: Floats) -> Floats:
        """Goals as scores.

        Parameters
        ----------
        goals : ndarray
        """
        return scores_of(self.names.problem, goals)

    def closed(self, bound: float) -> bool:
        """Whether a bound leaves nothing to look for; it is then on record.

        Parameters
        ----------
        bound : float
        """
        if bound > self.score + CLOSED:
            return False
        self.settle(bound)
        return True

    def settle(self, bound: float) -> None:
        """Record the bound of something that is not looked at any further.

        Parameters
        ----------
        bound : float
        """
        self.settled = max(self.settled, float(bound))

    def spend(self) -> None:
        """Count one convex problem.

        Raises
        ------
        Stopped
        """
        if self.limits.nodes is not None and self.nodes >= self.limits.nodes:
            raise Stopped(f"{self.limits.nodes:,} nodes")
        if self.seconds > self.limits.seconds:
            raise Stopped(f"{self.limits.seconds:g} s")
        self.nodes += 1

    def solve(self, choice: Choice) -> Relaxed | None:
        """One convex problem, as far as the limits allow; None when it is proven that it has no portfolio.

        Parameters
        ----------
        choice : ndarray, shape (n,)

        Raises
        ------
        Stopped
        """
        self.spend()
        relaxed = relax(self.names, choice, self.backends)
        if relaxed is not None and relaxed.backend is not None:
            self.used.add(relaxed.backend)
        return relaxed

    def try_names(self, funds: NDArray[np.intp]) -> bool:
        """Solve with these names and no others; whether that is the best so far.

        Parameters
        ----------
        funds : ndarray of int

        Raises
        ------
        Stopped
            Also when it is enough.
        """
        choice = np.full(self.names.problem.size, OUT, dtype=np.int8)
        choice[funds] = IN
        key = choice.tobytes()
        if key in self.tried or not funds.size:
            return False
        self.tried.add(key)
        relaxed = self.solve(choice)
        if relaxed is None or relaxed.claim is None or not relaxed.allowed:
            return False
        score = float(self.scores(np.array(relaxed.problem.value(relaxed.claim.w))))
        if score <= self.score + _BETTER:
            return False
        self.best = Best(choice, relaxed, score)
        if score >= self.enough:
            raise Stopped("enough")
        return True


def scores_of(problem: Problem, goals: Floats) -> Floats:
    """The goal in percent a year: for least volatility, whose goal is -R^2 / 2, it is -R.

    Parameters
    ----------
    problem : Problem
    goals : ndarray
    """
    return -np.sqrt(np.maximum(0.0, -2.0 * goals)) if problem.goal == "min_volatility" else goals
