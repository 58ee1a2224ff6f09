"""A document written as TOML, with a comment behind every setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import AoT, Item, Table

from aggplus.documents.settings import named, settings


def toml_text(document: Mapping[str, Any], comments: Mapping[str, str]) -> str:
    """A document as TOML.

    Parameters
    ----------
    document : mapping
        Plain Python values.
    comments : mapping of str to str
        By whole key ("limits.group.credit.max"), for the end of the line.
    """
    column = max((_width(key.rpartition(".")[2], tomlkit.item(value)) for key, value in settings(document)), default=0)
    writer = _Writer(comments, column)
    page = tomlkit.document()
    for key, item in writer.items(document, ""):
        page.append(key, item)
    return tomlkit.dumps(page).strip() + "\n"


@dataclass(frozen=True)
class _Writer:
    """Comments by whole key, and how wide a line is before its comment."""

    comments: Mapping[str, str]
    column: int

    def items(self, document: Mapping[str, Any], above: str) -> list[tuple[str, Item]]:
        """Single settings first: behind the head of a table they would be read as its own."""
        single: list[tuple[str, Item]] = []
        tables: list[tuple[str, Item]] = []
        for key, value in document.items():
            whole = f"{above}.{key}" if above else key
            if isinstance(value, Mapping):
                tables.append((key, self._table(value, whole)))
            elif named(value):
                rows = [{"name": row["name"], **row} for row in value]
                tables.append((key, AoT([self._table(row, f"{whole}.{row['name']}") for row in rows])))
            else:
                single.append((key, self._setting(key, value, whole)))
        return [*single, *tables]

    def _setting(self, key: str, value: Any, whole: str) -> Item:
        item: Item = tomlkit.item(value)
        if whole in self.comments:
            item.comment(_printable(self.comments[whole]))
            item.trivia.comment_ws = " " * (1 + max(0, self.column - _width(key, item)))
        return item

    def _table(self, document: Mapping[str, Any], whole: str) -> Table:
        items = self.items(document, whole)
        # A table of nothing but tables needs no head of its own.
        table = tomlkit.table(is_super_table=all(isinstance(item, Table) for _, item in items))
        for key, item in items:
            table.append(key, item)
        return table


def _width(key: str, item: Item) -> int:
    return len(tomlkit.key(key).as_string()) + len(item.as_string())


def _printable(comment: str) -> str:
    """A comment ends with its line, and the name of a file may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in comment)
