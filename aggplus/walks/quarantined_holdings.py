"""What a walk earned on prices that are in quarantine."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from aggplus.walks.track_record import Rebalance
from universe.quarantine import quarantined, span_words
from universe.wording import listed


def quarantined_holdings(table: pd.DataFrame, rebalances: Sequence[Rebalance], last: pd.Timestamp) -> tuple[str, ...]:
    """A warning on funds that were held over quarantined prices; none where there are none.

    A quarantine keeps a fund out of solves from the day on which it could be known. Whoever held it before has earned
    what the prices say, and nothing better is known.

    Parameters
    ----------
    table : DataFrame
        As `universe.quarantine.read_quarantine` returns it.
    rebalances : sequence of Rebalance
        By day.
    last : Timestamp
        The last day of the walk; what could be known only later is not told.
    """
    ends = [*(rebalance.traded for rebalance in rebalances[1:]), last]
    found: dict[str, None] = {}
    for rebalance, end in zip(rebalances, ends, strict=False):
        spans = quarantined(table, rebalance.traded, last)
        if spans.empty:
            continue
        for _, span in spans[spans["ticker"].isin(list(rebalance.after)) & (spans["first"] <= end)].iterrows():
            found[f"{span['ticker']} ({span_words(span)})"] = None
    if not found:
        return ()
    return (f"held over quarantined prices, and its returns count as they are: {listed(list(found), 8)}",)
