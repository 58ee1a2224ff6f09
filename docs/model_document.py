"""Write docs/model-document.md, the reference of the model document, from its schema: `make docs`."""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aggplus import Model

PAGE = Path(__file__).with_name("model-document.md")

_HEAD = """# The model document

A model portfolio is one TOML file. Weights, returns and shares are fractions (0.25 is 25 %), money is in USD
millions, costs are in basis points. Unknown keys, wrong types and impossible values are refused in one line that says
what was expected.

`extends = "baseline"` (a shipped name, or a path from the document's own folder) takes over another document; only
the differences are then stated. Tables merge key by key, `[[limits.group]]` merge by name, anything else is replaced.

`aggplus model new "Client 7"` writes a document to begin with, `aggplus model show client.toml` the whole of one, with
every default and where each value comes from, and `aggplus model diff baseline client.toml` what two say differently.

## In an editor

`aggplus model schema --out aggplus.schema.json` writes this page as JSON Schema. In VS Code with the extension Even
Better TOML, and in other editors with Taplo, this first line of a document makes the editor complete keys and mark what
is wrong while you write:

```toml
#:schema ./aggplus.schema.json
```

## Every key

This page is written from the schema by `make docs`.
"""


def page() -> str:
    """The reference as Markdown."""
    return "\n".join([_HEAD, *_section("", Model)]) + "\n"


def _section(path: str, kind: type[BaseModel]) -> list[str]:
    lines, nested = ["| key | value | default | |", "|---|---|---|---|"], []
    for name, field in kind.model_fields.items():
        inside = [model for model in _models(field.annotation) if model is not kind]
        key = f"{path}.{name}" if path else name
        if not inside:
            cells = f"| `{name}` | {_value(field)} | {_default(field)} | {_escaped(field.description)} |"
            lines.append(cells.replace("  ", " "))
        for model in inside:
            nested += ["", *_heading(key, field, model), "", _summary(model), "", *_section(key, model)]
    return [*lines, *nested] if len(lines) > 2 else nested


def _heading(key: str, field: FieldInfo, model: type[BaseModel]) -> list[str]:
    origin = typing.get_origin(field.annotation)
    if origin is tuple:
        return [f"## `[[{key}]]`"]
    if origin is dict:
        return [f"## `[{key}.NAME]`"]
    literals = [f.annotation for f in model.model_fields.values() if typing.get_origin(f.annotation) is typing.Literal]
    tag = next((typing.get_args(x)[0] for x in literals if len(typing.get_args(x)) == 1), None)
    many = len(_models(field.annotation)) > 1
    return [f"## `[{key}]` with {tag}" if many else f"## `[{key}]`"]


def _summary(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _escaped(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in typing.get_args(annotation) for model in _models(part)]


def _value(field: FieldInfo) -> str:
    words = _words(field.annotation)
    limits = [_limit(limit) for limit in (*field.metadata, *_inner_limits(field.annotation))]
    return ", ".join([words, *(limit for limit in limits if limit)])


def _inner_limits(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) is typing.Annotated:
        metadata = typing.get_args(annotation)[1:]
        return [limit for part in metadata for limit in (part.metadata if isinstance(part, FieldInfo) else [part])]
    return [limit for part in typing.get_args(annotation) for limit in _inner_limits(part)]


def _limit(limit: Any) -> str:
    match limit:
        case Ge(bound):
            return f"at least {bound:g}"
        case Gt(bound):
            return f"above {bound:g}"
        case Le(bound):
            return f"at most {bound:g}"
        case Lt(bound):
            return f"below {bound:g}"
        case MinLen():
            return "not empty"
        case _:
            return ""


def _words(annotation: Any) -> str:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _words(parts[0])
    if origin is typing.Literal:
        return " or ".join(f'`"{part}"`' for part in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(part) for part in parts if part is not type(None)))
    if origin is tuple:
        return f"array of {_words(parts[0])}s"
    if origin is dict:
        return f"table of {_words(parts[1])}s"
    return {str: "string", float: "number", int: "integer", bool: "true or false"}[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or field.default_factory is not None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{part}"' for part in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"{value:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
