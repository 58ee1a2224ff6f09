"""From a question to its answer: the target, what solving came to, and the result as the client sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.model import Model
from aggplus.portfolio import ModelPortfolio, Setting
from aggplus.question import Question
from aggplus.soft_clauses import ranks_of, remarks_on, target_after
from aggplus.targeting import ex_ante_correlation, todays_target, unscaled_target
from constraints import Clause
from optimizer import (
    Infeasible,
    Problem,
    RiskTarget,
    SearchLimits,
    Settlement,
    Solve,
    Solved,
    solve_by_priority,
    solve_few_names,
)
from riskmodels import RiskModel

NEGLIGIBLE_WEIGHT = 1e-9
"""Weights below this are rounding, not holdings; polished answers have exact zeros."""


Settle = Callable[[Question, Problem], Settlement]
"""Solves a problem of a question, its soft clauses and its number of names included."""


def settled(solve: Solve, backend: str) -> Settle:
    """A way to settle questions.

    Parameters
    ----------
    solve : callable
        For convex problems without soft clauses and limits on names.
    backend : str
    """

    def settle(question: Question, problem: Problem) -> Settlement:
        model = question.model
        solve_names = with_few_names(model, solve, backend)
        return solve_by_priority(problem, question.clauses, question.funds, ranks_of(model), solve_names)

    return settle


def plain_or_scaled(question: Question, settle: Settle) -> RiskTarget:
    """Today's target of a question; risk scaling without a record solves for a portfolio to read the correlation of.

    Parameters
    ----------
    question : Question
    settle : callable
    """
    rule, risk_model, correlation = question.model.target, question.risk_model, question.realised
    unscaled = unscaled_target(rule, risk_model, correlation)
    if unscaled is not None:
        outcome = settle(question, question.problem_at(unscaled)).outcome
        correlation = ex_ante_correlation(risk_model, outcome)
    return todays_target(rule, risk_model, correlation)


def repair_of(risk_model: RiskModel) -> tuple[str, ...]:
    """What was done to a covariance before anything was solved with it.

    Parameters
    ----------
    risk_model : RiskModel
    """
    return () if risk_model.repair is None else (risk_model.repair.sentence,)


def unmeasured(model: Model, clauses: tuple[Clause, ...]) -> tuple[str, ...]:
    """What the model asks for and its clauses cannot hold it to.

    Parameters
    ----------
    model : Model
    clauses : tuple of Clause
    """
    if model.limits.max_turnover is None or any(clause.name == "turnover" for clause in clauses):
        return ()
    return ("max_turnover is not applied: no holdings were given to measure it from",)


def demands_equality(target: RiskTarget) -> bool:
    """Whether the target takes more than the convex problem.

    Parameters
    ----------
    target : RiskTarget
    """
    # A beta to be met exactly is an equality row.
    return target.match == "equal" and target.kind != "beta"


def with_few_names(model: Model, solve: Solve, backend: str) -> Solve:
    """A way to solve, held to the model's number of funds and least weight.

    Parameters
    ----------
    model : Model
    solve : callable
        For problems without such limits.
    backend : str
    """
    limits = model.limits
    until_then = SearchLimits(limits.search_seconds, limits.search_nodes)
    return partial(solve_few_names, few=limits.few_names, limits=until_then, solve=solve, backend=backend)


def held_weights(tickers: Sequence[str], w: NDArray[np.float64]) -> pd.Series:
    """What is held, by ticker; the largest first.

    Parameters
    ----------
    tickers : sequence of str, length n
    w : ndarray, shape (n,)
        Weights of all funds.
    """
    held: list[int] = np.flatnonzero(np.abs(w) > NEGLIGIBLE_WEIGHT).tolist()
    # By weight, then by ticker, so that equal weights cannot swap places.
    order = sorted(held, key=lambda i: (-w[i], tickers[i]))
    index = pd.Index([tickers[i] for i in order], name="ticker", dtype="str")
    return pd.Series(w[order], index=index, name="weight")


def portfolio_of(
    question: Question, target: RiskTarget, settlement: Settlement, expressions: tuple[str, ...], seconds: float
) -> ModelPortfolio:
    """The result of a solve as the client sees it.

    Parameters
    ----------
    question : Question
    target : RiskTarget
        As it was set, before anything gave way.
    settlement : Settlement
    expressions : tuple of str
        Names of the clauses given from Python.
    seconds : float
        From market to result.
    """
    model, risk_model = question.model, question.risk_model
    setting = Setting(
        model=model,
        market=question.market,
        asof=question.day.date,
        catalog=question.palette.catalog,
        excluded=question.palette.excluded,
        risk_model=risk_model,
        target=target_after(target, settlement.given_up),
        clauses=settlement.clauses,
        problem=settlement.problem,
        expressions=expressions,
        warnings=(
            *question.palette.warnings,
            *repair_of(risk_model),
            *risk_model.remarks,
            *unmeasured(model, question.clauses),
            *remarks_on(settlement),
        ),
    )
    outcome = settlement.outcome
    if isinstance(outcome, Solved):
        return ModelPortfolio(
            setting=setting,
            status="solved",
            weights=held_weights(risk_model.tickers, outcome.w),
            certificate=outcome.certificate,
            shadow_prices=outcome.prices,
            backend=outcome.backend,
            fallbacks=outcome.fallbacks,
            given_up=settlement.given_up,
            findings=(),
            seconds=seconds,
        )
    return ModelPortfolio(
        setting=setting,
        status="infeasible" if isinstance(outcome, Infeasible) else "failed",
        weights=pd.Series(dtype=float, name="weight", index=pd.Index([], name="ticker", dtype="str")),
        certificate=None,
        shadow_prices=(),
        backend=None,
        fallbacks=(),
        given_up=(),
        findings=outcome.findings if isinstance(outcome, Infeasible) else outcome.words,
        seconds=seconds,
    )
