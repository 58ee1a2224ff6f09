"""Text from files in the cells of a table that a spreadsheet opens."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t")


def no_formula(text: str) -> str:
    """Text that a spreadsheet takes for text: with an apostrophe before it where it would begin a formula.

    Line breaks become blanks: an importing system that reads line by line would take one order for two.

    Parameters
    ----------
    text : str
    """
    line = " ".join(text.splitlines()).strip(" ")
    return f"'{line}" if line.startswith(_FORMULA) else line
