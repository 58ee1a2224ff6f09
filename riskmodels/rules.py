"""The risk-model and expected-return sections of a model document."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sklearn.base import BaseEstimator
from sklearn.covariance import OAS, LedoitWolf

from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
from riskmodels.expected_returns import TrailingReturn

CovarianceName = Literal["ledoit_wolf", "oas", "ledoit_wolf_raw", "oas_raw"]
ExpectedReturnName = Literal["trailing"]

_LEDOIT_WOLF = LedoitWolf(assume_centered=True, store_precision=False)
_OAS = OAS(assume_centered=True, store_precision=False)

COVARIANCES: Mapping[str, BaseEstimator] = MappingProxyType(
    {
        "ledoit_wolf": ShrunkCorrelation(_LEDOIT_WOLF),
        "oas": ShrunkCorrelation(_OAS),
        "ledoit_wolf_raw": ShrunkCovariance(_LEDOIT_WOLF),
        "oas_raw": ShrunkCovariance(_OAS),
    }
)
"""Unfitted estimators by the name a model document uses; clone before fitting."""

EXPECTED_RETURNS: Mapping[str, BaseEstimator] = MappingProxyType({"trailing": TrailingReturn()})
"""Unfitted estimators by the name a model document uses; clone before fitting."""


class RiskModelRules(BaseModel):
    """How risk is estimated: `[risk_model]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    estimator: CovarianceName = Field(
        "ledoit_wolf",
        description="Shrinkage on correlations (ledoit_wolf, oas) or on raw returns (ledoit_wolf_raw, oas_raw).",
    )
    window_days: int = Field(126, ge=20, le=2520, description="Daily returns used, the last ones before the date.")


class ExpectedReturnRules(BaseModel):
    """How expected returns are estimated: `[expected_return]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    estimator: ExpectedReturnName = Field("trailing", description="trailing: total return over the window.")
    window_days: int = Field(126, ge=20, le=2520, description="Daily returns used, the last ones before the date.")
