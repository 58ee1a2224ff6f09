"""Daily returns: what is refused, what counts as a history, and what is noticed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodels import EstimationError, daily_returns, unmoving
from riskmodels.returns import daily_returns_since_gaps, repeated


def panel(**columns: list[float]) -> pd.DataFrame:
    days = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.bdate_range("2024-01-01", periods=days))


def refusal(prices: pd.DataFrame, days: int) -> str:
    with pytest.raises(EstimationError) as caught:
        daily_returns_since_gaps(prices, days)
    strict = None
    try:
        daily_returns(prices, days)
    except EstimationError as error:
        strict = str(error)
    assert str(caught.value) == strict
    assert "\n" not in strict
    return strict


@pytest.mark.parametrize(("price", "percent"), [(1000.0, "900"), (201.0, "101"), (49.0, "-51")])
def test_a_misprint_is_refused_with_its_day(price: float, percent: str) -> None:
    said = refusal(panel(AGG=[100.0, 100.1, 100.2, 100.1], HYG=[100.0, price, 100.0, 100.0]), 3)
    assert said.startswith(f"HYG returns {percent} % on 2024-01-02: expected between -50 and 100 % in a day")
    assert "exclude the fund" in said


def test_the_hardest_days_of_leveraged_funds_are_no_misprint() -> None:
    assert len(daily_returns(panel(TMF=[100.0, 60.0, 110.0]), 2)) == 2


@pytest.mark.parametrize("closes", [0, 1])
def test_fewer_than_two_closes_have_no_return(closes: int) -> None:
    prices = panel(AGG=[100.0, 101.0]).iloc[:closes]
    assert ("there are no prices" if closes == 0 else "1 daily returns need 2 closes, and there are 1") in refusal(
        prices, 1
    )


def test_a_history_starts_after_its_last_gap() -> None:
    nan = np.nan
    prices = panel(
        OLD=[1.0, 1.1, 1.2, 1.3, 1.2],
        YOUNG=[nan, nan, 1.0, 1.1, 1.2],
        GAP=[1.0, 1.1, nan, 1.2, 1.1],
        ENDED=[1.0, 1.1, 1.2, 1.1, nan],
        NEVER=[nan] * 5,
    )
    found = daily_returns_since_gaps(prices, 4)
    expected = prices.pct_change(fill_method=None).iloc[1:]
    pd.testing.assert_series_equal(found["OLD"], expected["OLD"], check_freq=False)
    pd.testing.assert_series_equal(found["YOUNG"], expected["YOUNG"], check_freq=False)
    assert found["GAP"].isna().tolist() == [True, True, True, False]
    assert found["ENDED"].isna().all()
    assert found["NEVER"].isna().all()
    assert prices["GAP"].notna().sum() == 4


def test_a_misprint_before_a_gap_does_not_count() -> None:
    prices = panel(AGG=[100.0, 900.0, np.nan, 100.0, 101.0])
    assert daily_returns_since_gaps(prices, 4)["AGG"].notna().sum() == 1


def test_young_funds_that_never_moved_are_unmoving_too() -> None:
    nan = np.nan
    prices = panel(A=[nan, nan, 5.0, 5.0, 5.0], B=[nan, 5.0, 5.1, 5.0, 5.2], C=[nan] * 5, D=[1.0] * 5)
    assert unmoving(prices, 4) == ("A", "D")


def test_without_a_return_nothing_is_known_to_be_unmoving() -> None:
    assert unmoving(panel(A=[5.0], B=[6.0]), 4) == ()
    assert unmoving(panel(A=[5.0, 5.0]).iloc[:, :0], 4) == ()


def test_one_fund_under_two_tickers_is_noticed_whatever_the_level() -> None:
    rng = np.random.default_rng(0)
    prices = 100.0 * np.cumprod(1.0 + 0.01 * rng.normal(size=(50, 3)), axis=0)
    frame = pd.DataFrame(prices, columns=["A", "B", "C"], index=pd.bdate_range("2024-01-01", periods=50))
    frame["D"] = frame["B"] / 7.0
    frame["E"] = frame["C"] * (1.0 + 1e-7 * rng.normal(size=50))
    assert repeated(daily_returns(frame, 49)) == (("B", "D"),)
