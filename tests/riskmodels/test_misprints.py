"""Large moves of one day that nobody else shows."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodels.misprints import lone_moves, suspected_misprints

DAYS = pd.bdate_range("2024-01-01", periods=4)
SECTORS = pd.Series({"HYG": "credit", "JNK": "credit", "TLT": "treasury"})


def returns(hyg: float, jnk: float, tlt: float) -> pd.DataFrame:
    rows = [[0.0, 0.0, 0.0], [hyg, jnk, tlt], [0.01, -0.01, 0.0], [0.0, 0.0, 0.01]]
    return pd.DataFrame(rows, index=DAYS, columns=["HYG", "JNK", "TLT"])


@pytest.mark.parametrize(
    ("moves", "suspects"),
    [
        ((0.6, 0.0, 0.0), ["HYG"]),
        ((0.26, 0.08, 0.0), ["HYG"]),
        ((0.26, 0.09, 0.0), []),
        ((0.24, 0.0, 0.0), []),
        ((-0.4, -0.3, 0.0), []),
        ((-0.4, 0.3, 0.0), ["HYG", "JNK"]),
        ((-0.4, 0.0, -0.4), ["HYG", "TLT"]),
        ((np.nan, np.nan, 0.3), ["TLT"]),
        ((0.3, np.nan, np.nan), ["HYG"]),
    ],
)
def test_beside_its_sector(moves: tuple[float, float, float], suspects: list[str]) -> None:
    said = suspected_misprints(returns(*moves), SECTORS)
    assert [sentence.split()[0] for sentence in said] == suspects
    for sentence, ticker in zip(said, suspects, strict=True):
        move = dict(zip(SECTORS.index, moves, strict=True))[ticker]
        assert f"{ticker} returns {100 * move:.0f} % on 2024-01-02 and no other fund of its sector" in sentence
        assert "\n" not in sentence


def test_without_sectors_all_funds_stand_beside_each_other() -> None:
    assert suspected_misprints(returns(-0.4, 0.0, -0.4), None) == ()
    (said,) = suspected_misprints(returns(-0.4, 0.0, 0.0), None)
    assert "and no other fund moves like it" in said


def test_a_fund_is_named_once_with_its_first_day() -> None:
    table = returns(0.5, 0.0, 0.0)
    table.iloc[2, 0] = -1.0 / 3.0
    (said,) = suspected_misprints(table, SECTORS)
    assert said.startswith("HYG returns 50 % on 2024-01-02 (and as oddly on 1 more day) and no other fund")


def by_hand(table: np.ndarray, groups: np.ndarray) -> list[list[int]]:
    found = []
    for day, row in enumerate(table):
        for fund, move in enumerate(row):
            peers = [row[k] for k in range(len(row)) if k != fund and groups[k] == groups[fund]]
            if abs(move) > 0.25 and not any(peer / move >= 1.0 / 3.0 for peer in peers):
                found.append([day, fund])
    return found


MOVE = st.sampled_from([0.0, 0.01, -0.01, 0.1, -0.1, 0.3, -0.3, 0.9, -0.45, float("nan")])


@given(
    st.lists(st.lists(MOVE, min_size=5, max_size=5), min_size=1, max_size=4), st.lists(st.integers(0, 2), min_size=5)
)
def test_as_by_hand(rows: list[list[float]], labels: list[int]) -> None:
    table, groups = np.array(rows), np.array(labels[:5], dtype=np.intp)
    assert lone_moves(table, groups).tolist() == by_hand(table, groups)


def test_march_2020_of_the_real_market_is_no_misprint() -> None:
    folder = os.environ.get("AGGPLUS_MARKET")
    if not folder:
        pytest.skip("AGGPLUS_MARKET is not set")
    prices = pd.read_parquet(Path(folder) / "prices.parquet")
    sectors = pd.read_csv(Path(folder) / "catalog.csv", index_col="ticker")["sector"]
    wide = prices.pivot(index="date", columns="ticker", values="adj_close").sort_index()
    moves = (wide / wide.shift(1) - 1.0).loc["2020-02-20":"2020-04-30"]
    assert (moves.abs() > 0.1).to_numpy().sum() > 50
    assert suspected_misprints(moves, sectors) == ()
