"""Where each setting of a model comes from: its document, one that it extends, or a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggplus.documents.settings import settings, whole_document
from aggplus.model import Model, model_chain, model_of
from constraints import Document, merge_chain

DEFAULT = "default"
"""The origin of what no document says."""


@dataclass(frozen=True, eq=False)
class SourcedModel:
    """A model as one whole document, and the origin of every setting.

    Parameters
    ----------
    model : Model
    document : dict
        With all defaults, without `extends`; the same model again when it is loaded.
    origins : mapping of str to str
        By whole key ("limits.group.credit.max"): a shipped name, the path of a document, or `DEFAULT`.
    """

    model: Model
    document: Document
    origins: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """As `aggplus model show --json` writes it."""
        return {"model": self.model.id, "document": self.document, "origins": dict(self.origins)}


def sourced_model(name_or_path: str) -> SourcedModel:
    """A model with the origin of every setting.

    Parameters
    ----------
    name_or_path : str
        As for `load_model`.

    Raises
    ------
    MandateError
        When there is no such model, or its document cannot be used.
    """
    chain = model_chain(name_or_path)
    merged = merge_chain([document for _, document in chain])
    model = model_of(merged, name_or_path)
    whole = whole_document(model)
    stated: dict[str, str] = {}
    # The most basic first: who states a setting last is its origin.
    for name, document in reversed(chain):
        stated |= {key: name for key, _ in settings(document)}
    # What was stated and dropped again, as with another algorithm, is a default now.
    kept = {key for key, _ in settings(merged)}
    origins = {key: stated[key] if key in kept else DEFAULT for key, _ in settings(whole)}
    return SourcedModel(model, whole, origins)
