"""A ledger: rows are appended, read, and never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from aggplus.errors import LedgerError
from aggplus.ledger.chain import append_rows, chained
from aggplus.ledger.database import WRITES, Place, in_plain_words
from aggplus.ledger.entry import Entry, decision_entry, solve_entry
from aggplus.ledger.head import read_head
from aggplus.ledger.row import Row, row_of
from aggplus.ledger.schema import DOCUMENTS, HEAD
from aggplus.ledger.selection import row_wanted, rows_wanted

if TYPE_CHECKING:
    import pandas as pd

    from aggplus.ledger.fingerprint import MarketFingerprint
    from aggplus.model import Model
    from aggplus.portfolio import ModelPortfolio
    from universe import Market

_PAGE = 1000
"""Rows read at a time, so that a long reading does not keep writers waiting."""


class Ledger:
    """An open ledger; a context manager. Use `open_ledger` or `existing_ledger`.

    Parameters
    ----------
    place : Place
    engine : Engine
        On a database that holds a ledger's tables.
    """

    def __init__(self, place: Place, engine: sa.Engine) -> None:
        self._place = place
        self._engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._fingerprints: WeakKeyDictionary[Market, MarketFingerprint] = WeakKeyDictionary()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __repr__(self) -> str:
        return f"<Ledger {self._place}>"

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return str(self._place)

    def append_solve(
        self,
        portfolio: ModelPortfolio,
        market: Market,
        holdings: Mapping[str, float] | pd.Series | None = None,
        record: pd.Series | None = None,
    ) -> int:
        """Record a solve; when this returns, it is on disk.

        Parameters
        ----------
        portfolio : ModelPortfolio
        market : Market
            That it was solved on.
        holdings, record : optional
            As they were given to the solve: a replay needs them.

        Returns
        -------
        int
            The row's id.

        Raises
        ------
        LedgerError
            When it cannot be written; earlier rows are intact.
        """
        return self.append([solve_entry(portfolio, self.fingerprint(market), holdings, record)])[0]

    def append_solves(
        self,
        portfolios: Sequence[ModelPortfolio],
        market: Market,
        holdings: Sequence[Mapping[str, float] | pd.Series | None] | None = None,
        records: Sequence[pd.Series | None] | None = None,
    ) -> list[int]:
        """Record many solves in one transaction: all of them or none.

        Parameters
        ----------
        portfolios : sequence of ModelPortfolio
        market : Market
            That they were solved on.
        holdings, records : sequence, optional
            What was given to each of the solves.

        Returns
        -------
        list of int

        Raises
        ------
        LedgerError
            When they cannot be written; earlier rows are intact.
        """
        held = [None] * len(portfolios) if holdings is None else holdings
        kept = [None] * len(portfolios) if records is None else records
        fingerprint = self.fingerprint(market)
        given = zip(portfolios, held, kept, strict=True)
        return self.append([solve_entry(portfolio, fingerprint, own, record) for portfolio, own, record in given])

    def append_decision(self, model: Model, decision: Mapping[str, Any], market: Market | None = None) -> int:
        """Record a decision; when this returns, it is on disk.

        Parameters
        ----------
        model : Model
        decision : mapping
            With `date`, `action`, `reasons` (sentences) and `readings` (plain values).
        market : Market, optional
            That it was taken on.

        Returns
        -------
        int
            The row's id.

        Raises
        ------
        LedgerError
            When the decision is no such mapping, or it cannot be written; earlier rows are intact.
        """
        fingerprint = None if market is None else self.fingerprint(market)
        return self.append([decision_entry(model, decision, market, fingerprint)])[0]

    def append(self, entries: Sequence[Entry]) -> list[int]:
        """Append prepared entries in one transaction: all of them or none.

        Parameters
        ----------
        entries : sequence of Entry

        Returns
        -------
        list of int
            Ids, one after the other.

        Raises
        ------
        LedgerError
            When they cannot be written; earlier rows are intact.
        """
        if not entries:
            return []
        documents = {digest: text for entry in entries for digest, text in entry.documents.items()}
        with in_plain_words(self._place), self._writing.begin() as connection:
            head = read_head(connection, self._place, sa.select(HEAD).with_for_update())
            if connection.dialect.name == "postgresql":
                # A server may be set to acknowledge before it has written; a ledger's rows are not acknowledged so.
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            # Read under the lock, so that times never run backwards along the chain of one clock.
            now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
            rows = chained(entries, head.last_id, head.last_hash, now)
            append_rows(connection, rows, documents)
        return [row["id"] for row in rows]

    def fingerprint(self, market: Market) -> MarketFingerprint:
        """The digests of a market, worked out once for each market that this ledger meets.

        Parameters
        ----------
        market : Market
            Whole: cut off at a day it is another object, and its past would be read again for every day.
        """
        from aggplus.ledger.fingerprint import MarketFingerprint  # with pandas, which reading rows does not need

        known = self._fingerprints.get(market)
        if known is None:
            known = self._fingerprints[market] = MarketFingerprint(market)
        return known

    def __len__(self) -> int:
        return self.head[0]

    @property
    def head(self) -> tuple[int, str]:
        """Id and hash of the last row; 0 and zeros before the first. The hash covers all that came before."""
        with in_plain_words(self._place), self._engine.begin() as connection:
            head = read_head(connection, self._place, sa.select(HEAD))
        return head.last_id, head.last_hash

    def rows(
        self,
        kind: str | None = None,
        model: str | None = None,
        start: str | None = None,
        end: str | None = None,
        last: int | None = None,
    ) -> list[Row]:
        """Rows by id.

        Parameters
        ----------
        kind : {"solve", "decision"}, optional
        model : str, optional
            Id of the model.
        start, end : str, optional
            As-of dates YYYY-MM-DD, both included.
        last : int, optional
            Only so many, the latest.

        Raises
        ------
        LedgerError
            When the ledger cannot be read.
        """
        wanted = rows_wanted(kind, model, start, end, last)
        with in_plain_words(self._place), self._engine.begin() as connection:
            found = connection.execute(wanted).mappings().all()
        return [row_of(dict(row)) for row in reversed(found)]

    def row(self, number: int) -> Row:
        """One row.

        Parameters
        ----------
        number : int
            Its id.

        Raises
        ------
        LedgerError
            When there is none, or the ledger cannot be read.
        """
        with in_plain_words(self._place), self._engine.begin() as connection:
            found = connection.execute(row_wanted(number)).mappings().first()
        if found is None:
            rows = len(self)
            there = f"it holds the rows 1 to {rows}" if rows else "it is empty"
            raise LedgerError(f"ledger {self._place}: no row {number}; {there}")
        return row_of(dict(found))

    def document(self, digest: str) -> str:
        """A document that rows name by its hash.

        Parameters
        ----------
        digest : str

        Raises
        ------
        LedgerError
            When it is missing, or the ledger cannot be read.
        """
        with in_plain_words(self._place), self._engine.begin() as connection:
            found = connection.execute(sa.select(DOCUMENTS.c.content).where(DOCUMENTS.c.hash == digest)).scalar()
        if found is None:
            raise LedgerError(f"ledger {self._place}: the document {digest} is missing; verify the ledger")
        return str(found)

    def pages(self, table: sa.Table, key: sa.Column[Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
        """A whole table as it is stored, in the order of its key, in short readings between which others may write.

        Parameters
        ----------
        table : Table
        key : Column
            Its primary key.
        """
        after = None
        while True:
            wanted = sa.select(table).order_by(key).limit(_PAGE)
            with in_plain_words(self._place), self._engine.begin() as connection:
                page = connection.execute(wanted if after is None else wanted.where(key > after)).mappings().all()
            if not page:
                return
            yield [dict(row) for row in page]
            after = page[-1][key.name]
