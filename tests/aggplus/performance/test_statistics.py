"""Every figure of a record against plain loops and scipy, and what has to hold for any record."""

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from aggplus.errors import BAD_INPUT
from aggplus.performance import PerformanceError, Statistics, monthly_returns, statistics_of, statistics_table
from aggplus.performance.months import begins_month, ends_month


def series(values: Iterable[float], start: str = "2016-01-01", name: str = "m") -> pd.Series:
    values = list(values)
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values), name="date"), name=name, dtype=float)


def pair(days: int, seed: int = 3, start: str = "2016-01-01") -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(seed)
    benchmark = random.normal(1e-4, 3e-3, days)
    model = 0.6 * benchmark + random.normal(2e-4, 2e-3, days) + 1e-3 * random.standard_t(4, days)
    return series(model, start), series(benchmark, start, "AGG")


def chain(values: Iterable[float]) -> float:
    growth = 1.0
    for value in values:
        growth *= 1.0 + value
    return growth - 1.0


def by_month(returns: pd.Series) -> dict[tuple[int, int], float]:
    kept: dict[tuple[int, int], list[float]] = defaultdict(list)
    for day, value in returns.items():
        kept[day.year, day.month].append(value)
    return {month: chain(values) for month, values in kept.items()}


def test_every_figure_against_plain_loops_and_scipy() -> None:
    # 2016-01-01 to the last weekday of January 2019: 37 whole months.
    model, benchmark = pair(805)
    assert model.index[-1] == pd.Timestamp("2019-01-31")
    got = statistics_of(model, benchmark)
    own, of_benchmark = by_month(model), by_month(benchmark)
    months, months_b = np.array(list(own.values())), np.array(list(of_benchmark.values()))
    assert got.months == len(own) == 37
    assert got.month == pytest.approx(own[2019, 1])
    assert got.year_to_date == pytest.approx(own[2019, 1])
    assert got.trailing_year == pytest.approx(chain(months[-12:]))
    for year in (2016, 2017, 2018):
        assert got.calendar_years[year] == pytest.approx(chain(own[year, month] for month in range(1, 13)))
    assert got.cumulative == pytest.approx(chain(model))
    assert got.annual_return == pytest.approx((1 + chain(model)) ** (252 / 805) - 1)

    line = stats.linregress(months_b, months)
    assert got.beta == pytest.approx(line.slope)
    assert got.correlation == pytest.approx(line.rvalue)
    assert got.alpha == pytest.approx(12 * line.intercept)
    line = stats.linregress(benchmark, model)
    assert got.beta_daily == pytest.approx(line.slope)
    assert got.correlation_daily == pytest.approx(line.rvalue)
    assert got.alpha_daily == pytest.approx(252 * line.intercept)
    line = stats.linregress(months_b[-12:], months[-12:])
    assert (got.trailing_beta, got.trailing_correlation) == pytest.approx((line.slope, line.rvalue))
    last = [day > pd.Timestamp("2018-01-31") for day in model.index]
    line = stats.linregress(benchmark[last], model[last])
    assert (got.trailing_beta_daily, got.trailing_correlation_daily) == pytest.approx((line.slope, line.rvalue))

    def deviation(values: Iterable[float]) -> float:
        values = list(values)
        mean = math.fsum(values) / len(values)
        return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))

    active = [a - b for a, b in zip(model, benchmark, strict=True)]
    assert got.volatility == pytest.approx(deviation(model) * math.sqrt(252))
    assert got.volatility_monthly == pytest.approx(deviation(months) * math.sqrt(12))
    assert got.relative_volatility == pytest.approx(deviation(model) / deviation(benchmark))
    assert got.tracking_error == pytest.approx(deviation(active) * math.sqrt(252))
    assert got.information_ratio == pytest.approx(math.fsum(active) / 805 / deviation(active) * math.sqrt(252))
    assert got.sharpe == pytest.approx(math.fsum(model) / 805 / deviation(model) * math.sqrt(252))
    assert got.positive_months == sum(value > 0 for value in months) / 37
    assert got.skewness == pytest.approx(stats.skew(months, bias=False))
    assert got.skewness_daily == pytest.approx(stats.skew(model, bias=False))
    assert got.cash == "0"
    assert got.jensen_alpha is None


