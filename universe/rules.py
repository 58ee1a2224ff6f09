"""The universe part of a model: what a client's funds must be like."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from universe.sectors import resolve_sectors


def _array(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


# Types are strict, but an array of a TOML or JSON document arrives as a list.
_Words = Annotated[tuple[str, ...], BeforeValidator(_array)]
_SomeWords = Annotated[tuple[str, ...], BeforeValidator(_array), Field(min_length=1)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Unknown = Literal["exclude", "pass"]


class UniverseRules(BaseModel):
    """Which funds of a catalog a model may hold: `[universe]`.

    Foreign-currency, preferred, municipal, leveraged and option-selling funds stay out unless asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sectors: _SomeWords = Field(("core",), description='Sectors; "core" stands for those of the US Aggregate.')
    currency: _SomeWords | str = Field("USD", description="Accepted labels of currency exposure, one or several.")
    tax_status: _SomeWords | None = Field(
        None, description='Accepted labels of tax status; else taxable, and muni when "municipal" is a sector.'
    )
    leveraged: bool = Field(False, description="Whether leveraged and inverse funds may pass.")
    option_selling: bool = Field(False, description="Whether funds with an options overlay may pass.")
    min_aum_mm: _Amount | None = Field(None, description="Least assets, USD millions.")
    unknown_aum: _Unknown = Field("exclude", description="What happens to funds of unknown AUM when it is screened.")
    min_adv_mm: _Amount | None = Field(None, description="Least average daily dollar volume, USD millions.")
    unknown_adv: _Unknown = Field("exclude", description="What happens to funds of unknown ADV when it is screened.")
    min_history_days: Annotated[int, Field(ge=2)] = Field(252, description="Least number of days with a close.")
    max_stale_days: Annotated[int, Field(ge=0)] = Field(
        0,
        description="Most sessions since the last close; 0: a close on the day. "
        "The risk model's window has to be complete whatever is allowed here.",
    )
    max_unchanged_share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Largest share of closes over min_history_days that repeat the close before."
    )
    include: _Words = Field(
        (), description="Tickers that pass whatever the catalog says; their prices are still screened."
    )
    exclude: _Words = Field((), description="Tickers that stay out.")

    @field_validator("sectors")
    @classmethod
    def _in_the_taxonomy(cls, sectors: tuple[str, ...]) -> tuple[str, ...]:
        resolve_sectors(sectors)
        return sectors

    @model_validator(mode="after")
    def _include_or_exclude(self) -> UniverseRules:
        both = sorted(set(self.include) & set(self.exclude))
        if both:
            raise ValueError(f"{both[0]!r} is in both include and exclude; remove it from one")
        return self

    @property
    def accepted_sectors(self) -> tuple[str, ...]:
        """Sector keys with "core" expanded, in taxonomy order."""
        return resolve_sectors(self.sectors)

    @property
    def accepted_currencies(self) -> tuple[str, ...]:
        """Labels of currency exposure that pass."""
        return (self.currency,) if isinstance(self.currency, str) else self.currency

    @property
    def accepted_tax_status(self) -> tuple[str, ...]:
        """Labels of tax status that pass."""
        if self.tax_status is not None:
            return self.tax_status
        return ("taxable", "muni") if "municipal" in self.sectors else ("taxable",)
