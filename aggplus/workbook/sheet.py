"""A sheet before it is written: one table, and how its numbers read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from constraints import Unit

Form = Literal["text", "percent", "percent_of", "figure", "count", "bp", "money", "date", "small"]

FORMATS: Mapping[Form, str] = MappingProxyType(
    {
        "text": "General",
        "percent": "0.00%",
        "percent_of": '0.00" %"',
        "figure": "0.00",
        "count": "#,##0",
        "bp": '0.00" bp"',
        "money": "#,##0.00",
        "date": "yyyy-mm-dd",
        "small": "0.0E+00",
    }
)
"""Number formats: `percent` of a fraction, `percent_of` of a number that is in percent already."""

Value = str | float | int | bool | dt.date | None


@dataclass(frozen=True)
class Shown:
    """A value that reads otherwise than its column."""

    value: Value
    form: Form


@dataclass(frozen=True)
class Column:
    """A heading, and how what stands under it reads."""

    title: str
    form: Form = "text"


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table.

    Parameters
    ----------
    name : str
        On its tab; what cannot stand there is replaced.
    columns : tuple of Column
    rows : sequence of tuple
        One value a column. Missing values and numbers that are none are left blank.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value | Shown, ...]]

    @property
    def blanks(self) -> int:
        """Numbers that are infinite or none."""
        values = (cell.value if isinstance(cell, Shown) else cell for row in self.rows for cell in row)
        return sum(isinstance(value, float) and not math.isfinite(value) for value in values)


def in_print(value: float | None, unit: Unit) -> Shown:
    """A number of the optimizer so that it reads in its unit: weights stay fractions, shown as percent.

    Parameters
    ----------
    value : float or None
    unit : Unit
    """
    forms: dict[str, Form] = {"% of weight": "percent", "% a year": "percent_of", "bp": "bp", "funds": "count"}
    return Shown(value, forms.get(unit.name, "figure"))
