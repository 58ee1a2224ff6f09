"""Numbers, days and warnings as they read on the page."""

import datetime as dt
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from aggplus.report.data_warnings import survivorship
from aggplus.report.method import GOALS
from aggplus.report.numbers import day_of, percent, plain, points, sentence, set_in_type
from aggplus.report.story import price_in_words
from constraints import BASIS_POINTS, BETA, TARGET_CLAUSE, VOLATILITY, WEIGHT
from optimizer import ShadowPrice
from optimizer.rules import Goal
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


def test_the_method_has_words_for_every_goal() -> None:
    assert {*GOALS} == {*get_args(Goal)}


@pytest.mark.parametrize(
    ("price", "kind", "words"),
    [
        # A minimum costs by its move up, a maximum gains.
        (
            ShadowPrice("high_yield", 0.4, 0.4, -56.0, WEIGHT),
            "volatility",
            ("High yield", "at least 40 %", "−56.0 bp of expected return a year for 1\u202f% of weight more"),
        ),
        (
            ShadowPrice("expense ratio", 12.64, 12.64, 99.3, BASIS_POINTS),
            "volatility",
            ("expense ratio", "at most 12.64 bp", "99.3 bp of expected return a year for 1 bp more"),
        ),
        (
            ShadowPrice(TARGET_CLAUSE, 1.0, 1.0, 310.6, VOLATILITY),
            "tracking_error",
            (
                "risk target (tracking error)",
                "1 %",
                "310.6 bp of expected return a year for 1\u202f% of tracking error more",
            ),
        ),
        (
            ShadowPrice(TARGET_CLAUSE, 1.0, 1.0, 220.0, BETA),
            "beta",
            ("risk target (beta)", "1", "2.2 bp of expected return a year for 0.01 of beta more"),
        ),
    ],
)
def test_a_limit_that_bound_is_told(price: ShadowPrice, kind: str, words: tuple[str, str, str]) -> None:
    assert price_in_words(price, kind, "expected_return") == words
