"""From a market and a model to a portfolio: the corners that a real account brings along."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.errors import BAD_INPUT
from constraints import MandateError
from universe import MarketError

CORE = ["AGG", *(f"TR{i:02d}" for i in range(6)), *(f"IG{i:02d}" for i in range(6, 12))]

Solve = Callable[..., aggplus.ModelPortfolio]
Volatility = Callable[[str], float]


@pytest.fixture
def solve(small: aggplus.Market, tmp_path: Path) -> Solve:
    """Solve a client's document that extends the baseline, on the small market unless another is given."""

    def solved(text: str = "", market: aggplus.Market = small, **more: Any) -> aggplus.ModelPortfolio:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "baseline"\n{text}')
        return aggplus.solve(aggplus.load_model(path), market, **more)

    return solved


@pytest.fixture
def volatility(small: aggplus.Market, shipped_risk: Any) -> Volatility:
    """Of one fund, percent a year; shrinking correlations leaves it as it is."""

    def of(ticker: str) -> float:
        returns = small.prices[ticker].pct_change().iloc[-shipped_risk.window_days :].to_numpy()
        return float(shipped_risk.volatility(returns[:, None])[0])

    return of


class TestFewFunds:
    def test_none_is_refused_with_the_counts(self, solve: Solve) -> None:
        with pytest.raises(MarketError, match=r"no eligible fund on 2024-01-31 for Baseline: all 21 .*21 sector"):
            solve('[universe]\nsectors = ["convertible"]\n')

    def test_one_which_is_the_benchmark(self, solve: Solve, volatility: Volatility) -> None:
        portfolio = solve('[universe]\nsectors = ["aggregate"]\n[limits]\nmax_weight = 1.0\n')
        assert portfolio.weights.to_dict() == {"AGG": 1.0}
        assert portfolio.risk is not None
        assert portfolio.risk.volatility == pytest.approx(volatility("AGG"), rel=1e-12)
        assert portfolio.risk.beta == pytest.approx(1.0, abs=1e-12)
        assert portfolio.risk.correlation == pytest.approx(1.0, abs=1e-12)
        assert portfolio.risk.tracking_error == pytest.approx(0.0, abs=1e-9)
        assert portfolio.binding is True

    def test_one_which_is_another(self, solve: Solve, small: aggplus.Market, volatility: Volatility) -> None:
        only = [ticker for ticker in small.catalog.index if ticker != "TR01"]
        portfolio = solve(f"[universe]\nexclude = {only}\n[limits]\nmax_weight = 1.0\n")
        assert portfolio.weights.to_dict() == {"TR01": 1.0}
        assert portfolio.risk is not None
        assert portfolio.risk.volatility == pytest.approx(volatility("TR01"), rel=1e-12)
        assert portfolio.setting.risk_model.sigma_b == pytest.approx(volatility("AGG"), rel=1e-12)
        assert portfolio.binding is False

    def test_one_under_a_cap_is_infeasible(self, solve: Solve) -> None:
        portfolio = solve('[universe]\nsectors = ["aggregate"]\n')
        assert portfolio.status == "infeasible"
        assert "1 eligible fund" in portfolio.findings[0]
        assert "25 %" in portfolio.findings[0]

    def test_as_many_as_the_caps_need(self, solve: Solve) -> None:
        """Four funds at 25 %: one portfolio is allowed, and every one of its weights is at its cap."""
        keep = ["TR00", "TR01", "TR02", "TR03"]
        drop = [ticker for ticker in CORE if ticker not in keep]
        portfolio = solve(f'[universe]\nsectors = ["core"]\nexclude = {drop}\n')
        assert portfolio.weights.to_dict() == pytest.approx(dict.fromkeys(keep, 0.25), abs=1e-9)
        assert portfolio.certificate is not None
        assert portfolio.certificate.ok


