"""Solve again what a row says was solved, and compare."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aggplus.desk import solve
from aggplus.errors import LedgerError
from aggplus.ledger.entry import SOLVE, library_versions
from aggplus.ledger.row import Row
from aggplus.ledger.store import Ledger
from aggplus.model import Model
from aggplus.portfolio import ModelPortfolio
from constraints import validate_document
from optimizer import AUTO, BACKENDS
from universe import Market

AGREEMENT = 1e-9
"""Weights that differ by no more than this are the same portfolio."""


@dataclass(frozen=True, eq=False)
class Replay:
    """A solve beside its repetition.

    Parameters
    ----------
    row : Row
        As it was recorded.
    portfolio : ModelPortfolio
        As it comes out now.
    difference : float
        Largest difference of a weight, as a fraction; infinite where only one of the two is a portfolio.
    changes : tuple of str
        What is no longer as it was: the market, versions.
    """

    row: Row
    portfolio: ModelPortfolio
    difference: float
    changes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the same came out: status, and weights to 1e-9."""
        return self.row.status == self.portfolio.status and self.difference <= AGREEMENT

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to say of it: the verdict first."""
        row, now = self.row, self.portfolio.status
        if self.agrees:
            what = f"agrees: the largest difference of a weight is {self.difference:.1e}"
        elif row.status != now:
            what = f"disagrees: it was {row.status}, now it is {now}"
        else:
            what = f"disagrees: weights differ by up to {self.difference:.3g}"
        return (f"Row {row.id}, {row.model_id} on {row.asof}, {what}", *self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values; a difference of None where only one of the two is a portfolio."""
        return {
            "row": self.row.to_dict(),
            "agrees": self.agrees,
            "difference": self.difference if math.isfinite(self.difference) else None,
            "changes": list(self.changes),
            "portfolio": self.portfolio.to_dict(),
        }


def replay(ledger: Ledger, number: int, market: Market) -> Replay:
    """Solve again from the recorded model, day, holdings and record.

    Parameters
    ----------
    ledger : Ledger
    number : int
        Id of the row.
    market : Market
        It may have grown since. Where what was known on the day has changed, the replay says so and solves all the
        same.

    Raises
    ------
    LedgerError
        When there is no such row, it is no solve, or it was given input from Python that is not recorded.
    MarketError, EstimationError, MandateError, OptimizerError
        When the market can no longer be asked.
    """
    row = ledger.row(number)
    if row.kind != SOLVE:
        raise LedgerError(f"ledger {ledger.name}: row {number} is a {row.kind}; only solves can be repeated")
    if row.own_input:
        raise LedgerError(
            f"ledger {ledger.name}: row {number} was solved with {' and '.join(row.own_input)} given from Python, "
            "which the ledger does not hold; it cannot be repeated"
        )
    record = None if row.record_hash is None else _record(ledger.document(row.record_hash))
    with tempfile.TemporaryDirectory() as folder:
        model = _model(ledger, row, Path(folder))
        portfolio = solve(model, market, row.asof, row.holdings, record)
        if portfolio.backend != row.backend and row.backend in BACKENDS:
            # A row does not say whether its backend was forced or chosen.
            portfolio = solve(model, market, row.asof, row.holdings, record, backend=row.backend or AUTO)
    return Replay(
        row=row,
        portfolio=portfolio,
        difference=_difference(row, portfolio),
        changes=(*_market_changes(ledger, row, market), *_version_changes(ledger.document(row.versions_hash))),
    )


def _model(ledger: Ledger, row: Row, folder: Path) -> Model:
    """The recorded model; files that it reads are laid out anew from the record."""
    document = json.loads(ledger.document(row.model_hash))
    if row.files_hash is not None:
        for key, text in json.loads(ledger.document(row.files_hash)).items():
            file = folder / f"{key}.csv"
            file.write_bytes(text.encode())
            document["expected_return"][key] = str(file)
    return validate_document(Model, document, f"row {row.id}")


def _record(document: str) -> pd.Series:
    days, returns = json.loads(document)
    values = [math.nan if value is None else value for value in returns]
    return pd.Series(values, index=pd.DatetimeIndex(days), name="return", dtype=float)


def _difference(row: Row, portfolio: ModelPortfolio) -> float:
    then, now = row.weights or {}, {str(ticker): float(weight) for ticker, weight in portfolio.weights.items()}
    if bool(then) != bool(now):
        return math.inf
    return max((abs(then.get(ticker, 0.0) - now.get(ticker, 0.0)) for ticker in then.keys() | now.keys()), default=0.0)


def _market_changes(ledger: Ledger, row: Row, market: Market) -> tuple[str, ...]:
    fingerprint = ledger.fingerprint(market)
    now = {
        f"other prices up to {row.asof}": (row.prices_hash, fingerprint.prices(pd.Timestamp(row.asof))),
        "another catalog or quarantine": (row.catalog_hash, fingerprint.catalog),
    }
    changed = [what for what, (recorded, found) in now.items() if recorded != found]
    if not changed:
        return ()
    return (f"The market has changed since: recorded on {row.market} with {' and '.join(changed)}",)


def _version_changes(document: str) -> tuple[str, ...]:
    then, now = json.loads(document), json.loads(library_versions())
    return tuple(
        f"Version of {name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    )
