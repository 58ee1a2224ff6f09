"""How funds move: shrinkage covariances, benchmark risk and expected returns, point in time."""

from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
from riskmodels.errors import EstimationError
from riskmodels.expected_returns import TrailingReturn
from riskmodels.factor_form import FactorForm, factorise
from riskmodels.nearest_correlation import nearest_correlation
from riskmodels.own_estimates import CovarianceRepair, OwnEstimates, own_covariance, own_expected_returns
from riskmodels.risk_model import RiskModel, daily_returns, estimate_risk_model, given_risk_model, unmoving
from riskmodels.rules import ExpectedReturnRules, RiskModelRules

__all__ = [
    "CovarianceRepair",
    "EstimationError",
    "ExpectedReturnRules",
    "FactorForm",
    "OwnEstimates",
    "RiskModel",
    "RiskModelRules",
    "ShrunkCorrelation",
    "ShrunkCovariance",
    "TrailingReturn",
    "daily_returns",
    "estimate_risk_model",
    "factorise",
    "given_risk_model",
    "nearest_correlation",
    "own_covariance",
    "own_expected_returns",
    "unmoving",
]
