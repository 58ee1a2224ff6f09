"""Errors of the desk itself; they load nothing, so that a command line that shows its help or refuses stays quick."""

from __future__ import annotations


class OutputError(ValueError):
    """A result that cannot be written where it was asked for."""


class CrewError(ValueError):
    """Workers for a batch that cannot be had, or died more often than their work is done again."""


class AccountError(ValueError):
    """What a client holds or has earned, prices, or the rules for trades, that cannot be used.

    The message is one line: what was found, where, what was expected.
    """

    def __init__(self, message: str) -> None:
        # Names of files and cells may hold line breaks.
        super().__init__(" ".join(message.splitlines()))


class PerformanceError(ValueError):
    """Daily returns, or settings, of which no figure can be computed."""


class LedgerError(ValueError):
    """A ledger that cannot be opened, read or written, or that does not hold what is asked of it."""


class ReportError(ValueError):
    """A month that cannot be reported on."""
