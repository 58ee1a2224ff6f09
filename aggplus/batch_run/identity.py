"""What a result was computed from, as digests: the same identity means the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from aggplus.batch_run.task import Task
from aggplus.ledger import MarketFingerprint
from aggplus.ledger.entry import library_versions
from aggplus.model import Model
from universe import Market

Identity = dict[str, str]
"""By part: model, prices, catalog, task, version."""

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "model": "the model",
        "prices": "the prices",
        "catalog": "the catalog",
        "task": "the task or its dates",
        "version": "the version of aggplus or of a library",
    }
)
"""The parts in words."""


def identities_of(models: Sequence[Model], market: Market, task: Task) -> dict[str, Identity]:
    """The identity of each model's result, by its id.

    Parameters
    ----------
    models : sequence of Model
    market : Market
    task : Task
        Of the market, what is known by its last day counts.
    """
    fingerprint = MarketFingerprint(market)
    common = {
        "prices": fingerprint.prices(task.known_until),
        "catalog": fingerprint.catalog,
        "task": task.words,
        "version": _digest(library_versions().encode()),
    }
    return {model.id: {"model": _model(model)} | common for model in models}


def _model(model: Model) -> str:
    """A document, and what is in the files that it names."""
    rules = model.expected_return
    return _digest(
        model.model_dump_json().encode(), *(_file(name) for name in (rules.yields, rules.views) if name is not None)
    )


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError:
        # What is wrong with it is for whoever needs it to say.
        return b""


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()
