"""A model document as a list of settings, each under its whole key: "limits.group.credit.max"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aggplus.model import Model


def whole_document(model: Model) -> dict[str, Any]:
    """Everything that a model says, with all defaults; what is not set, or empty, is left out: TOML has no word for it.

    Parameters
    ----------
    model : Model
    """
    found: dict[str, Any] = _stated(model.model_dump(mode="json"))
    return found


def settings(document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting of a document with its whole key.

    Tables are entered; of an array of tables that carry names each is entered under its name.

    Parameters
    ----------
    document : mapping
    above : str
        The key of the document in a greater one.
    """
    for key, value in document.items():
        whole = f"{above}.{key}" if above else key
        if isinstance(value, Mapping):
            yield from settings(value, whole)
        elif named(value):
            for row in value:
                # Its name is in the key already.
                yield from settings({k: v for k, v in row.items() if k != "name"}, f"{whole}.{row['name']}")
        else:
            yield whole, value


def named(value: object) -> bool:
    """Whether it is an array of tables that carry names.

    Parameters
    ----------
    value : object
    """
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(row, Mapping) and "name" in row for row in value)
    )


def _stated(value: Any) -> Any:
    if isinstance(value, dict):
        below = ((key, _stated(part)) for key, part in value.items())
        return {key: part for key, part in below if part is not None and part != [] and part != {}}
    return [_stated(row) for row in value] if isinstance(value, list) else value
