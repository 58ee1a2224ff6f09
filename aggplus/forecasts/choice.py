"""Which risk model is the default: a rule, so that the choice can be repeated and nobody's taste is in it.

The rule is applied to one period, and the figures of a later one are then reported as they are. A candidate qualifies
when, over that period,

- the ratio of realised to forecast volatility of the benchmark and of each model portfolio lies within 0.9 and 1.1,
- the monthly bias of each model portfolio lies within 0.9 and 1.15.

When none does, those qualify that break the bounds least, by the sum of what they are beyond them. Among those that
qualify the loss is the monthly QLIKE, because months are held: its mean over kinds of test portfolios, a month. The
candidate chosen is the first in the list, which goes from the simple to the elaborate, whose mean loss is not
significantly above the least: not by more than 1.645 standard errors of the mean of the monthly differences, the
one-sided test of Diebold and Mariano at 5 %.

References
----------
Diebold & Mariano, "Comparing predictive accuracy", J. Business & Economic Statistics 13 (1995); a month's forecasts
do not overlap with the next month's, so that their differences are taken for uncorrelated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.forecasts.judgement import judge, monthly_losses

RATIO_BOUNDS = (0.9, 1.1)
"""Of realised to forecast volatility, for the benchmark and the model portfolios."""

MONTHLY_BOUNDS = (0.9, 1.15)
"""Of the monthly bias of the model portfolios."""

SIGNIFICANT = 1.645
"""Standard errors: one-sided, 5 %."""

BARS = ("sample", "raw Ledoit-Wolf")
"""Candidates that stand beside the others to be beaten, and are never chosen."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What the rule comes to.

    Parameters
    ----------
    estimator : str
        The candidate chosen.
    table : DataFrame
        By candidate, in the order of the list: `beyond`, the sum of what it is beyond the bounds; `loss`, its mean
        monthly QLIKE; `behind`, how far that is behind the best that qualifies, and `standard_error` of this
        difference.
    """

    estimator: str
    table: pd.DataFrame


def choose(forecasts: pd.DataFrame) -> Choice:
    """Apply the rule.

    Parameters
    ----------
    forecasts : DataFrame
        `ForecastRecord.table` of the period that decides.
    """
    losses = monthly_losses(forecasts)
    losses = losses.drop(columns=[name for name in BARS if name in losses.columns])
    beyond = beyond_bounds(forecasts).reindex(losses.columns)
    qualified = beyond.index[beyond <= beyond.min()]
    best = losses[qualified].mean().idxmin()
    differences = losses.sub(losses[best], axis=0)
    table = pd.DataFrame(
        {
            "beyond": beyond,
            "loss": losses.mean(),
            "behind": differences.mean(),
            "standard_error": differences.std(ddof=1) / np.sqrt(len(losses)),
        }
    )
    # One month has no standard error; the best is not behind itself by any.
    near = table.index[table["behind"] <= SIGNIFICANT * table["standard_error"].fillna(0.0)]
    return Choice(str(next(name for name in near if name in qualified)), table)


def beyond_bounds(forecasts: pd.DataFrame) -> pd.Series:
    """How far each candidate is beyond the bounds, added up; 0 within.

    Parameters
    ----------
    forecasts : DataFrame
        As in `choose`.
    """
    judged = judge(forecasts)
    kind = judged.index.get_level_values("kind")
    ratio = _outside(judged.loc[kind.isin(["benchmark", "model"]), "ratio"], RATIO_BOUNDS)
    return ratio.add(_outside(judged.loc[kind == "model", "monthly_bias"], MONTHLY_BOUNDS), fill_value=0.0)


def _outside(figures: pd.Series, bounds: tuple[float, float]) -> pd.Series:
    low, high = bounds
    outside = (low - figures).clip(lower=0.0) + (figures - high).clip(lower=0.0)
    return outside.groupby(level="estimator").sum()
