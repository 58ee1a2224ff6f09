"""What can be wrong with a market or with the rules that screen it."""

from __future__ import annotations


class MarketError(ValueError):
    """A market, a screen or an as-of date that cannot be used.

    The message is one line: what was found, where, what was expected, what to do.
    """
