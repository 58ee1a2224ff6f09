"""A spike is judged by its steps out and back together, and by what is usual on days like these."""

import numpy as np
import pandas as pd
import pytest

from universe.checks import Finding, check_prices
from universe.checks.evidence import evidence_of
from universe.checks.spikes import spikes

AT = 400
FUND = "F07"


def spikes_of(panel: pd.DataFrame) -> list[Finding]:
    return [finding for finding in check_prices(panel) if finding.kind == "spike"]


def off_on(panel: pd.DataFrame, rows: range, sizes: np.ndarray) -> None:
    """Each of a fund's closes on some rows off by so much."""
    panel.iloc[list(rows), list(panel.columns).index(FUND)] *= 1.0 + sizes


def test_a_panic_of_months_ago_hides_no_spike_of_a_calm_day(panel: pd.DataFrame) -> None:
    """For six weeks every fund is off by some per cents, up and down; a tail in per cents remembers that for a year."""
    random = np.random.default_rng(3)
    panic = range(AT - 170, AT - 140)
    panel.iloc[list(panic)] *= 1.0 + random.normal(0.0, 0.02, (len(panic), panel.shape[1]))
    off_on(panel, range(AT, AT + 1), np.array([0.025]))
    evidence = evidence_of(panel)
    fund = list(panel.columns).index(FUND)
    assert 2.0 * evidence.tail[AT, fund] > 0.025, "the panic is in the tail"
    found = [finding for finding in spikes_of(panel) if finding.date >= panel.index[AT - 60]]
    assert [(finding.ticker, finding.date, finding.severity) for finding in found] == [
        (FUND, panel.index[AT], "warning")
    ]


def test_its_size_is_the_mean_of_the_two_steps(panel: pd.DataFrame) -> None:
    off_on(panel, range(AT, AT + 1), np.array([0.03]))
    evidence = evidence_of(panel)
    (spike,) = [one for one in spikes(evidence) if one.row == AT]
    residual = evidence.peers.residual[[AT, AT + 1], spike.fund]
    assert spike.size == pytest.approx((residual[0] - residual[1]) / 2.0, rel=1e-12)
    (finding,) = spikes_of(panel)
    assert finding.size == pytest.approx(100.0 * np.expm1(spike.size), rel=1e-12)


def test_one_that_is_late_by_a_day_is_no_spike() -> None:
    """Funds move with one factor, on one day by 3 %: one that stands still then and follows a day later is late."""
    random = np.random.default_rng(4)
    factor = random.normal(0.0, 0.003, 450)
    factor[AT], factor[AT + 1] = 0.03, 0.0
    returns = np.outer(factor, random.uniform(0.8, 1.2, 30)) + random.normal(0.0, 0.0003, (450, 30))
    tickers = [f"F{number:02d}" for number in range(30)]
    days = pd.bdate_range("2020-01-01", periods=450)
    panel = pd.DataFrame(100.0 * np.cumprod(1.0 + returns, axis=0), index=days, columns=tickers)
    place = tickers.index(FUND)
    before = panel.iloc[AT - 1, place]
    panel.iloc[AT, place] = before
    assert spikes_of(panel) == []
    panel.iloc[AT, place] = 0.99 * before
    assert [finding.date for finding in spikes_of(panel)] == [days[AT]], "one that moves by itself is a spike"


def test_a_fund_that_is_off_every_week_has_no_spikes(panel: pd.DataFrame) -> None:
    """Its tail is as large as its spikes: nothing is wrong with one more."""
    rows = range(150, 480, 5)
    off_on(panel, rows, np.where(np.arange(len(rows)) % 2, 0.025, -0.025))
    assert [finding.date for finding in spikes_of(panel) if finding.date >= panel.index[250]] == []
