"""Numbers, days and warnings as they read on the page."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from aggplus.report.data_warnings import survivorship
from aggplus.report.numbers import day_of, percent, plain, points, sentence, set_in_type
from universe import Market


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (percent(0.0110), "1.10\u202f%"),
        (percent(-0.0015), "−0.15\u202f%"),
        (percent(-0.000001), "0.00\u202f%"),
        (percent(None), "–"),
        (percent(float("nan")), "–"),
        (points(0.0125), "+1.25"),
        (points(-0.0125), "−1.25"),
        (points(0.0), "0.00"),
        (points(-0.00001), "0.00"),
        (plain(-0.061), "−0.06"),
        (day_of(dt.date(2023, 12, 1)), "1 December 2023"),
        (set_in_type("AGG return -4.71 % on 2023-12-01, 0-5 Year"), "AGG return −4.71\u202f% on 2023-12-01, 0-5 Year"),
        (sentence("two funds left out"), "Two funds left out."),
    ],
)
def test_what_is_shown(shown: str, words: str) -> None:
    assert shown == words


def test_survivorship_is_told_where_hardly_any_fund_closes(small: Market) -> None:
    [told] = survivorship(small)
    assert told.startswith("survivorship: of 21 funds with prices 0 stop before the last close")
    prices = small.prices.copy()
    # Three of 21 funds close within 14 months: 14 % a year, as in a market that keeps its dead.
    prices.iloc[150:, 3:6] = np.nan
    assert survivorship(replace(small, prices=prices)) == ()
    # A gap of a thin fund at the end is no closure.
    prices = small.prices.copy()
    prices.iloc[-3:, 3:6] = np.nan
    assert survivorship(replace(small, prices=prices)) != ()
