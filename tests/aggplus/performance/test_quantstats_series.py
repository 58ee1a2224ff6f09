"""What quantstats computes of an exported record is what the statistics say."""

import numpy as np
import pandas as pd
import pytest
import quantstats

from aggplus.performance import deepest_drawdown, quantstats_series, statistics_of


@pytest.fixture(scope="module")
def record() -> pd.Series:
    days = pd.bdate_range("2016-01-04", "2019-12-31", tz="UTC")
    return pd.Series(np.random.default_rng(2).normal(2e-4, 3e-3, len(days)), index=days)


def test_the_form(record: pd.Series) -> None:
    got = quantstats_series(record.iloc[::-1], "ModelPort20")
    assert got.name == "ModelPort20"
    assert got.dtype == np.float64
    assert isinstance(got.index, pd.DatetimeIndex)
    assert got.index.tz is None
    assert got.index.name == "Date"
    assert got.index.is_monotonic_increasing
    assert got.to_numpy() == pytest.approx(record.to_numpy())


def test_quantstats_agrees(record: pd.Series) -> None:
    random = np.random.default_rng(4)
    benchmark = quantstats_series(0.5 * record + random.normal(0, 2e-3, len(record)), "AGG")
    exported, ours = quantstats_series(record, "ModelPort20"), statistics_of(record, benchmark)
    assert quantstats.stats.sharpe(exported) == pytest.approx(ours.sharpe)
    assert quantstats.stats.volatility(exported) == pytest.approx(ours.volatility)
    assert quantstats.stats.comp(exported) == pytest.approx(ours.cumulative)
    assert quantstats.stats.skew(exported) == pytest.approx(ours.skewness_daily)
    assert quantstats.stats.greeks(exported, benchmark)["beta"] == pytest.approx(ours.beta_daily)
    drawdown = deepest_drawdown(exported)
    assert drawdown is not None
    assert quantstats.stats.max_drawdown(exported) == pytest.approx(drawdown.depth)


def test_quantstats_writes_its_report(record: pd.Series) -> None:
    exported = quantstats_series(record, "ModelPort20")
    table = quantstats.reports.metrics(exported, display=False, mode="basic")
    assert not table.empty
