"""Colours that mean the same everywhere: one for each sector, one for each model of a page, one for the benchmark.

The sectors that the shipped models hold have the nine of Paul Tol's scheme "muted" (https://sronpersonalpages.nl/~pault/),
models those of Okabe & Ito (2008): both are made for the colour-blind. The other sectors have a fixed colour each, but
nineteen cannot all be told apart by colour alone: a chart names them in its legend and on hover as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SECTOR_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "treasury": "#332288",
        "agency": "#88CCEE",
        "mbs": "#44AA99",
        "ig_corporate": "#117733",
        "abs_cmbs": "#999933",
        "aggregate": "#DDCC77",
        "ultrashort": "#BBCC33",
        "floating_rate_ig": "#77AADD",
        "tips": "#AA4499",
        "high_yield": "#882255",
        "bank_loan": "#CC6677",
        "convertible": "#EE8866",
        "preferred": "#774411",
        "municipal": "#225555",
        "multisector": "#EEDD88",
        "emerging_market": "#CC3311",
        "international": "#0077BB",
        "leveraged_inverse": "#222222",
        "other": "#AAAAAA",
    }
)
"""By sector key."""

CASH_COLOUR = "#DDDDDD"

MODEL_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""In the order in which models stand on a page; a seventh begins anew."""

BENCHMARK_COLOUR = "#444444"
"""Of benchmarks, which are drawn dashed as well."""

_BENCHMARK_COLOURS = (BENCHMARK_COLOUR, "#A0A0A0", "#117733", "#AA4499")
"""Of several benchmarks on a page; a fifth begins anew."""


def colour_of_model(place: int) -> str:
    """The colour of a model by its place on the page.

    Parameters
    ----------
    place : int
        From 0.
    """
    return MODEL_COLOURS[place % len(MODEL_COLOURS)]


def colour_of_benchmark(place: int) -> str:
    """The colour of a benchmark by its place on the page.

    Parameters
    ----------
    place : int
        From 0.
    """
    return _BENCHMARK_COLOURS[place % len(_BENCHMARK_COLOURS)]
