"""One consistent estimate of risk and return for a set of funds and their benchmark.

Sigma, beta and sigma_b all come from one joint estimate in which the benchmark is a column, so that the beta of the
benchmark itself is 1 and a portfolio's volatility, beta, correlation and tracking error agree with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodels.factor_form import FactorForm, Floats
from riskmodels.own_estimates import CovarianceRepair

GIVEN = "given"
"""Name of the estimator of what a user brings along."""


@dataclass(frozen=True, eq=False)
class RiskModel:
    """Risk and expected return on a day, in annualised percent.

    Parameters
    ----------
    asof : Timestamp
        The last close used.
    tickers : tuple of str, length n
        The funds, sorted.
    benchmark : str
        Ticker of the benchmark, which may be one of the funds.
    joint : FactorForm
        Covariance of the funds and, behind them where it is not one of them, the benchmark.
    benchmark_at : int
        Column of the benchmark in `joint`.
    mu : ndarray, shape (n,)
        Expected returns.
    mu_b : float
        Expected return of the benchmark by the same estimator.
    estimator, expected_return_estimator : str
        Names as in the model document.
    shrinkage : float or None
        Intensity chosen by the covariance estimator.
    first_day : Timestamp
        Day of the first return that risk is estimated from; where risk is given, that expected returns are.
    repair : CovarianceRepair or None
        What was done to a user's own covariance that was indefinite.
    observed_days : ndarray of int, shape (n,), or None
        Returns behind the risk of each fund; None where risk is given.
    window_days : int or None
        Returns behind the risk of a fund that has them all; with fewer it is inferred from the others.
    rated_from : Timestamp or None
        Day of the first return that expected returns are estimated from; None where they are not from prices.
    remarks : tuple of str
        What is odd about the prices and was left as it is.
    """

    asof: pd.Timestamp
    tickers: tuple[str, ...]
    benchmark: str
    joint: FactorForm
    benchmark_at: int
    mu: Floats
    mu_b: float
    estimator: str
    expected_return_estimator: str
    shrinkage: float | None
    first_day: pd.Timestamp
    repair: CovarianceRepair | None = None
    observed_days: NDArray[np.intp] | None = None
    window_days: int | None = None
    rated_from: pd.Timestamp | None = None
    remarks: tuple[str, ...] = ()

    @cached_property
    def form(self) -> FactorForm:
        """Covariance of the n funds."""
        return self.joint.take(np.arange(len(self.tickers)))

    @cached_property
    def benchmark_covariance(self) -> Floats:
        """Covariance of each fund with the benchmark, shape (n,), percent squared."""
        return self.joint.times(self._benchmark_holding)[: len(self.tickers)]

    @cached_property
    def sigma_b(self) -> float:
        """Volatility of the benchmark."""
        return self.joint.volatility(self._benchmark_holding)

    @property
    def _benchmark_holding(self) -> Floats:
        holding = np.zeros(self.joint.specific.size)
        holding[self.benchmark_at] = 1.0
        return holding

    @cached_property
    def condition_number(self) -> float:
        """Largest over smallest eigenvalue of the joint covariance."""
        return self.joint.condition_number

    @cached_property
    def beta(self) -> Floats:
        """Beta of each fund to the benchmark, shape (n,): c / sigma_b^2; of the benchmark itself exactly 1."""
        beta = self.benchmark_covariance / self.sigma_b**2
        if self.benchmark_at < beta.size:
            beta[self.benchmark_at] = 1.0
        return beta

    @cached_property
    def volatility(self) -> Floats:
        """Volatility of each fund, shape (n,)."""
        return np.sqrt(np.diag(self.form.matrix))

    @cached_property
    def correlation(self) -> Floats:
        """Correlation of each fund with the benchmark, shape (n,); NaN for a fund without variance."""
        scale = self.volatility * self.sigma_b
        correlation = self.benchmark_covariance / np.where(self.volatility > 0.0, scale, np.nan)
        if self.benchmark_at < correlation.size:
            correlation[self.benchmark_at] = 1.0
        return np.clip(correlation, -1.0, 1.0)

    @cached_property
    def inferred(self) -> NDArray[np.bool_]:
        """Whether the risk of each fund is inferred from funds with longer histories, shape (n,)."""
        if self.observed_days is None or self.window_days is None:
            return np.zeros(len(self.tickers), dtype=bool)
        return np.asarray(self.observed_days < self.window_days)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Per fund: volatility, beta, correlation to the benchmark, expected return (annualised percent), and its risk.

        `risk` says whether risk is observed, inferred or given; `risk_days` from how many returns of its own.
        """
        given = self.observed_days is None
        risk = np.where(self.inferred, "inferred", GIVEN if given else "observed")
        return pd.DataFrame(
            {
                "volatility": self.volatility,
                "beta": self.beta,
                "correlation": self.correlation,
                "expected_return": self.mu,
                "risk": risk,
                "risk_days": np.zeros(len(self.tickers), dtype=int) if given else self.observed_days,
            },
            index=pd.Index(self.tickers, name="ticker"),
        )
