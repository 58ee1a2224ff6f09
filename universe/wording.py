"""Words for a user: suggestions for what was misspelt, lists and values that fit on a line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_LONGEST = 60


def closest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The known word that looks most like `word`, or None when nothing comes near.

    Case and punctuation do not count: "Adj Close" is as good as "adj_close".

    Parameters
    ----------
    word
        What was found.
    known
        What would have been understood.
    cutoff
        Smallest similarity that is worth a suggestion, in [0, 1] (difflib's ratio).
    """
    plain: dict[str, str] = {}
    for candidate in known:
        plain.setdefault(_letters(candidate), candidate)
    matches = difflib.get_close_matches(_letters(word), plain, n=1, cutoff=cutoff)
    return plain[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """``"; did you mean 'x'?"`` to end an error line with, or an empty string."""
    suggestion = closest(word, known, cutoff)
    return f"; did you mean {clipped(suggestion)!r}?" if suggestion is not None else ""


def clipped(text: str) -> str:
    """Text from a file as it can stand in one line: without line breaks, and cut where it gets long."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names separated by commas, the first few if there are many."""
    return ", ".join(clipped(name) for name in names[:most]) + (", ..." if len(names) > most else "")


def fund_count(count: int) -> str:
    """A number of funds in words: "1 fund", "2 funds"."""
    return f"{count} fund{'s' if count != 1 else ''}"


def _letters(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())