class TestBenchmark:
    def test_by_name_left_out_of_what_may_be_held(self, solve: Solve, volatility: Volatility) -> None:
        with_it, without = solve(), solve('[universe]\nexclude = ["AGG"]\n')
        assert "AGG" not in without.setting.risk_model.tickers
        assert without.excluded["AGG"] == "excluded by name"
        assert without.status == "solved"
        for portfolio in (with_it, without):
            assert portfolio.setting.risk_model.sigma_b == pytest.approx(volatility("AGG"), rel=1e-12)

    def test_outside_the_sectors(self, solve: Solve, volatility: Volatility) -> None:
        portfolio = solve('benchmark = "HI17"\n[universe]\nsectors = ["core"]\n')
        model = portfolio.setting.risk_model
        assert set(model.tickers) == set(CORE)
        assert model.sigma_b == pytest.approx(volatility("HI17"), rel=1e-12)
        assert portfolio.risk is not None
        assert portfolio.risk.volatility <= model.sigma_b + 1e-9
        # |w - b|^2 = |w|^2 + |b|^2 - 2 beta |b|^2 holds only if all come from one joint estimate.
        square = portfolio.risk.volatility**2 + (1.0 - 2.0 * portfolio.risk.beta) * model.sigma_b**2
        assert portfolio.risk.tracking_error == pytest.approx(math.sqrt(square), rel=1e-9)

    def test_tracking_error_to_a_benchmark_that_cannot_be_held(self, solve: Solve) -> None:
        portfolio = solve('[universe]\nexclude = ["AGG"]\n[target]\nalgorithm = "tracking_error"\nvalue = 0.02\n')
        assert portfolio.risk is not None
        assert portfolio.target_figure == portfolio.risk.tracking_error
        assert portfolio.risk.tracking_error == pytest.approx(2.0, abs=1e-6)

    def test_tracking_error_of_nothing_is_the_benchmark(self, solve: Solve) -> None:
        portfolio = solve('[limits]\nmax_weight = 1.0\n[target]\nalgorithm = "tracking_error"\nvalue = 0.0001\n')
        assert portfolio.weights["AGG"] > 0.9

    def test_missing_on_the_day_says_when_it_last_traded(self, solve: Solve, small: aggplus.Market) -> None:
        prices = small.prices.copy()
        prices.loc["2024-01-29":, "AGG"] = np.nan
        with pytest.raises(
            MarketError, match=r"AGG has no price on 2024-01-31 \(its last before that is of 2024-01-26"
        ):
            solve(market=replace(small, prices=prices))


HELD = {"HI15": 0.5, "TR01": 0.5}


