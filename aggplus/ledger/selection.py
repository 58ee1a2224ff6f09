"""Which rows of a ledger are asked for, as SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from aggplus.ledger.schema import ROWS

_GREATEST_ID = 2**63 - 1
"""A database has no greater one, and takes none in a question."""


def rows_wanted(
    kind: str | None, model: str | None, start: str | None, end: str | None, last: int | None
) -> sa.Select[Any]:
    """Rows that pass every test that is given, the latest first.

    Parameters
    ----------
    kind, model, start, end, last : optional
        As in `Ledger.rows`.
    """
    tests = (
        (ROWS.c.kind == sa.bindparam("kind", kind), kind),
        (ROWS.c.model_id == sa.bindparam("model", model), model),
        (ROWS.c.asof >= sa.bindparam("start", start), start),
        (ROWS.c.asof <= sa.bindparam("end", end), end),
    )
    asked = [test for test, given in tests if given is not None]
    most = None if last is None else min(last, _GREATEST_ID)
    return sa.select(ROWS).where(*asked).order_by(ROWS.c.id.desc()).limit(most)


def row_wanted(number: int) -> sa.Select[Any]:
    """The row of a number; none for one that no row can have.

    Parameters
    ----------
    number : int
    """
    return sa.select(ROWS).where(ROWS.c.id == max(0, min(number, _GREATEST_ID)))
