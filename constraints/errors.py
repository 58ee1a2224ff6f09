"""What can be wrong with a client's document."""

from __future__ import annotations


class MandateError(ValueError):
    """A model document, or a part of one, that cannot be used.

    The message is one line: what was found, where, what was expected, what to do.
    """

    def __init__(self, message: str) -> None:
        # Paths, keys and values of a document may hold line breaks.
        super().__init__(" ".join(message.splitlines()))
