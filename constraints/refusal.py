"""What pydantic finds wrong with a document, in the words of the document's author."""

from __future__ import annotations

import math
import re
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from universe.wording import closest

# A wrong guess costs a glance; "maks" is as far from "max" as this allows.
_KEY_CUTOFF = 0.5

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a table",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "list_type": "an array",
    "literal_error": "{expected}",
    "model_attributes_type": "a table",
    "model_type": "a table",
    "string_too_short": "text of {min_length} or more characters",
    "string_type": "text in quotes",
    "too_short": "an array of {min_length} or more",
    "tuple_type": "an array",
    "union_tag_invalid": "one of {expected_tags}",
}
"""By pydantic's name of the finding; what is not here is said as pydantic says it."""

_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_CHOICES = {"literal_error": "expected", "union_tag_invalid": "expected_tags"}


@dataclass(frozen=True)
class _Place:
    """Where in the document a finding is: its key, what the schema says of it and which keys it knows beside it."""

    key: str
    annotation: Any
    description: str | None
    siblings: tuple[str, ...]


def refusal(kind: type[BaseModel], error: ValidationError) -> str:
    """All that is wrong, in one line.

    Parameters
    ----------
    kind : pydantic model
        The schema.
    error : ValidationError
        What it said of a document.
    """
    said: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False):
        what, expected = _finding(_place(kind, detail["loc"]), detail)
        alternatives = said.setdefault(what, [])
        if expected and expected not in alternatives:
            alternatives.append(expected)
    return "; ".join(
        f"{what}: expected {' or '.join(expected)}" if expected else what for what, expected in said.items()
    )


def _finding(place: _Place, detail: ErrorDetails) -> tuple[str, str]:
    """What was found, and what was expected instead (empty where the first says it all)."""
    key, value = place.key, detail["input"]
    tag = detail.get("ctx", {}).get("discriminator", "").strip("'")
    match detail["type"]:
        case "extra_forbidden":
            near = closest(str(detail["loc"][-1]), place.siblings, _KEY_CUTOFF)
            hint = f"did you mean {near}?" if near else f"known here: {', '.join(place.siblings)}"
            return f"unknown key {key}, {hint}", ""
        case "missing":
            return f"{key} is missing", ""
        case "union_tag_not_found":
            choices = [repr(choice) for member in _members(place.annotation) for choice in _tags(member)]
            return f"{key}.{tag} is missing", f"one of {', '.join(choices)}"
        case "union_tag_invalid":
            return f"{key}.{tag} = {_shown(value[tag])}", _expected(place, detail, value[tag])
        case "value_error":
            reason = detail["msg"].removeprefix("Value error, ")
            return f"{key}: {reason}" if key else reason, ""
        case _:
            return f"{key} = {_shown(value)}", _expected(place, detail, value)


def _expected(place: _Place, detail: ErrorDetails, value: object) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(value, float) and not math.isfinite(value):
        return _EXPECTED["finite_number"]
    if kind not in _EXPECTED:
        return detail["msg"].removeprefix("Input should be ")
    text = _EXPECTED[kind].format(**context)
    if kind == "tuple_type" and any(_is_model(inner) for inner in typing.get_args(place.annotation)):
        text = f"an array of tables: [[{place.key}]]"
    if kind in _BOUNDS and place.description:
        text += f" ({place.description.rstrip('.')})"
    if kind in _CHOICES and isinstance(value, str):
        near = closest(value, re.findall(r"'([^']*)'", context[_CHOICES[kind]]), _KEY_CUTOFF)
        text += f", did you mean {near!r}?" if near else ""
    return text


def _place(kind: type[BaseModel], location: tuple[int | str, ...]) -> _Place:
    """Follow pydantic's path through the schema."""
    place = _Place("", kind, None, ())
    for part in location:
        members = _members(place.annotation)
        if len(members) > 1:
            # pydantic puts the member of a union that it tried into its path; the document has no such key.
            chosen = next((member for member in members if part in _tags(member)), None)
            place = _Place(place.key, chosen, place.description, place.siblings)
        else:
            place = _inside(place, members[0], part)
    return place


def _inside(place: _Place, annotation: Any, part: int | str) -> _Place:
    arguments = typing.get_args(annotation)
    if isinstance(part, int):
        return _Place(f"{place.key}[{part + 1}]", arguments[0] if arguments else None, place.description, ())
    key = f"{place.key}.{part}" if place.key else part
    if _is_model(annotation):
        fields = annotation.model_fields
        known = fields.get(part)
        if known is None:
            return _Place(key, None, None, tuple(fields))
        return _Place(key, known.annotation, known.description, tuple(fields))
    return _Place(key, arguments[1] if len(arguments) > 1 else None, place.description, ())


def _members(annotation: Any) -> list[Any]:
    """What a value may be: the members of a union other than None, or the annotation alone."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _members(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        given = [argument for argument in typing.get_args(annotation) if argument is not types.NoneType]
        return [member for argument in given for member in _members(argument)]
    return [annotation]


def _tags(annotation: Any) -> list[str]:
    """Values of the literal fields of a model, by one of which a union knows it."""
    if not _is_model(annotation):
        return []
    literals = [f.annotation for f in annotation.model_fields.values() if typing.get_origin(f.annotation) is Literal]
    return [
        str(value) for literal in literals if len(typing.get_args(literal)) == 1 for value in typing.get_args(literal)
    ]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
