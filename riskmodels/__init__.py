"""How funds move: shrinkage covariances, benchmark risk and expected returns, point in time."""

from riskmodels.combined_experts import CombinedExperts
from riskmodels.constant_correlation import ConstantCorrelation
from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
from riskmodels.covariance_estimator import CovarianceEstimator
from riskmodels.errors import EstimationError
from riskmodels.estimation import estimate_risk_model, given_risk_model, outlook_for
from riskmodels.estimators import covariance_estimator
from riskmodels.expected_returns import ExponentialReturn, RiskAdjustedReturn, TrailingReturn
from riskmodels.exponential import ExponentialCovariance
from riskmodels.factor_form import FactorForm, factorise
from riskmodels.lag_aware import NeweyWest, OverlappingReturns
from riskmodels.nearest_correlation import nearest_correlation
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
