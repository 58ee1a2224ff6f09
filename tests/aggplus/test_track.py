"""The correlation of a model's own record with its benchmark, and the target that is scaled by it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.track import realised_correlation
from constraints import MandateError

ASOF = "2024-01-12"
BETA = 0.7


def benchmark_returns(market: aggplus.Market) -> pd.Series:
    return market.prices["AGG"].pct_change().dropna()


def record_like(benchmark: pd.Series, share: float, seed: int = 3) -> pd.Series:
    """Half of the benchmark and noise of its own."""
    noise = np.random.default_rng(seed).normal(0.0, benchmark.std(), len(benchmark))
    return 0.5 * (share * benchmark + (1.0 - share) * noise) + 0.0001


def by_hand(x: pd.Series, y: pd.Series) -> float:
    """Pearson's correlation, written out."""
    a, b = x.to_numpy() - x.mean(), y.to_numpy() - y.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def _days(record: pd.Series) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(record.index)


@pytest.fixture
def prices(small: aggplus.Market) -> pd.Series:
    return small.prices["AGG"].loc[:ASOF]


@pytest.fixture
def record(prices: pd.Series) -> pd.Series:
    return record_like(prices.pct_change().dropna(), 0.7)


class TestRealisedCorrelation:
    def test_is_pearsons(self, prices: pd.Series, record: pd.Series) -> None:
        found = realised_correlation(record, prices)
        assert found is not None
        assert found.value == pytest.approx(by_hand(record, prices.pct_change().dropna()), abs=1e-12)
        assert 0.5 < found.value < 0.99
        assert f"{len(record)} days" in found.source

    def test_of_the_benchmark_itself_is_one_and_of_its_opposite_minus_one(self, prices: pd.Series) -> None:
        own = prices.pct_change().dropna()
        for sign in (1.0, -1.0):
            found = realised_correlation(sign * 0.3 * own + 0.001, prices)
            assert found is not None
            assert found.value == pytest.approx(sign, abs=1e-12)

    @pytest.mark.parametrize(("days", "enough"), [(251, False), (252, True)])
    def test_needs_a_year(self, prices: pd.Series, record: pd.Series, days: int, enough: bool) -> None:
        assert (realised_correlation(record.iloc[-days:], prices) is not None) == enough

    def test_a_record_that_never_moves_says_nothing(self, prices: pd.Series, record: pd.Series) -> None:
        assert realised_correlation(0.0 * record, prices) is None

    def test_later_days_are_not_looked_at(self, small: aggplus.Market, prices: pd.Series, record: pd.Series) -> None:
        later = record_like(benchmark_returns(small), 0.0).loc["2024-01-13":] * 1000.0
        assert len(later) > 10
        assert realised_correlation(pd.concat([record, later]), prices) == realised_correlation(record, prices)

    def test_days_without_a_close_are_not_counted(self, prices: pd.Series, record: pd.Series) -> None:
        weekend = pd.Series(9.9, index=pd.DatetimeIndex(["2023-06-10", "2023-06-11"]))
        assert realised_correlation(pd.concat([record, weekend]), prices) == realised_correlation(record, prices)

    def test_order_zone_and_time_of_day_do_not_matter(self, prices: pd.Series, record: pd.Series) -> None:
        expected = realised_correlation(record, prices)
        closing = record.set_axis((_days(record) + pd.Timedelta(hours=16)).tz_localize("America/New_York"))
        for other in (record.iloc[::-1], closing):
            found = realised_correlation(other, prices)
            assert found is not None
            assert expected is not None
            assert found.value == pytest.approx(expected.value, abs=1e-12)

    def test_what_would_silently_be_unused_is_refused(self, prices: pd.Series, record: pd.Series) -> None:
        for other, words in (
            (record.set_axis(_days(record).strftime("%Y-%m-%d")), "indexed by"),
            (record.reset_index(drop=True), "indexed by"),
            (pd.concat([record, record.iloc[-1:]]), "2024-01-12 is there twice"),
            (record.where(record.index != "2023-06-12", np.inf), "infinite"),
        ):
            with pytest.raises(MandateError, match=words):
                realised_correlation(other, prices)


class TestScaledTarget:
    """sigma* = sigma_b x beta* / rho, with rho of the record kept within [rho_min, 1]."""

    def solve(self, market: aggplus.Market, folder: Path, record: pd.Series | None) -> aggplus.ModelPortfolio:
        client = folder / "client.toml"
        client.write_text(f'extends = "aggressive"\n[target]\nbeta = {BETA}\nrho_min = 0.6\n')
        return aggplus.solve(aggplus.load_model(client), market, ASOF, record=record)

    @pytest.fixture
    def sigma_b(self, prices: pd.Series, shipped_risk: Any) -> float:
        returns = prices.pct_change().iloc[-shipped_risk.window_days :].to_numpy()
        return float(shipped_risk.volatility(returns[:, None])[0])

    def test_with_a_record(
        self, small: aggplus.Market, tmp_path: Path, prices: pd.Series, record: pd.Series, sigma_b: float
    ) -> None:
        rho = by_hand(record, prices.pct_change().dropna())
        portfolio = self.solve(small, tmp_path, record)
        assert portfolio.setting.target.value == pytest.approx(sigma_b * BETA / rho, rel=1e-9)
        assert "own record" in portfolio.setting.target.basis
        assert portfolio.risk is not None
        assert portfolio.risk.volatility <= portfolio.setting.target.value + 1e-9

    @pytest.mark.parametrize(("share", "rho"), [(0.1, 0.6), (-1.0, 0.6), (1.0, 1.0)])
    def test_kept_within_its_range(
        self, small: aggplus.Market, tmp_path: Path, prices: pd.Series, sigma_b: float, share: float, rho: float
    ) -> None:
        record = record_like(prices.pct_change().dropna(), share) if share < 1.0 else prices.pct_change().dropna()
        target = self.solve(small, tmp_path, record).setting.target
        assert target.value == pytest.approx(sigma_b * BETA / rho, rel=1e-9)

    def test_future_of_the_record_changes_nothing(
        self, small: aggplus.Market, tmp_path: Path, record: pd.Series
    ) -> None:
        later = record_like(benchmark_returns(small), 0.0).loc["2024-01-13":] * 1000.0
        with_later = self.solve(small, tmp_path, pd.concat([record, later])).to_dict()
        without = self.solve(small, tmp_path, record).to_dict()
        assert with_later | {"seconds": 0} == without | {"seconds": 0}

    @pytest.mark.parametrize("days", [0, 251])
    def test_without_a_year_the_ex_ante_correlation(
        self, small: aggplus.Market, tmp_path: Path, record: pd.Series, sigma_b: float, days: int
    ) -> None:
        """That of the portfolio whose volatility is sigma_b x beta*: solved for here with a plain multiple."""
        plain = tmp_path / "plain.toml"
        plain.write_text(f'extends = "baseline"\n[target]\nalgorithm = "dynamic_risk"\nmultiple = {BETA}\n')
        expected = aggplus.solve(aggplus.load_model(plain), small, ASOF)
        assert expected.binding
        assert expected.risk is not None
        target = self.solve(small, tmp_path, record.iloc[:days] if days else None).setting.target
        assert "ex ante" in target.basis
        assert target.value == pytest.approx(sigma_b * BETA / expected.risk.correlation, rel=1e-9)