def test_cash_lowers_the_sharpe_ratio_and_gives_jensens_alpha() -> None:
    model, benchmark = pair(805)
    random = np.random.default_rng(0)
    cash = series(random.uniform(0, 1e-4, 805), name="BIL")
    got, without = statistics_of(model, benchmark, cash=cash), statistics_of(model, benchmark)
    excess = (model - cash).to_numpy()
    assert got.sharpe == pytest.approx(excess.mean() / excess.std(ddof=1) * math.sqrt(252))
    months, months_b, months_c = (np.array(list(by_month(x).values())) for x in (model, benchmark, cash))
    line = stats.linregress(months_b - months_c, months - months_c)
    assert got.jensen_alpha == pytest.approx(12 * line.intercept)
    assert got.cash == "BIL"
    assert (got.alpha, got.beta, got.information_ratio) == (without.alpha, without.beta, without.information_ratio)


def test_months_that_the_record_enters_or_leaves_on_the_way_do_not_count() -> None:
    model, benchmark = pair(300, start="2020-01-08")
    got = statistics_of(model, benchmark)
    assert model.index[-1] == pd.Timestamp("2021-03-02")
    own, of_benchmark = by_month(model), by_month(benchmark)
    whole = [(2020, month) for month in range(2, 13)] + [(2021, 1), (2021, 2)]
    assert got.months == 13
    assert list(monthly_returns(model).index) == [year * 12 + month - 1 for year, month in whole]
    line = stats.linregress([of_benchmark[m] for m in whole], [own[m] for m in whole])
    assert got.beta == pytest.approx(line.slope)
    line = stats.linregress([of_benchmark[m] for m in whole[-12:]], [own[m] for m in whole[-12:]])
    assert got.trailing_beta == pytest.approx(line.slope)
    assert got.month == pytest.approx(own[2021, 3])
    assert got.trailing_year == pytest.approx(chain(v for day, v in model.items() if day > pd.Timestamp("2020-03-02")))


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        ("2024-01-02", True, False),  # New Year's Day before it
        ("2024-01-03", False, False),
        ("2016-01-04", True, False),  # a holiday and a weekend before it
        ("2025-09-02", True, False),  # Labor Day before it
        ("2024-03-28", False, True),  # Good Friday after it
        ("2021-05-28", False, True),  # a weekend and Memorial Day after it
        ("2024-01-30", False, False),
        ("2023-09-29", False, True),
    ],
)
def test_months_begin_and_end_with_their_first_and_last_session(day: str, begins: bool, ends: bool) -> None:
    assert begins_month(pd.Timestamp(day)) is begins
    assert ends_month(pd.Timestamp(day)) is ends


def test_a_month_end_on_a_friday_takes_twelve_whole_months() -> None:
    # 2022-09-30 was a Friday: a year before 2023-09-29 by date would take that day in.
    model, benchmark = pair(600, start="2021-06-14")
    model, benchmark = model[:"2023-09-29"], benchmark[:"2023-09-29"]
    got = statistics_of(model, benchmark)
    assert got.trailing_year == pytest.approx(chain(v for day, v in model.items() if day > pd.Timestamp("2022-09-30")))


def test_a_year_begun_on_its_first_session_is_covered() -> None:
    model, benchmark = pair(40, start="2024-01-02")
    got = statistics_of(model, benchmark)
    assert got.year_to_date == pytest.approx(chain(model))
    late = statistics_of(model.iloc[1:], benchmark)
    assert late.year_to_date is None
    assert late.month is not None


SHORT = {
    1: {"volatility", "tracking_error", "skewness_daily", "beta_daily", "positive_months", "beta"},
    2: {"skewness_daily", "beta_daily", "correlation_daily", "sharpe", "annual_return", "information_ratio"},
    60: {"trailing_year", "trailing_beta", "alpha", "alpha_daily", "sharpe", "annual_return", "beta", "skewness"},
    249: {"annual_return", "sharpe", "information_ratio", "alpha_daily", "trailing_beta", "alpha"},
}


