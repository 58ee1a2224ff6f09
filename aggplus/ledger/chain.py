"""New rows at the end of the chain: each carries the hash of the one before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aggplus.ledger.canonical import row_hash
from aggplus.ledger.entry import Entry
from aggplus.ledger.schema import DOCUMENTS, HEAD, ROWS


def append_rows(connection: sa.Connection, rows: Sequence[Mapping[str, Any]], documents: Mapping[str, str]) -> None:
    """Write rows, the documents that they name, and the new head; part of the caller's transaction.

    Parameters
    ----------
    connection : Connection
    rows : sequence of mapping
        Of `chained`; at least one.
    documents : mapping of hash to text
        Those that are there already are left as they are.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(DOCUMENTS).on_conflict_do_nothing(),
        [{"hash": digest, "content": text} for digest, text in documents.items()],
    )
    connection.execute(ROWS.insert(), rows)
    last = rows[-1]
    connection.execute(HEAD.update().values(last_id=last["id"], last_hash=last["hash"]))


def chained(entries: Sequence[Entry], last_id: int, last_hash: str, now: str) -> list[dict[str, Any]]:
    """Entries as rows that follow the last one.

    Parameters
    ----------
    entries : sequence of Entry
    last_id : int
    last_hash : str
        Of the head.
    now : str
        UTC.
    """
    rows = []
    for number, entry in enumerate(entries, last_id + 1):
        row = {"id": number, "time": now, "previous_hash": last_hash, **entry.columns()}
        row["hash"] = last_hash = row_hash(row)
        rows.append(row)
    return rows
