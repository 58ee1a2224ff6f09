"""The risk-model and expected-return sections of a model document."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from riskmodels.returns import LEAST_DAYS

CovarianceName = Literal[
    "ledoit_wolf",
    "oas",
    "constant_correlation",
    "nonlinear",
    "exponential",
    "principal_factors",
    "combined",
    "ledoit_wolf_raw",
    "oas_raw",
    "sample",
]
ExpectedReturnName = Literal["trailing", "exponential", "sector_shrunk", "risk_adjusted", "carry"]

WEEK = 5
"""Trading days."""

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _array(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_HalfLife = Annotated[float, Field(ge=2, le=2520)]
_Window = Annotated[int, Field(ge=5, le=2520)]


class RiskModelRules(BaseModel):
    """How risk is estimated: `[risk_model]`."""

    model_config = _FROZEN

    estimator: CovarianceName = Field(
        "exponential",
        description="Shrinkage on correlations (ledoit_wolf, oas, constant_correlation, nonlinear), exponential "
        "weights with shrinkage (exponential), a few factors (principal_factors), experts weighted by recent forecasts "
        "(combined), shrinkage on raw returns (ledoit_wolf_raw, oas_raw), or none (sample), to compare with.",
    )
    window_days: int = Field(252, ge=20, le=2520, description="Daily returns used, the last ones before the date.")
    lags: Annotated[int, Field(ge=0, le=21)] | None = Field(
        None,
        description="Newey-West, in the place of horizon_days: days by which a price may be late; 0 takes daily "
        "returns as they are.",
    )
    horizon_days: Annotated[int, Field(ge=1, le=21)] | None = Field(
        None, description="Overlapping returns over so many days; 1 is daily. A week, 5, unless lags are given."
    )
    lag_volatility: Literal["lagged", "larger"] = Field(
        "larger",
        description="With lags or horizon_days: larger, the larger of lag-aware and daily volatility, fund by fund; "
        "lagged, the lag-aware one.",
    )
    volatility_half_life_days: _HalfLife | None = Field(None, description="Of exponential; 21 unless given.")
    correlation_half_life_days: _HalfLife | None = Field(None, description="Of exponential; 126 unless given.")
    factors: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="Of principal_factors, as many as stand out of the noise unless given; of combined, 20."
    )
    short_histories: Literal["exclude", "infer"] = Field(
        "exclude",
        description="exclude: a fund needs the whole window; infer: one with less is estimated from the funds that "
        f"have it, from {LEAST_DAYS} returns on, {LEAST_DAYS} overlapping ones with horizon_days. min_history_days "
        "decides in both cases.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.lags is not None and (self.horizon_days or 1) > 1:
            raise ValueError("lags and horizon_days answer the same question; remove one")
        if self.estimator != "exponential":
            for key in ("volatility_half_life_days", "correlation_half_life_days"):
                if getattr(self, key) is not None:
                    raise ValueError(f'{key} belongs to estimator = "exponential"; remove it')
        if self.factors is not None and self.estimator not in ("principal_factors", "combined"):
            raise ValueError('factors belongs to estimator = "principal_factors" or "combined"; remove it')
        return self

    @property
    def horizon(self) -> int:
        """Days of the overlapping returns; 1 where daily ones are taken, with lags or without."""
        if self.horizon_days is not None:
            return self.horizon_days
        return WEEK if self.lags is None else 1

    @property
    def required_days(self) -> int:
        """Daily returns that a fund must have, the last ones before the date."""
        return self.window_days if self.short_histories == "exclude" else LEAST_DAYS + self.horizon - 1


class ExpectedReturnRules(BaseModel):
    """How expected returns are estimated: `[expected_return]`."""

    model_config = _FROZEN

    estimator: ExpectedReturnName = Field(
        "trailing",
        description="trailing: total return over the window; exponential: mean return, recent days counting more; "
        "sector_shrunk: trailing, shrunk towards the sector's mean; risk_adjusted: trailing less a charge for "
        "variance; carry: the yield.",
    )
    window_days: int = Field(126, ge=20, le=2520, description="Daily returns used, the last ones before the date.")
    windows: Annotated[tuple[_Window, ...], BeforeValidator(_array), Field(min_length=1)] | None = Field(
        None, description="Of trailing, in the place of window_days: the mean over several windows."
    )
    half_life_days: _HalfLife | None = Field(None, description="Of exponential; 63 unless given.")
    risk_aversion: Annotated[float, Field(gt=0, le=100)] | None = Field(
        None, description="Of risk_adjusted: less risk_aversion / 2 x variance, as fractions; 2 unless given."
    )
    yields: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Of carry: a CSV file with the columns ticker and yield_column, beside the document."
    )
    yield_column: str = Field("yield_percent", min_length=1, description="Of carry: the column, annual percent.")
    views: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="A CSV file with the columns ticker, annual_percent and confidence (0 to 1), beside the document: "
        "(1 - confidence) x estimate + confidence x view.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key, owner in (
            ("windows", "trailing"),
            ("half_life_days", "exponential"),
            ("risk_aversion", "risk_adjusted"),
            ("yields", "carry"),
        ):
            if getattr(self, key) is not None and self.estimator != owner:
                raise ValueError(f'{key} belongs to estimator = "{owner}"; remove it')
        if self.estimator == "carry" and self.yields is None:
            raise ValueError('estimator = "carry" needs yields, a CSV file with a column of them')
        return self

    @property
    def look_back_days(self) -> int:
        """Daily returns that a fund must have, the last ones before the date; 0 where prices are not looked at."""
        if self.estimator == "carry":
            return 0
        return max(self.windows) if self.windows else self.window_days
