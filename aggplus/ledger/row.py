"""A row of a ledger as it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggplus.errors import LedgerError


@dataclass(frozen=True)
class Row:
    """A solve or a decision that was recorded.

    Parameters
    ----------
    id : int
    kind : {"solve", "decision"}
    time : str
        UTC, when it was recorded.
    asof : str
        YYYY-MM-DD.
    model_id : str
    status : str
        Of a solve; of a decision its action.
    market, prices_hash, catalog_hash : str or None
    model_hash, versions_hash : str
        Of documents; see `Ledger.document`.
    files_hash, record_hash : str or None
        The same.
    backend : str or None
    gap_bp, max_violation, kkt_residual : float or None
    certified : bool or None
        The certificate's verdict.
    weights, holdings : dict of ticker to fraction, or None
    own_input : tuple of str
        What came from Python and is not recorded.
    reasons : tuple of str
    readings : object
        Of a decision.
    previous_hash, hash : str
    """

    id: int
    kind: str
    time: str
    asof: str
    model_id: str
    status: str
    market: str | None
    prices_hash: str | None
    catalog_hash: str | None
    model_hash: str
    versions_hash: str
    files_hash: str | None
    record_hash: str | None
    backend: str | None
    gap_bp: float | None
    max_violation: float | None
    kkt_residual: float | None
    certified: bool | None
    weights: dict[str, float] | None
    holdings: dict[str, float] | None
    own_input: tuple[str, ...]
    reasons: tuple[str, ...]
    readings: Any
    previous_hash: str
    hash: str

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return vars(self) | {"own_input": list(self.own_input), "reasons": list(self.reasons)}


def row_of(stored: Mapping[str, Any]) -> Row:
    """A row from its columns.

    Parameters
    ----------
    stored : mapping of column to value

    Raises
    ------
    LedgerError
        When a column holds something else than was ever written there.
    """
    try:
        parsed = {name: _read(stored[name]) for name in ("weights", "holdings", "own_input", "reasons", "readings")}
    except (TypeError, ValueError):
        raise LedgerError(f"ledger: row {stored['id']} cannot be read: it was edited; verify the ledger") from None
    lists = {name: tuple(parsed[name] or ()) for name in ("own_input", "reasons")}
    return Row(**{**stored, **parsed, **lists})


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)
