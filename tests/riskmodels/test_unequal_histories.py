"""Short histories: Stambaugh's regressions by hand, recovery of a known market, and never a fund made to look safe."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.covariance import EmpiricalCovariance

from riskmodels import (
    EstimationError,
    ExponentialCovariance,
    NeweyWest,
    OverlappingReturns,
    PrincipalFactors,
    ShrunkCorrelation,
    UnequalHistories,
)

Floats = NDArray[np.float64]

SAMPLE = EmpiricalCovariance(assume_centered=True)


def market(days: int, n: int, seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    loadings = np.column_stack([rng.uniform(0.5, 1.5, n), rng.normal(size=n)])
    own = np.full(n, 0.6)
    x = rng.normal(size=(days, 2)) @ loadings.T + rng.normal(size=(days, n)) * own
    return x, loadings @ loadings.T + np.diag(own**2)


def without_past(x: Floats, *starts: tuple[int, int]) -> Floats:
    out = x.copy()
    for column, start in starts:
        out[:start, column] = np.nan
    return out


def test_one_young_fund_is_stambaughs_regression() -> None:
    """Equations 4 to 8 of the paper: moments of the long ones, slopes over the short one's days."""
    x = without_past(market(200, 4)[0], (3, 120))
    old, young = x[:, :3], x[120:, 3]
    sigma_old = np.cov(old.T, bias=True)
    design = np.column_stack([np.ones(80), old[120:]])
    slopes, (squares,), *_ = np.linalg.lstsq(design, young, rcond=None)
    across = slopes[1:] @ sigma_old
    own = across @ slopes[1:] + squares / (80 - 1 - 3)

    fitted = UnequalHistories(SAMPLE).fit(x)

    np.testing.assert_allclose(fitted.covariance_[:3, :3], sigma_old, rtol=1e-9)
    np.testing.assert_allclose(fitted.covariance_[3, :3], across, rtol=1e-8)
    assert fitted.covariance_[3, 3] == pytest.approx(own, rel=1e-8)
    np.testing.assert_array_equal(fitted.observed_days_, [200, 200, 200, 80])
    np.testing.assert_array_equal(fitted.inferred_, [False, False, False, True])


def test_several_young_funds_each_over_its_own_days_residuals_over_the_shared_ones() -> None:
    x = without_past(market(200, 5)[0], (1, 100), (4, 150))
    old = x[:, [0, 2, 3]]
    residuals, slopes, own = [], [], []
    for column, start in ((1, 100), (4, 150)):
        design = np.column_stack([np.ones(200 - start), old[start:]])
        found = np.linalg.lstsq(design, x[start:, column], rcond=None)[0]
        residual = x[start:, column] - design @ found
        slopes.append(found[1:])
        own.append(np.sqrt(residual @ residual / (200 - start - 4)))
        residuals.append(residual[-50:])
    d = ShrunkCorrelation().fit(np.array(residuals).T)
    correlation = d.covariance_[0, 1] / d.volatility_.prod()
    gamma, sigma_old = np.array(slopes), np.cov(old.T, bias=True)
    expected = gamma @ sigma_old @ gamma.T + np.outer(own, own) * [[1.0, correlation], [correlation, 1.0]]

    fitted = UnequalHistories(SAMPLE).fit(x).covariance_

    np.testing.assert_allclose(fitted[np.ix_([1, 4], [1, 4])], expected, rtol=1e-8)
    np.testing.assert_allclose(fitted[np.ix_([1, 4], [0, 2, 3])], gamma @ sigma_old, rtol=1e-8)


def test_more_old_funds_than_days_are_summed_up_in_components() -> None:
    """Of 60 old funds and 40 days the regression takes ten components; the market has two."""
    errors = {"inferred": 0.0, "own days": 0.0}
    for seed in range(10):
        x, truth = market(250, 61, seed)
        fitted = UnequalHistories().fit(without_past(x, (60, 210))).covariance_
        scale = np.sqrt(np.diag(truth) * truth[60, 60])[:60]
        for name, found in (("inferred", fitted), ("own days", np.cov(x[210:].T))):
            errors[name] += float((((found[60, :60] - truth[60, :60]) / scale) ** 2).sum())
    assert errors["inferred"] < 0.6 * errors["own days"]


def test_there_is_one_component_for_every_four_days() -> None:
    """24 days: six components of the 30 old funds, by the singular value decomposition."""
    x = without_past(market(120, 31)[0], (30, 96))
    old = x[:, :30] - x[:, :30].mean(axis=0)
    scale = old.std(axis=0)
    weights = np.linalg.svd(old / scale, full_matrices=False)[2][:6].T / scale[:, None]
    design = np.column_stack([np.ones(24), (old @ weights)[96:]])
    slopes, (squares,), *_ = np.linalg.lstsq(design, x[96:, 30], rcond=None)
    gamma, sigma = weights @ slopes[1:], np.cov(old.T, bias=True)

    fitted = UnequalHistories(SAMPLE).fit(x).covariance_

    np.testing.assert_allclose(fitted[30, :30], gamma @ sigma, rtol=1e-7, atol=1e-12)
    assert fitted[30, 30] == pytest.approx(gamma @ sigma @ gamma + squares / (24 - 1 - 6), rel=1e-8)


