"""The estimators that a model document asks for, unfitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.covariance import OAS, EmpiricalCovariance, LedoitWolf

from riskmodels.combined_experts import CombinedExperts
from riskmodels.constant_correlation import ConstantCorrelation
from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
from riskmodels.errors import EstimationError
from riskmodels.expected_returns import ExponentialReturn, RiskAdjustedReturn, TrailingReturn
from riskmodels.exponential import ExponentialCovariance
from riskmodels.fitted_covariance import CovarianceEstimator
from riskmodels.lag_aware import NeweyWest, OverlappingReturns
from riskmodels.larger_volatility import LargerVolatility
from riskmodels.nonlinear_shrinkage import NonlinearShrinkage
from riskmodels.principal_factors import PrincipalFactors
from riskmodels.rules import ExpectedReturnRules, RiskModelRules
from riskmodels.sector_mean import SectorShrunkReturn
from riskmodels.unequal_histories import UnequalHistories

_LEDOIT_WOLF = LedoitWolf(assume_centered=True, store_precision=False)
_OAS = OAS(assume_centered=True, store_precision=False)

COVARIANCES: Mapping[str, CovarianceEstimator] = MappingProxyType(
    {
        "ledoit_wolf": ShrunkCorrelation(_LEDOIT_WOLF),
        "oas": ShrunkCorrelation(_OAS),
        "constant_correlation": ShrunkCorrelation(ConstantCorrelation()),
        "nonlinear": ShrunkCorrelation(NonlinearShrinkage()),
        "exponential": ExponentialCovariance(),
        "principal_factors": PrincipalFactors(),
        "combined": CombinedExperts(),
        "ledoit_wolf_raw": ShrunkCovariance(_LEDOIT_WOLF),
        "oas_raw": ShrunkCovariance(_OAS),
        "sample": ShrunkCovariance(EmpiricalCovariance(assume_centered=True, store_precision=False)),
    }
)
"""Unfitted estimators by the name a model document uses; clone before fitting."""


def covariance_estimator(rules: RiskModelRules) -> CovarianceEstimator:
    """The covariance that the rules describe: its own name inside, then short histories, lags, the larger volatility.

    Parameters
    ----------
    rules : RiskModelRules
    """
    estimator: CovarianceEstimator = clone(COVARIANCES[rules.estimator])
    given = {
        "volatility_half_life": rules.volatility_half_life_days,
        "correlation_half_life": rules.correlation_half_life_days,
        "factors": rules.factors,
    }
    estimator.set_params(**{name: value for name, value in given.items() if value is not None})
    if rules.short_histories == "infer":
        estimator = UnequalHistories(estimator)
    if rules.lags:
        estimator = NeweyWest(estimator, lags=rules.lags)
    if rules.horizon > 1:
        estimator = OverlappingReturns(estimator, horizon=rules.horizon)
    if rules.lag_volatility == "larger" and (rules.lags or rules.horizon > 1):
        estimator = LargerVolatility(estimator)
    return estimator


def return_estimator(rules: ExpectedReturnRules, sectors: pd.Series | None, tickers: Sequence[str]) -> BaseEstimator:
    """The estimator of expected returns from prices that the rules describe.

    Parameters
    ----------
    rules : ExpectedReturnRules
        Any but carry, which does not look at prices.
    sectors : Series or None
        By ticker.
    tickers : sequence of str
        Columns that it will be fitted on.

    Raises
    ------
    EstimationError
        When sectors are needed and one is not known.
    """
    match rules.estimator:
        case "exponential":
            half_life = rules.half_life_days
            return ExponentialReturn() if half_life is None else ExponentialReturn(half_life)
        case "risk_adjusted":
            aversion = rules.risk_aversion
            return RiskAdjustedReturn() if aversion is None else RiskAdjustedReturn(aversion)
        case "sector_shrunk":
            return SectorShrunkReturn(_sectors(sectors, tickers))
        case _:
            return TrailingReturn(rules.windows)


def _sectors(sectors: pd.Series | None, tickers: Sequence[str]) -> tuple[str, ...]:
    if sectors is None:
        raise EstimationError(
            "expected_return.estimator = 'sector_shrunk' needs the sector of each fund: give a catalog"
        )
    mine = sectors.reindex(list(tickers))
    unknown = [ticker for ticker, blank in zip(tickers, mine.isna(), strict=True) if blank]
    if unknown:
        raise EstimationError(f"no sector for {', '.join(unknown[:5])}: sector_shrunk needs one of every fund")
    return tuple(map(str, mine))
