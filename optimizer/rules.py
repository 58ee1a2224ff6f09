"""The objective and cost sections of a model document."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from optimizer.problem import Goal

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ObjectiveRules(BaseModel):
    """What is made as large as possible: `[objective]`."""

    model_config = _FROZEN

    goal: Goal = Field("expected_return", description="expected_return, min_volatility or utility.")
    ridge: float = Field(0.0, ge=0.0, description="Percent a year taken off per unit of squared weight, halved.")
    risk_aversion: float | None = Field(
        None, gt=0.0, description="For utility: expected return - risk_aversion / 2 x variance, all as fractions."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.goal == "utility") != (self.risk_aversion is not None):
            raise ValueError('risk_aversion belongs to goal = "utility", and utility needs it')
        return self


class CostRules(BaseModel):
    """What trading and advice cost: `[costs]`."""

    model_config = _FROZEN

    half_spread_bp: float = Field(2.0, ge=0.0, le=1000.0, description="Cost of buying or selling, bp of the value.")
    advisory_fee_bp: float = Field(0.0, ge=0.0, le=1000.0, description="Fee of the adviser, bp a year.")
    horizon_days: int = Field(63, ge=1, le=2520, description="Trading days over which the cost of a trade is spread.")