class TestHoldings:
    def test_a_fund_that_may_not_be_held_is_sold_and_counts(self, solve: Solve) -> None:
        text = '[universe]\nsectors = ["core"]\n[limits]\nmax_turnover = {}\n[target]\nmultiple = 0.9\n'
        portfolio = solve(text.format(0.8), holdings=HELD)
        assert "HI15" not in portfolio.weights.index
        after = dict(zip(portfolio.weights.index, portfolio.weights, strict=True))
        traded = sum(abs(after.get(t, 0.0) - HELD.get(t, 0.0)) for t in {*after, *HELD}) / 2
        # Half of the account is sold and bought anew, and a quarter more since no fund may be above 25 %.
        assert 0.75 <= traded <= 0.8 + 1e-9
        assert portfolio.turnover == pytest.approx(traded, abs=1e-12)

        too_little = solve(text.format(0.7), holdings=HELD)
        assert too_little.status == "infeasible"
        assert "turnover allows at most 70 %, at least 75 % must be traded" in too_little.findings[0]

    @pytest.mark.parametrize(("limit", "status"), [(1.0, "solved"), (0.9, "infeasible")])
    def test_all_cash_is_bought_in_full(self, solve: Solve, limit: float, status: str) -> None:
        portfolio = solve(f"[limits]\nmax_turnover = {limit}\n", holdings={})
        assert portfolio.status == status
        if status == "solved":
            assert portfolio.turnover == pytest.approx(1.0)
            assert portfolio.weights.to_dict() == pytest.approx(solve().weights.to_dict(), abs=1e-9)
        else:
            assert "at least 100 % must be traded" in portfolio.findings[0]

    def test_costs_keep_what_is_hardly_better(self, solve: Solve) -> None:
        """With dear trading the portfolio of before is kept, which free trading would leave."""
        before = solve("[target]\nmultiple = 0.85\n", asof="2024-01-24").weights
        dear, free = (
            solve(
                f"[costs]\nhalf_spread_bp = {bp}\nhorizon_days = 1\n[target]\nmultiple = 0.95\n", holdings=before
            ).weights
            for bp in (500, 0)
        )
        tickers = before.index.union(free.index).union(dear.index)
        moved = [
            float((after.reindex(tickers, fill_value=0.0) - before.reindex(tickers, fill_value=0.0)).abs().sum())
            for after in (dear, free)
        ]
        assert moved[0] == pytest.approx(0.0, abs=1e-7)
        assert moved[1] > 0.05

    def test_weights_of_a_portfolio_can_be_handed_on(self, solve: Solve) -> None:
        """A Series, as results carry it, is as good as a mapping."""
        before = solve(asof="2024-01-12").weights
        text = "[limits]\nmax_turnover = 0.2\n"
        series, mapping = solve(text, holdings=before), solve(text, holdings=before.to_dict())
        assert series.weights.equals(mapping.weights)
        assert series.turnover is not None
        assert series.turnover <= 0.2 + 1e-9

    @pytest.mark.parametrize(
        ("held", "words"),
        [
            ({"AGG": -0.1}, "AGG = -0.1: expected a weight of at least 0"),
            ({"AGG": math.nan}, "AGG = nan"),
            ({"AGG": "half"}, "AGG = 'half'"),
            ({"AGG": None}, "AGG = None"),
            ({"AGG": 0.7, "TR01": 0.7}, "sum to 1.4; expected fractions that sum to at most 1"),
            ({"AGGG": 0.7}, "'AGGG' is not in the catalog of small; did you mean 'AGG'?"),
            (pd.Series([0.2, 0.3], index=["AGG", "AGG"]), "AGG is there twice"),
        ],
    )
    def test_refused(self, solve: Solve, held: Any, words: str) -> None:
        with pytest.raises(MandateError) as refused:
            solve(holdings=held)
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)

    def test_a_turnover_limit_without_holdings_is_said_not_to_apply(self, solve: Solve) -> None:
        portfolio = solve("[limits]\nmax_turnover = 0.1\n")
        assert portfolio.status == "solved"
        assert any("max_turnover is not applied" in warning for warning in portfolio.setting.warnings)
        assert portfolio.turnover is None


class TestExclusions:
    def test_a_price_that_never_moved(self, solve: Solve, small: aggplus.Market) -> None:
        prices = small.prices.copy()
        prices["TR02"] = 25.0
        portfolio = solve(market=replace(small, prices=prices))
        assert "never varied in the 252 days to 2024-01-31" in portfolio.excluded["TR02"]
        assert portfolio.setting.excluded["kind"]["TR02"] == "unmoving"
        assert portfolio.status == "solved"

    def test_a_figure_that_a_clause_needs(self, solve: Solve, small: aggplus.Market) -> None:
        catalog = small.catalog.copy()
        catalog.loc[["TR03", "IG08"], "effective_duration_years"] = np.nan
        market = replace(small, catalog=catalog)
        portfolio = solve("[limits.duration]\nmax = 4.0\n", market=market)
        assert dict(portfolio.excluded) == dict.fromkeys(
            ("IG08", "TR03"), "effective duration unknown, which the clause 'duration' needs"
        )
        held = portfolio.weights
        mean = float((held * small.catalog["effective_duration_years"].reindex(held.index)).sum())
        assert mean <= 4.0 + 1e-6
        assert portfolio.setting.excluded["kind"].unique().tolist() == ["figure_unknown"]
        assert solve(market=market).excluded.empty

    def test_figures_of_later_are_a_warning(self, solve: Solve, small: aggplus.Market) -> None:
        catalog = small.catalog.copy()
        catalog["as_of"] = pd.Timestamp("2024-06-30")
        portfolio = solve("[limits.expense_ratio_bp]\nmax = 20\n", market=replace(small, catalog=catalog))
        warnings = " | ".join(portfolio.setting.warnings)
        assert "AUM is a figure as of 2024-06-30, not known on 2024-01-31: the screen looks ahead" in warnings
        assert "expense ratio is a figure as of 2024-06-30" in warnings
        assert "the limits look ahead" in warnings
        assert solve().setting.warnings == ()


