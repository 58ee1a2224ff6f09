"""Why a fund can be left out of a portfolio: by a screen, by the risk model or by a clause."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from universe import EXCLUSIONS

UNMOVING = "unmoving"
UNRATED = "unrated"
FIGURE_UNKNOWN = "figure_unknown"

REASON_TITLES: Mapping[str, str] = MappingProxyType(
    {
        **EXCLUSIONS,
        UNMOVING: "return never varied in the risk window",
        UNRATED: "no yield to expect a return from",
        FIGURE_UNKNOWN: "figure unknown that a clause needs",
    }
)
"""Titles in print by key, in the order in which funds are judged."""
