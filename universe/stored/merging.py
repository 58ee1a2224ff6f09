"""A fund's past as it is kept, beside what the source says of it today.

Adjusted closes are relative: when a distribution is paid or a share split, the source scales all of the past. So
returns are compared, never levels. Where they agree and the last level as well, new rows are appended and the old
ones keep every bit. Where not, the whole past is fetched again and takes the place of the old.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from universe.sources.protocol import NUMBERS, PRICE_COLUMNS
from universe.stored.changes import FundChange, Revision, Status

TOLERANCE = 1e-5
"""Two returns, or two levels as a ratio, that differ by less are the same: a tenth of a basis point. Yahoo's figures
are single precision, 1e-7 of their size."""

_LATER_START_DAYS = 7
_MOST_WITHDRAWN = 0.005


@dataclass(frozen=True)
class Comparison:
    """Two tellings of a fund's adjusted closes, on the days that both have.

    Attributes
    ----------
    days
        How many there are.
    ratio
        New over old on the last of them; NaN without any.
    revisions
        Returns between neighbours among them that disagree.
    withdrawn
        Days that only the old has, from the first day of the new on.
    """

    days: int
    ratio: float
    revisions: tuple[Revision, ...]
    withdrawn: tuple[pd.Timestamp, ...]

    @property
    def same(self) -> bool:
        """Whether new rows can follow the old ones as they are."""
        return self.days > 0 and not self.revisions and abs(self.ratio - 1.0) <= TOLERANCE


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Comparison:
    """Hold what is kept of a fund against what the source says today.

    Parameters
    ----------
    old, new
        Rows of a price table of one fund, by date ascending.
    """
    before, after = (rows.set_index("date")["adj_close"] for rows in (old, new))
    both = before.index.intersection(after.index)
    if not len(both):
        return Comparison(0, float("nan"), (), ())
    levels = np.column_stack([before.loc[both].to_numpy(), after.loc[both].to_numpy()])
    returns = levels[1:] / levels[:-1] - 1.0
    differ = np.flatnonzero(np.abs(returns[:, 1] - returns[:, 0]) > TOLERANCE)
    revisions = tuple(Revision(both[at + 1], float(returns[at, 0]), float(returns[at, 1])) for at in differ.tolist())
    # To the end of the old, and not of the new: a last bar that was wrong is what a source takes back most often.
    spanned = before.index[before.index >= after.index[0]]
    return Comparison(len(both), float(levels[-1, 1] / levels[-1, 0]), revisions, tuple(spanned.difference(both)))


def append(old: pd.DataFrame, new: pd.DataFrame, seen: Comparison) -> tuple[pd.DataFrame, FundChange]:
    """A fund with the rows that it did not have; its adjusted closes stay as they are.

    Closes, volumes, distributions and splits of days that both have are the source's of today, where it has them:
    the last volume of an evening is often preliminary.

    Parameters
    ----------
    old, new
        Rows of a price table of one fund; `seen` is what `compare` says of them, and they are the `same`.
    """
    ticker = str(old["ticker"].iloc[0])
    fresh = new.loc[~new["date"].isin(old["date"])]
    corrected, rows = _corrected(old, new)
    if len(fresh):
        rows = pd.concat([rows, fresh]).sort_values("date", kind="stable")
    status: Status = "appended" if len(fresh) else "unchanged"
    change = FundChange(
        ticker, status, added=len(fresh), ratio=seen.ratio, withdrawn=seen.withdrawn, corrected=corrected
    )
    return rows, change


def replace(old: pd.DataFrame, whole: pd.DataFrame | None, why_not: str) -> tuple[pd.DataFrame, FundChange]:
    """A fund whose past is told otherwise today, with the past of today, if that is whole.

    Parameters
    ----------
    old
        Rows of a price table of one fund.
    whole
        All that the source has of it; None if it could not be had.
    why_not
        Why it could not be had.
    """
    ticker = str(old["ticker"].iloc[0])
    if whole is None or whole.empty:
        return old, FundChange(ticker, "refused", why=f"its past has changed and cannot be had whole: {why_not}")
    seen = compare(old, whole)
    ratio = seen.ratio if seen.days else None
    first, before = whole["date"].iloc[0], old["date"].iloc[0]
    gone = tuple(pd.DatetimeIndex(old["date"]).difference(pd.DatetimeIndex(whole["date"])))
    if (first - before).days > _LATER_START_DAYS:
        why = f"its past has changed, and the source has it from {first:%Y-%m-%d} only; kept from {before:%Y-%m-%d}"
        return old, FundChange(ticker, "refused", ratio=ratio, why=why)
    if len(gone) > max(1, _MOST_WITHDRAWN * len(old)):
        why = f"its past has changed, and the source lacks {len(gone)} of {len(old)} days that are kept"
        return old, FundChange(ticker, "refused", ratio=ratio, why=why)
    if seen.same:  # the overlap had no day in common, or too few to tell; the whole has, and nothing has changed
        return append(old, whole, seen)
    change = FundChange(
        ticker,
        "revised" if seen.revisions else "readjusted",
        added=int((~whole["date"].isin(old["date"])).sum()),
        ratio=seen.ratio,
        revisions=seen.revisions,
        withdrawn=gone,
    )
    return whole, change


def _corrected(old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    """How many rows of the old the new corrects beside their adjusted closes, and the rows as corrected."""
    today = new.set_index("date").reindex(pd.DatetimeIndex(old["date"]))
    rows = old.copy()
    changed = np.zeros(len(old), dtype=bool)
    for column in NUMBERS[1:]:
        before, after = old[column].to_numpy(), today[column].to_numpy()
        other = ~np.isnan(after) & ~np.isclose(after, before, rtol=TOLERANCE, atol=0.0)
        changed |= other
        rows[column] = np.where(other, after, before)
    return int(changed.sum()), rows.loc[:, list(PRICE_COLUMNS)]
