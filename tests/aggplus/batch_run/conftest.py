"""A few variants on the small market, and tasks that go wrong."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cloudpickle
import pytest

import aggplus
from aggplus import load_model
from aggplus.batch_run import WalkThrough
from aggplus.model import Model


@pytest.fixture(scope="session")
def variants() -> tuple[Model, ...]:
    """Eight, of two universes, that differ in their targets and caps."""
    models = []
    for i, (sectors, cap, algorithm) in enumerate(
        [(s, c, a) for s in ("core", "tips") for c in (0.25, 0.4) for a in ("dynamic_risk", "dynamic_beta")]
    ):
        base = load_model("baseline" if algorithm == "dynamic_risk" else "conservative")
        models.append(
            base.model_copy(
                update={
                    "id": f"V{i + 1}",
                    "name": f"Variant {i + 1}",
                    "universe": base.universe.model_copy(update={"sectors": ("core", sectors)}),
                    "limits": base.limits.model_copy(update={"max_weight": cap}),
                }
            )
        )
    return tuple(models)


@pytest.fixture(scope="session")
def walk(small: aggplus.Market) -> WalkThrough:
    """The last weeks of the small market."""
    return WalkThrough.between(small, "2024-01-02", None)


@pytest.fixture(scope="session")
def deadly() -> Iterator[ModuleType]:
    """Tasks that go wrong; workers that run already get them by value, those to come by import."""
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    module = importlib.import_module("deadly_task")
    cloudpickle.register_pickle_by_value(module)
    yield module
    cloudpickle.unregister_pickle_by_value(module)
    sys.path.remove(folder)
