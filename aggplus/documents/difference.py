"""Two models beside each other, setting by setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aggplus.documents.settings import settings, whole_document
from aggplus.model import Model


@dataclass(frozen=True)
class Difference:
    """One setting that two models answer differently.

    Parameters
    ----------
    key : str
        The whole key: "limits.group.credit.max".
    a, b : str, number, bool or list
        As the documents have them; None where one does not set it.
    """

    key: str
    a: Any
    b: Any


def differences(a: Model, b: Model) -> tuple[Difference, ...]:
    """Every setting in which two models differ, defaults counted in, in the order of the document.

    Parameters
    ----------
    a, b : Model
    """
    ours, theirs = dict(settings(whole_document(a))), dict(settings(whole_document(b)))
    tables = list(Model.model_fields)
    keys = sorted(dict.fromkeys([*ours, *theirs]), key=lambda key: tables.index(key.split(".")[0]))
    return tuple(Difference(key, ours.get(key), theirs.get(key)) for key in keys if ours.get(key) != theirs.get(key))
