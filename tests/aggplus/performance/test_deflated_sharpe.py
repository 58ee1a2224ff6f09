"""The worked example of the deflated-Sharpe paper, and its parts against simulation and other code."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aggplus.performance import (
    PerformanceError,
    deflated_sharpe,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    probabilistic_sharpe_ratio,
)

# Bailey & Lopez de Prado (2014), "A numerical example": a Sharpe ratio of 2.5 a year in 5 years of 250 days.
SHARPE, DAYS, VARIANCE = 2.5 / math.sqrt(250), 1250, 0.5 / 250


def test_the_papers_example() -> None:
    assert expected_maximum_sharpe(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe_ratio(SHARPE, DAYS, -3.0, 10.0, 100, VARIANCE) == pytest.approx(0.9004, abs=5e-5)


def test_the_papers_example_after_fewer_trials_or_with_normal_returns() -> None:
    assert deflated_sharpe_ratio(SHARPE, DAYS, -3.0, 10.0, 46, VARIANCE) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe_ratio(SHARPE, DAYS, 0.0, 3.0, 88, VARIANCE) == pytest.approx(0.9505, abs=5e-5)


@pytest.mark.parametrize("trials", [5, 20, 96, 500])
def test_expected_maximum_against_integration(trials: int) -> None:
    """E[max] of N normals is the integral of x d(Phi(x)^N); the formula is its limit and within 3 % from N = 5."""
    x = np.linspace(-10, 10, 200_001)
    exact = np.trapezoid(x * trials * stats.norm.pdf(x) * stats.norm.cdf(x) ** (trials - 1), x)
    assert expected_maximum_sharpe(trials, 4.0) == pytest.approx(2.0 * exact, rel=0.03)


def test_one_trial_has_nothing_to_be_deflated_of() -> None:
    assert expected_maximum_sharpe(1, 3.0) == 0.0
    grown = [expected_maximum_sharpe(trials, 1.0) for trials in (1, 1.2, 1.6, 2, 3, 10, 100)]
    assert grown == sorted(grown)


def test_probabilistic_sharpe_ratio_of_normal_returns_is_calibrated() -> None:
    """The chance that a sample's Sharpe ratio is below the true one is uniform: a tenth of samples in each tenth."""
    random = np.random.default_rng(5)
    samples = random.normal(0.1, 1.0, (4000, 250))
    sharpes = samples.mean(axis=1) / samples.std(axis=1, ddof=1)
    levels = [probabilistic_sharpe_ratio(float(sharpe), 0.1, 250, 0.0, 3.0) for sharpe in sharpes]
    assert stats.kstest(levels, "uniform").pvalue > 0.01


def noise(days: int = 1500, variants: int = 40, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.normal(0.0, 0.003, (days, variants))
    index = pd.bdate_range("2016-01-01", periods=days)
    return pd.DataFrame(values, index=index, columns=[f"ModelPort{i + 1}" for i in range(variants)])


def test_a_batch_by_other_code() -> None:
    returns = noise(variants=12) + 0.001 * np.random.default_rng(9).standard_t(5, (1500, 1))
    got = deflated_sharpe(returns)
    sharpes = {name: column.mean() / column.std() for name, column in returns.items()}
    best = max(sharpes, key=sharpes.__getitem__)
    own = returns[best]
    assert got.variant == best
    assert got.sharpe == pytest.approx(sharpes[best] * math.sqrt(252))
    assert got.skewness == pytest.approx(stats.skew(own))
    assert got.kurtosis == pytest.approx(stats.kurtosis(own, fisher=False))
    spread = np.var(list(sharpes.values()), ddof=1)
    g = 0.5772156649015329
    for trials, threshold, probability in (
        (12, got.threshold, got.probability),
        (got.independent_trials, got.threshold_independent, got.probability_independent),
    ):
        bar = math.sqrt(spread) * (
            (1 - g) * stats.norm.ppf(1 - 1 / trials) + g * stats.norm.ppf(1 - 1 / (trials * math.e))
        )
        assert threshold == pytest.approx(bar * math.sqrt(252))
        sr, skew, kurtosis = sharpes[best], stats.skew(own), stats.kurtosis(own, fisher=False)
        z = (sr - bar) * math.sqrt(1499) / math.sqrt(1 - skew * sr + (kurtosis - 1) / 4 * sr**2)
        assert probability == pytest.approx(stats.norm.cdf(z))
    pairs = [returns.iloc[:, i].corr(returns.iloc[:, j]) for i in range(12) for j in range(i)]
    assert got.independent_trials == pytest.approx(np.mean(pairs) + (1 - np.mean(pairs)) * 12)
    json.dumps(got.to_dict(), allow_nan=False)


def test_the_best_of_noise_is_not_believed_and_skill_is() -> None:
    believed = [deflated_sharpe(noise(seed=seed)).probability for seed in range(60)]
    assert 0.3 < np.mean(believed) < 0.7
    assert np.mean(np.array(believed) > 0.95) < 0.1
    skilled = noise()
    skilled["ModelPort7"] += 0.0006
    got = deflated_sharpe(skilled)
    assert got.variant == "ModelPort7"
    assert got.probability > 0.99


def test_copies_of_one_variant_are_one_trial() -> None:
    one = noise(variants=1)["ModelPort1"]
    copies = pd.DataFrame({f"m{i}": one for i in range(5)})
    got = deflated_sharpe(copies)
    assert got.independent_trials == pytest.approx(1.0)
    assert got.threshold == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0.1, 1, 0.0, 3.0, 10, 0.1), "observations: 1; expected at least 2"),
        ((0.1, 100, 0.0, 0.0, 10, 0.1), "kurtosis: 0 with a skewness of 0; expected at least 1"),
        ((0.1, 100, 0.0, 3.0, 0.5, 0.1), "trials: 0.5; expected at least 1"),
        ((0.1, 100, 0.0, 3.0, math.nan, 0.1), "trials: nan"),
        ((0.1, 100, 0.0, 3.0, 10, -0.1), "variance of Sharpe ratios: -0.1"),
    ],
)
def test_impossible_arguments_are_refused(arguments: tuple[float, int, float, float, float, float], said: str) -> None:
    with pytest.raises(PerformanceError, match=said):
        deflated_sharpe_ratio(*arguments)
