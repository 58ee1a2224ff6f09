"""The digest of a market up to a day depends on what was known then, on all of it, and on nothing else."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggplus.ledger.fingerprint import MarketFingerprint, catalog_digest, prefix_digests
from universe import Market, load_market


def panel(days: int, funds: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    prices = np.exp(random.normal(0.0, 0.01, (days, funds)).cumsum(axis=0))
    prices[random.random((days, funds)) < 0.2] = np.nan
    # Funds begin one after the other.
    prices[np.arange(days)[:, None] < random.integers(0, days, funds)] = np.nan
    index = pd.bdate_range("2020-01-01", periods=days, name="date")
    return pd.DataFrame(prices, index=index, columns=[f"F{i}" for i in range(funds)])


@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 10_000), st.data())
def test_one_price_changes_its_own_day_and_all_after(days: int, funds: int, seed: int, data: st.DataObject) -> None:
    prices = panel(days, funds, seed)
    row, column = data.draw(st.integers(0, days - 1)), data.draw(st.integers(0, funds - 1))
    other = prices.copy()
    was = other.iloc[row, column]
    other.iloc[row, column] = 1.0 if np.isnan(was) else data.draw(st.sampled_from([np.nan, np.nextafter(was, 9.0)]))
    same = [one == two for one, two in zip(prefix_digests(prices), prefix_digests(other), strict=True)]
    assert same == [True] * row + [False] * (days - row)


@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 10_000))
def test_neither_later_days_nor_later_funds_nor_the_order_of_columns_matter(days: int, funds: int, seed: int) -> None:
    prices = panel(days, funds, seed)
    digests = prefix_digests(prices)
    for known in range(1, days + 1):
        early = prices.iloc[:known].dropna(axis=1, how="all")
        assert prefix_digests(early)[-1] == digests[known - 1]
    assert prefix_digests(prices[prices.columns[::-1]]) == digests
    assert len(set(digests)) == days


def test_the_same_numbers_under_other_names_or_days_are_another_market() -> None:
    prices = panel(8, 3, 1).fillna(1.0)
    digests = prefix_digests(prices)
    renamed = prices.rename(columns={"F0": "F1", "F1": "F0"})
    assert prefix_digests(renamed)[-1] != digests[-1]
    assert prefix_digests(prices.rename(columns={"F2": "F3"}))[-1] != digests[-1]
    moved = prices.set_axis(prices.index + pd.Timedelta(days=1))
    assert not set(prefix_digests(moved)) & set(digests)
    # A table of one fund and one of two with the same cells one after the other.
    tall = pd.DataFrame({"A": [1.0, 2.0]}, index=prices.index[:2])
    wide = pd.DataFrame({"A": [1.0], "B": [2.0]}, index=prices.index[:1])
    assert prefix_digests(tall)[-1] != prefix_digests(wide)[-1]


def test_a_catalog_is_known_by_its_cells_whatever_their_order(small: Market) -> None:
    catalog = small.catalog
    digest = catalog_digest(catalog)
    assert catalog_digest(catalog.iloc[::-1][catalog.columns[::-1]]) == digest
    for column in catalog.columns:
        other = catalog.copy()
        cells = other[column].astype(object)
        cells.iloc[2] = "x"
        other[column] = cells
        assert catalog_digest(other) != digest, column
    assert catalog_digest(catalog.drop(index=catalog.index[3])) != digest


def test_a_million_prices_are_quick_and_every_day_is_free_then() -> None:
    prices = panel(2500, 400, 3)
    started = time.perf_counter()
    digests = prefix_digests(prices)
    # A tenth of a second on a machine at rest; a shared one is given more.
    assert time.perf_counter() - started < 0.5
    assert len(digests) == 2500


def test_the_real_market_has_one_digest_whenever_it_is_loaded(real_market: Market, real_market_path: object) -> None:
    one, two = MarketFingerprint(real_market), MarketFingerprint(load_market(str(real_market_path)))
    day = pd.Timestamp("2021-06-30")
    assert (one.prices(day), one.catalog) == (two.prices(day), two.catalog)
    early = replace(real_market, prices=real_market.prices.loc[:day])
    assert MarketFingerprint(early).prices(day) == one.prices(day)
    with pytest.raises(KeyError):
        one.prices(pd.Timestamp("1980-01-01"))
