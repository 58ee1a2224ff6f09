"""Today's risk target of a model, with the correlation that risk scaling needs."""

from __future__ import annotations

import pandas as pd

from aggplus.track import realised_correlation
from optimizer import (
    Correlation,
    Outcome,
    RiskScaling,
    RiskTarget,
    Solved,
    TargetRule,
    plain_target,
    scaled_target,
)
from riskmodels import RiskModel

_ASSUMED = Correlation(1.0, "assumed")


def unscaled_target(rule: TargetRule, risk_model: RiskModel, realised: Correlation | None) -> RiskTarget | None:
    """The target at correlation one, whose portfolio has the ex-ante correlation; None where no rule asks for that.

    Parameters
    ----------
    rule : target rule
    risk_model : RiskModel
    realised : Correlation or None
        Of the model's own record; None where it is too short, or the rule does not ask for it.
    """
    if not isinstance(rule, RiskScaling) or realised is not None:
        return None
    return scaled_target(rule, risk_model.sigma_b, _ASSUMED)


def todays_target(rule: TargetRule, risk_model: RiskModel, correlation: Correlation | None) -> RiskTarget:
    """A number for today.

    Parameters
    ----------
    rule : target rule
    risk_model : RiskModel
    correlation : Correlation or None
        Realised or ex ante, for risk scaling; one where there is none.
    """
    if isinstance(rule, RiskScaling):
        return scaled_target(rule, risk_model.sigma_b, correlation or _ASSUMED)
    return plain_target(rule, risk_model.sigma_b)


def scaled_by(rule: TargetRule, risk_model: RiskModel, target: RiskTarget) -> Correlation | None:
    """The correlation that a target was scaled by, kept within its range; None where the rule does not scale.

    Parameters
    ----------
    rule : target rule
    risk_model : RiskModel
        Of the day of the target.
    target : RiskTarget
    """
    if not isinstance(rule, RiskScaling):
        return None
    return Correlation(risk_model.sigma_b * rule.beta / target.value, "of the last solve")


def ex_ante_correlation(risk_model: RiskModel, outcome: Outcome) -> Correlation:
    """Correlation of the portfolio that a model would hold at correlation one, where there is no record yet.

    Parameters
    ----------
    risk_model : RiskModel
    outcome : Outcome
        At the unscaled target.
    """
    if not isinstance(outcome, Solved):
        return Correlation(1.0, "assumed: no portfolio could be solved to estimate it from")
    covariance = float(risk_model.benchmark_covariance @ outcome.w)
    volatility = risk_model.form.volatility(outcome.w)
    return Correlation(
        covariance / (volatility * risk_model.sigma_b) if volatility > 0.0 else 0.0,
        "ex ante, of the portfolio at correlation 1, for want of a year of its own record",
    )


def correlation_of_record(
    rule: TargetRule, record: pd.Series | None, benchmark_prices: pd.Series
) -> Correlation | None:
    """The realised correlation where the rule scales by it and the record is long enough.

    Parameters
    ----------
    rule : target rule
    record : Series or None
        The model's own daily net returns so far, as fractions by date.
    benchmark_prices : Series
        Up to the day.

    Raises
    ------
    MandateError
        When the record cannot be used.
    """
    if record is None or not isinstance(rule, RiskScaling):
        return None
    return realised_correlation(record, benchmark_prices)
