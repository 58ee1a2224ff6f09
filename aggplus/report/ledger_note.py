"""What a ledger holds of a report's models and days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from aggplus.ledger import existing_ledger
from aggplus.model import Model
from aggplus.report.contents import LedgerNote, LedgerRow
from aggplus.report.month import month_of

_DAY = pd.Timedelta(days=1)


def ledger_note(place: str, models: Sequence[Model], month: str) -> LedgerNote:
    """Rows of the models whose as-of date lies in the month, and the last solve before it.

    Parameters
    ----------
    place : str
        A file or an address; see `aggplus.ledger.existing_ledger`.
    models : sequence of Model
    month : str
        YYYY-MM.

    Raises
    ------
    LedgerError, ReportError
        When there is no such ledger, it cannot be read, or the month is none.
    """
    days = month_of(month)
    first, last = f"{days.start_time:%Y-%m-%d}", f"{days.end_time:%Y-%m-%d}"
    with existing_ledger(place) as opened:
        found = []
        for model in models:
            earlier = opened.rows(kind="solve", model=model.id, end=f"{days.start_time - _DAY:%Y-%m-%d}")
            before = max(earlier, key=lambda row: (row.asof, row.id), default=None)
            found += [*([] if before is None else [before]), *opened.rows(model=model.id, start=first, end=last)]
        length, head = opened.head
    rows = sorted(found, key=lambda row: row.id)
    return LedgerNote(
        length, head, tuple(LedgerRow(row.id, row.kind, row.model_id, row.asof, row.hash) for row in rows)
    )
