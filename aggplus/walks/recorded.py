"""What a ledger knows of a model's last solve."""

from __future__ import annotations

import pandas as pd

from aggplus.ledger import Ledger
from aggplus.walks.last_solve import LastSolve


def last_solve_in(ledger: Ledger, model_id: str, day: pd.Timestamp) -> LastSolve | None:
    """The last portfolio of a model that was solved on or before a day; it is taken for traded to.

    Parameters
    ----------
    ledger : Ledger
    model_id : str
    day : Timestamp

    Returns
    -------
    LastSolve or None
        None where there is no such row. Of several solves of one day the last recorded counts.

    Raises
    ------
    LedgerError
        When the ledger cannot be read.
    """
    rows = ledger.rows(kind="solve", model=model_id, end=f"{day:%Y-%m-%d}")
    solved = [row for row in rows if row.status == "solved" and row.weights]
    if not solved:
        return None
    last = max(solved, key=lambda row: (row.asof, row.id))
    return LastSolve(last.asof, last.weights or {}, before=last.holdings)
