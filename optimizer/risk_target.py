"""The rule that turns the benchmark's risk today into this portfolio's target.

| algorithm             | today's target                                     | constraint                    |
|-----------------------|----------------------------------------------------|-------------------------------|
| `dynamic_risk`        | sigma* = multiple x sigma_b                        | volatility(w) <= sigma*       |
| `risk_scaling`        | sigma* = sigma_b x beta* / rho, rho in [rho_min, 1] | volatility(w) <= sigma*      |
| `dynamic_beta`        | beta*                                              | beta'w <= beta*               |
| `constant_volatility` | a fixed number                                     | volatility(w) <= it           |
| `tracking_error`      | a fixed number                                     | volatility(w - b) <= it       |
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field

from constraints import BETA, SOFT, VOLATILITY, Priority, Unit
from optimizer.errors import OptimizerError

Match = Literal["at_most", "equal"]
Kind = Literal["volatility", "beta", "tracking_error"]

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
_PERCENT = 100.0


class _TargetRule(BaseModel):
    model_config = _FROZEN

    match: Match = Field("at_most", description="at_most, or equal to meet the target exactly.")
    priority: Priority | None = Field(None, description=SOFT)


class DynamicRisk(_TargetRule):
    """A multiple of the benchmark's volatility today."""

    algorithm: Literal["dynamic_risk"]
    multiple: float = Field(1.0, gt=0.0, le=10.0, description="Of the benchmark's volatility.")


class RiskScaling(_TargetRule):
    """The volatility at which the correlation so far would bring a beta of `beta`."""

    algorithm: Literal["risk_scaling"]
    beta: float = Field(1.0, gt=0.0, le=10.0, description="Long-run beta aimed at.")
    rho_min: float = Field(0.5, gt=0.0, le=1.0, description="Least correlation that the scaling believes.")


class DynamicBeta(_TargetRule):
    """A beta to the benchmark."""

    algorithm: Literal["dynamic_beta"]
    beta: float = Field(1.0, ge=-10.0, le=10.0, description="Beta to the benchmark.")


class ConstantVolatility(_TargetRule):
    """A fixed volatility."""

    algorithm: Literal["constant_volatility"]
    value: float = Field(ge=0.0, le=1.0, description="Volatility a year as a fraction: 0.05 is 5 %.")


class TrackingError(_TargetRule):
    """A fixed tracking error against the benchmark."""

    algorithm: Literal["tracking_error"]
    value: float = Field(ge=0.0, le=1.0, description="Tracking error a year as a fraction: 0.02 is 2 %.")


TargetRule = Annotated[
    DynamicRisk | RiskScaling | DynamicBeta | ConstantVolatility | TrackingError, Field(discriminator="algorithm")
]


@dataclass(frozen=True)
class Correlation:
    """A portfolio's correlation to the benchmark, and where the figure comes from."""

    value: float
    source: str


@dataclass(frozen=True)
class RiskTarget:
    """A number for today.

    Parameters
    ----------
    algorithm : str
        The rule it comes from.
    kind : {"volatility", "beta", "tracking_error"}
    value : float
        Annualised percent, or a beta.
    match : {"at_most", "equal"}
    basis : str
        How the number came about, in words.
    """

    algorithm: str
    kind: Kind
    value: float
    match: Match
    basis: str

    @property
    def unit(self) -> Unit:
        """The unit in which it reads."""
        return BETA if self.kind == "beta" else VOLATILITY


def scaled_target(rule: RiskScaling, sigma_b: float, correlation: Correlation) -> RiskTarget:
    """sigma* = sigma_b x beta* / rho, with rho kept within [rho_min, 1].

    Parameters
    ----------
    rule : RiskScaling
    sigma_b : float
        Annualised percent.
    correlation : Correlation
        rho before it is kept within its range.

    Raises
    ------
    OptimizerError
        When the correlation is not a number, as that of a record that never moved.
    """
    if not math.isfinite(correlation.value):
        raise OptimizerError(
            f"the correlation to the benchmark is {correlation.value} ({correlation.source}): "
            f"{rule.algorithm} expects a number from -1 to 1"
        )
    rho = min(1.0, max(rule.rho_min, correlation.value))
    kept = "" if rho == correlation.value else f" kept at {rho:.2f}"
    return RiskTarget(
        rule.algorithm,
        "volatility",
        sigma_b * rule.beta / rho,
        rule.match,
        f"benchmark volatility {sigma_b:.2f} % x beta {rule.beta:g} / correlation {correlation.value:.2f}{kept} "
        f"({correlation.source})",
    )


def plain_target(rule: DynamicRisk | DynamicBeta | ConstantVolatility | TrackingError, sigma_b: float) -> RiskTarget:
    """Today's target by any rule that needs nothing but the benchmark's volatility.

    Parameters
    ----------
    rule : target rule
    sigma_b : float
        Annualised percent.
    """
    match rule:
        case DynamicRisk():
            words = f"{rule.multiple:g} x benchmark volatility {sigma_b:.2f} %"
            return RiskTarget(rule.algorithm, "volatility", rule.multiple * sigma_b, rule.match, words)
        case DynamicBeta():
            return RiskTarget(rule.algorithm, "beta", rule.beta, rule.match, "fixed by the model")
        case ConstantVolatility():
            return RiskTarget(rule.algorithm, "volatility", _PERCENT * rule.value, rule.match, "fixed by the model")
        case TrackingError():
            value = _PERCENT * rule.value
            return RiskTarget(rule.algorithm, "tracking_error", value, rule.match, "fixed by the model")
        case _:
            assert_never(rule)