@pytest.mark.parametrize(("days", "unknown"), SHORT.items())
def test_what_a_record_is_too_short_for_is_none(days: int, unknown: set[str]) -> None:
    # It begins inside a month, so that 60 days hold one whole month or two.
    got = statistics_of(*pair(days, start="2023-01-18"))
    assert {name for name in unknown if getattr(got, name) is not None} == set()
    json.dumps(got.to_dict(), allow_nan=False)


def test_a_year_of_250_sessions_is_a_year() -> None:
    got = statistics_of(*pair(250))
    assert None not in (got.annual_return, got.sharpe, got.information_ratio, got.alpha_daily)


@pytest.mark.parametrize("level", [0.0, 0.0001, -0.003, 0.1])
def test_a_model_that_does_not_move(level: float) -> None:
    _, benchmark = pair(600)
    got = statistics_of(series([level] * 600), benchmark)
    assert got.volatility == 0.0
    assert got.beta_daily == pytest.approx(0.0, abs=1e-12)
    assert (got.sharpe, got.skewness_daily, got.correlation_daily) == (None, None, None)
    if level == 0.0:  # otherwise longer months earn more
        assert (got.skewness, got.correlation, got.trailing_correlation) == (None, None, None)
    assert got.cumulative == pytest.approx((1 + level) ** 600 - 1)
    json.dumps(got.to_dict(), allow_nan=False)


def test_a_benchmark_that_does_not_move() -> None:
    model, _ = pair(600)
    got = statistics_of(model, series([0.0] * 600))
    assert (got.beta, got.correlation, got.alpha, got.beta_daily, got.relative_volatility) == (None,) * 5
    earning = statistics_of(model, series([0.0001] * 600))
    assert (earning.beta_daily, earning.correlation_daily, earning.alpha_daily) == (None,) * 3
    assert got.volatility is not None
    json.dumps(got.to_dict(), allow_nan=False)


def test_turnover_a_year_and_mean_holdings() -> None:
    model, benchmark = pair(504)
    trades = pd.Series([0.5, 0.3, 9.0], index=pd.to_datetime(["2016-03-01", "2017-03-01", "2024-01-02"]))
    held = pd.Series(
        [6.0, 8.0, 10.0, 99.0], index=pd.to_datetime(["2016-03-01", "2016-03-02", "2016-03-03", "2015-01-02"])
    )
    got = statistics_of(model, benchmark, turnover=trades, holdings=held)
    assert got.turnover_per_year == pytest.approx(0.8 * 252 / 504)
    assert got.holdings == 8.0
    never = statistics_of(model, benchmark, turnover=pd.Series(dtype=float))
    assert never.turnover_per_year == 0.0
    with pytest.raises(PerformanceError, match="turnover: a figure is missing, negative or infinite"):
        statistics_of(model, benchmark, turnover=-trades)


records = st.tuples(
    st.integers(1, 900), st.integers(0, 10_000), st.dates(dt.date(2009, 1, 1), dt.date(2022, 12, 31)).map(str)
).map(lambda drawn: pair(*drawn))


@given(records)
def test_calendar_years_chain_to_the_cumulative(drawn: tuple[pd.Series, pd.Series]) -> None:
    got = statistics_of(*drawn)
    assert chain(got.calendar_years.values()) == pytest.approx(got.cumulative, abs=1e-12)
    if got.year_to_date is not None:
        assert got.year_to_date == pytest.approx(got.calendar_years[got.end.year], abs=1e-15)
    json.dumps(got.to_dict(), allow_nan=False)


@given(records)
def test_the_benchmark_beside_itself(drawn: tuple[pd.Series, pd.Series]) -> None:
    _, benchmark = drawn
    got = statistics_of(benchmark, benchmark)
    for beta in (got.beta, got.beta_daily, got.trailing_beta, got.correlation, got.correlation_daily):
        assert beta in (None, 1.0)
    assert {got.alpha, got.alpha_daily} <= {None, 0.0}
    assert got.tracking_error in (None, 0.0)
    assert got.information_ratio is None


