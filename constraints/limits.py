"""The limits section of a model document: the mandate as a client writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator, model_validator

from constraints.clauses import (
    TARGET_CLAUSE,
    ActiveSectorRange,
    BetaRange,
    Clause,
    FullyInvested,
    FundRange,
    GroupRange,
    LongOnly,
    Participation,
    PositionCap,
    Turnover,
    duration_range,
    expense_range,
)
from constraints.funds import FIGURE_WORDS
from universe import resolve_sectors

Names = Annotated[tuple[str, ...], Strict(False)]
"""A TOML array of strings."""

Diversification = Literal["concentrated", "diversified", "broad"]

POSITION_CAPS: Mapping[str, float] = {"concentrated": 0.25, "diversified": 0.10, "broad": 0.05}
"""What `diversification` means where `max_weight` is not given."""

# TOML can write nan and inf; a limit of either would compare as no limit at all.
_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _ordered(lower: float | None, upper: float | None) -> None:
    if lower is None and upper is None:
        raise ValueError("give min, max or both")
    if lower is not None and upper is not None and lower > upper:
        raise ValueError(f"min {lower:g} is above max {upper:g}")


def _known_sector(name: str) -> str:
    if name == "core":
        raise ValueError('"core" stands for several sectors: use [[limits.group]] with sectors = ["core"]')
    return resolve_sectors([name])[0]


class WeightRange(BaseModel):
    """Least and largest weight, fractions of the portfolio."""

    model_config = _FROZEN

    min: float | None = Field(None, ge=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")
    max: float | None = Field(None, ge=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")

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

    model_config = _FROZEN

    below: float | None = Field(None, ge=0.0, le=1.0)
    above: float | None = Field(None, ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.below is None and self.above is None:
            raise ValueError("give below, above or both")
        return self


class FigureRange(BaseModel):
    """Limits on the mean of a catalog figure, in the figure's own unit."""

    model_config = _FROZEN

    min: float | None = Field(None, ge=0.0)
    max: float | None = Field(None, ge=0.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max)
        return self


class SignedRange(BaseModel):
    """Limits on a figure that may be negative."""

    model_config = _FROZEN

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max)
        return self


class Limits(BaseModel):
    """What this client allows: `[limits]`. Every portfolio is fully invested and long only."""

    model_config = _FROZEN

    diversification: Diversification = Field(
        "concentrated", description="Preset for max_weight: concentrated 0.25, diversified 0.10, broad 0.05."
    )
    max_weight: float | None = Field(None, gt=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")
    sector: dict[str, WeightRange] = Field(default_factory=dict, description="Weight limits by sector.")
    group: Annotated[tuple[Group, ...], Strict(False)] = Field((), description="Weight limits by named group.")
    fund: dict[str, WeightRange] = Field(default_factory=dict, description="Weight limits by ticker.")
    benchmark_sectors: dict[str, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(
        default_factory=dict, description="The benchmark's weight in each sector, for `active`."
    )
    active: dict[str, ActiveRange] = Field(
        default_factory=dict, description="Limits by sector, measured from the benchmark's weight."
    )
    duration: FigureRange | None = Field(None, description="Mean effective duration, years.")
    expense_ratio_bp: FigureRange | None = Field(None, description="Mean expense ratio, basis points.")
    beta: SignedRange | None = Field(None, description="Beta to the benchmark.")
    account_size_mm: float | None = Field(None, gt=0.0, description="Size of the account, USD millions.")
    max_adv_share: float | None = Field(None, gt=0.0, description="Largest position as a share of a day's volume.")
    max_aum_share: float | None = Field(None, gt=0.0, le=1.0, description="Largest position as a share of the fund.")
    max_turnover: float | None = Field(None, ge=0.0, le=1.0, description="Largest one-way turnover from the holdings.")

    @field_validator("sector", "benchmark_sectors", "active")
    @classmethod
    def _sectors(cls, value: dict[str, object]) -> dict[str, object]:
        for name in value:
            _known_sector(name)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.max_adv_share or self.max_aum_share) and self.account_size_mm is None:
            raise ValueError("max_adv_share and max_aum_share need account_size_mm, the account's size in USD millions")
        missing = [name for name in self.active if name not in self.benchmark_sectors]
        if missing:
            raise ValueError(
                f"active limits on {', '.join(missing)} need the benchmark's weight there: add it to benchmark_sectors"
            )
        if sum(self.benchmark_sectors.values()) > 1.0 + 1e-9:
            raise ValueError(f"benchmark_sectors sum to {sum(self.benchmark_sectors.values()):g}, expected at most 1")
        names = [*(clause.name for clause in clauses_of(self, {})), TARGET_CLAUSE]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two clauses are named {twice!r}: give the group a name of its own")
        return self

    @property
    def position_cap(self) -> float:
        """`max_weight`, or what the diversification preset says."""
        return POSITION_CAPS[self.diversification] if self.max_weight is None else self.max_weight


def clauses_of(limits: Limits, holdings: Mapping[str, float] | None) -> tuple[Clause, ...]:
    """The clauses of a mandate, in the order in which they are read.

    Parameters
    ----------
    limits : Limits
    holdings : mapping of ticker to weight, or None
        What the account holds now; without it a turnover limit has nothing to measure from and is left out.
    """
    clauses: list[Clause] = [FullyInvested(), LongOnly(), PositionCap(limits.position_cap)]
    clauses += [GroupRange(name, (name,), (), r.min, r.max) for name, r in limits.sector.items()]
    clauses += [GroupRange(g.name, g.sectors, g.tickers, g.min, g.max) for g in limits.group]
    clauses += [FundRange(ticker, r.min, r.max) for ticker, r in limits.fund.items()]
    clauses += [
        ActiveSectorRange(name, limits.benchmark_sectors[name], r.below, r.above) for name, r in limits.active.items()
    ]
    if limits.duration is not None:
        clauses.append(duration_range(limits.duration.min, limits.duration.max))
    if limits.expense_ratio_bp is not None:
        clauses.append(expense_range(limits.expense_ratio_bp.min, limits.expense_ratio_bp.max))
    if limits.beta is not None:
        clauses.append(BetaRange(limits.beta.min, limits.beta.max))
    if limits.account_size_mm is not None:
        size = limits.account_size_mm
        if limits.max_adv_share is not None:
            clauses.append(Participation("share of daily volume", "adv_usd_mm", limits.max_adv_share, size))
        if limits.max_aum_share is not None:
            clauses.append(Participation("share of fund assets", "aum_usd_mm", limits.max_aum_share, size))
    if limits.max_turnover is not None and holdings is not None:
        clauses.append(Turnover(limits.max_turnover, holdings))
    return tuple(clauses)


def barred(clauses: tuple[Clause, ...], catalog: pd.DataFrame) -> dict[str, str]:
    """Funds that a clause cannot judge because the catalog lacks the figure, each with the reason.

    A fund without a duration cannot count towards a mean duration; taking it as zero, or leaving it out of the
    mean, would let the optimizer hide in it. So it cannot be held, and the reason says why.

    Parameters
    ----------
    clauses : tuple of Clause
    catalog : DataFrame
        Rows of the eligible funds, indexed by ticker.
    """
    reasons: dict[str, str] = {}
    for clause in clauses:
        for figure in clause.needs:
            for ticker in catalog.index[catalog[figure].isna()]:
                reasons.setdefault(
                    str(ticker), f"{FIGURE_WORDS[figure]} unknown, which the clause '{clause.name}' needs"
                )
    return reasons
