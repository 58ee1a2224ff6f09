"""What a walk held at every close, and what each fund added to each day's return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.walks.closes import Closes, path_of
from aggplus.walks.track_record import TrackRecord


@dataclass(frozen=True, eq=False)
class DailyHoldings:
    """Weights and contributions of the funds that a walk ever held, in the order of their tickers.

    Parameters
    ----------
    weights : DataFrame
        Fractions at the close of every session from the start on, after the day's trade; what is missing to 1 is cash.
    contributions : DataFrame
        To the day's gross return, fractions, from the session after the start on: a row's sum is that return.
    """

    weights: pd.DataFrame
    contributions: pd.DataFrame


def daily_holdings(track: TrackRecord, closes: Closes) -> DailyHoldings:
    """Follow each portfolio of a walk from its trade to the next.

    Parameters
    ----------
    track : TrackRecord
    closes : Closes
        Of the market that was walked on.
    """
    sessions = closes.sessions
    first, last = (int(sessions.searchsorted(day)) for day in (track.start, track.daily.index[-1]))
    tickers = sorted({ticker for made in track.rebalances for ticker in made.after})
    column = {ticker: place for place, ticker in enumerate(tickers)}
    weights = np.zeros((last - first + 1, len(tickers)))
    contributions = np.zeros((last - first, len(tickers)))
    traded = [int(sessions.searchsorted(made.traded)) for made in track.rebalances]
    for made, start, end in zip(track.rebalances, traded, [*traded[1:], last], strict=True):
        path = path_of(closes, made.after, start, end)
        places = [column[ticker] for ticker in path.tickers]
        there = path.paid_out > np.arange(len(path.total))[:, None]
        weights[start - first : end - first + 1] = 0.0
        weights[start - first : end - first + 1, places] = np.where(there, path.worth / path.total[:, None], 0.0)
        earned = np.diff(path.worth, axis=0) / path.total[:-1, None]
        contributions[start - first : end - first, places] = earned
    days = sessions[first : last + 1].rename("date")
    return DailyHoldings(
        pd.DataFrame(weights, index=days, columns=tickers), pd.DataFrame(contributions, index=days[1:], columns=tickers)
    )
