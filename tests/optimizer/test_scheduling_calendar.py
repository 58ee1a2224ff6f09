"""Month ends of the exchange against dates known from elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import OptimizerError
from optimizer.scheduling import session_ends
from universe import Market, exchange_sessions

YEAR_2024 = exchange_sessions("2024-01-01", "2024-12-31")


def test_last_sessions_of_2024() -> None:
    """From the exchange's published holidays; Good Friday was on 29 March."""
    ends = session_ends(YEAR_2024)
    last = (
        (1, 31),
        (2, 29),
        (3, 28),
        (4, 30),
        (5, 31),
        (6, 28),
        (7, 31),
        (8, 30),
        (9, 30),
        (10, 31),
        (11, 29),
        (12, 31),
    )
    expected = [f"2024-{month:02d}-{day:02d}" for month, day in last]
    assert YEAR_2024[ends.month_end].strftime("%Y-%m-%d").to_list() == expected
    assert YEAR_2024[ends.quarter_end].strftime("%Y-%m-%d").to_list() == expected[2::3]
    assert YEAR_2024[ends.year_end].strftime("%Y-%m-%d").to_list() == ["2024-12-31"]
    assert len(YEAR_2024) == 252


@pytest.mark.parametrize(
    ("day", "is_end"),
    [
        ("2007-01-31", True),
        ("2010-05-28", True),  # Monday the 31st was Memorial Day
        ("2012-10-31", True),  # closed for the hurricane on the two days before
        ("2013-03-28", True),  # Good Friday
        ("2018-03-29", True),  # Good Friday
        ("2021-12-31", True),  # New Year's Day on a Saturday is not made up for
        ("2024-03-29", False),  # the exchange is closed
        ("2024-03-27", False),
        ("2023-12-29", True),
        ("2023-12-31", False),  # a Sunday
    ],
)
def test_single_days(day: str, is_end: bool) -> None:
    assert session_ends(pd.DatetimeIndex([day])).month_end.tolist() == [is_end]


def test_periods_count_what_has_ended() -> None:
    days = pd.DatetimeIndex(["2024-03-27", "2024-03-28", "2024-03-29", "2024-04-01", "2023-12-28", "2023-12-29"])
    march, ended, closed, april, before, year = session_ends(days).periods
    assert ended.month == march.month + 1 == (2024 - 1970) * 12 + 2
    assert ended.quarter == march.quarter + 1 == (2024 - 1970) * 4
    assert (closed, april.month) == (ended, ended.month), "a day without a session ends nothing"
    assert april.sessions == ended.sessions + 1
    assert (before.year, year.year) == (2022 - 1970, 2023 - 1970)


def test_counts_and_ends_agree_over_a_whole_history() -> None:
    """A period is counted exactly on the sessions that end one, whichever way they are worked out."""
    sessions = exchange_sessions("2007-01-03", "2023-12-29")
    ends = session_ends(sessions)
    for name, flags in (("month", ends.month_end), ("quarter", ends.quarter_end), ("year", ends.year_end)):
        steps = np.diff([getattr(period, name) for period in ends.periods])
        assert steps.tolist() == flags[1:].astype(int).tolist()
        in_pandas = sessions.to_series().groupby(sessions.to_period(name[0].upper())).max()
        assert sessions[flags].to_list() == in_pandas.to_list()
    assert np.diff([period.sessions for period in ends.periods]).tolist() == [1] * (len(sessions) - 1)


@given(st.integers(0, 250))
def test_what_comes_later_changes_nothing(cut: int) -> None:
    """The calendar is known in advance: a history that stops on a day says the same of that day."""
    whole, part = session_ends(YEAR_2024), session_ends(YEAR_2024[: cut + 1])
    assert part.periods == whole.periods[: cut + 1]
    assert part.month_end.tolist() == whole.month_end[: cut + 1].tolist()


def test_no_days() -> None:
    assert session_ends(pd.DatetimeIndex([])).periods == ()


@pytest.mark.parametrize(("day", "found"), [("1989-12-29", "1989-12-29"), ("2051-01-03", "2051-01-03"), (None, "NaT")])
def test_days_outside_the_calendar_are_refused(day: str | None, found: str) -> None:
    with pytest.raises(OptimizerError, match=f"{found}.*1990-01-01 to 2050-12-31"):
        session_ends(pd.DatetimeIndex(["2024-01-31", day]))


def test_the_first_day_of_the_calendar() -> None:
    holiday, first = session_ends(pd.DatetimeIndex(["1990-01-01", "1990-01-02"])).periods
    assert (holiday.sessions, first.sessions) == (0, 1)
    assert holiday.month == first.month == 20 * 12 - 1


def test_the_real_market_trades_on_these_days(real_market: Market) -> None:
    days = pd.DatetimeIndex(real_market.prices.index)
    sessions = exchange_sessions(f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}")
    assert days.equals(sessions)
