"""What is measured of the estimates is all that a model document can ask for, and is measured on what it says."""

from __future__ import annotations

import typing

import numpy as np

from benchmarks.estimates import VARIANTS, by_estimator, estimate, simulated_prices, walk, with_young_funds
from riskmodels.rules import CovarianceName, RiskModelRules

DAYS = 120
PRICES = simulated_prices(DAYS + 1 + 3 * 21, 12)


def test_every_estimator_is_timed() -> None:
    milliseconds = by_estimator(PRICES, DAYS, young=3)
    assert set(typing.get_args(CovarianceName)) < set(milliseconds)
    assert all(value > 0.0 for value in milliseconds.values())


def test_what_is_timed_is_what_its_name_says() -> None:
    for name, rules in VARIANTS.items():
        read = RiskModelRules(**rules)
        if name == "the default":
            assert read == RiskModelRules()
            continue
        words = name.split(", ")
        assert words[0] == read.estimator
        assert (read.lags or 0, read.horizon) == {"5 lags": (5, 1), "overlapping 5 days": (0, 5)}.get(words[-1], (0, 1))


def test_young_funds_are_inferred_and_the_others_are_not() -> None:
    younger = with_young_funds(PRICES, 3, DAYS)
    model = estimate(younger, {"short_histories": "infer"}, DAYS)
    assert model.inferred.tolist() == [False] * 9 + [True] * 3
    assert not PRICES.isna().to_numpy().any()


def test_a_walk_is_as_long_as_it_says() -> None:
    figures = walk(PRICES, DAYS, 3)
    assert np.isclose(figures["ms_each"] * 3, 1000.0 * figures["seconds"])
    assert figures["overlap_share"] == 1.0 - 21 / DAYS
