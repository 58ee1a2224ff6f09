"""Many models on many days: what they share is estimated once, and their convex problems are solved together.

Models of a day share the screens where their universes are the same, and the risk model where their funds and
estimators are; problems over one risk model are solved as families (`optimizer.batch`). Each portfolio is the one that
`solve` builds alone, whatever is in the batch beside it and however many workers there are.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
from joblib import Parallel, delayed

from aggplus.answer import Settle, demands_equality, portfolio_of, settled
from aggplus.desk import estimated, known_on
from aggplus.errors import BAD_INPUT
from aggplus.holdings import checked_holdings, require_known_tickers
from aggplus.model import Model
from aggplus.model_portfolios import ModelPortfolios, Refusal
from aggplus.one_thread import one_thread
from aggplus.palette import Palette, screened
from aggplus.portfolio import ModelPortfolio
from aggplus.question import Question, pose
from aggplus.targeting import ex_ante_correlation, todays_target, unscaled_target
from optimizer import AUTO, Outcome, Problem, RiskTarget, solve_at_exact_risk, solve_problem
from optimizer.batch import solve_problems
from riskmodels import Outlook, RiskModel, outlook_for
from universe import Market, close_on

_Made = TypeVar("_Made")

Day = str | dt.date | pd.Timestamp


def solve_many(
    models: Sequence[Model], market: Market, dates: Sequence[Day] | None = None, workers: int = 1
) -> ModelPortfolios:
    """Build the model portfolios of several models on several days.

    Parameters
    ----------
    models : sequence of Model
    market : Market
    dates : sequence of date, optional
        By default the market's last close.
    workers : int
        Processes, among which the days are shared out; for a single day, threads.

    Returns
    -------
    ModelPortfolios
        By day, then in the order of the models. A model that cannot be asked on a day is a refusal with its reason,
        and the others are solved.
    """
    days: Sequence[Day | None] = [None] if dates is None else dates
    threads = workers if len(days) == 1 else 1
    processes = min(workers, max(1, len(days)))
    requests = [Request(model) for model in models]
    solved = Parallel(n_jobs=processes)(delayed(solve_day)(requests, market, day, threads) for day in days)
    results = [result for of_day in solved for result in of_day]
    return ModelPortfolios(
        portfolios=tuple(result for result in results if isinstance(result, ModelPortfolio)),
        refusals=tuple(result for result in results if isinstance(result, Refusal)),
    )


@dataclass(frozen=True, eq=False)
class Request:
    """A model to be solved, and what its account has been doing.

    Parameters
    ----------
    model : Model
    holdings : mapping of ticker to weight, or None
        Fractions; what is missing to 1 is cash.
    record : Series or None
        The model's own daily net returns so far, as fractions by date.
    """

    model: Model
    holdings: Mapping[str, float] | None = None
    record: pd.Series | None = None


def solve_day(
    requests: Sequence[Request], market: Market, asof: Day | None, threads: int = 1
) -> list[ModelPortfolio | Refusal]:
    """Solve several requests on one day.

    Parameters
    ----------
    requests : sequence of Request
    market : Market
    asof : date or None
        None stands for the market's last close.
    threads : int
        Of the solver.

    Returns
    -------
    list of ModelPortfolio or Refusal
        In the order of the requests.
    """
    with one_thread():
        started = time.perf_counter()
        asked = questions_of(requests, market, asof)
        questions = [question for question in asked if isinstance(question, Question)]
        targets = _targets(questions, threads)
        problems = [question.problem_at(target) for question, target in zip(questions, targets, strict=True)]
        outcomes = solve_problems(problems, threads)
        settlements = [
            _settle(target, problem, outcome)(question, problem)
            for question, target, problem, outcome in zip(questions, targets, problems, outcomes, strict=True)
        ]
        each = (time.perf_counter() - started) / max(1, len(requests))
        portfolios = iter(
            portfolio_of(question, target, settlement, (), each)
            for question, target, settlement in zip(questions, targets, settlements, strict=True)
        )
        return [question if isinstance(question, Refusal) else next(portfolios) for question in asked]


def questions_of(requests: Sequence[Request], market: Market, asof: Day | None) -> list[Question | Refusal]:
    """What each request asks; those with the same rules share screens, and risk models.

    Parameters
    ----------
    requests : sequence of Request
    market : Market
    asof : date or None
        None stands for the market's last close.
    """
    markets: dict[Hashable, Market] = {}
    outlooks: dict[Hashable, Outlook] = {}
    screens: dict[Hashable, Palette] = {}
    risk_models: dict[Hashable, RiskModel] = {}

    def ask(request: Request) -> Question:
        model, held = request.model, checked_holdings(request.holdings)
        day = close_on(market, asof)
        known = _once(markets, model.benchmark, lambda: known_on(market, day, model.benchmark))
        require_known_tickers(model, market, held)
        returns = model.expected_return.model_dump_json()
        outlook = _once(outlooks, returns, lambda: outlook_for(model.expected_return, known.catalog["sector"]))
        universe, windows = model.universe, (model.window_days, model.risk_model.window_days)

        def estimate(palette: Palette) -> RiskModel:
            rules = (model.benchmark, model.risk_model.model_dump_json(), returns)
            key = (*rules, *palette.catalog.index)
            return _once(risk_models, key, lambda: estimated(known, palette, model, outlook))

        key = (model.benchmark, universe.model_dump_json(), *windows)
        wide = _once(screens, key, lambda: screened(known, day, universe, *windows))
        return pose(model, known, day, wide, outlook, estimate, held, request.record)

    return [_asked(ask, request, asof) for request in requests]


def _once(made: dict[Hashable, _Made], key: Hashable, make: Callable[[], _Made]) -> _Made:
    """What was made under a key, made now when it is the first time."""
    if key not in made:
        made[key] = make()
    return made[key]


def _asked(ask: Callable[[Request], Question], request: Request, asof: Day | None) -> Question | Refusal:
    try:
        return ask(request)
    except BAD_INPUT as error:
        return Refusal(request.model.id, "last close" if asof is None else str(asof), str(error))


def _targets(questions: Sequence[Question], threads: int) -> list[RiskTarget]:
    """Today's targets; the portfolios that risk scaling reads correlations of are solved together, too."""
    unscaled = [unscaled_target(q.model.target, q.risk_model, q.realised) for q in questions]
    problems = {i: questions[i].problem_at(target) for i, target in enumerate(unscaled) if target is not None}
    outcomes = dict(zip(problems, solve_problems(list(problems.values()), threads), strict=True))
    targets = []
    for i, question in enumerate(questions):
        correlation, target = question.realised, unscaled[i]
        if target is not None:
            settlement = _settle(target, problems[i], outcomes[i])(question, problems[i])
            correlation = ex_ante_correlation(question.risk_model, settlement.outcome)
        targets.append(todays_target(question.model.target, question.risk_model, correlation))
    return targets


def _settle(target: RiskTarget, problem: Problem, outcome: Outcome) -> Settle:
    """A way to settle a question whose problem has been solved already."""

    def solve(other: Problem) -> Outcome:
        exactly = demands_equality(target)
        if other is problem and not exactly:
            return outcome
        return solve_at_exact_risk(other) if exactly else solve_problem(other)

    return settled(solve, AUTO)
