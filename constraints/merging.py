"""One model document on top of another, and what of it is left in the end."""

from __future__ import annotations

from typing import Any, TypeGuard

Document = dict[str, Any]

_CHOICES = ("algorithm", "estimator")
_EITHER = ("lags", "horizon_days")


def merge_documents(base: Document, change: Document) -> Document:
    """A document with a change on top of it; neither is altered.

    Tables merge key by key, arrays of tables that carry names merge by name, anything else is replaced. A table that
    chooses another `algorithm` or `estimator` is replaced too: the settings beside it belonged to the old one. `lags`
    and `horizon_days` are two answers to one question, so that stating one drops the other.

    Parameters
    ----------
    base : dict
    change : dict
        Its settings prevail.
    """
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            anew = any(choice in old and value.get(choice, old[choice]) != old[choice] for choice in _CHOICES)
            merged[key] = value if anew else merge_documents(_less_answered(old, value), value)
        elif _named(old) and _named(value):
            by_name = {row["name"]: row for row in old}
            for row in value:
                by_name[row["name"]] = merge_documents(by_name.get(row["name"], {}), row)
            merged[key] = list(by_name.values())
        else:
            merged[key] = value
    return merged


def lost_setting(change: Document, merged: Document) -> str | None:
    """The first setting of a change that a document does not hold, as "limits.max_weight = 0.1"; None if it has all.

    Parameters
    ----------
    change : dict
    merged : dict
        What came of the change and others on top of it.
    """
    for key, value in change.items():
        held = merged.get(key)
        if isinstance(value, dict):
            below = lost_setting(value, held if isinstance(held, dict) else {})
        elif _named(value):
            rows = {row["name"]: row for row in held} if _named(held) else {}
            losses = ((row["name"], lost_setting(row, rows.get(row["name"], {}))) for row in value)
            below = next((f"{name}.{loss}" for name, loss in losses if loss is not None), None)
        elif held != value:
            return f"{key} = {value!r}"
        else:
            below = None
        if below is not None:
            return f"{key}.{below}"
    return None


def _less_answered(base: Document, change: Document) -> Document:
    """`base` without what `change` answers by another key."""
    return {key: value for key, value in base.items() if key not in _EITHER or not any(k in change for k in _EITHER)}


def _named(value: object) -> TypeGuard[list[Document]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, dict) and isinstance(row.get("name"), str) for row in value)
        and len({row["name"] for row in value}) == len(value)
    )
