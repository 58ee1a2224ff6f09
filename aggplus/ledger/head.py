"""The head of a ledger: where its chain ends."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from aggplus.errors import LedgerError
from aggplus.ledger.database import Place
from aggplus.ledger.schema import FORMAT


def read_head(connection: sa.Connection, place: Place, wanted: sa.Select[Any]) -> sa.Row[Any]:
    """The row of `HEAD`.

    Parameters
    ----------
    connection : Connection
    place : Place
    wanted : Select
        Of that table; with a lock for who is about to append.

    Raises
    ------
    LedgerError
        When it is missing, or of another format.
    """
    found = connection.execute(wanted).all()
    if len(found) != 1:
        raise LedgerError(f"ledger {place}: its head is missing (ledger_head has {len(found)} rows; expected one)")
    head = found[0]
    if head.format != FORMAT:
        raise LedgerError(f"ledger {place}: of format {head.format}; this version of aggplus reads format {FORMAT}")
    return head
