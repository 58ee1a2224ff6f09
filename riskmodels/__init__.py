"""How funds move: shrinkage covariances, benchmark risk and expected returns, point in time."""

from riskmodels.covariance import ShrunkCorrelation, ShrunkCovariance
from riskmodels.errors import EstimationError
from riskmodels.expected_returns import TrailingReturn
from riskmodels.factor_form import FactorForm, factorise
from riskmodels.risk_model import RiskModel, daily_returns, estimate_risk_model, unmoving
from riskmodels.rules import ExpectedReturnRules, RiskModelRules

__all__ = [
    "EstimationError",
    "ExpectedReturnRules",
    "FactorForm",
    "RiskModel",
    "RiskModelRules",
    "ShrunkCorrelation",
    "ShrunkCovariance",
    "TrailingReturn",
    "daily_returns",
    "estimate_risk_model",
    "factorise",
    "unmoving",
]
