"""One model in a month: what it held, traded and earned, and how near it was to a change."""

from __future__ import annotations

from dataclasses import dataclass

from aggplus.walks import Miss, PayOut, Rebalance, TrackRecord
from aggplus.walks.daily_holdings import DailyHoldings


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
