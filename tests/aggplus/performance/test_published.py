"""The AGG's own published figures and the conventions behind the published table, on the real market."""

import math

import numpy as np
import pandas as pd
import pytest

from aggplus.performance import (
    PUBLISHED,
    Statistics,
    beside_published,
    covers_published_period,
    monthly_returns,
    statistics_of,
)
from universe import Market


@pytest.fixture(scope="module")
def returns(real_market: Market) -> pd.DataFrame:
    return real_market.prices[["AGG", "BIL", "HYG"]].dropna().pct_change().dropna()


@pytest.fixture(scope="module")
def agg(returns: pd.DataFrame) -> Statistics:
    return statistics_of(returns["AGG"]["2016-01-01":"2024-01-31"], returns["AGG"])


def test_returns_of_the_agg_are_those_known(agg: Statistics) -> None:
    assert agg.month == pytest.approx(-0.0015, abs=5e-5)
    assert agg.year_to_date == agg.month
    assert agg.trailing_year == pytest.approx(0.0210, abs=5e-5)
    assert agg.calendar_years[2023] == pytest.approx(0.0566, abs=5e-5)
    assert agg.cumulative == pytest.approx(0.1153, abs=5e-5)
    assert (agg.months, agg.days) == (97, 2033)
    assert covers_published_period(agg)


def test_published_figures_of_the_agg_are_reproduced_but_for_the_cumulative(agg: Statistics) -> None:
    published = PUBLISHED["AGG"]
    assert round(agg.month or 0.0, 4) == published.month
    assert round(agg.trailing_year or 0.0, 3) == published.trailing_year
    assert round(agg.calendar_years[2023], 3) == published.year_2023
    # 51 of 97 months; 51.5 % of days would be something else.
    assert round(agg.positive_months or 0.0, 2) == published.positive_months
    assert published.cumulative - agg.cumulative == pytest.approx(0.015, abs=0.001)


@pytest.mark.parametrize("model", ["ModelPort20", "ModelPort55", "ModelPort91"])
def test_published_alphas_are_intercepts_without_cash(returns: pd.DataFrame, model: str) -> None:
    """A model's mean follows from its cumulative return and its volatility, which is beta / correlation x the AGG's."""
    period = returns["2016-01-01":"2024-01-31"]
    of_agg, cash = monthly_returns(period["AGG"]), 12 * monthly_returns(period["BIL"]).mean()
    published = PUBLISHED[model]
    assert published.beta is not None
    assert published.correlation is not None
    assert published.alpha is not None
    volatility = published.beta / published.correlation * of_agg.std() * math.sqrt(12)
    mean = math.log(1 + published.cumulative) / (97 / 12) + volatility**2 / 2
    alpha = mean - published.beta * 12 * of_agg.mean()
    less_cash = mean - cash - published.beta * (12 * of_agg.mean() - cash)
    # Figures are published to 0.1 %; betas and correlations to two digits.
    assert alpha == pytest.approx(published.alpha, abs=0.0012)
    assert abs(alpha - published.alpha) < abs(less_cash - published.alpha)


def test_daily_returns_understate_how_late_credit_goes_along_with_the_agg(returns: pd.DataFrame) -> None:
    credit = statistics_of(returns["HYG"]["2016-01-01":"2024-01-31"], returns["AGG"], cash=returns["BIL"])
    assert credit.beta is not None
    assert credit.beta_daily is not None
    assert credit.alpha is not None
    assert credit.alpha_daily is not None
    assert credit.beta > credit.beta_daily + 0.2
    assert credit.alpha < credit.alpha_daily
    assert credit.cash == "BIL"


def short_record() -> pd.Series:
    days = pd.bdate_range("2023-01-02", "2024-01-31")
    return pd.Series(np.random.default_rng(0).normal(0, 0.003, len(days)), index=days)


def test_ours_stands_beside_the_published() -> None:
    record = short_record()
    got = statistics_of(record, record)
    table = beside_published({"ModelPort20": got, "mine": got})
    assert list(table.index) == [("ModelPort20", "ours"), ("ModelPort20", "published")]
    assert table.loc[("ModelPort20", "published"), "correlation"] == 0.54
    assert table.loc[("ModelPort20", "ours"), "year_2023"] == got.calendar_years[2023]
    assert table.loc[("ModelPort20", "ours"), "beta"] == 1.0
    assert not covers_published_period(got)
    assert beside_published({"mine": got}).empty


def test_nothing_published_of_the_agg_is_missing_here() -> None:
    record = short_record()
    table = beside_published({"AGG": statistics_of(record, record)})
    assert list(table.columns[table.loc[("AGG", "published")].isna()]) == ["beta", "correlation", "alpha"]
