"""The objective and cost sections of a model document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from riskmodels.factor_form import Floats
from riskmodels.returns import TRADING_DAYS
from universe import SECTORS
from universe.wording import did_you_mean

Goal = Literal["expected_return", "min_volatility", "utility"]

_BasisPoints = Annotated[float, Field(ge=0.0, le=1000.0)]

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

    half_spread_bp: _BasisPoints = Field(2.0, description="Cost of buying or selling, bp of the value.")
    half_spread_by_sector_bp: dict[str, _BasisPoints] = Field(
        default_factory=dict, description="In the place of half_spread_bp, for the funds of a sector."
    )
    half_spread_by_fund_bp: dict[str, _BasisPoints] = Field(
        default_factory=dict, description="In the place of both, for a fund by its ticker."
    )
    advisory_fee_bp: float = Field(0.0, ge=0.0, le=1000.0, description="Fee of the adviser, bp a year.")
    horizon_days: int = Field(63, ge=1, le=2520, description="Trading days over which the cost of a trade is spread.")

    @field_validator("half_spread_by_sector_bp")
    @classmethod
    def _in_the_taxonomy(cls, by_sector: dict[str, float]) -> dict[str, float]:
        unknown = [sector for sector in by_sector if sector not in SECTORS]
        if unknown:
            hint = did_you_mean(unknown[0], list(SECTORS))
            raise ValueError(f"{unknown[0]!r} is no sector of the taxonomy{hint}")
        return by_sector

    def half_spreads(self, tickers: Sequence[str], sectors: Sequence[str]) -> Floats:
        """Half-spread of each fund, bp of the value traded, shape (n,).

        Parameters
        ----------
        tickers, sectors : sequence of str, length n
        """
        by_sector = [self.half_spread_by_sector_bp.get(sector, self.half_spread_bp) for sector in sectors]
        by_fund = self.half_spread_by_fund_bp
        return np.array([by_fund.get(t, spread) for t, spread in zip(tickers, by_sector, strict=True)], dtype=float)

    def a_year(self, half_spreads: Floats) -> Floats:
        """Cost of trading when a trade is made every `horizon_days`, annualised percent per unit of weight, shape (n,).

        Parameters
        ----------
        half_spreads : ndarray, shape (n,)
            Basis points.
        """
        return half_spreads / 100.0 * TRADING_DAYS / self.horizon_days
