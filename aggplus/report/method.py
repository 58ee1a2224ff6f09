"""How the figures of a monthly report come about, in plain sentences."""

from __future__ import annotations

from aggplus.report.contents import MonthlyReport
from aggplus.report.numbers import day_of

GOALS = {
    "expected_return": "the most expected return net of trading costs",
    "min_volatility": "the least volatility",
    "utility": "the most expected return, net of trading costs and of a charge for risk,",
}
"""By the goal of a model."""


def method(report: MonthlyReport) -> tuple[str, ...]:
    """What a reader needs to judge the figures.

    Parameters
    ----------
    report : MonthlyReport
    """
    spreads = sorted({track.model.costs.half_spread_bp for track in report.tracks})
    fees = sorted({track.model.costs.advisory_fee_bp for track in report.tracks})
    goals = dict.fromkeys(GOALS[track.model.objective.goal] for track in report.tracks)
    return (
        f"Every figure is of a walk through history that began at the close of {day_of(report.start)}: at each close "
        "a model decides by its own rules whether to solve again, and a solve uses only prices up to that close. "
        "No client held these portfolios.",
        "A solve screens the catalog, estimates risk and expected return from past prices, and takes the portfolio "
        f"with {' or '.join(goals)} that the model's limits and its risk target allow. Each answer is certified "
        "outside the solver.",
        f"Returns are total returns at closing prices, net of a half-spread of {_bp(spreads)} on what is traded and of "
        f"an advisory fee of {_bp(fees)} a year; taxes are not in them. Benchmarks are shown without costs.",
        "Betas, correlations and alphas are of monthly returns; alpha is twelve times the intercept, with no cash "
        "return deducted. Twelve months are few: with a true correlation of 0.7 the estimate is off by 0.15 one time "
        "in three. Volatility, Sharpe ratio and drawdown are of daily returns.",
        "A shadow price is what one more unit of a limit would have added to the expected return on the day of the "
        "solve. Expected returns are estimates from the past, and so is it.",
    )


def _bp(values: list[float]) -> str:
    return " or ".join(f"{value:g}" for value in values) + " bp"
