"""The ledger: every solve and every decision, appended, chained by hashes, and repeatable.

>>> from aggplus.ledger import open_ledger, verify
>>> with open_ledger("ledger.sqlite") as ledger:            # doctest: +SKIP
...     ledger.append_solve(portfolio, market)
...     assert verify(ledger) == ()
"""

from aggplus.errors import LedgerError
from aggplus.ledger.entry import Entry, decision_entry, solve_entry
from aggplus.ledger.fingerprint import MarketFingerprint
from aggplus.ledger.opening import existing_ledger, open_ledger
from aggplus.ledger.replay import Replay, replay
from aggplus.ledger.row import Row
from aggplus.ledger.store import Ledger
from aggplus.ledger.verify import Finding, verify

__all__ = [
    "Entry",
    "Finding",
    "Ledger",
    "LedgerError",
    "MarketFingerprint",
    "Replay",
    "Row",
    "decision_entry",
    "existing_ledger",
    "open_ledger",
    "replay",
    "solve_entry",
    "verify",
]
