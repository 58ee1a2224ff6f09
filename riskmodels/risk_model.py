"""One consistent estimate of risk and return for a set of funds and their benchmark.

Sigma, beta and sigma_b all come from one joint estimate in which the benchmark is a column, so that the beta of the
benchmark itself is 1 and a portfolio's volatility, beta, correlation and tracking error agree with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.base import clone

from riskmodels.covariance import motionless
from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats
from riskmodels.own_estimates import CovarianceRepair, OwnEstimates, own_covariance, own_expected_returns
from riskmodels.rules import COVARIANCES, EXPECTED_RETURNS, ExpectedReturnRules, RiskModelRules

TRADING_DAYS = 252
"""Days in a year, for annualising."""

GIVEN = "given"
"""Name of the estimator of what a user brings along."""

_PERCENT = 100.0


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
        Day of the first return used.
    repair : CovarianceRepair or None
        What was done to a user's own covariance that was indefinite.
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
    def beta(self) -> Floats:
        """Beta of each fund to the benchmark, shape (n,): c / sigma_b^2."""
        return self.benchmark_covariance / self.sigma_b**2

    @cached_property
    def table(self) -> pd.DataFrame:
        """Per fund: volatility, beta, correlation to the benchmark, expected return (annualised percent)."""
        volatility = np.sqrt(np.diag(self.form.matrix))
        return pd.DataFrame(
            {
                "volatility": volatility,
                "beta": self.beta,
                # A fund without variance has no correlation with anything.
                "correlation": self.benchmark_covariance
                / np.where(volatility > 0.0, volatility * self.sigma_b, np.nan),
                "expected_return": self.mu,
            },
            index=pd.Index(self.tickers, name="ticker"),
        )


def daily_returns(prices: pd.DataFrame, days: int) -> pd.DataFrame:
    """Simple daily returns over the last `days` rows of a price panel.

    Parameters
    ----------
    prices : DataFrame, shape (dates, n)
        Total-return prices, one row a trading day.
    days : int
        Number of returns; needs days + 1 prices.

    Raises
    ------
    EstimationError
        When the panel is shorter, or a price in the window is missing (nothing is filled), not positive or infinite.
    """
    if len(prices) < days + 1:
        raise EstimationError(
            f"{days} daily returns need {days + 1} closes, and there are {len(prices)} up to "
            f"{prices.index[-1]:%Y-%m-%d}: choose a later date or a shorter window"
            if len(prices)
            else "there are no prices"
        )
    window = prices.iloc[-days - 1 :]
    values = window.to_numpy(dtype=float)
    missing = np.isnan(values)
    if missing.any():
        column = int(np.argmax(missing.any(axis=0)))
        row = int(np.argmax(missing[:, column]))
        raise EstimationError(
            f"{window.columns[column]} has no price on {window.index[row]:%Y-%m-%d} and "
            f"{int(missing[:, column].sum())} of {days + 1} closes are missing: returns are never filled in"
        )
    bad = np.argwhere(~((values > 0.0) & np.isfinite(values)))
    if bad.size:
        row, column = map(int, bad[0])
        raise EstimationError(
            f"{window.columns[column]} has the price {values[row, column]:g} on {window.index[row]:%Y-%m-%d}: "
            "expected a positive number"
        )
    return pd.DataFrame(values[1:] / values[:-1] - 1.0, index=window.index[1:], columns=window.columns)


def estimate_risk_model(
    prices: pd.DataFrame,
    tickers: Sequence[str],
    benchmark: str,
    risk: RiskModelRules,
    expected_return: ExpectedReturnRules,
) -> RiskModel:
    """Estimate risk and expected return of `tickers` and `benchmark` jointly from the last rows of `prices`.

    Funds are put in sorted order first, so that the order of columns in a file cannot matter.

    Parameters
    ----------
    prices : DataFrame, shape (dates, funds)
        Total-return prices up to and including the as-of date; later rows must have been cut off.
    tickers : sequence of str
        Funds to estimate.
    benchmark : str
        Column of the benchmark.
    risk, expected_return : rules
        Estimators and windows.

    Raises
    ------
    EstimationError
        When a fund or the benchmark lacks prices in the windows; when the benchmark never moves, or, for a
        correlation, a fund.
    """
    funds, columns = _columns(tickers, benchmark)
    panel = _panel(prices, columns)
    returns = daily_returns(panel, risk.window_days)

    if motionless(returns[[benchmark]].to_numpy())[0]:
        raise EstimationError(
            f"the benchmark {benchmark} never moves over the {risk.window_days} days up to "
            f"{prices.index[-1]:%Y-%m-%d}: no beta can be measured against it"
        )
    estimate = clone(COVARIANCES[risk.estimator]).fit(returns)
    mu, _ = _expected_returns(panel, expected_return)
    n, at = len(funds), columns.index(benchmark)
    return RiskModel(
        asof=pd.Timestamp(prices.index[-1]),
        tickers=tuple(funds),
        benchmark=benchmark,
        joint=estimate.factor_form_.scaled(_PERCENT * np.sqrt(TRADING_DAYS)),
        benchmark_at=at,
        mu=mu[:n],
        mu_b=float(mu[at]),
        estimator=risk.estimator,
        expected_return_estimator=expected_return.estimator,
        shrinkage=estimate.shrinkage_,
        first_day=pd.Timestamp(returns.index[0]),
    )


def given_risk_model(
    prices: pd.DataFrame,
    tickers: Sequence[str],
    benchmark: str,
    own: OwnEstimates,
    expected_return: ExpectedReturnRules,
) -> RiskModel:
    """Risk as the user gives it; expected returns as the user gives them, or else estimated from prices.

    Parameters
    ----------
    prices : DataFrame, shape (dates, funds)
        Total-return prices up to and including the as-of date; later rows must have been cut off.
    tickers : sequence of str
        Funds to take.
    benchmark : str
    own : OwnEstimates
        Over `tickers` and the benchmark.
    expected_return : ExpectedReturnRules

    Raises
    ------
    EstimationError
        For a covariance or expected returns that cannot be used; when the benchmark has no variance; when prices are
        needed and missing.
    """
    funds, columns = _columns(tickers, benchmark)
    joint, repair = own_covariance(own, columns)
    n, at = len(funds), columns.index(benchmark)
    if not joint.loadings[at].any():
        raise EstimationError(f"the benchmark {benchmark} has no variance: no beta can be measured against it")
    asof = pd.Timestamp(prices.index[-1])
    if own.expected_returns is None:
        mu, first_day = _expected_returns(_panel(prices, columns), expected_return)
    else:
        mu, first_day = own_expected_returns(own.expected_returns, columns), asof
    return RiskModel(
        asof=asof,
        tickers=tuple(funds),
        benchmark=benchmark,
        joint=joint,
        benchmark_at=at,
        mu=mu[:n],
        mu_b=float(mu[at]),
        estimator=GIVEN,
        expected_return_estimator=expected_return.estimator if own.expected_returns is None else GIVEN,
        shrinkage=None,
        first_day=first_day,
        repair=repair,
    )


def _columns(tickers: Sequence[str], benchmark: str) -> tuple[list[str], list[str]]:
    """The funds in order, and the columns of a joint estimate.

    A benchmark that is also a fund is one column: twice the same column would be shrunk towards a correlation below
    one with itself.
    """
    funds = sorted(set(tickers))
    return funds, funds if benchmark in funds else [*funds, benchmark]


def _panel(prices: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    absent = [name for name in columns if name not in prices.columns]
    if absent:
        raise EstimationError(f"no prices for {', '.join(absent[:5])}: every fund and the benchmark need some")
    return prices[columns]


def _expected_returns(panel: pd.DataFrame, rules: ExpectedReturnRules) -> tuple[Floats, pd.Timestamp]:
    """Annualised percent by column of the panel, and the day of the first return used."""
    history = daily_returns(panel, rules.window_days)
    trailing = clone(EXPECTED_RETURNS[rules.estimator]).fit(history)
    return trailing.expected_return_ * TRADING_DAYS * _PERCENT, pd.Timestamp(history.index[0])


def unmoving(prices: pd.DataFrame, days: int) -> tuple[str, ...]:
    """Funds whose return is the same on each of the last `days` days, as a rule zero: no risk can be estimated.

    Parameters
    ----------
    prices : DataFrame, shape (dates, n)
    days : int
        Daily returns looked at.
    """
    values = prices.iloc[-days - 1 :].to_numpy(dtype=float)
    return tuple(str(ticker) for ticker in prices.columns[motionless(values[1:] / values[:-1] - 1.0)])
