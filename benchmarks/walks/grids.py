"""The variants that are walked: the shipped example, and grids of any size made by multiplying axes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aggplus.model import Model
from aggplus.variants import Grid, read_grid
from aggplus.variants.grid_document import Axis

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "variants.toml"

_SECTORS: Mapping[str, list[str]] = {"core": ["core"], "core+TIPS": ["core", "tips"]}
_LEAST_AUM = (50, 100, 250, 500, 1000)
_MOST_A_FUND = tuple(0.10 + 0.02 * step for step in range(10))
_RISK = tuple(0.80 + 0.05 * step for step in range(10))


def example(count: int | None) -> tuple[Model, ...]:
    """Variants of the shipped example.

    Parameters
    ----------
    count : int or None
        The first so many; None for all.
    """
    return read_grid(EXAMPLE).models()[:count]


def multiplied(count: int) -> tuple[Model, ...]:
    """Variants of a grid with ten universes at least: 10, 100 and 1,000 have one, ten and a hundred of each.

    Parameters
    ----------
    count : int
        A multiple of ten, at most 1,000.
    """
    each, rest = divmod(count, len(_SECTORS) * len(_LEAST_AUM))
    if rest or not 1 <= each <= len(_MOST_A_FUND) * len(_RISK):
        raise ValueError(f"{count} variants: expected a multiple of ten, at most 1,000")
    limits = min(each, len(_MOST_A_FUND))
    axes = [
        _axis("sectors", {name: {"universe": {"sectors": of}} for name, of in _SECTORS.items()}),
        _axis("liquidity", {f"{least} mm+": {"universe": {"min_aum_mm": least}} for least in _LEAST_AUM}),
        _axis("largest", {f"{most:.0%}": {"limits": {"max_weight": round(most, 2)}} for most in _MOST_A_FUND[:limits]}),
        _axis(
            "risk",
            {f"{risk:.2f}": {"target": {"multiple": round(risk, 2)}} for risk in _RISK[: max(1, each // limits)]},
        ),
    ]
    return Grid("Growth", EXAMPLE, read_grid(EXAMPLE).base, tuple(axes), "Growth", 1).models()


def _axis(name: str, options: Mapping[str, Mapping[str, Any]]) -> Axis:
    return Axis.model_validate({"name": name, "option": [{"name": key, **change} for key, change in options.items()]})
