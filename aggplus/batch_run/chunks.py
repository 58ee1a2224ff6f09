"""Models that are done in one go because they share what is estimated."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aggplus.model import Model

MOST_IN_A_CHUNK = 16
"""More would share little more, and lose more when a run is stopped."""

_ROUNDS = 2
"""Chunks a worker, so that one that is slow can be made up for."""

Chunk = tuple[Model, ...]


def chunks_of(models: Sequence[Model], workers: int) -> tuple[Chunk, ...]:
    """Share models out: those with the same benchmark, universe, risk model and expected return stay together.

    How they are shared out has no part in a result, only in the time it takes.

    Parameters
    ----------
    models : sequence of Model
    workers : int

    Returns
    -------
    tuple of Chunk
        The largest first, so that the last ones to be done are short.
    """
    groups: dict[tuple[str, ...], list[Model]] = {}
    for model in models:
        parts = (model.universe, model.risk_model, model.expected_return)
        groups.setdefault((model.benchmark, *(part.model_dump_json() for part in parts)), []).append(model)
    most = min(MOST_IN_A_CHUNK, max(1, math.ceil(len(models) / (_ROUNDS * workers))))
    chunks = [chunk for group in groups.values() for chunk in _evenly(group, math.ceil(len(group) / most))]
    return tuple(sorted(chunks, key=len, reverse=True))


def _evenly(group: Sequence[Model], parts: int) -> list[Chunk]:
    size, longer = divmod(len(group), parts)
    ends = [(i + 1) * size + min(i + 1, longer) for i in range(parts)]
    return [tuple(group[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
