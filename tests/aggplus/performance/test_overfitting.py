"""CSCV against plain loops, and on batches of which it is known what selection is worth."""

import itertools
import json
import math
import statistics as plain
import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aggplus.performance import Overfitting, PerformanceError, backtest_overfitting


def noise(days: int, variants: int, seed: int, volatility: float = 0.003) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(0.0, volatility, (days, variants))
    index = pd.bdate_range("2016-01-01", periods=days)
    return pd.DataFrame(values, index=index, columns=[f"v{i}" for i in range(variants)])


def sharpe(values: list[float]) -> float:
    return plain.fmean(values) / plain.stdev(values) * math.sqrt(252)


def by_plain_loops(returns: pd.DataFrame, blocks: int) -> list[tuple[int, float, float, float]]:
    """For each half of the blocks: the variant selected, its Sharpe ratio in and out of sample, its logit."""
    days, variants = returns.shape
    short, longer = divmod(days, blocks)
    lengths = [short + 1 if block < longer else short for block in range(blocks)]
    edges = [sum(lengths[:block]) for block in range(blocks + 1)]
    found = []
    for inside in itertools.combinations(range(blocks), blocks // 2):
        figures = []
        for variant in range(variants):
            column = returns.iloc[:, variant].tolist()
            halves: tuple[list[float], list[float]] = ([], [])
            for block in range(blocks):
                halves[block not in inside].extend(column[edges[block] : edges[block + 1]])
            figures.append((sharpe(halves[0]), sharpe(halves[1])))
        best = max(range(variants), key=lambda variant: figures[variant][0])
        ranks = stats.rankdata([outside for _, outside in figures])
        w = ranks[best] / (variants + 1)
        found.append((best, *figures[best], math.log(w / (1 - w))))
    return found


@pytest.mark.parametrize(("days", "variants", "blocks"), [(60, 4, 4), (63, 5, 6), (50, 3, 2), (101, 6, 8)])
def test_against_plain_loops(days: int, variants: int, blocks: int) -> None:
    returns = noise(days, variants, days) + 0.0005
    got = backtest_overfitting(returns, blocks)
    expected = by_plain_loops(returns, blocks)
    assert len(got.logits) == len(expected) == math.comb(blocks, blocks // 2)
    selected, in_sample, out_of_sample, logits = zip(*expected, strict=True)
    assert tuple(got.selected) == selected
    assert got.in_sample == pytest.approx(in_sample)
    assert got.out_of_sample == pytest.approx(out_of_sample)
    assert got.logits == pytest.approx(logits)
    assert got.probability == sum(logit <= 0 for logit in logits) / len(logits)
    assert got.probability_of_loss == sum(figure < 0 for figure in out_of_sample) / len(logits)
    line = stats.linregress(in_sample, out_of_sample)
    assert (got.slope, got.intercept) == pytest.approx((line.slope, line.intercept))
    assert list(got.times_selected) == [selected.count(variant) for variant in range(variants)]


def test_of_noise_the_best_is_as_likely_below_the_median_as_above() -> None:
    found = [backtest_overfitting(noise(400, 20, seed), blocks=10).probability for seed in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_one_that_is_truly_better_is_not_overfitted() -> None:
    returns = noise(2000, 50, 1)
    returns["v31"] += 0.0006
    got = backtest_overfitting(returns)
    assert got.probability < 0.001
    assert got.probability_of_loss < 0.001
    assert got.times_selected["v31"] > 0.999 * math.comb(16, 8)


def test_where_the_halves_must_undo_each_other_it_is_certain() -> None:
    """Returns that sum to zero over all history: who is best on one half is worst on the other (the paper's 5.2)."""
    returns = noise(800, 30, 2)
    got = backtest_overfitting(returns - returns.mean(), blocks=8)
    assert got.probability > 0.95
    assert got.probability_of_loss == 1.0
    assert got.slope is not None
    assert got.slope < -0.5


def test_the_same_variant_twice_shares_its_rank() -> None:
    returns = noise(100, 3, 4)
    returns["v1"], returns["v2"] = returns["v0"], returns["v0"]
    got = backtest_overfitting(returns, blocks=4)
    assert got.logits == pytest.approx(0.0)
    assert got.probability == 1.0


def same(one: Overfitting, other: Overfitting) -> bool:
    return one.to_dict() == other.to_dict() and np.array_equal(one.logits, other.logits)


def test_it_is_deterministic_and_the_cells_at_once_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = noise(200, 7, 3)
    once = backtest_overfitting(returns, blocks=8)
    assert same(once, backtest_overfitting(returns, blocks=8))
    monkeypatch.setattr("aggplus.performance.overfitting._CELLS", 21)
    by_parts = backtest_overfitting(returns, blocks=8)
    assert by_parts.selected.tolist() == once.selected.tolist()
    assert by_parts.logits == pytest.approx(once.logits)


def test_the_scale_of_returns_does_not_matter() -> None:
    returns = noise(300, 6, 8)
    one, other = backtest_overfitting(returns, blocks=6), backtest_overfitting(100 * returns, blocks=6)
    assert one.logits == pytest.approx(other.logits)
    assert one.in_sample == pytest.approx(other.in_sample)


def test_ninety_six_variants_over_eight_years_are_a_matter_of_a_moment() -> None:
    returns = noise(2033, 96, 0)
    start = time.perf_counter()
    got = backtest_overfitting(returns)
    assert time.perf_counter() - start < 2.0
    assert len(got.logits) == 12_870
    json.dumps(got.to_dict(), allow_nan=False)


def still(returns: pd.DataFrame) -> pd.DataFrame:
    returns = returns.copy()
    returns.iloc[:60, 1] = 0.0
    return returns


@pytest.mark.parametrize(
    ("returns", "blocks", "said"),
    [
        (noise(100, 3, 0), 5, "blocks: 5; expected an even number from 2 to 20"),
        (noise(100, 3, 0), 0, "blocks: 0; expected an even number"),
        (noise(100, 3, 0), 22, "blocks: 22; expected an even number"),
        (noise(30, 3, 0), 16, "variants: 30 days for 16 blocks; expected at least 32 days"),
        (noise(100, 1, 0), 4, "variants: expected a DataFrame of at least 3 returns .* of at least 2 variants"),
        (noise(100, 3, 0).mask(lambda x: x == x.iloc[4, 1]), 4, "v1: the return of 2016-01-07 is nan"),
        (still(noise(100, 3, 0)), 4, "v1: does not move in 2 of 4 blocks"),
        (noise(100, 3, 0).assign(v2=0.001), 4, "v2: does not move, so that it has no Sharpe ratio"),
        (noise(100, 3, 0).iloc[::-1], 4, "variants: the days are not in order"),
        (noise(100, 3, 0).set_axis(["a", "b", "a"], axis=1), 4, "variants: a is there twice"),
        (noise(100, 3, 0).astype(object).assign(v2="x"), 4, "variants: a return is no number"),
    ],
)
def test_what_cannot_be_cross_validated_is_refused(returns: pd.DataFrame, blocks: int, said: str) -> None:
    with pytest.raises(PerformanceError, match=said) as refused:
        backtest_overfitting(returns, blocks)
    assert "\n" not in str(refused.value)
