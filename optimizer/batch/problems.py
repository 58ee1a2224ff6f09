"""Many problems: those that share a risk model and rows are solved as families, the others one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from constraints import unreachable
from optimizer.batch.family import Family, FamilyAnswer
from optimizer.batch.solving import solve_families
from optimizer.parametric.columns import known_columns
from optimizer.polishing import polish_and_certify
from optimizer.problem import Claim, Multipliers, Problem
from optimizer.shadow_prices import shadow_prices
from optimizer.solving import Outcome, Solved, solve_problem
from riskmodels.factor_form import Floats

_PARAMETRIC = "parametric"


def solve_problems(problems: Sequence[Problem], workers: int = 1) -> list[Outcome]:
    """Solve many problems; each outcome is that of `solve_problem`, to the last bit.

    Parameters
    ----------
    problems : sequence of Problem
        Those with the same objects as risk measure and expected returns share one covariance.
    workers : int
        Threads.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    alone: list[int] = []
    for number, problem in enumerate(problems):
        if _plain(problem):
            groups[_shared(problem)].append(number)
        else:
            alone.append(number)
    families = _families(problems, list(groups.values()))
    outcomes: dict[int, Outcome] = {}
    for members, answer in zip(groups.values(), solve_families(families, workers), strict=True):
        for v, number in enumerate(members):
            solved = _solved(problems[number], answer, v)
            if solved is None:
                alone.append(number)
            else:
                outcomes[number] = solved
    with ThreadPoolExecutor(max_workers=workers) as threads:
        outcomes.update(zip(alone, threads.map(lambda number: solve_problem(problems[number]), alone), strict=True))
    return [outcomes[number] for number in range(len(problems))]


def _plain(problem: Problem) -> bool:
    """Whether a problem has nothing that a family has not."""
    volatility = not problem.risk.factor_target.any() and not problem.risk.specific_target.any()
    smooth = problem.ridge == 0.0 and not problem.kink.any() and problem.mandate.turnover is None
    plain = problem.goal == "expected_return" and smooth and volatility and problem.risk.unhedgeable == 0.0
    return plain and not unreachable(problem.mandate)


def _shared(problem: Problem) -> Hashable:
    """The same for problems of one family."""
    return id(problem.risk.form), problem.tickers, problem.mu.tobytes(), problem.mandate.A.tobytes()


def _families(problems: Sequence[Problem], groups: Sequence[Sequence[int]]) -> list[Family]:
    sigmas: dict[int, Floats] = {}
    families = []
    for group in groups:
        members = [problems[number] for number in group]
        form = members[0].risk.form
        if id(form) not in sigmas:
            sigmas[id(form)] = known_columns(form).value
        families.append(
            Family(
                tickers=members[0].tickers,
                mu=members[0].mu,
                sigma=sigmas[id(form)],
                A=members[0].mandate.A,
                lower=np.array([member.mandate.lower for member in members]),
                upper=np.array([member.mandate.upper for member in members]),
                row_lower=np.array([member.mandate.row_lower for member in members]),
                row_upper=np.array([member.mandate.row_upper for member in members]),
                caps=np.array([np.inf if member.cap is None else member.cap for member in members]),
            )
        )
    return families


def _solved(problem: Problem, answer: FamilyAnswer, v: int) -> Solved | None:
    """The outcome of a variant that was certified, looked at once more by the certificate of single problems."""
    if not answer.solved[v]:
        return None
    claim, certificate = polish_and_certify(
        problem, Claim(answer.w[v], Multipliers(answer.rows[v], float(answer.theta[v]), 0.0))
    )
    if not certificate.ok:
        return None
    return Solved(claim.w, certificate, shadow_prices(problem, claim), _PARAMETRIC, ())
