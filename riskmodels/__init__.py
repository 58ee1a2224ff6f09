"""How funds move: shrinkage covariances, benchmark risk and expected returns, point in time."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmodels.combined_experts import CombinedExperts
    from riskmodels.constant_correlation import ConstantCorrelation
    from riskmodels.correlation_repair import nearest_correlation
    from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
    from riskmodels.errors import EstimationError
    from riskmodels.estimation import estimate_risk_model, given_risk_model, outlook_for
    from riskmodels.estimators import covariance_estimator
    from riskmodels.expected_returns import ExponentialReturn, RiskAdjustedReturn, TrailingReturn
    from riskmodels.exponential import ExponentialCovariance
    from riskmodels.factor_form import FactorForm, factorise
    from riskmodels.fitted_covariance import CovarianceEstimator
    from riskmodels.lag_aware import NeweyWest, OverlappingReturns
    from riskmodels.nonlinear_shrinkage import NonlinearShrinkage
    from riskmodels.outlook import Outlook, read_views, read_yields, unrated
    from riskmodels.own_estimates import CovarianceRepair, OwnEstimates, own_covariance, own_expected_returns
    from riskmodels.principal_factors import PrincipalFactors
    from riskmodels.returns import daily_returns, unmoving
    from riskmodels.risk_model import RiskModel
    from riskmodels.rules import ExpectedReturnRules, RiskModelRules
    from riskmodels.sector_mean import SectorShrunkReturn
    from riskmodels.unequal_histories import UnequalHistories

__all__ = [
    "CombinedExperts",
    "ConstantCorrelation",
    "CovarianceEstimator",
    "CovarianceRepair",
    "EstimationError",
    "ExpectedReturnRules",
    "ExponentialCovariance",
    "ExponentialReturn",
    "FactorForm",
    "NeweyWest",
    "NonlinearShrinkage",
    "Outlook",
    "OverlappingReturns",
    "OwnEstimates",
    "PrincipalFactors",
    "RiskAdjustedReturn",
    "RiskModel",
    "RiskModelRules",
    "SectorShrunkReturn",
    "ShrunkCorrelation",
    "ShrunkCovariance",
    "TrailingReturn",
    "UnequalHistories",
    "covariance_estimator",
    "daily_returns",
    "estimate_risk_model",
    "factorise",
    "given_risk_model",
    "nearest_correlation",
    "outlook_for",
    "own_covariance",
    "own_expected_returns",
    "read_views",
    "read_yields",
    "unmoving",
    "unrated",
]

_HOMES = {
    "riskmodels.combined_experts": ("CombinedExperts",),
    "riskmodels.constant_correlation": ("ConstantCorrelation",),
    "riskmodels.covariance": ("ShrunkCorrelation", "ShrunkCovariance"),
    "riskmodels.fitted_covariance": ("CovarianceEstimator",),
    "riskmodels.errors": ("EstimationError",),
    "riskmodels.estimation": ("estimate_risk_model", "given_risk_model", "outlook_for"),
    "riskmodels.estimators": ("covariance_estimator",),
    "riskmodels.expected_returns": ("ExponentialReturn", "RiskAdjustedReturn", "TrailingReturn"),
    "riskmodels.exponential": ("ExponentialCovariance",),
    "riskmodels.factor_form": ("FactorForm", "factorise"),
    "riskmodels.lag_aware": ("NeweyWest", "OverlappingReturns"),
    "riskmodels.correlation_repair": ("nearest_correlation",),
    "riskmodels.nonlinear_shrinkage": ("NonlinearShrinkage",),
    "riskmodels.outlook": ("Outlook", "read_views", "read_yields", "unrated"),
    "riskmodels.own_estimates": ("CovarianceRepair", "OwnEstimates", "own_covariance", "own_expected_returns"),
    "riskmodels.principal_factors": ("PrincipalFactors",),
    "riskmodels.returns": ("daily_returns", "unmoving"),
    "riskmodels.risk_model": ("RiskModel",),
    "riskmodels.rules": ("ExpectedReturnRules", "RiskModelRules"),
    "riskmodels.sector_mean": ("SectorShrunkReturn",),
    "riskmodels.unequal_histories": ("UnequalHistories",),
}
"""Where each name comes from. It is imported when first asked for: scikit-learn takes a second to load, and whoever
only reads a model document does without it."""

_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
