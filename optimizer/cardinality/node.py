"""A node of the search: what is decided about each fund, and the convex problem that it leaves.

With z_i = 1 for the funds held, the problem of few names is the convex one with

    sum_i z_i <= K,     x z_i <= w_i <= z_i u_i,     z_i in {0, 1}.

At a node some funds are in (z_i = 1), some out (z_i = 0), and for the others z_i may be any number between. Then the
best z_i is w_i / u_i, and K - |in| is left for all of them:

    sum over undecided funds of  w_i / u_i  <=  K - |in|

which is one more row of the convex problem; no number stands for "large". What the row cannot say, that w_i is not
between 0 and x, is left to the bound and to branching.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from constraints import FUNDS, MAX_HOLDINGS, MIN_WEIGHT, WEIGHT, FewNames, Label
from optimizer.problem import Problem
from riskmodels.factor_form import Floats

Verdict = Literal[-1, 1]

OUT: Literal[-1] = -1
UNDECIDED: Literal[0] = 0
IN: Literal[1] = 1

Choice = NDArray[np.int8]
"""OUT, UNDECIDED or IN for each fund, shape (n,)."""


@dataclass(frozen=True, eq=False)
class NameProblem:
    """A convex problem and what it is to be solved with: at most `most` funds, each at least `least`.

    Parameters
    ----------
    problem : Problem
        Long only.
    most : int
        K.
    least : float
        x.
    """

    problem: Problem
    most: int
    least: float


def name_problem(problem: Problem, few: FewNames) -> NameProblem:
    """The problem of few names.

    Parameters
    ----------
    problem : Problem
    few : FewNames
    """
    return NameProblem(problem, few.most(problem.size), few.min_weight)


def first_choice(names: NameProblem) -> Choice:
    """What is decided before the search: funds with a least weight of their own are in, those that cannot hold x out.

    Parameters
    ----------
    names : NameProblem
    """
    mandate = names.problem.mandate
    choice = np.full(names.problem.size, UNDECIDED, dtype=np.int8)
    choice[(mandate.upper <= 0.0) | (mandate.upper < names.least)] = OUT
    choice[mandate.lower > 0.0] = IN
    return closed(names, choice)


def decided(names: NameProblem, choice: Choice, funds: NDArray[np.intp], verdict: Verdict) -> Choice:
    """A choice with some more funds decided.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    funds : ndarray of int
    verdict : {OUT, IN}
    """
    further = choice.copy()
    further[funds] = verdict
    return closed(names, further)


def heaviest_names(names: NameProblem, w: Floats) -> Choice:
    """The choice of the K heaviest funds of a portfolio.

    Parameters
    ----------
    names : NameProblem
    w : ndarray, shape (n,)
    """
    choice = first_choice(names)
    open_to_choice = np.flatnonzero((choice == UNDECIDED) & (w > 0.0))
    left = names.most - int((choice == IN).sum())
    heaviest = open_to_choice[np.argsort(-w[open_to_choice], kind="stable")][:left]
    choice[choice == UNDECIDED] = OUT
    choice[heaviest] = IN
    return choice


def closed(names: NameProblem, choice: Choice) -> Choice:
    """With K funds in, all others are out.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    """
    if int((choice == IN).sum()) >= names.most:
        choice[choice == UNDECIDED] = OUT
    return choice


def relaxation(names: NameProblem, choice: Choice) -> Problem:
    """The convex problem of a node.

    Parameters
    ----------
    names : NameProblem
    choice : ndarray, shape (n,)
    """
    problem, mandate = names.problem, names.problem.mandate
    inside, outside, undecided = choice == IN, choice == OUT, choice == UNDECIDED
    lower = np.where(inside, np.maximum(mandate.lower, names.least), mandate.lower)
    upper = np.where(outside, 0.0, mandate.upper)
    least_label = Label(MIN_WEIGHT, WEIGHT)
    lowered = inside & (mandate.lower < names.least)
    narrowed = replace(
        mandate,
        lower=lower,
        upper=upper,
        lower_labels=tuple(
            least_label if raised else label for raised, label in zip(lowered, mandate.lower_labels, strict=True)
        ),
        # A fund that is out is at no clause's limit.
        upper_labels=tuple(None if out else label for out, label in zip(outside, mandate.upper_labels, strict=True)),
    )
    left = names.most - int(inside.sum())
    if int(undecided.sum()) > left:
        share = np.where(undecided, 1.0 / np.minimum(np.where(undecided, upper, 1.0), 1.0), 0.0)
        if inside.any() or float(share.max()) > left:
            narrowed = narrowed.with_row(share, -np.inf, float(left), Label(MAX_HOLDINGS, FUNDS))
    return replace(problem, mandate=narrowed)
