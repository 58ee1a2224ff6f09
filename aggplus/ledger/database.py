"""Where a ledger is: a file for SQLite or the URL of a PostgreSQL database; and what either says when it cannot serve.

SQLite runs with its rollback journal and `synchronous = EXTRA`, not with a write-ahead log: an acknowledged row is in
the one file that is copied, archived and opened from read-only places, and not in a second one beside it. An append
is one transaction under a lock taken at its begin; what kills it leaves a journal, from which the next to open the
ledger puts the file back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from aggplus.errors import LedgerError

WRITES = "ledger_writes"
"""Execution option of connections that write: their transactions begin with the lock."""

_BUSY_SECONDS = 60.0
"""How long a writer waits for others before it gives up."""

_PUT = "nothing of this append is recorded, earlier records are intact"


@dataclass(frozen=True)
class Place:
    """Where a ledger is.

    Parameters
    ----------
    url : URL
    file : Path or None
        Of SQLite.
    """

    url: sa.URL
    file: Path | None

    def __str__(self) -> str:
        return str(self.file) if self.file is not None else self.url.render_as_string(hide_password=True)


def place_of(where: str | Path) -> Place:
    """Read where a ledger is.

    Parameters
    ----------
    where : str or Path
        A file, `sqlite:///file`, or `postgresql://user@host/database`.

    Raises
    ------
    LedgerError
        When it is neither.
    """
    if isinstance(where, Path) or "://" not in where:
        return _file_place(Path(where))
    try:
        url = sa.make_url(where)
    except ArgumentError:
        raise LedgerError(f"ledger: {where.partition(':')[0]}://... is no URL; {_EXPECTED}") from None
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return _file_place(Path(url.database))
    if backend in ("postgresql", "postgres"):
        return Place(url.set(drivername="postgresql+psycopg"), None)
    raise LedgerError(f"ledger {url.render_as_string(hide_password=True)}: {_EXPECTED}")


_EXPECTED = "expected a file, sqlite:///FILE or postgresql://USER@HOST/DATABASE"


def _file_place(file: Path) -> Place:
    try:
        file = file.expanduser()
    except RuntimeError as error:
        raise LedgerError(f"ledger {file}: {error}; give the whole path") from None
    if "\0" in str(file):
        raise LedgerError("ledger: a file's name holds no null character")
    return Place(sa.URL.create("sqlite", database=str(file)), file)


def connected(place: Place) -> sa.Engine:
    """An engine on a ledger's database; nothing is opened yet.

    Parameters
    ----------
    place : Place

    Raises
    ------
    LedgerError
        When the driver of PostgreSQL is not installed.
    """
    if place.file is not None:
        return _sqlite_engine(place.url)
    try:
        return sa.create_engine(place.url, pool_pre_ping=True, connect_args={"connect_timeout": 20})
    except ModuleNotFoundError:
        raise LedgerError(
            f"ledger {place}: the driver of PostgreSQL is missing; install it with: pip install 'aggplus[postgres]'"
        ) from None


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    # Python's module would begin transactions late, at the first statement that writes; here each begins as it says.
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = EXTRA")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def in_plain_words(place: Place) -> Iterator[None]:
    """Turn what a database says when it cannot serve into one line.

    Parameters
    ----------
    place : Place

    Raises
    ------
    LedgerError
    """
    try:
        yield
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise LedgerError(f"ledger {place}: {_meaning(place, said)}") from None


def _meaning(place: Place, said: str) -> str:
    if place.file is None:
        return said
    for words, meaning in _SQLITE_WORDS.items():
        if words in said:
            return meaning
    if "unable to open" in said:
        return _unopened(place.file)
    return said


_SQLITE_WORDS = {
    "disk is full": f"the disk is full; {_PUT}; make room and try again",
    "disk I/O error": f"cannot be written (a full disk, or a limit on the size of files); {_PUT}",
    "readonly database": f"is read-only; {_PUT}; give yourself the right to write to it and to its folder",
    "database is locked": f"another process kept it locked for {_BUSY_SECONDS:.0f} seconds; {_PUT}; try again",
    "file is not a database": "is not a ledger (no SQLite database); choose another file",
    "malformed": "is damaged (the SQLite database is malformed); restore it from a copy",
}


def _unopened(file: Path) -> str:
    if os.path.isdir(file):
        return "is a folder; give the name of a file"
    if not os.path.isdir(file.parent):
        return f"the folder {file.parent} does not exist; make it first"
    if os.path.exists(file) and not os.access(file, os.R_OK):
        return "cannot be read (no permission)"
    return f"cannot be opened or made (no permission to write to {file.parent}?)"
