"""The simulated market against published figures, closed forms and recomputation."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from universe.errors import MarketError
from universe.simulated import SimulatedPalette, simulate_palette
from universe.simulated.closing import respond_late, stand_still
from universe.simulated.palette import build_palette
from universe.simulated.returns import TENOR_DURATIONS, mortgage_extension, tenor_weights

PUBLISHED = {
    "treasury_10y": [2.27, 2.45, 2.40, 2.69, 1.92, 0.93, 1.52, 3.88, 3.88],
    "treasury_2y": [1.06, 1.20, 1.89, 2.48, 1.58, 0.13, 0.73, 4.41, 4.23],
    "high_yield_spread": [6.95, 4.22, 3.63, 5.33, 3.60, 3.86, 3.10, 4.81, 3.39],
}
# fmt: off
SECTORS = {
    "aggregate", "treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "ultrashort", "floating_rate_ig",
    "tips", "high_yield", "bank_loan", "convertible", "preferred", "municipal", "multisector",
    "emerging_market", "international", "leveraged_inverse", "other",
}
COLUMNS = [
    "name", "issuer", "sector", "sub_sector", "currency_exposure", "maturity_bucket",
    "effective_duration_years", "credit_quality", "tax_status", "leveraged_or_inverse", "options_overlay",
    "actively_managed", "inception_date", "expense_ratio_bp", "aum_usd_mm", "adv_usd_mm",
    "avg_daily_volume_shares", "as_of", "aggregate_index_member", "first_trade_date", "delisted",
    "last_price_date",
]
# fmt: on


@pytest.fixture(scope="module")
def palette() -> SimulatedPalette:
    return simulate_palette()


@pytest.fixture(scope="module")
def other() -> SimulatedPalette:
    return simulate_palette(7)


@pytest.fixture(scope="module")
def returns(palette: SimulatedPalette) -> pd.DataFrame:
    return palette.prices.pct_change(fill_method=None)


@pytest.fixture(scope="module")
def volatility(returns: pd.DataFrame) -> pd.Series:
    """Annualised percent."""
    return returns.std() * np.sqrt(252) * 100


@pytest.fixture(scope="module")
def real_catalog() -> pd.DataFrame:
    folder = os.environ.get("AGGPLUS_MARKET")
    if not folder:
        pytest.skip("AGGPLUS_MARKET is not set: no real catalog to compare with")
    return pd.read_csv(Path(folder) / "catalog.csv", index_col="ticker")


def tickers_of(palette: SimulatedPalette, **labels: object) -> pd.Index:
    catalog = palette.catalog
    keep = np.logical_and.reduce([catalog[column] == value for column, value in labels.items()])
    return catalog.index[keep]


def betas(moves: pd.DataFrame, factor: pd.Series) -> pd.Series:
    return moves.apply(lambda fund: fund.cov(factor)) / factor.var()


# ---- levels


@pytest.mark.parametrize("name", PUBLISHED)
def test_levels_equal_published_year_end_figures(palette: SimulatedPalette, other: SimulatedPalette, name: str) -> None:
    for market in (palette, other):
        level = market.levels[name]
        year_ends = level.groupby(level.index.year).last().loc[2015:2023]
        assert year_ends.tolist() == PUBLISHED[name]


def test_levels_move_like_yields_and_spreads(palette: SimulatedPalette, other: SimulatedPalette) -> None:
    for market in (palette, other):
        levels = market.levels
        assert np.isfinite(levels.to_numpy()).all()
        assert (levels.drop(columns="fund_discount") > 0).all(axis=None)
        daily_bp = levels.diff() * 100
        assert daily_bp["treasury_10y"].std() == pytest.approx(6, abs=2)
        by_year = daily_bp["treasury_10y"].groupby(levels.index.year).std()
        assert by_year[2022] > 1.3 * by_year.loc[2014:2019].mean()
        assert 9.0 < levels["high_yield_spread"]["2020-03"].max() < 14.0
        assert levels["treasury_10y"]["2020-03"].min() < 0.9 < 1.4 < levels["treasury_10y"]["2020-02-18"]
        size = daily_bp["treasury_10y"].abs()
        assert size.corr(size.shift(5)) > 0.1, "volatility does not cluster"
        assert daily_bp["treasury_2y"].corr(daily_bp["treasury_10y"]) == pytest.approx(0.7, abs=0.15)
        assert daily_bp["high_yield_spread"].corr(daily_bp["corporate_spread"]) > 0.5


# ---- identity


def test_palette_is_420_invented_funds(palette: SimulatedPalette) -> None:
    catalog = palette.catalog
    assert catalog.shape == (420, len(COLUMNS))
    assert list(catalog.columns) == COLUMNS
    assert catalog.index.name == "ticker"
    assert catalog.index.is_unique
    assert catalog.index.is_monotonic_increasing
    assert catalog["name"].is_unique
    assert list(palette.prices.columns) == list(catalog.index)
    assert set(catalog["sector"]) == SECTORS
    assert "simulated" in catalog.loc["AGG", "name"].lower()
    assert all(re.fullmatch(r"[A-Z]Q[JVXZ][A-Z]", ticker) for ticker in catalog.index.drop("AGG"))


def test_no_fund_borrows_a_real_ticker_issuer_or_name(palette: SimulatedPalette, real_catalog: pd.DataFrame) -> None:
    assert set(palette.catalog.index) & set(real_catalog.index) == {"AGG"}
    real_words = " ".join([*real_catalog["name"].dropna(), *real_catalog["issuer"].dropna()]).lower()
    assert [house for house in palette.catalog["issuer"].dropna().unique() if house.lower() in real_words] == []


def test_benchmark_is_large_known_and_lives_throughout(palette: SimulatedPalette) -> None:
    agg = palette.catalog.loc["AGG"]
    assert palette.prices["AGG"].notna().all()
    assert agg["effective_duration_years"] == pytest.approx(6, abs=0.3)
    assert agg["aum_usd_mm"] > 50_000
    assert agg["adv_usd_mm"] > 100
    assert agg["sector"] == "aggregate"


def test_catalog_reads_back_from_csv_as_it_is(palette: SimulatedPalette) -> None:
    text = palette.catalog.to_csv()
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(text), index_col="ticker"), palette.catalog)


def test_catalog_has_the_columns_and_types_of_a_real_one(palette: SimulatedPalette, real_catalog: pd.DataFrame) -> None:
    assert palette.catalog.dtypes.to_dict() == real_catalog.dtypes.to_dict()


def test_catalog_has_blanks_where_real_ones_have(palette: SimulatedPalette) -> None:
    catalog = palette.catalog
    known = catalog.notna().mean()
    assert 0.88 < known["aum_usd_mm"] < 0.96
    assert 0.83 < known["adv_usd_mm"] < 0.92
    assert 0.83 < known["expense_ratio_bp"] < 0.92
    assert 0.2 < known["effective_duration_years"] < 0.5
    assert set(catalog["as_of"].dropna()) == {"2024-01-31"}
    giants = catalog[catalog["adv_usd_mm"].isna() & (catalog["aum_usd_mm"] > 10_000)]
    assert 1 <= len(giants) <= 3


def test_every_screen_has_work(palette: SimulatedPalette) -> None:
    catalog = palette.catalog
    assert (catalog["tax_status"] == "muni").sum() == (catalog["sector"] == "municipal").sum() >= 30
    assert catalog["leveraged_or_inverse"].sum() >= 10
    assert catalog["options_overlay"].sum() >= 5
    assert {"USD", "USD-hedged", "non-USD", "mixed", "EM-USD", "EM-local"} <= set(catalog["currency_exposure"])
    assert (catalog["aum_usd_mm"] < 100).sum() >= 30
    sizes = catalog["sector"].value_counts()
    assert list(sizes.index[:4].sort_values()) == ["aggregate", "high_yield", "ig_corporate", "municipal"]


# ---- determinism


def _digest(palette: SimulatedPalette) -> str:
    frames = (palette.prices, palette.levels)
    digest = hashlib.sha256(b"".join(frame.to_numpy().tobytes() for frame in frames))
    digest.update(palette.catalog.to_csv().encode())
    return digest.hexdigest()


def test_same_seed_same_bits_also_in_another_process(palette: SimulatedPalette) -> None:
    here = _digest(simulate_palette(palette.seed))
    assert here == _digest(palette)
    program = (
        "import hashlib; from universe.simulated import simulate_palette; p = simulate_palette();"
        "d = hashlib.sha256(b''.join(f.to_numpy().tobytes() for f in (p.prices, p.levels)));"
        "d.update(p.catalog.to_csv().encode()); print(d.hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    assert done.stdout.strip() == here


def test_another_seed_is_another_market_with_the_same_funds(palette: SimulatedPalette, other: SimulatedPalette) -> None:
    volume = "avg_daily_volume_shares"
    pd.testing.assert_frame_equal(palette.catalog.drop(columns=volume), other.catalog.drop(columns=volume))
    ours, theirs = (market.prices["AGG"].pct_change().dropna() for market in (palette, other))
    assert abs(ours.corr(theirs)) < 0.35


def test_negative_seed_is_refused() -> None:
    with pytest.raises(MarketError, match=r"seed -1 .* expected 0 or a positive"):
        simulate_palette(-1)


# ---- prices and lives


def test_prices_are_positive_in_life_and_absent_outside(palette: SimulatedPalette, other: SimulatedPalette) -> None:
    for market in (palette, other):
        for ticker, price in market.prices.items():
            facts = market.catalog.loc[ticker]
            first = max(pd.Timestamp(facts["first_trade_date"]), pd.Timestamp("2013-01-02"))
            last = pd.Timestamp(facts["last_price_date"] if facts["delisted"] else "2024-01-31")
            life = (market.prices.index >= first) & (market.prices.index <= last)
            assert price.index[life][0] == first, ticker
            assert price.index[life][-1] == last, ticker
            assert np.isfinite(price[life]).all(), ticker
            assert (price[life] > 0).all(), ticker
            assert price[~life].isna().all(), ticker


def test_a_fund_trades_on_its_first_day(palette: SimulatedPalette) -> None:
    for fund in build_palette(palette.prices.index):
        assert palette.prices[fund.ticker].dropna().iloc[0] == pytest.approx(fund.price, abs=0.0051)


def test_days_are_those_of_the_new_york_stock_exchange(palette: SimulatedPalette) -> None:
    days = palette.prices.index
    assert days.name == "date"
    assert days.tz is None
    assert days.dtype in ("datetime64[us]", "datetime64[ns]")
    assert palette.levels.index.equals(days)
    per_year = [252, 252, 252, 252, 251, 251, 252, 253, 252, 251, 250, 21]
    assert np.bincount(days.year - 2013).tolist() == per_year
    assert (days.day_of_week < 5).all()
    closed = pd.to_datetime(["2018-12-05", "2022-06-20", "2023-04-07", "2024-01-15"])
    assert not days.isin(closed).any()


def test_funds_start_and_close_as_real_ones_do(palette: SimulatedPalette) -> None:
    alive = palette.prices.notna()
    assert 0.33 < alive.loc["2013-01-02"].mean() < 0.42
    assert alive.loc["2018-01-02"].mean() == pytest.approx(0.57, abs=0.1)
    assert alive.any()["AGG"]
    assert (alive.loc[:"2023-01-03"].any()).mean() > 0.88
    closed = palette.catalog["delisted"]
    assert 15 <= closed.sum() <= 20
    assert (alive.iloc[-1] == ~closed).all()
    assert palette.catalog["last_price_date"].notna().equals(closed)
    assert palette.catalog.loc[closed, ["aum_usd_mm", "issuer", "as_of"]].isna().all(axis=None)


# ---- risk


def test_volatilities_span_the_market(palette: SimulatedPalette, volatility: pd.Series) -> None:
    whole = palette.prices.columns[palette.prices.notna().all()]
    plain = volatility[whole].drop(tickers_of(palette, leveraged_or_inverse=True), errors="ignore")
    assert 0.08 < plain.min() < 0.3
    assert 13 < plain.max() < 19
    assert 4 < volatility["AGG"] < 6.5
    assert volatility[tickers_of(palette, leveraged_or_inverse=True)].max() > 25


def test_sectors_are_ordered_by_risk(palette: SimulatedPalette, volatility: pd.Series) -> None:
    median = volatility.groupby(palette.catalog["sector"]).median()
    ascending = ["ultrashort", "floating_rate_ig", "bank_loan", "aggregate", "high_yield", "convertible"]
    assert median[ascending].is_monotonic_increasing
    treasuries = palette.catalog["sector"] == "treasury"
    by_maturity = volatility[treasuries].groupby(palette.catalog["maturity_bucket"]).median()
    assert by_maturity["short"] < by_maturity["intermediate"] / 2 < by_maturity["long"] / 3


def test_march_2020_was_a_credit_crisis(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    crisis = palette.prices.loc["2020-02-19":"2020-12-31"]
    depth = (crisis / crisis.cummax() - 1).loc["2020-03"].min()
    high_yield = tickers_of(palette, sub_sector="high_yield")
    loans = tickers_of(palette, sub_sector="leveraged_loan")
    assert -0.35 < depth[high_yield].median() < -0.15
    assert -0.30 < depth[loans].median() < -0.10
    recovered = crisis.loc["2020-12-31", high_yield] / crisis.loc["2020-02-19", high_yield] - 1
    assert recovered.median() > -0.06
    treasuries = tickers_of(palette, sector="treasury", maturity_bucket="intermediate")
    march = palette.prices.loc["2020-03-31"] / palette.prices.loc["2020-02-19"] - 1
    assert march[treasuries].median() > 0.02
    worst = returns.loc["2020-02-20":"2020-04-15"].min()
    assert worst[high_yield].median() < -0.03
    assert worst[tickers_of(palette, sector="ig_corporate", maturity_bucket="broad")].median() < -0.015


def test_tails_are_fat(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    kurtosis = returns.kurt()
    assert kurtosis["AGG"] > 1
    assert kurtosis[tickers_of(palette, sub_sector="high_yield")].median() > 5
    assert kurtosis[tickers_of(palette, sub_sector="leveraged_loan")].median() > 5


def test_thin_loans_answer_late_to_credit(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    catalog = palette.catalog
    index_funds = tickers_of(palette, sub_sector="high_yield")
    liquid = [ticker for ticker in index_funds if catalog["adv_usd_mm"][ticker] > 20]
    loans = tickers_of(palette, sub_sector="leveraged_loan")
    five_days = palette.prices.pct_change(5, fill_method=None)
    daily = betas(returns[loans], returns[liquid].mean(axis=1))
    weekly = betas(five_days[loans], five_days[liquid].mean(axis=1))
    assert (weekly > 1.2 * daily).all()
    assert 0 < daily.median() < weekly.median() < 0.8


def test_thin_and_quiet_funds_repeat_their_price(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    still = (returns == 0).sum() / returns.count()
    bills = tickers_of(palette, sub_sector="t_bill").union(tickers_of(palette, sub_sector="treasury_frn"))
    assert still[bills].between(0.3, 0.6).sum() >= 4
    assert (still > 0.15).sum() == pytest.approx(75, abs=45)
    assert still["AGG"] < 0.03
    assert still.median() < 0.15


# ---- what moves a fund


def test_benchmark_earns_carry_less_duration_times_yield_change(palette: SimulatedPalette) -> None:
    levels = palette.levels
    blend = 0.2 * levels["treasury_2y"] + 0.4 * levels["treasury_10y"]
    blend += 0.2 * levels["treasury_5y"] + 0.2 * levels["treasury_30y"]
    spread = 0.28 * levels["corporate_spread"] + 0.24 * levels["mortgage_spread"]
    year = levels.index.year
    ends = pd.DataFrame({"blend": blend, "spread": spread}).groupby(year).last()
    carry = (blend + 0.65 * spread).groupby(year).mean() - 0.03
    expected = (carry - 6.0 * ends.diff().sum(axis=1)).loc[2014:2023]
    closes = palette.prices["AGG"].groupby(year).last()
    realised = (100 * closes.pct_change()).loc[2014:2023]
    assert (realised - expected).abs().max() < 2.0
    assert realised.corr(expected) > 0.98
    assert -15 < realised[2022] < -10
    assert 6 < realised[2019] < 10


@pytest.mark.parametrize(
    ("sub_sector", "multiple"), [("leveraged_3x", 3), ("leveraged_2x", 2), ("inverse_1x", -1), ("inverse_3x", -3)]
)
def test_leveraged_funds_return_a_multiple_of_their_treasury_fund(
    palette: SimulatedPalette, returns: pd.DataFrame, sub_sector: str, multiple: int
) -> None:
    catalog = palette.catalog
    named = catalog["name"].str.contains("20+ Year Treasury ETF", regex=False)
    underlying = catalog.loc[named, "aum_usd_mm"].idxmax()
    (fund,) = tickers_of(palette, sub_sector=sub_sector, maturity_bucket="long")
    both = returns[[fund, underlying]].dropna()
    slope, _ = np.polyfit(both[underlying], both[fund], 1)
    assert slope == pytest.approx(multiple, rel=0.07)
    assert abs(both.corr().iloc[0, 1]) > 0.94
    bill = palette.levels["treasury_3m"].shift()[both.index].mean()
    drift = 100 * 252 * (both[fund] - multiple * both[underlying]).mean()
    assert drift == pytest.approx(-(multiple - 1) * bill - 0.95, abs=1.0)


def test_inflation_linked_funds_gain_when_inflation_is_expected(
    palette: SimulatedPalette, returns: pd.DataFrame
) -> None:
    fund = tickers_of(palette, sector="tips", maturity_bucket="broad")[0]
    moves = palette.levels[["treasury_5y", "treasury_10y", "treasury_30y", "breakeven_10y"]].diff()
    moves.insert(0, "constant", 1.0)
    slopes, *_ = np.linalg.lstsq(moves[1:], 100 * returns[fund][1:].fillna(0.0), rcond=None)
    assert slopes[-1] == pytest.approx(6.3, abs=1.0)
    assert slopes[1:4].sum() == pytest.approx(-6.6, abs=1.2)


def test_hedged_foreign_funds_do_not_move_with_the_currency(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    currency = np.log(palette.levels["foreign_currency"]).diff()
    beta = betas(returns[tickers_of(palette, sector="international")], currency)
    exposure = palette.catalog["currency_exposure"]
    assert beta[exposure.reindex(beta.index) == "non-USD"].max() > 0.9
    assert beta[exposure.reindex(beta.index) == "USD-hedged"].abs().max() < 0.35


def test_funds_grow_quiet_as_they_mature(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    catalog = palette.catalog
    matured = catalog.index[catalog["delisted"] & catalog["name"].str.contains(r"20\d\d Term")]
    assert set(catalog["sector"][matured]) == {"treasury", "ig_corporate", "high_yield", "municipal"}
    for ticker in matured:
        life = returns[ticker].dropna()
        assert life[-40:].std() < 0.6 * life[:250].std(), ticker


def test_active_funds_differ_in_skill_but_not_outrageously(palette: SimulatedPalette, returns: pd.DataFrame) -> None:
    whole = palette.prices.notna().all()
    similar = tickers_of(palette, sub_sector="core_plus")
    mean = 252 * 100 * returns[similar[whole[similar].to_numpy()]].mean()
    assert 0.1 < mean.max() - mean.min() < 3.0


# ---- the pieces


@given(arrays(float, 7, elements=st.floats(0.25, 17.5)))
def test_key_rates_reproduce_the_duration(duration: np.ndarray) -> None:
    weights = tenor_weights(duration)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0)
    np.testing.assert_allclose(weights @ TENOR_DURATIONS, duration)


def test_late_response_loses_nothing_and_foresees_nothing() -> None:
    returns = np.zeros((8, 2))
    returns[3] = 0.05
    response = respond_late(returns, np.array([1.0, 0.4]))
    np.testing.assert_array_equal(response[:3], 0.0)
    np.testing.assert_array_equal(response[:, 0], returns[:, 0])
    assert response[3, 1] == pytest.approx(0.02)
    assert response[3:6, 1].sum() == pytest.approx(0.05)
    np.testing.assert_array_equal(response[6:], 0.0)


@given(st.integers(0, 2**32 - 1))
def test_a_price_stands_until_the_next_trade(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prices, traded = rng.random((12, 3)), rng.random((12, 3)) < 0.5
    closes = stand_still(prices, traded)
    for column in range(3):
        last = prices[0, column]
        for day in range(12):
            last = prices[day, column] if traded[day, column] else last
            assert closes[day, column] == last


def test_mortgages_extend_when_yields_rise_and_know_no_tomorrow() -> None:
    yields = np.concatenate([np.full(300, 2.0), np.full(300, 3.0)])
    extension = mortgage_extension(yields)
    assert len(extension) == 599
    np.testing.assert_allclose(extension[:300], 1.0)
    assert extension[300] > 1.2
    assert extension[-1] < extension[300]
