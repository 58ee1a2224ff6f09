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
    """Which funds of a catalog a model may hold; the ``[universe]`` table of a model document.

    Foreign-currency, preferred, municipal, leveraged and option-selling funds stay out unless asked for.

    Attributes
    ----------
    sectors
        Sector keys; "core" stands for the sectors of the US Aggregate.
    currency
        Accepted labels of currency exposure, one or several.
    tax_status
        Accepted labels of tax status; None: "taxable", and "muni" when "municipal" is among the sectors.
    leveraged
        Whether leveraged and inverse funds may pass.
    option_selling
        Whether funds with an options overlay may pass.
    min_aum_mm, min_adv_mm
        Least assets and least average daily dollar volume, USD millions; None: not screened.
    unknown_aum, unknown_adv
        What happens to a fund whose figure is unknown while it is screened.
    min_history_days
        Least number of days with a close, up to the as-of date.
    max_stale_days
        Most sessions since the fund's last close; 0 demands a close on the day itself. The risk model's window has
        to be complete whatever is allowed here.
    max_unchanged_share
        Largest share, in (0, 1], of closes within the last `min_history_days` sessions that repeat the close before;
        None: not screened.
    include
        Tickers that pass whatever the catalog says of them; their prices are still screened.
    exclude
        Tickers that stay out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sectors: _SomeWords = ("core",)
    currency: _SomeWords | str = "USD"
    tax_status: _SomeWords | None = None
    leveraged: bool = False
    option_selling: bool = False
    min_aum_mm: _Amount | None = None
    unknown_aum: _Unknown = "exclude"
    min_adv_mm: _Amount | None = None
    unknown_adv: _Unknown = "exclude"
    min_history_days: Annotated[int, Field(ge=2)] = 252
    max_stale_days: Annotated[int, Field(ge=0)] = 0
    max_unchanged_share: Annotated[float, Field(gt=0, le=1)] | None = None
    include: _Words = ()
    exclude: _Words = ()

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
