"""Distributions by a fund's own: what closes imply, and what is counted twice or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universe import Market, MarketError, read_closes
from universe.checks import Finding, check_prices
from universe.checks.implied import implied_by

PAID = 0.0030
PAYER = "F07"


def first_sessions(panel: pd.DataFrame) -> list[int]:
    months = panel.index.month
    return [row for row in range(1, len(panel)) if months[row] != months[row - 1]]


def closes_of(prices: pd.DataFrame, sizes: dict[int, float]) -> pd.DataFrame:
    """Closes of the payer from its total returns and what it pays: a close falls by what goes ex, dollar by dollar."""
    closes = [50.0]
    growth = (prices[PAYER] / prices[PAYER].shift()).to_numpy()
    for row in range(1, len(prices)):
        paid = sizes.get(row, 0.0) * closes[-1]
        # adj[t] / adj[t-1] = close[t] / (close[t-1] - D), Yahoo's way of adjusting.
        closes.append(growth[row] * (closes[-1] - paid))
    return pd.DataFrame({PAYER: closes}, index=prices.index)


def habit(prices: pd.DataFrame) -> dict[int, float]:
    """A tenth more or less than 30 basis points every month."""
    random = np.random.default_rng(3)
    return {row: PAID * (1.0 + random.uniform(-0.1, 0.1)) for row in first_sessions(prices)}


def of_distributions(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.kind == "distribution" and f.severity != "note"]


@pytest.fixture
def at(panel: pd.DataFrame) -> int:
    """A day in the second year on which the fund pays, and not in December."""
    return next(row for row in first_sessions(panel) if panel.index[row] >= pd.Timestamp("2021-05-01"))


def test_what_is_implied_is_what_was_paid(panel: pd.DataFrame) -> None:
    sizes = habit(panel)
    implied = implied_by(panel, closes_of(panel, sizes))
    column = list(panel.columns).index(PAYER)
    paid = {row: size for row, size in sizes.items() if row > 40}
    assert np.flatnonzero(implied.paid[:, column]).tolist() == sorted(paid)
    rate = implied.rate[:, column]
    np.testing.assert_allclose([rate[row] for row in paid], list(paid.values()), rtol=1e-9)
    assert not implied.paid[:, :column].any()
    assert not implied.parted.any()


def test_nothing_is_found_where_all_is_counted_once(panel: pd.DataFrame) -> None:
    closes = closes_of(panel, habit(panel))
    assert of_distributions(check_prices(panel, closes)) == []
    assert of_distributions(check_prices(panel, closes.round(2))) == []


@pytest.mark.parametrize("decimals", [2, 9])
def test_one_counted_twice_is_a_warning_once_it_has_stayed(panel: pd.DataFrame, at: int, decimals: int) -> None:
    sizes = habit(panel)
    closes = closes_of(panel, sizes).round(decimals)
    panel.iloc[at:, list(panel.columns).index(PAYER)] /= 1.0 - sizes[at]
    (finding,) = of_distributions(check_prices(panel, closes))
    assert (finding.ticker, finding.date, finding.last) == (PAYER, panel.index[at], panel.index[at])
    assert finding.size == pytest.approx(1e4 * sizes[at], rel=0.15)
    assert finding.known_from == panel.index[at + 5]
    assert "counted twice" in finding.why
    # Without its closes nobody could tell: the step is no larger than the fund's own noise allows for.
    assert of_distributions(check_prices(panel)) == []


def test_the_same_again_after_some_days_is_a_warning(panel: pd.DataFrame, at: int) -> None:
    sizes = habit(panel)
    closes = closes_of(panel, sizes)
    panel.iloc[at + 2 :, list(panel.columns).index(PAYER)] /= 1.0 - sizes[at]
    (finding,) = of_distributions(check_prices(panel, closes))
    assert finding.date == panel.index[at + 2]
    assert "2 sessions after one of" in finding.why


def test_one_that_is_not_counted_is_a_warning_half_a_pause_late(panel: pd.DataFrame, at: int) -> None:
    sizes = habit(panel)
    closes = closes_of(panel, sizes)
    panel.iloc[at:, list(panel.columns).index(PAYER)] *= 1.0 - sizes[at]
    (finding,) = of_distributions(check_prices(panel, closes))
    assert finding.last is not None
    assert finding.date <= panel.index[at] <= finding.last
    assert panel.index[at + 10] <= finding.known_from <= panel.index[at + 20]
    assert f"on {panel.index[at]:%Y-%m-%d}: missing" in finding.why


def test_a_large_one_that_was_paid_is_no_error(panel: pd.DataFrame, at: int) -> None:
    """Closes fall by twice as much and the return stays with that of its peers."""
    sizes = {row: 2.0 * size if row == at else size for row, size in habit(panel).items()}
    assert of_distributions(check_prices(panel, closes_of(panel, sizes))) == []


def test_one_that_was_skipped_is_no_error(panel: pd.DataFrame, at: int) -> None:
    sizes = {row: size for row, size in habit(panel).items() if row != at}
    assert of_distributions(check_prices(panel, closes_of(panel, sizes))) == []


def test_gains_of_december_are_at_most_a_note(panel: pd.DataFrame, at: int) -> None:
    """Two funds alone have no peers, and the habit decides: in May it is a warning."""
    december = next(row for row in first_sessions(panel) if panel.index[row].month == 12 and row > 400)
    few = panel[[PAYER, "F08"]]
    severities = {}
    for row in (at, december):
        sizes = {**habit(panel), row: 2.0 * PAID}
        found = [f for f in check_prices(few, closes_of(panel, sizes)) if f.date == panel.index[row]]
        severities[row] = [(f.kind, f.severity) for f in found]
    assert severities == {at: [("distribution", "warning")], december: [("distribution", "note")]}


def test_large_ones_of_december_are_notes_even_where_peers_do_not_show_them(panel: pd.DataFrame) -> None:
    december = next(row for row in first_sessions(panel) if panel.index[row].month == 12 and row > 400) + 12
    closes = closes_of(panel, {**habit(panel), december: 10.0 * PAID})
    panel.iloc[december:, list(panel.columns).index(PAYER)] /= 1.0 - 10.0 * PAID
    (finding,) = [f for f in check_prices(panel, closes) if f.kind == "distribution"]
    assert (finding.date, finding.severity) == (panel.index[december], "note")


def test_none_is_missed_after_the_end_of_a_year(panel: pd.DataFrame, at: int) -> None:
    """Without peers a regular payer that skips is a note, but that of January is often paid in December."""
    january = next(row for row in first_sessions(panel) if panel.index[row] >= pd.Timestamp("2021-01-01"))
    few = panel[[PAYER, "F08"]]
    notes = {}
    for row in (at, january):
        sizes = {other: size for other, size in habit(panel).items() if other != row}
        found = [f for f in check_prices(few, closes_of(panel, sizes)) if f.kind == "distribution"]
        notes[row] = [(f.severity, f.why.endswith("missing")) for f in found]
    assert notes == {at: [("note", True)], january: []}


def test_steps_that_no_distribution_makes_are_notes(panel: pd.DataFrame) -> None:
    closes = closes_of(panel, habit(panel))
    closes.iloc[305] *= 0.996
    (finding,) = [f for f in check_prices(panel, closes) if f.kind == "adjustment"]
    assert (finding.ticker, finding.severity) == (PAYER, "note")
    assert (finding.date, finding.last) == (panel.index[305], panel.index[306])
    assert finding.size == pytest.approx(40.0, rel=0.02)


def test_blank_closes_hide_what_lies_in_them_and_no_more(panel: pd.DataFrame, at: int) -> None:
    sizes = habit(panel)
    closes = closes_of(panel, sizes)
    panel.iloc[at:, list(panel.columns).index(PAYER)] /= 1.0 - sizes[at]
    beside, over = closes.copy(), closes.copy()
    beside.iloc[at + 8 : at + 12] = np.nan
    over.iloc[at - 3 : at + 3] = np.nan
    assert [f.date for f in of_distributions(check_prices(panel, beside))] == [panel.index[at]]
    # The factor over the blank days is that of the distribution, on the first day that is known again.
    assert [f.date for f in of_distributions(check_prices(panel, over))] == [panel.index[at + 3]]


def test_without_closes_all_is_as_before(panel: pd.DataFrame) -> None:
    panel.iloc[300:, list(panel.columns).index(PAYER)] *= 1.0075
    alone = check_prices(panel)
    blank = pd.DataFrame(np.nan, index=panel.index, columns=panel.columns)
    assert check_prices(panel, blank) == alone
    assert check_prices(panel, closes_of(panel, habit(panel)).drop(columns=PAYER)) == alone
    assert [f.kind for f in alone if f.date == panel.index[300]] == ["distribution"]


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_the_level_of_closes_does_not_matter(clean_panel: pd.DataFrame, seed: int) -> None:
    random = np.random.default_rng(seed)
    prices = clean_panel.copy()
    sizes = habit(prices)
    closes = closes_of(prices, sizes)
    row = int(random.choice(sorted(sizes)[8:]))
    prices.loc[prices.index[row] :, PAYER] *= (1.0 + sizes[row]) ** random.choice([-1.0, 1.0])
    told = [
        [(f.ticker, f.date, f.kind, f.severity, f.known_from, round(f.size, 6)) for f in check_prices(prices, panel)]
        for panel in (closes, closes * random.uniform(0.01, 100.0))
    ]
    assert told[0] == told[1]


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), cut=st.integers(300, 519))
def test_what_comes_later_takes_nothing_back(clean_panel: pd.DataFrame, seed: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    prices = clean_panel.copy()
    sizes = habit(prices)
    closes = closes_of(prices, sizes)
    for row in random.choice(sorted(sizes)[8:], 3, replace=False):
        prices.loc[prices.index[row] :, PAYER] *= (1.0 + sizes[row]) ** random.choice([-1.0, 1.0])
    day = prices.index[cut]

    def told(until: pd.Timestamp) -> set[tuple[pd.Timestamp, str]]:
        found = of_distributions(check_prices(prices.loc[:until], closes.loc[:until]))
        return {(f.date, f.why) for f in found if f.known_from <= day}

    assert told(day) == told(prices.index[-1])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_closes_are_read_beside_the_adjusted_ones(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {
            "date": ["2024-01-02", "2024-01-03", "2024-01-02"],
            "ticker": ["A", "A", "B"],
            "adj_close": [1.0, 2.0, 3.0],
            "close": [10.0, None, 30.0],
        }
    )
    if suffix == "csv":
        table.to_csv(tmp_path / "prices.csv", index=False)
    else:
        table.to_parquet(tmp_path / "prices.parquet")
    closes = read_closes(tmp_path)
    assert closes is not None
    expected = table.dropna().assign(date=lambda t: pd.to_datetime(t["date"])).pivot(index="date", columns="ticker")
    np.testing.assert_array_equal(closes, expected["close"])
    assert list(closes.columns) == ["A", "B"]
    assert closes.index.tolist() == [pd.Timestamp("2024-01-02")]


def test_other_files_have_no_closes(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match="neither"):
        read_closes(tmp_path)
    for text in ("date,A,B\n2024-01-02,1,2\n", "date,ticker,adj_close\n2024-01-02,A,1\n"):
        (tmp_path / "prices.csv").write_text(text)
        assert read_closes(tmp_path) is None
    (tmp_path / "prices.csv").write_text("date,ticker,adj_close,close\n2024-01-02,A,1,\n2024-01-03,A,1,-3\n")
    assert read_closes(tmp_path) is None


def test_distributions_known_to_be_wrong_in_the_real_market_are_found(
    real_market: Market, real_market_path: Path
) -> None:
    """By its amounts: TIP went ex twice in April 2008; ten funds have no distribution in November 2012."""
    closes = read_closes(real_market_path)
    assert closes is not None
    prices = real_market.prices.loc[:"2013-12-31"].dropna(axis=1, how="all")
    found = of_distributions(check_prices(prices, closes))
    assert ("TIP", pd.Timestamp("2008-04-03")) in {(f.ticker, f.date) for f in found}
    missing = {f.ticker for f in found if f.date.year == 2012 and "missing" in f.why}
    assert {"TLT", "LQD", "CMF", "SPTL", "USIG"} <= missing
