"""Whatever a source does to its past, what is kept afterwards has the returns of the source, or is as it was."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from universe.sources import PRICE_COLUMNS, Fetched, Recipe, Source
from universe.sources.protocol import between, empty_table, in_order
from universe.stored.changes import TROUBLE
from universe.stored.renewing import OVERLAP_ROWS, renew

_DAYS = pd.bdate_range("2023-01-02", periods=90)


def _rows(ticker: str, levels: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"date": levels.index.as_unit("us"), "ticker": ticker, "adj_close": levels.to_numpy()})
    return frame.astype({"ticker": "str"}).reindex(columns=list(PRICE_COLUMNS)).astype(empty_table().dtypes.to_dict())


@dataclass
class _Memory:
    """A source in six lines: what a user's own has to be."""

    funds: dict[str, pd.DataFrame]

    def tickers(self) -> tuple[str, ...]:
        return tuple(self.funds)

    def prices(self, tickers: Sequence[str], start: dt.date | None, end: dt.date | None) -> Fetched:
        found = {t: between(self.funds[t], start, end) for t in tickers if t in self.funds}
        failures = {t: "not here" for t in tickers if t not in found or found[t].empty}
        return Fetched(in_order(pd.concat([empty_table(), *found.values()])), failures)

    def catalog(self) -> pd.DataFrame:
        return pd.DataFrame({"ticker": list(self.funds)})


@dataclass
class Story:
    """What happens to a fund between two looks at its source."""

    kept: int
    now: int
    scale: float
    revised: dict[int, float]
    gone: set[int]
    begins: int


_stories = st.builds(
    Story,
    kept=st.integers(2, 80),
    now=st.integers(0, 90),
    scale=st.sampled_from([1.0, 0.9965, 0.5, 2.0, 1 + 1e-9]),
    revised=st.dictionaries(st.integers(1, 89), st.floats(-0.02, 0.02).filter(lambda x: abs(x) > 1e-4), max_size=2),
    gone=st.sets(st.integers(0, 89), max_size=3),
    begins=st.sampled_from([0, 0, 0, 4, 40]),
)


def _told(story: Story, seed: int) -> tuple[pd.Series, pd.Series]:
    """The fund as it is kept, and as the source tells it today."""
    returns = np.random.default_rng(seed).normal(0.0, 0.004, len(_DAYS))
    before = pd.Series(80.0 * np.cumprod(1.0 + returns), index=_DAYS)[: story.kept]
    for at, by in story.revised.items():
        returns[at] += by
    today = pd.Series(80.0 * story.scale * np.cumprod(1.0 + returns), index=_DAYS)
    kept = [i for i in range(story.begins, max(story.now, 0)) if i not in story.gone]
    return before, today.iloc[kept]


@given(st.lists(_stories, min_size=1, max_size=3))
def test_the_returns_of_the_source_or_what_was_there(stories: list[Story]) -> None:
    told = {f"F{i}": _told(story, i) for i, story in enumerate(stories)}
    table = in_order(pd.concat([_rows(t, before) for t, (before, _) in told.items()]))
    source: Source = _Memory({t: _rows(t, today) for t, (_, today) in told.items() if len(today)})
    result = renew(table, source, Recipe("files", tickers=tuple(told)), None)
    assert not result.table.duplicated(["ticker", "date"]).any()
    assert result.table["adj_close"].gt(0).all()
    for change in result.changes:
        before, today = told[change.ticker]
        after = result.table.loc[result.table["ticker"] == change.ticker].set_index("date")["adj_close"]
        if change.status in (*TROUBLE, "stopped", "unchanged"):
            pd.testing.assert_series_equal(after, before, check_names=False, check_freq=False, check_exact=True)
            continue
        # All that the source tells is there, and with its returns, from the day from which it was asked.
        seen = (
            today
            if change.status in ("readjusted", "revised")
            else today[before.index[-min(OVERLAP_ROWS, len(before))] :]
        )
        assert set(seen.index) <= set(after.index)
        np.testing.assert_allclose(after[seen.index].pct_change()[1:], seen.pct_change()[1:], rtol=0, atol=2e-5)
        if change.status == "appended":
            pd.testing.assert_series_equal(
                after[before.index], before, check_names=False, check_freq=False, check_exact=True
            )
        if change.status == "revised":
            both = before.index.intersection(today.index)
            differ = (before[both].pct_change() - today[both].pct_change()).abs() > 1e-5
            assert {r.date for r in change.revisions} == set(both[differ])
        assert change.added == len(set(after.index) - set(before.index))
        assert set(before.index) - set(after.index) <= set(change.withdrawn)
