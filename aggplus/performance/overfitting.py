"""Whether the variant that is best on one half of history stays good on the other half.

Combinatorially symmetric cross-validation (CSCV): Bailey, Borwein, Lopez de Prado & Zhu, "The probability of backtest
overfitting", Journal of Computational Finance 20(4), 2017 (first 2015).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.desk_errors import PerformanceError
from aggplus.performance.ratios import ROUNDING
from aggplus.performance.returns import SESSIONS_A_YEAR, Floats
from aggplus.performance.trials import trial_returns

MOST_BLOCKS = 20
"""184,756 combinations; the paper finds 16 enough."""

_CELLS = 1 << 21
"""Sharpe ratios worked out at once: 16 MB an array, whatever the number of variants."""


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What selecting the best of many variants by its past is worth.

    Parameters
    ----------
    variants : tuple of str
    blocks : int
    selected : array of int, shape (combinations,)
        The variant with the highest Sharpe ratio in sample, by its place.
    in_sample, out_of_sample : array, shape (combinations,)
        Sharpe ratio a year (x sqrt(252)) of the selected variant, on either half.
    logits : array, shape (combinations,)
        log(w / (1 - w)), w the selected variant's rank out of sample / (variants + 1). The lowest ranks 1; equals share
        ranks.
    probability : float
        PBO, share of combinations whose logit is 0 or less: the selected variant comes out no better than the median.
    slope, intercept : float or None
        Performance degradation: least squares of `out_of_sample` on `in_sample`. A slope below 0 says that the better
        a variant looked the worse it became. None when in-sample figures do not differ.
    probability_of_loss : float
        Share of combinations with a Sharpe ratio out of sample below 0.
    """

    variants: tuple[str, ...]
    blocks: int
    selected: NDArray[np.intp]
    in_sample: Floats
    out_of_sample: Floats
    logits: Floats
    probability: float
    slope: float | None
    intercept: float | None
    probability_of_loss: float

    @property
    def times_selected(self) -> pd.Series:
        """In how many combinations each variant was the best in sample."""
        counts = np.bincount(self.selected, minlength=len(self.variants))
        return pd.Series(counts, index=pd.Index(self.variants, name="variant"), name="times_selected")

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `json` writes without help; of the combinations their number and their medians."""
        return {
            "variants": len(self.variants),
            "blocks": self.blocks,
            "combinations": len(self.logits),
            "probability": self.probability,
            "probability_of_loss": self.probability_of_loss,
            "slope": self.slope,
            "intercept": self.intercept,
            "median_logit": float(np.median(self.logits)),
            "median_in_sample": float(np.median(self.in_sample)),
            "median_out_of_sample": float(np.median(self.out_of_sample)),
            "times_selected": {name: int(times) for name, times in self.times_selected.items() if times},
        }


def backtest_overfitting(returns: pd.DataFrame, blocks: int = 16) -> Overfitting:
    """Cross-validate the choice of the best variant on every half of the blocks of history against the other half.

    History is cut into S blocks of consecutive days, as long as each other up to one day; each of the C(S, S/2) choices
    of S/2 blocks is in sample once, the rest being out of sample. The variant of the highest Sharpe ratio in sample is
    selected (the first of equals) and ranked among all out of sample.

    Parameters
    ----------
    returns : DataFrame, shape (days, variants)
        Daily returns in order, in excess of what the Sharpe ratio is to be over. All that were tried.
    blocks : int
        S, even, from 2 to 20. With 16 there are 12,870 combinations.

    Raises
    ------
    PerformanceError
        When returns cannot be used (see `trial_returns`), S is not as said, there are fewer than 2 S days, or a variant
        does not move over half of the blocks and thus may have no Sharpe ratio.
    """
    values = trial_returns(returns)
    names = tuple(str(name) for name in returns.columns)
    _check_blocks(values, blocks, names)
    halves = _halves(blocks)
    lengths, sums, squares = _block_moments(values, blocks)
    own_mean = values.mean(axis=0)

    count = len(halves)
    selected = np.empty(count, dtype=np.intp)
    best_in, best_out, logits = np.empty(count), np.empty(count), np.empty(count)
    step = max(1, _CELLS // values.shape[1])
    for start in range(0, count, step):
        part = slice(start, start + step)
        within = _sharpe(halves[part], lengths, sums, squares, own_mean)
        without = _sharpe(1.0 - halves[part], lengths, sums, squares, own_mean)
        chosen = within.argmax(axis=1)[:, None]
        outcome = np.take_along_axis(without, chosen, axis=1)
        rank = (without < outcome).sum(axis=1) + ((without == outcome).sum(axis=1) + 1) / 2
        selected[part] = chosen[:, 0]
        best_in[part] = np.take_along_axis(within, chosen, axis=1)[:, 0]
        best_out[part] = outcome[:, 0]
        logits[part] = np.log(rank / (values.shape[1] + 1 - rank))
    slope, intercept = _line(best_in, best_out)
    return Overfitting(
        variants=names,
        blocks=blocks,
        selected=selected,
        in_sample=best_in,
        out_of_sample=best_out,
        logits=logits,
        probability=float(np.mean(logits <= 0.0)),
        slope=slope,
        intercept=intercept,
        probability_of_loss=float(np.mean(best_out < 0.0)),
    )


def _check_blocks(values: Floats, blocks: int, names: tuple[str, ...]) -> None:
    if blocks % 2 or not 2 <= blocks <= MOST_BLOCKS:
        raise PerformanceError(f"blocks: {blocks}; expected an even number from 2 to {MOST_BLOCKS}")
    if len(values) < 2 * blocks:
        raise PerformanceError(f"variants: {len(values)} days for {blocks} blocks; expected at least {2 * blocks} days")
    still = sum((np.ptp(block, axis=0) <= ROUNDING).astype(int) for block in np.array_split(values, blocks))
    lame = np.flatnonzero(still >= blocks // 2)
    if len(lame):
        raise PerformanceError(
            f"{names[lame[0]]}: does not move in {int(still[lame[0]])} of {blocks} blocks, so that it "
            "has no Sharpe ratio on some halves; leave it out"
        )


def _halves(blocks: int) -> Floats:
    """Which blocks are in sample, shape (combinations, blocks), 0 or 1, in lexicographic order."""
    chosen = np.array(list(itertools.combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(chosen), blocks))
    np.put_along_axis(halves, chosen, 1.0, axis=1)
    return halves


def _block_moments(values: Floats, blocks: int) -> tuple[Floats, Floats, Floats]:
    """Days, sums and sums of squares by block, of returns less their mean: squares of the mean would cancel digits."""
    parts = np.array_split(values - values.mean(axis=0), blocks)
    lengths = np.array([len(part) for part in parts], dtype=float)
    return lengths, np.stack([part.sum(axis=0) for part in parts]), np.stack([(part**2).sum(axis=0) for part in parts])


def _sharpe(halves: Floats, lengths: Floats, sums: Floats, squares: Floats, own_mean: Floats) -> Floats:
    """Sharpe ratios a year, shape (combinations, variants), from the moments of blocks."""
    days = (halves @ lengths)[:, None]
    mean = (halves @ sums) / days
    variance = (halves @ squares - days * mean**2) / (days - 1.0)
    ratios: Floats = (own_mean + mean) / np.sqrt(variance) * math.sqrt(SESSIONS_A_YEAR)
    return ratios


def _line(x: Floats, y: Floats) -> tuple[float | None, float | None]:
    if float(np.ptp(x)) <= ROUNDING:
        return None, None
    centred = x - x.mean()
    slope = float(centred @ (y - y.mean()) / (centred @ centred))
    return slope, float(y.mean() - slope * x.mean())
