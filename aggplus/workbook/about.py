"""The first sheet: what the others are of, and what to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggplus.json_record import versions
from aggplus.workbook.sheet import Column, Sheet, Shown, Value


def with_about(
    facts: Mapping[str, Value | Shown], units: Mapping[str, str], notes: Sequence[str], sheets: Sequence[Sheet]
) -> list[Sheet]:
    """Sheets with one that tells of them before, and a sheet of notes behind.

    Parameters
    ----------
    facts : mapping
        What the workbook is of.
    units : mapping of str to str
    notes : sequence of str
        Warnings and assumptions.
    sheets : sequence of Sheet
    """
    blank = [
        f"{sheet.blanks} figure{'s' if sheet.blanks > 1 else ''} of the sheet {sheet.name!r} "
        f"{'are no numbers' if sheet.blanks > 1 else 'is no number'} and left blank"
        for sheet in sheets
        if sheet.blanks
    ]
    told = [*notes, *blank]
    rows: list[tuple[Value | Shown, ...]] = [*facts.items()]
    rows += [("warning", note) for note in told]
    rows += [(f"unit: {what}", unit) for what, unit in units.items()]
    rows += [(f"version: {name}", known) for name, known in versions().items()]
    about = Sheet("About", (Column("what"), Column("value")), rows)
    return [about, *sheets, Sheet("Notes", (Column("note"),), [(note,) for note in told])]
