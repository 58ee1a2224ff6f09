"""What can be a ticker."""

from __future__ import annotations

from universe.wording import clipped


def ticker_fault(text: str) -> str | None:
    """What keeps a text from being a ticker, to follow "the ticker"; None if nothing does.

    Any printable text will do ("NA" and "BRK.B" are tickers), but blanks around it would make two funds of one.
    """
    if not text.strip():
        return "is blank"
    if text != text.strip():
        return f"{clipped(text)!r} has blanks around it"
    if not text.isprintable():
        return f"{clipped(text)!r} has characters that cannot be printed"
    return None
