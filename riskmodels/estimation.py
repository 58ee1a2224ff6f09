"""From prices, or from what a user brings along, to one risk model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodels.errors import EstimationError
from riskmodels.estimators import covariance_estimator, return_estimator
from riskmodels.factor_form import Floats
from riskmodels.misprints import suspected_misprints
from riskmodels.outlook import Outlook, blended, carry, read_views, read_yields
from riskmodels.own_estimates import OwnEstimates, own_covariance, own_expected_returns
from riskmodels.returns import TRADING_DAYS, daily_returns, daily_returns_since_gaps, motionless, repeated
from riskmodels.risk_model import GIVEN, RiskModel
from riskmodels.rules import ExpectedReturnRules, RiskModelRules

_PERCENT = 100.0

_NOTHING = Outlook()


def estimate_risk_model(
    prices: pd.DataFrame,
    tickers: Sequence[str],
    benchmark: str,
    risk: RiskModelRules,
    expected_return: ExpectedReturnRules,
    outlook: Outlook = _NOTHING,
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
    outlook : Outlook
        Sectors, yields and views, where expected returns need them.

    Raises
    ------
    EstimationError
        When a fund or the benchmark lacks prices in the windows, or has impossible ones; when the benchmark never
        moves, or, for a correlation, a fund; when a fund cannot be rated.
    """
    funds, columns = _columns(tickers, benchmark)
    # Years of closes before the windows would be copied for nothing.
    panel = _panel(prices.iloc[-max(risk.window_days, expected_return.look_back_days) - 1 :], columns)
    returns = _history(panel, benchmark, risk)
    n, at = len(funds), columns.index(benchmark)
    if motionless(returns.to_numpy()[:, [at]])[0]:
        raise EstimationError(
            f"the benchmark {benchmark} never moves over the {risk.window_days} days up to "
            f"{prices.index[-1]:%Y-%m-%d}: no beta can be measured against it"
        )
    estimate = _fitted(covariance_estimator(risk), returns)
    same = risk.short_histories == "exclude" and expected_return.look_back_days == risk.window_days
    history = returns if same else _look_back(panel, expected_return)
    mu, rated_from = _expected_returns(columns, expected_return, outlook, history)
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
        observed_days=(~np.isnan(returns.to_numpy())).sum(axis=0)[:n],
        window_days=risk.window_days,
        rated_from=rated_from,
        remarks=(*_remarks(returns, outlook.sectors), *_beside_prices(expected_return)),
    )


def given_risk_model(
    prices: pd.DataFrame,
    tickers: Sequence[str],
    benchmark: str,
    own: OwnEstimates,
    expected_return: ExpectedReturnRules,
    outlook: Outlook = _NOTHING,
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
    outlook : Outlook
        As in `estimate_risk_model`; not looked at where the user gives expected returns.

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
    rated_from = None
    if own.expected_returns is None:
        history = _look_back(_panel(prices, columns), expected_return)
        mu, rated_from = _expected_returns(columns, expected_return, outlook, history)
    else:
        mu = own_expected_returns(own.expected_returns, columns)
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
        first_day=asof if rated_from is None else rated_from,
        repair=repair,
        rated_from=rated_from,
        remarks=_beside_prices(expected_return) if own.expected_returns is None else (),
    )


def outlook_for(rules: ExpectedReturnRules, sectors: pd.Series) -> Outlook:
    """What the rules need beside prices, read from the files that they name.

    Parameters
    ----------
    rules : ExpectedReturnRules
    sectors : Series
        By ticker.

    Raises
    ------
    EstimationError
        When a file cannot be read or used.
    """
    return Outlook(
        sectors=sectors,
        yields=None if rules.yields is None else read_yields(rules.yields, rules.yield_column),
        views=None if rules.views is None else read_views(rules.views),
    )


def _remarks(returns: pd.DataFrame, sectors: pd.Series | None) -> tuple[str, ...]:
    twice = [
        f"{one} and {other} have the same return on every day: two tickers of one fund? Both stay"
        for one, other in repeated(returns)
    ]
    late = int(np.isnan(returns.to_numpy()).any(axis=0).sum())
    inferred = f"the risk of {late} of {returns.shape[1]} funds is inferred from those with all {len(returns)} returns"
    return (*suspected_misprints(returns, sectors), *twice, *([inferred] if late else []))


def _beside_prices(rules: ExpectedReturnRules) -> tuple[str, ...]:
    files = [name for name in (rules.yields, rules.views) if name is not None]
    return tuple(f"expected returns use {name} as it is, whatever the date" for name in files)


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


def _history(panel: pd.DataFrame, benchmark: str, risk: RiskModelRules) -> pd.DataFrame:
    """Daily returns over the window, complete but for funds whose risk may be inferred."""
    if risk.short_histories == "exclude":
        return daily_returns(panel, risk.window_days)
    daily_returns(panel[[benchmark]], risk.window_days)
    returns = daily_returns_since_gaps(panel, risk.window_days)
    _refuse_young(returns, risk)
    return returns


def _refuse_young(returns: pd.DataFrame, risk: RiskModelRules) -> None:
    # Estimators over sums of days would count sums, and the user has returns.
    for ticker, column in returns.loc[:, returns.isna().any()].items():
        own = column.dropna().to_numpy()
        if len(own) < risk.required_days:
            raise EstimationError(
                f"{ticker} has {len(own)} returns: risk is inferred from {risk.required_days} or more; leave it out"
            )
        if motionless(own[:, None])[0]:
            raise EstimationError(f"{ticker} never moves over its {len(own)} days: leave it out")


def _look_back(panel: pd.DataFrame, rules: ExpectedReturnRules) -> pd.DataFrame | None:
    """Daily returns that expected returns are estimated from; None where they are not from prices."""
    return daily_returns(panel, rules.look_back_days) if rules.look_back_days else None


def _expected_returns(
    tickers: Sequence[str], rules: ExpectedReturnRules, outlook: Outlook, history: pd.DataFrame | None
) -> tuple[Floats, pd.Timestamp | None]:
    """Annualised percent by ticker, and the day of the first return used."""
    if history is None:
        return blended(carry(outlook.yields, tickers), tickers, outlook.views), None
    fitted = _fitted(return_estimator(rules, outlook.sectors, tickers), history)
    mu = np.asarray(fitted.expected_return_ * TRADING_DAYS * _PERCENT)
    return blended(mu, tickers, outlook.views), pd.Timestamp(history.index[0])


def _fitted(estimator: Any, returns: pd.DataFrame) -> Any:
    """An estimator fitted on returns; a refusal names the columns."""
    try:
        return estimator.fit(returns.to_numpy())
    except EstimationError:
        # Only a refusal needs names; to check the columns of a table one by one takes as long as the estimate.
        return estimator.fit(returns)
