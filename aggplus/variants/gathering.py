"""The models that paths stand for: grids, folders of documents, single documents and shipped names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggplus.model import SHIPPED, Model, load_model
from aggplus.model_portfolios import Refusal
from aggplus.variants.grid import read_grid
from aggplus.variants.grid_document import is_grid, repeated
from constraints import MandateError, read_document


@dataclass(frozen=True)
class Gathered:
    """Models, and documents of a folder that are none.

    Parameters
    ----------
    models : tuple of Model
        Ids are unique.
    refusals : tuple of Refusal
        By the name of the file.
    """

    models: tuple[Model, ...]
    refusals: tuple[Refusal, ...]


def gather_models(names: Sequence[str]) -> Gathered:
    """Every model that the names stand for, in their order.

    Parameters
    ----------
    names : sequence of str
        Shipped models, model documents, grid documents, and folders, of which every TOML file is taken, by name with
        numbers counted. A document of a folder that cannot be used is a refusal; one that is named itself is an error.

    Raises
    ------
    MandateError
        When a document that is named cannot be used, a folder has no TOML file, no document of all can be used, or two
        models have one id.
    """
    models: list[Model] = []
    refusals: list[Refusal] = []
    for name in names:
        folder = Path(os.path.expanduser(name))
        # Unlike those of a Path, these tests take a name that no file can have for that of no file.
        if name in SHIPPED or not os.path.isdir(folder):
            models += _models_of(name)
            continue
        for file in _documents(folder):
            try:
                models += _models_of(str(file))
            except MandateError as error:
                refusals.append(Refusal(file.stem, "", str(error)))
    if not models and refusals:
        raise MandateError(f"no document can be used; the first: {refusals[0].why}")
    twice = repeated([model.id for model in models])
    if twice is not None:
        raise MandateError(f"two models have the id {twice!r}: results go by id, so give each its own")
    return Gathered(tuple(models), tuple(refusals))


def _documents(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.toml"), key=lambda file: _counted(file.name))
    if not found:
        raise MandateError(f"{folder}: the folder has no .toml file; expected model documents or grids")
    return found


def _models_of(name: str) -> tuple[Model, ...]:
    path = Path(os.path.expanduser(name))
    if name not in SHIPPED and os.path.isfile(path) and is_grid(read_document(path)):
        return read_grid(path).models()
    return (load_model(name),)


def _counted(name: str) -> list[tuple[int, str]]:
    """A key by which model2 comes before model10."""
    return list(_parts(name))


def _parts(name: str) -> Iterator[tuple[int, str]]:
    for part in re.findall(r"\d+|\D+", name):
        yield (int(part), "") if part.isdecimal() else (-1, part)
