"""The real market built up to a day and brought up to date comes out as it is; and with a past that was scaled."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from universe import Market, load_market
from universe.sources import Recipe
from universe.stored.building import build_market, update_market


def _silent(_: int, __: int) -> None:
    return


def test_built_and_updated_it_is_the_same(real_market: Market, real_market_path: Path, tmp_path: Path) -> None:
    recipe = Recipe("folder", (real_market_path,))
    build_market(recipe, tmp_path / "market", dt.date(2024, 1, 31), _silent)
    first = load_market(tmp_path / "market")
    known = real_market.prices.loc[:"2024-01-31"].dropna(axis=1, how="all")
    pd.testing.assert_frame_equal(first.prices, known, check_exact=True)
    outcome = update_market(tmp_path / "market", None, _silent)
    second = load_market(tmp_path / "market")
    pd.testing.assert_frame_equal(second.prices, real_market.prices, check_exact=True)
    pd.testing.assert_frame_equal(second.catalog, real_market.catalog)
    assert {change.status for change in outcome.changes} == {"new", "appended", "stopped"}
    stopped = {change.ticker for change in outcome.changes if change.status == "stopped"}
    last = real_market.prices.apply(pd.Series.last_valid_index)
    assert stopped == set(last.index[last < real_market.prices.index[-20]])


@pytest.fixture(scope="module")
def part(real_market_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty funds of the real market as a folder of their own."""
    folder = tmp_path_factory.mktemp("part") / "source"
    folder.mkdir()
    prices = pd.read_parquet(real_market_path / "prices.parquet")
    some = sorted(prices["ticker"].unique())[::15]
    prices.loc[prices["ticker"].isin([*some, "AGG"])].to_parquet(folder / "prices.parquet", index=False)
    catalog = pd.read_csv(real_market_path / "catalog.csv", dtype="str", keep_default_na=False)
    catalog.loc[catalog["ticker"].isin([*some, "AGG"])].to_csv(folder / "catalog.csv", index=False)
    return folder


def test_a_past_scaled_by_real_distributions_changes_no_return(part: Path, tmp_path: Path) -> None:
    """Until the end of May, then the same history as it stands after one more distribution of each fund."""
    build_market(Recipe("folder", (part,)), tmp_path / "market", dt.date(2024, 5, 31), _silent)
    whole = load_market(part).prices
    table = pd.read_parquet(part / "prices.parquet")
    scale = dict(
        zip(sorted(table["ticker"].unique()), np.random.default_rng(5).uniform(0.994, 0.9999, 99), strict=False)
    )
    table["adj_close"] *= table["ticker"].map(scale)
    table.to_parquet(part / "prices.parquet", index=False)
    outcome = update_market(tmp_path / "market", None, _silent)
    statuses = {change.ticker: change.status for change in outcome.changes}
    before = whole.loc[:"2024-05-31"].dropna(axis=1, how="all").columns
    assert {statuses[ticker] for ticker in before} == {"readjusted"}
    for change in outcome.changes:
        if change.status == "readjusted":
            assert change.ratio == pytest.approx(scale[change.ticker], abs=1e-9)
            assert not change.revisions
    after = load_market(tmp_path / "market").prices
    returns, expected = after.pct_change(fill_method=None), whole.pct_change(fill_method=None)
    pd.testing.assert_frame_equal(returns, expected, rtol=0, atol=1e-12)
