"""The rebalancing section of a model document."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

Period = Literal["month_end", "quarter_end", "year_end"]


class ExpectedGain(BaseModel):
    """A solve is looked at on every day on which nothing else fires, and traded only where it pays for itself."""

    model_config = _FROZEN

    horizon_days: int = Field(ge=1, le=2520, description="Trading days over which the gain is counted.")
    factor: float = Field(gt=0.0, le=1000.0, description="The gain is at least so many times the cost of the trade.")


class Triggers(BaseModel):
    """What calls for a new solve: `[rebalance.triggers]`. `false` turns off one that the extended document has."""

    model_config = _FROZEN

    volatility_change: float | None = Field(None, gt=0.0, description="|sigma_b now / at the last solve - 1|.")
    benchmark_move: float | None = Field(None, gt=0.0, description="|benchmark return since the last solve|.")
    max_days: int | None = Field(None, ge=1, description="Trading days since the last solve.")
    calendar: Period | None = Field(None, description="Last session of the period on the New York Stock Exchange.")
    every_days: int | None = Field(
        None, ge=1, le=2520, description="Every n-th session of the exchange, whenever the last solve was."
    )
    weight_drift: float | None = Field(
        None, gt=0.0, lt=1.0, description="Half the sum of |weight now - weight last traded to|, a fraction."
    )
    risk_drift: float | None = Field(
        None,
        gt=0.0,
        description='Risk of the holdings / target - 1: above it, or either way with match = "equal".',
    )
    breached_clause: bool = Field(
        False, description="A limit that drift has broken by more than 1 % of weight, 0.1 years, 1 bp or 0.02 of beta."
    )
    left_eligibility: bool = Field(False, description="A fund held that the screens refuse today.")
    expected_gain: ExpectedGain | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_those_turned_off(cls, data: Any) -> Any:
        # TOML has no null, and a document that extends another could not be rid of a trigger without one.
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not False or key not in cls.model_fields}


class RebalanceRules(BaseModel):
    """When the portfolio is solved again: `[rebalance]`. A solve does not read it."""

    model_config = _FROZEN

    check: Literal["daily"] = Field("daily", description="How often the triggers are looked at.")
    cool_down_days: int = Field(
        0,
        ge=0,
        le=2520,
        description="No solve sooner after the last one, in trading days; a breached clause and a fund that left do "
        "not wait.",
    )
    rearm: float = Field(
        0.8,
        gt=0.0,
        le=1.0,
        description="A trigger on a state that a solve did not cure fires again only after it has fallen below this "
        "share of its threshold.",
    )
    trade_delay_days: Literal[0, 1] = Field(
        0, description="0: traded at the close of the solve; 1: at the next, as who solves after the close does."
    )
    triggers: Triggers = Field(default_factory=lambda: Triggers.model_validate({}))

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key, days in (("max_days", self.triggers.max_days), ("every_days", self.triggers.every_days)):
            if days is not None and days < self.cool_down_days:
                raise ValueError(
                    f"cool_down_days = {self.cool_down_days} would hold back triggers.{key} = {days}: expected a "
                    f"cool-down of at most {days}"
                )
        return self