def test_a_short_history_does_not_make_a_fund_look_safe() -> None:
    """On average the risk inferred from 40 days is the true one; zero-filling would show two fifths of it."""
    inferred, filled = [], []
    for seed in range(60):
        x, sigma = market(250, 30, seed)
        young = without_past(x, (7, 210))
        inferred.append(UnequalHistories().fit(young).covariance_[7, 7] / sigma[7, 7])
        filled.append(np.nan_to_num(young)[:, 7].var() / sigma[7, 7])
    assert np.mean(inferred) == pytest.approx(1.0, abs=0.06)
    assert np.mean(filled) < 0.25


def test_uses_what_the_old_funds_know_of_a_calm_start() -> None:
    """Volatile days before the young fund was born count for it, through its betas."""
    x, _ = market(200, 6)
    x[:100] *= 3.0
    fitted = UnequalHistories(SAMPLE).fit(without_past(x, (5, 120))).covariance_
    assert fitted[5, 5] > 2.0 * x[120:, 5].var()


def test_young_funds_that_move_together_beside_the_old_ones_stay_together() -> None:
    rng = np.random.default_rng(5)
    x, _ = market(250, 12)
    common = 2.0 * rng.normal(size=250)
    x[:, 10] += common
    x[:, 11] += common
    fitted = UnequalHistories().fit(without_past(x, (10, 150), (11, 180))).covariance_
    whole = np.cov(x.T)
    d, w = np.sqrt(np.diag(fitted)), np.sqrt(np.diag(whole))
    assert fitted[10, 11] / (d[10] * d[11]) == pytest.approx(whole[10, 11] / (w[10] * w[11]), abs=0.15)


@pytest.mark.parametrize(
    "base", [ShrunkCorrelation(), ExponentialCovariance(), PrincipalFactors(3), EmpiricalCovariance()]
)
def test_old_funds_keep_what_the_base_says_of_them(base: Any) -> None:
    x = without_past(market(200, 8)[0], (2, 90), (6, 150))
    old = [0, 1, 3, 4, 5, 7]
    fitted = UnequalHistories(base).fit(x)
    alone = clone(base).fit(x[:, old])
    np.testing.assert_allclose(fitted.covariance_[np.ix_(old, old)], alone.covariance_, rtol=1e-8, atol=1e-12)
    np.linalg.cholesky(fitted.covariance_)


@pytest.mark.parametrize("outside", [NeweyWest, OverlappingReturns])
def test_lags_reach_short_histories_too(outside: type) -> None:
    """A late fund's beta is inferred from sums of days, not from days."""
    betas, daily = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        news = rng.normal(size=501)
        x = np.column_stack([news[1:], 0.5 * news[1:] + rng.normal(size=500), 0.5 * (news[1:] + news[:-1])])
        x[:, 2] += 0.1 * rng.normal(size=500)
        x[:250, 2] = np.nan
        sigma = outside(UnequalHistories(SAMPLE)).fit(x).covariance_
        betas.append(sigma[2, 0] / sigma[0, 0])
        plain = UnequalHistories(SAMPLE).fit(x).covariance_
        daily.append(plain[2, 0] / plain[0, 0])
    assert np.mean(daily) == pytest.approx(0.5, abs=0.05)
    assert np.mean(betas) == pytest.approx(0.9, abs=0.07)


def test_a_second_ticker_of_an_old_fund_and_a_young_copy_are_no_obstacle() -> None:
    x, _ = market(200, 6)
    x = without_past(np.column_stack([x, x[:, 0], x[:, 5]]), (5, 120), (6, 100), (7, 120))
    sigma = UnequalHistories().fit(x).covariance_
    assert np.isfinite(sigma).all()
    d = np.sqrt(np.diag(sigma))
    np.linalg.cholesky(sigma / np.outer(d, d))
    assert sigma[6, 0] / (d[6] * d[0]) > 0.9


def refusal(x: Floats) -> str:
    with pytest.raises(EstimationError) as caught:
        UnequalHistories().fit(pd.DataFrame(x, columns=[f"F{i}" for i in range(x.shape[1])]))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_cannot_be_inferred_is_refused_by_name() -> None:
    x, _ = market(100, 4)
    assert "F2 has 19 returns: risk is inferred from 20 or more" in refusal(without_past(x, (2, 81)))
    assert "F2 has 1 returns" in refusal(without_past(x, (2, 99)))
    assert "F2 has 0 returns" in refusal(without_past(x, (2, 100)))
    UnequalHistories().fit(without_past(x, (2, 80)))
    gap = x.copy()
    gap[50, 1] = np.nan
    assert "F1 has returns missing after its first" in refusal(gap)
    ended = x.copy()
    ended[95:, 1] = np.nan
    assert "F1 has returns missing after its first" in refusal(ended)
    assert "none of the 4 columns is complete" in refusal(without_past(x, *((i, 10) for i in range(4))))
    still = without_past(x, (3, 50))
    still[50:, 3] = 0.001
    assert "F3 never moves over its 50 days" in refusal(still)
    still[:, 0] = 0.0
    assert "F0 never moves over these 100 days" in refusal(still)