class TestAsOf:
    @pytest.mark.parametrize(
        "asked", ["2024-01-12", dt.date(2024, 1, 12), dt.datetime(2024, 1, 12, 9), pd.Timestamp("2024-01-12")]
    )
    def test_kinds_of_dates(self, solve: Solve, asked: object) -> None:
        assert f"{solve(asof=asked).setting.asof:%Y-%m-%d}" == "2024-01-12"

    def test_default_is_the_last_close(self, solve: Solve) -> None:
        assert f"{solve().setting.asof:%Y-%m-%d}" == "2024-01-31"

    def test_holiday_is_the_day_before_with_a_note(self, solve: Solve) -> None:
        holiday, friday = solve(asof="2024-01-15"), solve(asof="2024-01-12")
        assert holiday.weights.equals(friday.weights)
        assert len(holiday.setting.warnings) == 1
        assert friday.setting.warnings == ()

    def test_the_future_changes_nothing(self, solve: Solve, small: aggplus.Market) -> None:
        prices = small.prices.copy()
        later = prices.index > "2024-01-12"
        prices.loc[later] *= np.random.default_rng(5).lognormal(0.0, 1.0, prices.loc[later].shape)
        moved = solve(market=replace(small, prices=prices), asof="2024-01-12").to_dict()
        still = solve(asof="2024-01-12").to_dict()
        assert moved | {"seconds": 0} == still | {"seconds": 0}


def test_backend_that_does_not_exist(solve: Solve) -> None:
    with pytest.raises(BAD_INPUT, match="backend 'gurobi' does not exist: expected auto, parametric, osqp, conic"):
        solve(backend="gurobi")


@pytest.mark.parametrize(
    "text",
    [
        '[objective]\ngoal = "min_volatility"\n',
        '[objective]\ngoal = "utility"\nrisk_aversion = 8.0\n',
        "[objective]\nridge = 2.0\n",
        '[target]\nalgorithm = "constant_volatility"\nvalue = 0.05\n',
        '[limits]\ndiversification = "diversified"\n[limits.beta]\nmin = 0.7\nmax = 0.9\n',
        "[limits]\naccount_size_mm = 50\nmax_adv_share = 0.5\nmax_aum_share = 0.1\n",
        "[limits.benchmark_sectors]\ntreasury = 0.4\n[limits.active.treasury]\nbelow = 0.1\nabove = 0.05\n",
        '[[limits.group]]\nname = "names"\ntickers = ["TR00", "IG06"]\nmin = 0.3\n',
    ],
)
def test_backends_agree(solve: Solve, text: str) -> None:
    conic = solve(text, backend="conic")
    assert (conic.status, conic.backend) == ("solved", "conic")
    for backend in ("osqp", "parametric"):
        other = solve(text, backend=backend)
        assert (other.status, other.backend) == ("solved", backend)
        assert conic.expected_return == pytest.approx(other.expected_return, abs=1e-7)
        assert conic.weights.to_dict() == pytest.approx(other.weights.to_dict(), abs=1e-6)


def test_a_result_is_not_changed_by_the_next_solve(solve: Solve) -> None:
    first = solve()
    before = first.to_dict()
    solve("[target]\nmultiple = 0.5\n", asof="2024-01-12")
    assert first.to_dict() == before
