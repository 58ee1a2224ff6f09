"""Everything that a monthly report says, as plain values: what its page, its PDF and its JSON are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from aggplus.charts import colour_of_benchmark
from aggplus.report.month import ReportMonth
from aggplus.report.peers import Peers
from aggplus.report.record import as_record
from aggplus.walks import Miss, PayOut, Rebalance, TrackRecord
from aggplus.walks.daily_holdings import DailyHoldings
from universe import SECTORS


@dataclass(frozen=True)
class Line:
    """A fund in a month.

    Parameters
    ----------
    ticker, name, sector : str
        The sector by its key.
    before, after : float
        Weights at the close before the month, and at its last close; fractions.
    contribution : float
        To the month's return before costs, a fraction: what it earned each day times its weight the day before and
        the growth of the portfolio up to then, so that the lines and the costs add up to the month's return.
    """

    ticker: str
    name: str
    sector: str
    before: float
    after: float
    contribution: float


@dataclass(frozen=True)
class Change:
    """A fund in a trade: its weight before and after, fractions."""

    ticker: str
    name: str
    sector: str
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Trade:
    """A rebalance of the month, or the one before that is still in force.

    Parameters
    ----------
    made : Rebalance
    changes : tuple of Change
        By sector, then by ticker; cash is not among them.
    """

    made: Rebalance
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Nearness:
    """How near a trigger was to calling for a solve.

    Parameters
    ----------
    trigger : str
        Its key in the document.
    words : str
        What it read on the last day.
    share, peak : float or None
        Value over threshold on the last day, and the largest of the month's days since the last solve; None where
        that cannot be said.
    """

    trigger: str
    words: str
    share: float | None
    peak: float | None


@dataclass(frozen=True, eq=False)
class ModelMonth:
    """One model in a month.

    Parameters
    ----------
    track : TrackRecord
        From the start to the month's last close.
    label : str
        Its name in print, unlike that of any other model of the report.
    colour : str
    held : DailyHoldings
    lines : tuple of Line
        Every fund held at some close of the month or the one before; the largest at the end first.
    cash : tuple of float
        Weight of cash at the close before the month, and at its last close.
    month_return : float
        Net.
    costs : float
        Of trades, and the adviser's fee: the month's return less all contributions.
    trades : tuple of Trade
        Of the month, by date.
    in_force : Trade or None
        The last trade before the month.
    nearness : tuple of Nearness
    misses : tuple of Miss
        Of the month.
    payouts : tuple of PayOut
        Of the month.
    """

    track: TrackRecord
    label: str
    colour: str
    held: DailyHoldings
    lines: tuple[Line, ...]
    cash: tuple[float, float]
    month_return: float
    costs: float
    trades: tuple[Trade, ...]
    in_force: Trade | None
    nearness: tuple[Nearness, ...]
    misses: tuple[Miss, ...]
    payouts: tuple[PayOut, ...]

    @property
    def id(self) -> str:
        """Of the model."""
        return self.track.model.id


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
        """Plain values, as `aggplus report --json` writes them."""
        return as_record(self)
