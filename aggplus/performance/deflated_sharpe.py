"""How much of the best Sharpe ratio of many variants is left when it is told how many were tried.

Bailey & Lopez de Prado, "The Deflated Sharpe Ratio: correcting for selection bias, backtest overfitting and
non-normality", Journal of Portfolio Management 40(5), 2014; the probabilistic Sharpe ratio is from their "The Sharpe
ratio efficient frontier", Journal of Risk 15(2), 2012. Sharpe ratios are a period's, not annualised, throughout.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from aggplus.desk_errors import PerformanceError
from aggplus.performance.returns import SESSIONS_A_YEAR
from aggplus.performance.trials import sharpe_ratios, trial_returns


@dataclass(frozen=True)
class DeflatedSharpe:
    """The best of many variants, and whether it is better than the best of as many without skill.

    Parameters
    ----------
    variant : str
        The one with the highest Sharpe ratio, the first of them when several have it.
    sharpe : float
        Its Sharpe ratio a year (x sqrt(252)).
    trials : int
        Variants.
    threshold : float
        Expected highest Sharpe ratio a year of so many independent variants without skill.
    probability : float
        The deflated Sharpe ratio: probability that the true Sharpe ratio is above 0 after all the trying.
    independent_trials : float
        Variants that resemble each other count as fewer: r + (1 - r) x trials, r their mean correlation, at least 0.
    threshold_independent, probability_independent : float
        The same for so many. The truth lies in between.
    observations : int
    skewness, kurtosis : float
        Of the best variant's returns; moments of the sample, a normal has kurtosis 3.
    """

    variant: str
    sharpe: float
    trials: int
    threshold: float
    probability: float
    independent_trials: float
    threshold_independent: float
    probability_independent: float
    observations: int
    skewness: float
    kurtosis: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `json` writes without help."""
        return asdict(self)


def expected_maximum_sharpe(trials: float, variance: float) -> float:
    """Highest Sharpe ratio to be expected of independent trials whose true Sharpe ratios are all 0.

        sqrt(V) ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e)))

    with Z the normal quantile and g the Euler-Mascheroni constant: the mean of the Gumbel law that the highest of N
    normals tends to. For N = 1 it is 0; the approximation is not let below 0 for N between 1 and 2.

    Parameters
    ----------
    trials : float
        N, at least 1; a fraction where trials resemble each other.
    variance : float
        V, the variance of Sharpe ratios across trials.

    Raises
    ------
    PerformanceError
        When there is less than one trial or the variance is negative.
    """
    if not (trials >= 1.0 and math.isfinite(trials)):
        raise PerformanceError(f"trials: {trials}; expected at least 1")
    if not (variance >= 0.0 and math.isfinite(variance)):
        raise PerformanceError(f"variance of Sharpe ratios: {variance}; expected 0 or more")
    if trials == 1.0:
        return 0.0
    highest = (1.0 - np.euler_gamma) * ndtri(1.0 - 1.0 / trials) + np.euler_gamma * ndtri(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * max(0.0, float(highest))


def probabilistic_sharpe_ratio(
    sharpe: float, threshold: float, observations: int, skewness: float, kurtosis: float
) -> float:
    """Probability that the true Sharpe ratio is above a threshold, given the one observed.

        Phi((SR - SR*) sqrt(T - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2))

    Parameters
    ----------
    sharpe : float
        SR, of a period.
    threshold : float
        SR*, of a period.
    observations : int
        T.
    skewness, kurtosis : float
        g3 and g4 of the returns; a normal has 0 and 3.

    Raises
    ------
    PerformanceError
        For fewer than two observations, or a kurtosis that no returns of such a skewness have (below 1 + skewness^2).
    """
    if observations < 2:
        raise PerformanceError(f"observations: {observations}; expected at least 2")
    if not kurtosis >= 1.0 + skewness**2 - 1e-9:
        raise PerformanceError(
            f"kurtosis: {kurtosis:.6g} with a skewness of {skewness:.6g}; expected at least 1 + skewness squared, and "
            "3 for a normal (not the excess over it)"
        )
    variance = 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    # Zero only for returns of two values whose spread and Sharpe ratio are then known without doubt.
    error = math.sqrt(max(variance, np.finfo(float).tiny) / (observations - 1))
    return float(ndtr((sharpe - threshold) / error))


def deflated_sharpe_ratio(
    sharpe: float, observations: int, skewness: float, kurtosis: float, trials: float, variance: float
) -> float:
    """Probabilistic Sharpe ratio against the highest to be expected of so many trials without skill.

    Parameters
    ----------
    sharpe : float
        The best trial's, of a period.
    observations : int
        Returns behind it.
    skewness, kurtosis : float
        Of these returns; a normal has 0 and 3.
    trials : float
        Independent trials among which it was the best.
    variance : float
        Of the Sharpe ratios across trials, of a period.

    Raises
    ------
    PerformanceError
        As `expected_maximum_sharpe` and `probabilistic_sharpe_ratio`.
    """
    threshold = expected_maximum_sharpe(trials, variance)
    return probabilistic_sharpe_ratio(sharpe, threshold, observations, skewness, kurtosis)


def deflated_sharpe(returns: pd.DataFrame) -> DeflatedSharpe:
    """Deflate the best Sharpe ratio of a batch of variants.

    Parameters
    ----------
    returns : DataFrame, shape (days, variants)
        Daily returns, in excess of what the Sharpe ratio is to be over (cash, or the benchmark). All that were tried: a
        variant that was thrown away counts too.

    Raises
    ------
    PerformanceError
        For fewer than two variants, a return that is missing or infinite, or a variant that does not move.
    """
    values = trial_returns(returns)
    observations, trials = values.shape
    sharpes = sharpe_ratios(values)
    best = int(np.argmax(sharpes))
    centred = values - values.mean(axis=0)
    own = centred[:, best] / np.sqrt(np.mean(centred[:, best] ** 2))
    skewness, kurtosis = float(np.mean(own**3)), float(np.mean(own**4))
    correlations = np.corrcoef(centred, rowvar=False)
    mean_correlation = (float(correlations.sum()) - trials) / (trials * (trials - 1))
    independent = trials - min(1.0, max(0.0, mean_correlation)) * (trials - 1)
    variance = float(np.var(sharpes, ddof=1))
    sharpe, a_year = float(sharpes[best]), math.sqrt(SESSIONS_A_YEAR)
    return DeflatedSharpe(
        variant=str(returns.columns[best]),
        sharpe=sharpe * a_year,
        trials=trials,
        threshold=expected_maximum_sharpe(trials, variance) * a_year,
        probability=deflated_sharpe_ratio(sharpe, observations, skewness, kurtosis, trials, variance),
        independent_trials=independent,
        threshold_independent=expected_maximum_sharpe(independent, variance) * a_year,
        probability_independent=deflated_sharpe_ratio(sharpe, observations, skewness, kurtosis, independent, variance),
        observations=observations,
        skewness=skewness,
        kurtosis=kurtosis,
    )
