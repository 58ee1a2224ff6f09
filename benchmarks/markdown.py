"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """A table whose first columns are words and whose others are figures.

    Parameters
    ----------
    columns : sequence of str
    rows : sequence of sequence of str
    words : int
        How many columns are words.
    """
    aligned = ["---"] * words + ["---:"] * (len(columns) - words)
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, aligned, *rows)) + "\n"