@given(records, st.floats(0.1, 2.0))
def test_scaling_a_record_scales_its_daily_figures(drawn: tuple[pd.Series, pd.Series], factor: float) -> None:
    model, benchmark = drawn
    one, scaled = statistics_of(model, benchmark), statistics_of(factor * model, benchmark)
    for name in ("volatility", "beta_daily", "alpha_daily", "relative_volatility", "trailing_beta_daily"):
        before, after = getattr(one, name), getattr(scaled, name)
        assert (before is None) == (after is None)
        assert before is None or after == pytest.approx(factor * before, rel=1e-9, abs=1e-12)
    for name in ("sharpe", "correlation_daily", "skewness_daily"):
        before, after = getattr(one, name), getattr(scaled, name)
        assert (before is None) == (after is None)
        assert before is None or after == pytest.approx(before, rel=1e-9, abs=1e-12)


@given(records, st.integers(1, 300))
def test_the_days_after_a_record_do_not_matter(drawn: tuple[pd.Series, pd.Series], cut: int) -> None:
    model, benchmark = drawn
    model = model.iloc[:cut]
    assert statistics_of(model, benchmark) == statistics_of(model, benchmark.iloc[:cut])


def test_time_of_day_time_zone_and_order_do_not_matter() -> None:
    model, benchmark = pair(300)
    late = model.set_axis(model.index.tz_localize("America/New_York") + pd.Timedelta(hours=16))
    assert statistics_of(late.iloc[::-1], benchmark) == statistics_of(model, benchmark)


def spoilt(values: dict[int, object]) -> pd.Series:
    model = pair(300)[0].astype(object)
    for place, value in values.items():
        model.iloc[place] = value
    return model


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (spoilt({7: np.nan}), "record: the return of 2016-01-12 is nan; expected a fraction above -1"),
        (spoilt({7: np.inf}), "record: the return of 2016-01-12 is inf"),
        (spoilt({7: -1.5}), "record: the return of 2016-01-12 is -1.5"),
        (spoilt({7: "n/a"}), "record: holds .* values; expected fractions"),
        (series([]), "record: holds no return"),
        (pd.Series([0.1, 0.2]), "record: expected daily returns as a Series indexed by date"),
        (pd.concat([pair(20)[0], pair(20)[0].iloc[3:5]]), "record: 2016-01-06 is there twice"),
        (
            pair(20)[0].drop(pd.Timestamp("2016-01-12")),
            "the record lacks 1 of the days of the benchmark .* 2016-01-12",
        ),
        (series([0.001] * 20, "2015-12-30"), "the benchmark lacks 2 of the days of the record .* 2015-12-30;"),
        (series([0.001] * 20, "2017-12-30"), "the benchmark lacks 20 of the days of the record"),
        (pd.Series([0.1], index=pd.DatetimeIndex([pd.NaT])), "record: a date is missing"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(model: pd.Series, said: str) -> None:
    with pytest.raises(PerformanceError, match=said) as refused:
        statistics_of(model, pair(300)[1])
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, BAD_INPUT)


def test_cash_that_lacks_a_day_is_refused() -> None:
    model, benchmark = pair(300)
    with pytest.raises(PerformanceError, match="the cash return lacks 1 of the days of the record"):
        statistics_of(model, benchmark, cash=(0.1 * benchmark).drop(benchmark.index[4]))


def test_the_table_holds_what_the_statistics_hold() -> None:
    long, benchmark = pair(805)
    young = long.iloc[700:]
    models: dict[str, Statistics] = {"long": statistics_of(long, benchmark), "young": statistics_of(young, benchmark)}
    table = statistics_table(models, ("AGG", statistics_of(benchmark, benchmark)))
    assert list(table.index) == ["long", "young", "AGG"]
    assert table.loc["AGG", "beta"] == 1.0
    for name, figures in models.items():
        for key, value in figures.to_dict().items():
            if key not in ("calendar_years", "drawdown", "start", "end"):
                shown = table.loc[name, key]
                assert shown == value or (value is None and pd.isna(shown)), (name, key)
        for year in ("2016", "2017", "2018", "2019"):
            shown = table.loc[name, year]
            assert shown == figures.calendar_years.get(int(year)) or pd.isna(shown)
        assert figures.drawdown is not None
        assert table.loc[name, "drawdown"] == figures.drawdown.depth
        assert table.loc[name, "drawdown_trough"] == figures.drawdown.trough
    dates = {"start", "end", "cash", "drawdown_start", "drawdown_trough", "drawdown_recovery"}
    assert {name for name in table.columns if table[name].dtype.kind not in "fi"} == dates
