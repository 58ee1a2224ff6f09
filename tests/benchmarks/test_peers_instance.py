"""The instance that peers are timed on is what it is said to be."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.covariance import ledoit_wolf

from benchmarks.peers.instance import Covariance, Day, Setup
from benchmarks.peers.problems import problems
from benchmarks.peers.simulation import STEP, WINDOW, days, draw_taste, estimate, simulate
from benchmarks.peers.storage import store, stored
from optimizer import BACKENDS, Claim


@pytest.fixture(scope="module")
def big() -> Day:
    return next(days(Setup(funds=200, variants=8, dates=1)))


def test_the_palette_is_one_of_bond_funds(big: Day) -> None:
    variance = np.diag(big.sigma)
    volatility = np.sqrt(variance)
    correlation = big.sigma / np.outer(volatility, volatility)
    pairs = correlation[np.triu_indices(volatility.size, 1)]
    size = np.linalg.eigvalsh(big.sigma)[::-1]
    assert volatility.min() == pytest.approx(0.16, rel=0.15)
    assert volatility.max() == pytest.approx(11.7, rel=0.15)
    assert np.median(volatility) == pytest.approx(5.5, rel=0.15)
    assert 0.85 < size[:2].sum() / size.sum() < 0.95
    assert 0.75 < np.median(np.abs(pairs)) < 0.9
    assert 0.15 < np.mean(pairs > 0.9) < 0.4
    assert size[-1] > 0.0


def test_mandates_have_the_rows_and_bounds_that_are_claimed(big: Day) -> None:
    assert big.A.shape == (15, 200)
    assert np.array_equal(big.A[0], np.ones(200))
    assert np.array_equal(big.A[1:13].sum(axis=0), np.ones(200)), "every fund has one sector"
    for v, variant in enumerate(big.variants):
        barred = variant.upper == 0.0
        assert 0.2 <= barred.mean() <= 0.4
        assert np.all((variant.upper[~barred] >= 0.05) & (variant.upper[~barred] <= 0.15))
        equal = np.flatnonzero(variant.row_lower == variant.row_upper)
        assert list(equal) == ([0, 13] if v % 4 == 0 else [0])
        assert np.all(variant.row_lower <= variant.row_upper)


@pytest.mark.parametrize("covariance", ["shrunk", "ten factors"])
def test_targets_lie_between_the_least_risk_and_that_of_the_highest_return(
    setup: Setup, covariance: Covariance
) -> None:
    setup = replace(setup, covariance=covariance)
    day = next(days(setup))
    for v, (variant, problem) in enumerate(zip(day.variants, problems(day), strict=True)):
        calm = BACKENDS["conic"](problem.minimising_risk())
        assert isinstance(calm, Claim)
        A, low, high = day.A, variant.row_lower, variant.row_upper
        best = linprog(
            -day.mu,
            np.vstack([A, -A]),
            np.concatenate([high, -low]),
            bounds=[(0.0, cap) for cap in variant.upper],
        )
        assert best.x is not None
        least, most = (np.sqrt(w @ day.sigma @ w) for w in (calm.w, best.x))
        place = (variant.target - least) / (most - least)
        # The lower end is a portfolio near the least risk, not the least risk itself.
        assert draw_taste(setup, v).place - 1e-5 <= place < 0.75


def test_a_variant_and_a_date_do_not_depend_on_how_many_there_are(setup: Setup, small: tuple[Day, ...]) -> None:
    more = tuple(islice(days(replace(setup, variants=7, dates=4)), 2))
    for here, there in zip(small, more, strict=True):
        assert np.array_equal(here.sigma, there.sigma)
        assert np.array_equal(here.mu, there.mu)
        for one, other in zip(here.variants, there.variants, strict=False):
            assert one.target == other.target
            assert np.array_equal(one.row_upper, other.row_upper)
            assert np.array_equal(one.upper, other.upper)


def test_seeds_and_dates_differ(setup: Setup, small: tuple[Day, ...]) -> None:
    assert not np.allclose(small[0].sigma, small[1].sigma)
    assert not np.allclose(small[0].mu, next(days(replace(setup, seed=1, dates=1))).mu)


def test_shrunk_covariance_is_ledoit_wolf_on_the_correlation() -> None:
    setup = Setup(funds=30, variants=1, dates=2)
    returns = simulate(setup).returns[STEP : STEP + WINDOW]
    volatility = returns.std(axis=0)
    correlation, _ = ledoit_wolf((returns - returns.mean(axis=0)) / volatility, assume_centered=True)
    expected = 252 * 1e4 * correlation * np.outer(volatility, volatility)
    second = tuple(days(setup))[1]
    assert second.sigma == pytest.approx(expected, rel=1e-9)


def test_ten_factors_are_the_principal_components_of_the_correlation() -> None:
    returns = simulate(Setup(funds=30, variants=1, dates=1)).returns
    form = estimate(returns, "ten factors")
    assert form.loadings.shape == (30, 10)
    assert np.diag(form.matrix) == pytest.approx(252 * 1e4 * returns.var(axis=0))
    scale = 100.0 * np.sqrt(252) * returns.std(axis=0)
    size, axes = np.linalg.eigh(np.corrcoef(returns.T))
    leading = (axes[:, -10:] * size[-10:]) @ axes[:, -10:].T
    assert (form.loadings / scale[:, None]) @ (form.loadings / scale[:, None]).T == pytest.approx(leading, abs=1e-9)


def test_a_date_survives_the_disk(small: tuple[Day, ...], tmp_path: Path) -> None:
    store(iter(small), tmp_path)
    for here, there in zip(small, stored(tmp_path), strict=True):
        assert np.array_equal(here.sigma, there.sigma)
        assert [one.target for one in here.variants] == [one.target for one in there.variants]
