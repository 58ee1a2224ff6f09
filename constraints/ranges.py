"""The tables of a mandate that set a least and a largest value, and how clauses rank when they clash."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator, model_validator

from universe import resolve_sectors

Names = Annotated[tuple[str, ...], Strict(False)]
"""A TOML array of strings."""

Priority = Annotated[int, Field(ge=1)]
"""Rank of a soft clause: the higher the number, the sooner it gives way."""

SOFT = "Soft: in a conflict 1 gives way last; without a priority, never."

FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
"""Of every table. TOML can write nan and inf; a limit of either would compare as no limit at all."""


def _ordered(lower: float | None, upper: float | None) -> None:
    if lower is None and upper is None:
        raise ValueError("give min, max or both")
    if lower is not None and upper is not None and lower > upper:
        raise ValueError(f"min {lower:g} is above max {upper:g}")


def known_sector(name: str) -> str:
    """The key of one sector as a client may write it.

    Parameters
    ----------
    name : str

    Raises
    ------
    ValueError
        When there is no such sector, or it stands for several.
    """
    if name == "core":
        raise ValueError('"core" stands for several sectors: use [[limits.group]] with sectors = ["core"]')
    return resolve_sectors([name])[0]


class WeightRange(BaseModel):
    """Least and largest weight, fractions of the portfolio."""

    model_config = FROZEN

    min: float | None = Field(None, ge=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")
    max: float | None = Field(None, ge=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")
    priority: Priority | None = Field(None, description=SOFT)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max)
        return self


class Group(WeightRange):
    """A named group of sectors and funds with limits on its weight: `[[limits.group]]`."""

    name: str = Field(min_length=1)
    sectors: Names = ()
    tickers: Names = ()

    @field_validator("sectors")
    @classmethod
    def _sectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return resolve_sectors(value) if value else ()

    @model_validator(mode="after")
    def _members(self) -> Self:
        if not self.sectors and not self.tickers:
            raise ValueError("a group needs sectors, tickers or both")
        return self


class ActiveRange(BaseModel):
    """How far a sector may lie below and above its weight in the benchmark, fractions of the portfolio."""

    model_config = FROZEN

    below: float | None = Field(None, ge=0.0, le=1.0)
    above: float | None = Field(None, ge=0.0, le=1.0)
    priority: Priority | None = Field(None, description=SOFT)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.below is None and self.above is None:
            raise ValueError("give below, above or both")
        return self


class FigureRange(BaseModel):
    """Limits on the mean of a catalog figure, in the figure's own unit."""

    model_config = FROZEN

    min: float | None = Field(None, ge=0.0)
    max: float | None = Field(None, ge=0.0)
    priority: Priority | None = Field(None, description=SOFT)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max)
        return self


class SignedRange(BaseModel):
    """Limits on a figure that may be negative."""

    model_config = FROZEN

    min: float | None = None
    max: float | None = None
    priority: Priority | None = Field(None, description=SOFT)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max)
        return self


class Priorities(BaseModel):
    """Priorities of the limits that are single numbers; every other limit carries its own `priority`."""

    model_config = FROZEN

    max_weight: Priority | None = Field(None, description="Of max_weight, or of the preset that stands for it.")
    max_adv_share: Priority | None = None
    max_aum_share: Priority | None = None
    max_turnover: Priority | None = None
