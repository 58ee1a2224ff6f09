"""JSON Schema of the model document, for editors that complete and check TOML while it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggplus.model import Model
from aggplus.shipped import SHIPPED
from universe import SECTORS

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_CORE = "core"
_EXTENDS = {
    "type": "string",
    "title": "Extends",
    "description": "The model that this document changes: a shipped name, or a path from this document's folder.",
    "examples": [*SHIPPED, "house.toml"],
}
_EXAMPLES: dict[str, list[Any]] = {
    "id": ["Client-7"],
    "name": ["Client 7, income mandate"],
    "benchmark": ["AGG"],
}

_Schema = dict[str, Any]


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12.

    It follows from the classes that documents are read into, with what an editor needs beside: `extends`, under which
    a document states its differences only, the names of sectors, and nothing that TOML has no word for.
    """
    schema = Model.model_json_schema()
    definitions: dict[str, _Schema] = schema.pop("$defs")
    variants = {branch["$ref"].rpartition("/")[2] for branch in schema["properties"]["target"]["oneOf"]}
    # A document that extends another need not repeat what makes a table whole.
    needed = {name: definitions[name].pop("required") for name in (*sorted(variants), "ExpectedGain")}
    target = {
        "anyOf": schema["properties"]["target"].pop("oneOf"),
        "description": "The risk of the portfolio: `[target]`, by its `algorithm`.",
    }
    properties = {name: {**part, **_example(name)} for name, part in schema["properties"].items()}
    whole = [{**_of_algorithm(definitions[name]), "required": needed[name]} for name in sorted(variants)]
    page: _Schema = {
        "$schema": _DRAFT,
        "title": "aggplus model document",
        "description": "A model portfolio for aggplus: fractions (0.25 is 25 %), USD millions, basis points.",
        "type": "object",
        "additionalProperties": False,
        "properties": {"extends": _EXTENDS, **properties, "target": target},
        "if": {"required": ["extends"]},
        "else": {"required": schema["required"], "properties": {"target": {"anyOf": whole}}},
        "$defs": definitions,
    }
    tidied: _Schema = _everywhere(page, _without_null)
    return _with_sectors(tidied)


def _example(name: str) -> _Schema:
    return {"examples": _EXAMPLES[name]} if name in _EXAMPLES else {}


def _of_algorithm(definition: _Schema) -> _Schema:
    return {"properties": {"algorithm": {"const": definition["properties"]["algorithm"]["const"]}}}


def _everywhere(part: Any, change: Callable[[_Schema], _Schema]) -> Any:
    if isinstance(part, dict):
        return change({key: _everywhere(below, change) for key, below in part.items()})
    return [_everywhere(below, change) for below in part] if isinstance(part, list) else part


def _without_null(part: _Schema) -> _Schema:
    """TOML has no null: what is not set is not written. An array has items, not a length of text."""
    if "default" in part and part["default"] is None:
        part = {key: value for key, value in part.items() if key != "default"}
    choices = part.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        part = {key: value for key, value in part.items() if key != "anyOf"}
        part = {**left[0], **part} if len(left) == 1 else {**part, "anyOf": left}
    if part.get("type") == "array" and "minLength" in part:
        part["minItems"] = part.pop("minLength")
    return part


def _with_sectors(schema: _Schema) -> _Schema:
    """Sectors by their names, and `false` for a trigger of the extended document that is turned off."""
    definitions = schema["$defs"]
    names = {"type": "string", "enum": list(SECTORS)}
    for table in (definitions["UniverseRules"], definitions["Group"]):
        table["properties"]["sectors"]["items"] = {"type": "string", "enum": [_CORE, *SECTORS]}
    limits, costs = definitions["Limits"]["properties"], definitions["CostRules"]["properties"]
    for table in (limits["sector"], limits["active"], limits["benchmark_sectors"], costs["half_spread_by_sector_bp"]):
        table["propertyNames"] = names
    triggers = definitions["Triggers"]["properties"]
    for name, trigger in triggers.items():
        if trigger.get("type") != "boolean":
            words = {key: trigger.pop(key) for key in ("description", "title") if key in trigger}
            triggers[name] = {**words, "anyOf": [trigger, {"const": False}]}
    return schema
