"""The shipped models over 2016 to January 2024: figures by pandas alone, and what is promised of them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.walks import TrackRecord, walk_together
from universe import Market


@pytest.fixture(scope="module")
def records(real_market: Market) -> list[TrackRecord]:
    models = [aggplus.load_model(name) for name in ("baseline", "aggressive", "conservative")]
    walked = walk_together(models, real_market, "2015-12-31", "2024-01-31")
    return [record for record in walked if isinstance(record, TrackRecord)]


def drifted(record: TrackRecord, prices: pd.DataFrame) -> pd.Series:
    """Gross returns from the weights traded to alone, by pandas."""
    pieces = []
    weights = record.holdings
    ends = [*weights.index[1:], record.daily.index[-1]]
    for (start, row), end in zip(weights.iterrows(), ends, strict=True):
        held = row[row > 0.0]
        worth = (prices.loc[start:end, held.index].ffill() / prices.loc[start, held.index]).mul(held).sum(axis=1)
        pieces.append((worth + 1.0 - held.sum()).pct_change().iloc[1:])
    return pd.concat(pieces)


def test_returns_are_those_of_the_holdings(real_market: Market, records: list[TrackRecord]) -> None:
    prices = real_market.prices
    assert len(records) == 3
    for record in records:
        gross = drifted(record, prices)
        np.testing.assert_allclose(record.daily["gross"], gross, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            record.daily["benchmark"], prices["AGG"].pct_change().loc[record.daily.index], rtol=0, atol=1e-15
        )
        assert record.daily.index[0] == pd.Timestamp("2016-01-04")
        assert record.daily.index[-1] == pd.Timestamp("2024-01-31")
        # Two basis points of all that is bought and sold.
        bought = record.trades.groupby("date")["change"].apply(lambda change: change.abs().sum())
        cost = bought.shift(0) * 0.0002
        net = record.daily["gross"].copy()
        for day, paid in cost.items():
            at = max(0, record.daily.index.searchsorted(day))
            net.iloc[at] = (1.0 + net.iloc[at]) * (1.0 - paid) - 1.0
        np.testing.assert_allclose(record.net, net, rtol=0, atol=1e-12)


def test_volatility_that_triggers_is_the_one_that_a_solve_reads(
    real_market: Market, records: list[TrackRecord]
) -> None:
    # Read of the benchmark alone, and by the whole estimate of the day.
    record = records[0]
    for day in record.daily.index[200::300]:
        last = [made for made in record.rebalances if made.date < day][-1]
        sigma_b = aggplus.solve(record.model, real_market, day).setting.risk_model.sigma_b
        change = abs(sigma_b / last.benchmark_volatility - 1.0)
        assert record.readings.loc[day, "volatility_change"] == pytest.approx(change, abs=1e-9)
        prices = real_market.prices["AGG"]
        assert record.readings.loc[day, "benchmark_move"] == pytest.approx(
            abs(prices[day] / prices[last.date] - 1.0), abs=1e-12
        )
        assert record.readings.loc[day, "max_days"] == len(prices.loc[last.date : day]) - 1


def test_statistics_by_pandas(records: list[TrackRecord]) -> None:
    for record in records:
        net, benchmark, told = record.net, record.daily["benchmark"], record.statistics
        months = pd.concat([net, benchmark], axis=1).add(1.0).resample("ME").prod().sub(1.0)
        own, other = months.iloc[:, 0], months.iloc[:, 1]
        beta = own.cov(other) / other.var()
        assert told.months == len(months) == 97
        assert told.beta == pytest.approx(beta, abs=1e-12)
        assert told.correlation == pytest.approx(own.corr(other), abs=1e-12)
        assert told.alpha == pytest.approx(12.0 * (own.mean() - beta * other.mean()), abs=1e-12)
        assert told.cumulative == pytest.approx((1.0 + net).prod() - 1.0, abs=1e-12)
        assert told.volatility == pytest.approx(net.std() * math.sqrt(252), abs=1e-12)
        assert told.relative_volatility == pytest.approx(net.std() / benchmark.std(), abs=1e-12)
        assert told.positive_months == pytest.approx((own > 0.0).mean(), abs=1e-12)
        assert told.calendar_years[2020] == pytest.approx((1.0 + net["2020"]).prod() - 1.0, abs=1e-12)
        trades = record.trades[record.trades["date"] > record.start]
        turnover = 0.5 * trades["change"].abs().sum() * 252 / len(net)
        assert record.turnover_per_year == pytest.approx(turnover, abs=1e-6)
        days = record.daily.index
        held = pd.Series({made.traded: made.beta for made in record.rebalances}).reindex(days.union([record.start]))
        assert record.mean_ex_ante_beta == pytest.approx(held.ffill().loc[days].mean(), abs=1e-12)


def test_what_is_promised(records: list[TrackRecord]) -> None:
    for record in records:
        assert record.turnover_per_year is not None
        assert record.turnover_per_year <= 2.0
        assert all(made.reasons for made in record.rebalances)
        assert record.misses == ()
        period = record.published_period
        assert period is not None
        assert period[0].cumulative == record.statistics.cumulative
    baseline = records[0].statistics.relative_volatility
    assert baseline is not None
    assert 0.8 <= baseline <= 1.25
