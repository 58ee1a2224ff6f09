"""What the estimate of a day says of holdings: risk against target, clauses broken, funds that left."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aggplus.question import Question
from aggplus.targeting import todays_target
from aggplus.walks.standing import Reading
from optimizer import Correlation, RiskTarget, tracking_measure
from optimizer.scheduling import Departure, breaches


def reading_of(question: Question, held: Mapping[str, float], scaled_by: Correlation | None) -> Reading:
    """Read holdings by the question that their model asks on a day.

    Funds that may not be held any more have no place in the estimate: their weight counts as cash.

    Parameters
    ----------
    question : Question
    held : mapping of ticker to weight
        Fractions, drifted to the day.
    scaled_by : Correlation or None
        For risk scaling without a year of its own record: the correlation that the last solve was scaled by.
    """
    risk_model = question.risk_model
    w = np.array([held.get(ticker, 0.0) for ticker in risk_model.tickers])
    target = todays_target(question.model.target, risk_model, question.realised or scaled_by)
    excluded = question.palette.excluded["reason"]
    eligible = set(risk_model.tickers)
    return Reading(
        sigma_b=risk_model.sigma_b,
        risk=_figure(question, target, w),
        target=target,
        breaches=breaches(question.mandate, w),
        left=tuple(
            Departure(ticker, str(excluded.get(ticker, "no place in the estimate")))
            for ticker in held
            if ticker not in eligible
        ),
    )


def _figure(question: Question, target: RiskTarget, w: np.ndarray) -> float:
    model = question.risk_model
    if target.kind == "beta":
        return float(model.beta @ w)
    if target.kind == "tracking_error":
        return tracking_measure(model).value(w)
    return model.form.volatility(w)
