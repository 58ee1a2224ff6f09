"""Which month is reported on, up to which close, and from when the models are walked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from aggplus.errors import ReportError
from aggplus.model import Model
from aggplus.performance.months import ends_month
from aggplus.walks.period import default_start, earliest_start
from universe import Market, close_on

_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class ReportMonth:
    """A month of a market.

    Parameters
    ----------
    month : Period
    eve : Timestamp
        The last close before it: returns of the month are measured from there.
    last : Timestamp
        Its last close in the market.
    whole : bool
        Whether that is the last session of the month on the New York Stock Exchange.
    """

    month: pd.Period
    eve: pd.Timestamp
    last: pd.Timestamp
    whole: bool

    @property
    def first(self) -> pd.Timestamp:
        """The first day of the month."""
        return self.month.start_time

    @property
    def name(self) -> str:
        """In print: "January 2024"."""
        return f"{self.month.start_time:%B %Y}"


def report_month(text: str, market: Market) -> ReportMonth:
    """The month that was asked for, as the market has it.

    Parameters
    ----------
    text : str
        YYYY-MM.
    market : Market

    Raises
    ------
    ReportError
        When it is no month, or the market has no closes of it, or none before it.
    """
    month = month_of(text)
    sessions = pd.DatetimeIndex(market.prices.index)
    covered = f"{market.name} has closes from {sessions[0]:%Y-%m-%d} to {sessions[-1]:%Y-%m-%d}"
    begin = int(sessions.searchsorted(month.start_time))
    end = int(sessions.searchsorted(month.end_time, side="right"))
    if begin == end:
        raise ReportError(f"month {text}: there is no close in it; {covered}: choose a month of these")
    if begin == 0:
        raise ReportError(f"month {text}: there is no close before it to measure returns from; {covered}")
    last = sessions[end - 1]
    return ReportMonth(month, sessions[begin - 1], last, ends_month(last))


def month_of(text: str) -> pd.Period:
    """The month that a text names.

    Parameters
    ----------
    text : str
        YYYY-MM.

    Raises
    ------
    ReportError
        When it names none.
    """
    if not _MONTH.fullmatch(text):
        raise ReportError(f"month {text!r} cannot be read; expected YYYY-MM, such as 2024-01")
    return pd.Period(text, freq="M")


def walk_start(
    asked: str | dt.date | None, models: Sequence[Model], market: Market, month: ReportMonth
) -> pd.Timestamp:
    """The close from which models are walked, so that the month is covered whole.

    Parameters
    ----------
    asked : date or None
        None for the usual one: the close before January 2016 where it lies before the month, else as early as can be.
    models : sequence of Model
    market : Market
    month : ReportMonth

    Raises
    ------
    ReportError, MarketError
        When it lies within the month or after it, or the models cannot be estimated before the month.
    """
    if asked is not None:
        start = close_on(market, asked).date
        if start > month.eve:
            raise ReportError(
                f"start {start:%Y-%m-%d}: {month.name} would not be covered from its first day; "
                f"choose {month.eve:%Y-%m-%d} or a day before it"
            )
        return start
    usual = default_start(models, market)
    if usual <= month.eve:
        return usual
    earliest = earliest_start(models, market)
    if earliest is None:
        raise ReportError(f"month {month.month}: the models cannot be estimated on any day of {market.name}")
    if earliest > month.eve:
        raise ReportError(
            f"month {month.month}: the models can be estimated from {earliest:%Y-%m-%d} on, not before the month "
            f"begins; choose {earliest.to_period('M') + 1} or a later month"
        )
    return earliest
