"""Everything that a monthly report says, as plain values: what its page, its PDF and its JSON are made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from aggplus.charts import colour_of_benchmark
from aggplus.report.model_month import ModelMonth
from aggplus.report.month import ReportMonth
from aggplus.report.peers import Peers
from aggplus.report.record import UNITS, activeness_record, model_record, published_record
from aggplus.walks import TrackRecord
from universe import SECTORS


@dataclass(frozen=True)
class LedgerRow:
    """A row of a ledger that concerns the report: its number, what it records, and its hash."""

    id: int
    kind: str
    model: str
    asof: str
    hash: str


@dataclass(frozen=True)
class LedgerNote:
    """What a ledger holds of the report's models and days.

    Parameters
    ----------
    length : int
        Rows in all.
    head : str
        Hash of the last of them, which covers all before.
    rows : tuple of LedgerRow
    """

    length: int
    head: str
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, eq=False)
class MonthlyReport:
    """A month of some models, beside their benchmarks.

    Parameters
    ----------
    month : ReportMonth
    market : str
    simulated : bool
    start : Timestamp
        Close of the first solve.
    models : tuple of ModelMonth
    fund_sector : dict of ticker to str
        Key of the sector of every fund that was ever held.
    peers : Peers or str
        How active the models are; a sentence where that cannot be told.
    published : DataFrame or None
        Of `aggplus.walks.figures.published_table`.
    warnings : tuple of str
        Flaws of the data and assumptions, each once.
    versions : dict of library to version
    ledger : LedgerNote or None
    """

    month: ReportMonth
    market: str
    simulated: bool
    start: pd.Timestamp
    models: tuple[ModelMonth, ...]
    fund_sector: dict[str, str]
    peers: Peers | str
    published: pd.DataFrame | None
    warnings: tuple[str, ...]
    versions: dict[str, str]
    ledger: LedgerNote | None

    @property
    def tracks(self) -> tuple[TrackRecord, ...]:
        """The records of the models."""
        return tuple(one.track for one in self.models)

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """Tickers, each once."""
        return tuple(dict.fromkeys(track.model.benchmark for track in self.tracks))

    @property
    def benchmark_colours(self) -> dict[str, str]:
        """By ticker."""
        return {ticker: colour_of_benchmark(place) for place, ticker in enumerate(self.benchmarks)}

    @property
    def sectors(self) -> tuple[str, ...]:
        """Keys of all sectors that were held, in the order of the taxonomy."""
        held = {*self.fund_sector.values()}
        return tuple(key for key in SECTORS if key in held)

    @property
    def title(self) -> str:
        """In print."""
        return f"Monthly report, {self.month.name}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `aggplus report --json` writes them.

        Weights and returns are fractions; what is "a year" is annualised.
        """
        month = self.month
        return {
            "month": str(month.month),
            "market": self.market,
            "simulated": self.simulated,
            "start": f"{self.start:%Y-%m-%d}",
            "before": f"{month.eve:%Y-%m-%d}",
            "end": f"{month.last:%Y-%m-%d}",
            "whole_month": month.whole,
            "models": {one.id: model_record(one) for one in self.models},
            "benchmarks": {track.model.benchmark: track.benchmark_statistics.to_dict() for track in self.tracks},
            "published": published_record(self.published),
            "activeness": activeness_record(self.peers),
            "warnings": list(self.warnings),
            "versions": self.versions,
            "ledger": None if self.ledger is None else asdict(self.ledger),
            "units": dict(UNITS),
        }
