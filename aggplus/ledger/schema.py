"""The tables of a ledger: its rows, the documents that rows name by their hash, and the head of the chain."""

from __future__ import annotations

import sqlalchemy as sa

FORMAT = 1
"""Of the tables below and of what a row's hash covers; a ledger of another format is refused."""

GENESIS = "0" * 64
"""What stands for the previous hash in the first row."""

METADATA = sa.MetaData()

_HASH = sa.String(64)

# Long texts that many rows share (a model document, versions, a record of returns) are kept once, under their SHA-256.
DOCUMENTS = sa.Table(
    "ledger_documents",
    METADATA,
    sa.Column("hash", _HASH, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
)

# The database gives no numbers and no defaults: a row's hash covers all that is written.
ROWS = sa.Table(
    "ledger_rows",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("time", sa.String(32), nullable=False),
    sa.Column("asof", sa.String(10), nullable=False),
    sa.Column("model_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("market", sa.Text),
    sa.Column("prices_hash", _HASH),
    sa.Column("catalog_hash", _HASH),
    sa.Column("model_hash", _HASH, nullable=False),
    sa.Column("versions_hash", _HASH, nullable=False),
    sa.Column("files_hash", _HASH),
    sa.Column("record_hash", _HASH),
    sa.Column("backend", sa.Text),
    sa.Column("gap_bp", sa.Double),
    sa.Column("max_violation", sa.Double),
    sa.Column("kkt_residual", sa.Double),
    sa.Column("certified", sa.Boolean),
    sa.Column("weights", sa.Text),
    sa.Column("holdings", sa.Text),
    sa.Column("own_input", sa.Text),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("readings", sa.Text),
    sa.Column("previous_hash", _HASH, nullable=False),
    sa.Column("hash", _HASH, nullable=False),
)
sa.Index("ledger_rows_model", ROWS.c.model_id, ROWS.c.asof)

# One row, changed with every append: it tells the end of the chain, so that rows missing there are noticed, and
# writers queue up for it.
HEAD = sa.Table(
    "ledger_head",
    METADATA,
    sa.Column("format", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_id", ROWS.c.id.type, nullable=False),
    sa.Column("last_hash", _HASH, nullable=False),
)

DOCUMENT_COLUMNS = ("model_hash", "versions_hash", "files_hash", "record_hash")
"""Columns of a row that name a document."""
