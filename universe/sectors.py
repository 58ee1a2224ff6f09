"""The one taxonomy of fixed-income sectors, shared by the catalog, the screens and the mandates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from universe.errors import MarketError
from universe.wording import did_you_mean


@dataclass(frozen=True)
class Sector:
    """A sector of the taxonomy.

    Attributes
    ----------
    key
        As written in catalogs and models.
    title
        As printed.
    in_aggregate
        Whether its bonds are in the US Aggregate index.
    """

    key: str
    title: str
    in_aggregate: bool


_TAXONOMY = (
    Sector("treasury", "US Treasury", True),
    Sector("agency", "US agency", True),
    Sector("mbs", "Agency mortgage-backed", True),
    Sector("ig_corporate", "Investment-grade corporate", True),
    Sector("abs_cmbs", "Asset-backed and commercial mortgage", True),
    Sector("aggregate", "Aggregate and core", True),
    Sector("ultrashort", "Ultrashort", False),
    Sector("floating_rate_ig", "Investment-grade floating rate", False),
    Sector("tips", "Inflation-linked", False),
    Sector("high_yield", "High yield", False),
    Sector("bank_loan", "Bank loans", False),
    Sector("convertible", "Convertible", False),
    Sector("preferred", "Preferred", False),
    Sector("municipal", "Municipal", False),
    Sector("multisector", "Multisector", False),
    Sector("emerging_market", "Emerging market", False),
    Sector("international", "International developed", False),
    Sector("leveraged_inverse", "Leveraged and inverse", False),
    Sector("other", "Other", False),
)

SECTORS: Mapping[str, Sector] = MappingProxyType({sector.key: sector for sector in _TAXONOMY})
"""Every sector by its key, in the order in which sectors are printed."""

CORE: tuple[str, ...] = tuple(sector.key for sector in _TAXONOMY if sector.in_aggregate)
"""The sectors of the US Aggregate: what the word "core" stands for."""


def resolve_sectors(names: Sequence[str]) -> tuple[str, ...]:
    """Sector keys for what a model wrote down, "core" expanded, in taxonomy order and without repeats.

    Parameters
    ----------
    names
        Sector keys, and "core" for the sectors of the US Aggregate.

    Raises
    ------
    MarketError
        If a name is not in the taxonomy.
    """
    asked: set[str] = set()
    for name in names:
        if name == "core":
            asked.update(CORE)
        elif name in SECTORS:
            asked.add(name)
        else:
            raise MarketError(f"unknown sector {name!r}{sector_suggestion(name)}")
    return tuple(key for key in SECTORS if key in asked)


def sector_suggestion(name: str) -> str:
    """How to end the line that refuses `name`: the sector meant, or else all there are."""
    return did_you_mean(name, ("core", *SECTORS)) or f"; expected core or one of {', '.join(SECTORS)}"
