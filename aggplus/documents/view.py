"""Differences of two models in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tomlkit
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.documents.difference import Difference


def differences_view(found: Sequence[Difference], a: str, b: str) -> RenderableType:
    """A table of settings, a column a model.

    Parameters
    ----------
    found : sequence of Difference
    a, b : str
        Names of the two.
    """
    if not found:
        return Text(f"No differences: {a} and {b} say the same.")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("setting", a, b):
        table.add_column(Text(name), overflow="fold")
    for difference in found:
        table.add_row(Text(difference.key), _shown(difference.a), _shown(difference.b))
    return table


def _shown(value: Any) -> Text:
    return Text("not set", style="dim") if value is None else Text(tomlkit.item(value).as_string())
