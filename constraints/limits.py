"""The limits section of a model document: the mandate as a client writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, Field, Strict, field_validator, model_validator

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
from constraints.few_names import MAX_HOLDINGS, MIN_WEIGHT, FewNames
from constraints.funds import FIGURE_WORDS
from constraints.ranges import (
    FROZEN,
    ActiveRange,
    FigureRange,
    Group,
    Priorities,
    SignedRange,
    WeightRange,
    known_sector,
)
from constraints.units import WEIGHT

Diversification = Literal["concentrated", "diversified", "broad"]

POSITION_CAPS: Mapping[str, float] = {"concentrated": 0.25, "diversified": 0.10, "broad": 0.05}
"""What `diversification` means where `max_weight` is not given."""

NUMBERS_OF_FUNDS: Mapping[str, int] = {"concentrated": 60, "diversified": 120, "broad": 200}
"""What `diversification` means for `max_holdings` where neither that nor `max_weight` is given: more than the best
portfolio holds unless it is to track the benchmark by a hair, so that nobody gets a search who did not ask for one."""


class Limits(BaseModel):
    """What this client allows: `[limits]`. Every portfolio is fully invested and long only."""

    model_config = FROZEN

    diversification: Diversification = Field(
        "concentrated",
        description="Preset for max_weight and max_holdings: concentrated 0.25 and 60, diversified 0.10 and 120, "
        "broad 0.05 and 200; min_weight is 0 in all. Who gives max_weight gets no max_holdings from it.",
    )
    max_weight: float | None = Field(None, gt=0.0, le=1.0, description="A fraction: 0.25 is 25 %.")
    max_holdings: int | None = Field(None, ge=1, description="Funds held at most.")
    min_weight: float | None = Field(
        None, ge=0.0, le=1.0, description="Of each fund held, at least; others have no weight at all. 0.01 is 1 %."
    )
    search_seconds: float = Field(
        10.0,
        gt=0.0,
        le=86400.0,
        description="How long to search where max_holdings or min_weight bind; then the best portfolio found is given, "
        "with a proven bound on what is left.",
    )
    search_nodes: int | None = Field(
        None,
        ge=1,
        description="Convex problems solved in that search, at most: ends it at the same place on every machine, "
        "where search_seconds is not reached.",
    )
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
    priority: Priorities = Field(default_factory=lambda: Priorities.model_validate({}))

    @field_validator("sector", "benchmark_sectors", "active")
    @classmethod
    def _sectors(cls, value: dict[str, object]) -> dict[str, object]:
        for name in value:
            known_sector(name)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.max_adv_share or self.max_aum_share) and self.account_size_mm is None:
            raise ValueError("max_adv_share and max_aum_share need account_size_mm, the account's size in USD millions")
        if self.min_weight is not None and self.min_weight > self.position_cap:
            cap = f"max_weight = {self.position_cap:g}"
            if self.max_weight is None:
                cap += f" of the preset {self.diversification!r}"
            raise ValueError(f"{MIN_WEIGHT} = {self.min_weight:g} is above {cap}: no fund could be held")
        hard_cap = self.priority.max_weight is None
        if hard_cap and self.max_holdings is not None and self.max_holdings * self.position_cap < 1.0 - 1e-9:
            most = WEIGHT.show(self.max_holdings * self.position_cap)
            raise ValueError(
                f"{MAX_HOLDINGS}: {self.max_holdings} funds x {WEIGHT.show(self.position_cap)} = {most}; "
                "100 % must be invested"
            )
        missing = [name for name in self.active if name not in self.benchmark_sectors]
        if missing:
            raise ValueError(
                f"active limits on {', '.join(missing)} need the benchmark's weight there: add it to benchmark_sectors"
            )
        if sum(self.benchmark_sectors.values()) > 1.0 + 1e-9:
            raise ValueError(f"benchmark_sectors sum to {sum(self.benchmark_sectors.values()):g}, expected at most 1")
        for key in ("max_adv_share", "max_aum_share", "max_turnover"):
            if getattr(self.priority, key) is not None and getattr(self, key) is None:
                raise ValueError(f"priority.{key} is given, but no {key}: give both or neither")
        names = [*(clause.name for clause in clauses_of(self, {})), TARGET_CLAUSE]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two clauses are named {twice!r}: give the group a name of its own")
        return self

    @property
    def position_cap(self) -> float:
        """`max_weight`, or what the diversification preset says."""
        return POSITION_CAPS[self.diversification] if self.max_weight is None else self.max_weight

    @property
    def few_names(self) -> FewNames:
        """`max_holdings` and `min_weight`, or what the diversification preset says."""
        by_preset = NUMBERS_OF_FUNDS[self.diversification] if self.max_weight is None else None
        return FewNames(by_preset if self.max_holdings is None else self.max_holdings, self.min_weight or 0.0)


def clauses_of(limits: Limits, holdings: Mapping[str, float] | None) -> tuple[Clause, ...]:
    """The clauses of a mandate, in the order in which they are read.

    Parameters
    ----------
    limits : Limits
    holdings : mapping of ticker to weight, or None
        What the account holds now; without it a turnover limit has nothing to measure from and is left out.
    """
    return tuple(clause for clause, _ in _ranked(limits, holdings))


def priorities_of(limits: Limits) -> dict[str, int]:
    """The soft clauses of a mandate by name, each with its priority.

    Parameters
    ----------
    limits : Limits
    """
    return {clause.name: priority for clause, priority in _ranked(limits, {}) if priority is not None}


def _ranked(limits: Limits, holdings: Mapping[str, float] | None) -> list[tuple[Clause, int | None]]:
    """The clauses, each with its priority or None."""
    rank = limits.priority
    clauses: list[tuple[Clause, int | None]] = [
        (FullyInvested(), None),
        (LongOnly(), None),
        (PositionCap(limits.position_cap), rank.max_weight),
    ]
    clauses += [(GroupRange(name, (name,), (), r.min, r.max), r.priority) for name, r in limits.sector.items()]
    clauses += [(GroupRange(g.name, g.sectors, g.tickers, g.min, g.max), g.priority) for g in limits.group]
    clauses += [(FundRange(ticker, r.min, r.max), r.priority) for ticker, r in limits.fund.items()]
    clauses += [
        (ActiveSectorRange(name, limits.benchmark_sectors[name], r.below, r.above), r.priority)
        for name, r in limits.active.items()
    ]
    if (duration := limits.duration) is not None:
        clauses.append((duration_range(duration.min, duration.max), duration.priority))
    if (expense := limits.expense_ratio_bp) is not None:
        clauses.append((expense_range(expense.min, expense.max), expense.priority))
    if (beta := limits.beta) is not None:
        clauses.append((BetaRange(beta.min, beta.max), beta.priority))
    if (size := limits.account_size_mm) is not None:
        if (share := limits.max_adv_share) is not None:
            clauses.append((Participation("share of daily volume", "adv_usd_mm", share, size), rank.max_adv_share))
        if (share := limits.max_aum_share) is not None:
            clauses.append((Participation("share of fund assets", "aum_usd_mm", share, size), rank.max_aum_share))
    if limits.max_turnover is not None and holdings is not None:
        clauses.append((Turnover(limits.max_turnover, holdings), rank.max_turnover))
    return clauses


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
