"""What no check may depend on: the order of columns, the level of prices, and what comes later."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universe.checks import Finding, check_prices, to_quarantine
from universe.checks.expectation import BLOCK, LEAST, WINDOW, expectation_of
from universe.checks.returns import changes_of

Place = tuple[str, pd.Timestamp, pd.Timestamp]


def spoilt(panel: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A panel with errors of all kinds, and funds that start late and stop."""
    random = np.random.default_rng(seed)
    table = panel.copy()
    funds = random.permutation(table.shape[1])
    rows = random.integers(60, len(table) - 10, 8)
    table.iloc[rows[0], funds[0]] *= 1.0 + random.choice([-0.04, 0.04, 0.3])
    table.iloc[rows[1] :, funds[1]] *= random.choice([10.0, 0.01, 1.2, 1.006])
    table.iloc[rows[2] : rows[2] + 6, funds[2]] = table.iloc[rows[2] - 1, funds[2]]
    table.iloc[rows[3] : rows[3] + 4, funds[3]] = np.nan
    table.iloc[: rows[4], funds[4]] = np.nan
    table.iloc[rows[5] :, funds[5]] = np.nan
    table.iloc[rows[6] :, funds[6]] = table.iloc[rows[6] :, funds[7]].to_numpy()
    return table.dropna(how="all", axis=1)


def with_exchange(panel: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same, and two funds whose closes change places and mostly back, so that levels tell."""
    table = spoilt(panel, seed)
    random = np.random.default_rng(seed + 1)
    pair = random.choice(table.shape[1], 2, replace=False)
    first = int(random.integers(60, len(table) - 10))
    rows = slice(first, first + int(random.integers(5, 200)))
    table.iloc[rows, pair] = table.iloc[rows, pair[::-1]].to_numpy()
    return table


def facts(findings: list[Finding]) -> set[tuple[object, ...]]:
    return {(f.ticker, f.date, f.last, f.kind, f.severity, f.known_from, f"{f.size:.6g}") for f in findings}


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_columns_does_not_matter(clean_panel: pd.DataFrame, seed: int) -> None:
    table = with_exchange(clean_panel, seed)
    other = table.iloc[:, np.random.default_rng(seed).permutation(table.shape[1])]
    assert facts(check_prices(table)) == facts(check_prices(other))


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_the_level_of_a_fund_does_not_matter(clean_panel: pd.DataFrame, seed: int) -> None:
    """But to closes that change places, which are told by levels; here none do."""
    table = spoilt(clean_panel, seed)
    levels = np.random.default_rng(seed).uniform(0.01, 1000.0, table.shape[1])
    assert facts(check_prices(table)) == facts(check_prices(table * levels))


def told_by(findings: list[Finding], day: pd.Timestamp) -> set[Place]:
    """What is known by a day: places of errors and warnings, and since when."""
    known = (f for f in findings if f.severity != "note" and f.known_from <= day)
    return {(f.ticker, f.date, f.known_from) for f in known}


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), cut=st.integers(80, 519))
def test_what_comes_later_takes_nothing_back_and_adds_nothing(clean_panel: pd.DataFrame, seed: int, cut: int) -> None:
    table = with_exchange(clean_panel, seed)
    until = table.iloc[: cut + 1].dropna(how="all", axis=1)
    day = table.index[cut]
    assert told_by(check_prices(table), day) == told_by(check_prices(until), day)


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), cut=st.integers(80, 500))
def test_a_changed_future_changes_no_line_of_the_quarantine_known_before(
    clean_panel: pd.DataFrame, seed: int, cut: int
) -> None:
    table = with_exchange(clean_panel, seed)
    changed = table.copy()
    noise = np.random.default_rng(seed + 1).normal(0.0, 0.05, changed.iloc[cut + 1 :].shape)
    changed.iloc[cut + 1 :] *= np.exp(noise)
    day = table.index[cut]
    lines = []
    for prices in (table, changed):
        quarantine = to_quarantine(tuple(check_prices(prices)))
        told = quarantine[quarantine["known_from"] <= day]
        lines.append(set(zip(told["ticker"], told["first"], told["known_from"], strict=True)))
    assert lines[0] == lines[1]


def test_the_expectation_is_the_median_of_what_the_closest_peers_say(clean_panel: pd.DataFrame) -> None:
    """Written out once more for one block, with pandas and float64."""
    changes = changes_of(clean_panel)
    expected = expectation_of(changes).expected
    start = LEAST + 15 * BLOCK
    window = pd.DataFrame(changes.daily).iloc[start - WINDOW : start]
    scale = 1.4826 * window.abs().median()
    units = window / scale
    turmoil = np.maximum(1.4826 * units.abs().median(axis=1), 0.5)
    units = units.div(turmoil, axis=0).clip(-3.0, 3.0)
    products = units.T @ units
    likeness = products / np.sqrt(np.outer(np.diag(products), np.diag(products)))
    for fund in (0, 11, 29):
        peers = likeness[fund].drop(index=fund).abs().nlargest(9).index
        beta = products.loc[fund, peers] / np.diag(products)[peers] * scale[fund] / scale[peers]
        said = (pd.DataFrame(changes.daily).loc[start : start + BLOCK - 1, peers] * beta).median(axis=1)
        np.testing.assert_allclose(expected[start : start + BLOCK, fund], said, rtol=1e-4, atol=1e-8)


def test_changes_over_a_gap_are_measured_against_all_of_it(panel_with_gap: pd.DataFrame) -> None:
    changes = changes_of(panel_with_gap)
    assert changes.span[300:306, 4].tolist() == [0, 0, 0, 4, 1, 1]
    peers = expectation_of(changes)
    over = peers.expected[300:304, 4].sum()
    assert peers.residual[303, 4] == pytest.approx(changes.change[303, 4] - over)


@pytest.fixture
def panel_with_gap(panel: pd.DataFrame) -> pd.DataFrame:
    panel.iloc[300:303, 4] = np.nan
    return panel
