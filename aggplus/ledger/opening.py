"""Open a ledger, or make one."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from aggplus.errors import LedgerError
from aggplus.ledger.database import WRITES, Place, connected, in_plain_words, place_of
from aggplus.ledger.head import read_head
from aggplus.ledger.schema import FORMAT, GENESIS, HEAD, METADATA
from aggplus.ledger.store import Ledger

_MAKING = 4_707_115
"""Key of the lock under which PostgreSQL makes the tables: two makers at once would meet in its catalog."""


def open_ledger(where: str | Path) -> Ledger:
    """Open a ledger, and make it where there is none.

    Parameters
    ----------
    where : str or Path
        A file, `sqlite:///FILE`, or `postgresql://USER@HOST/DATABASE`.

    Raises
    ------
    LedgerError
        When it cannot be opened or made, or is no ledger.
    """
    place = place_of(where)
    engine = connected(place)
    try:
        with in_plain_words(place):
            if not _made(engine):
                _make(engine)
            return _checked(place, engine)
    except BaseException:
        engine.dispose()
        raise


def existing_ledger(where: str | Path) -> Ledger:
    """Open a ledger that is there; nothing is written, and a read-only one will do.

    Parameters
    ----------
    where : str or Path

    Raises
    ------
    LedgerError
        When there is none.
    """
    place = place_of(where)
    if place.file is not None and not os.path.exists(place.file):
        raise LedgerError(f"ledger {place}: there is no such file; record a solve with: aggplus solve --ledger {place}")
    engine = connected(place)
    try:
        with in_plain_words(place):
            if not _made(engine):
                raise LedgerError(f"ledger {place}: there is no ledger in this database; check the name")
            return _checked(place, engine)
    except BaseException:
        engine.dispose()
        raise


def _made(engine: sa.Engine) -> bool:
    # The head is made and filled in one transaction with the other tables.
    with engine.begin() as connection:
        return sa.inspect(connection).has_table(HEAD.name)


def _make(engine: sa.Engine) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
        METADATA.create_all(connection)
        if connection.execute(sa.select(HEAD)).first() is None:
            connection.execute(HEAD.insert().values(format=FORMAT, last_id=0, last_hash=GENESIS))


def _checked(place: Place, engine: sa.Engine) -> Ledger:
    with engine.begin() as connection:
        read_head(connection, place, sa.select(HEAD))
    return Ledger(place, engine)
