"""What to hold: risk targets, the problem in cvxpy, backends, certificates and shadow prices."""

from constraints import TARGET_CLAUSE
from optimizer.assembly import assemble
from optimizer.backends import BACKENDS
from optimizer.certificate import Certificate, certify, violations
from optimizer.errors import OptimizerError
from optimizer.exact_risk import solve_at_exact_risk
from optimizer.problem import Claim, Multipliers, NoClaim, Problem
from optimizer.risk_measure import RiskMeasure, tracking_measure, volatility_measure
from optimizer.risk_target import Correlation, RiskScaling, RiskTarget, TargetRule, plain_target, scaled_target
from optimizer.rules import CostRules, ObjectiveRules, RebalanceRules
from optimizer.shadow_prices import ShadowPrice
from optimizer.solving import AUTO, Failed, Infeasible, Outcome, Solved, solve_problem

__all__ = [
    "AUTO",
    "BACKENDS",
    "TARGET_CLAUSE",
    "Certificate",
    "Claim",
    "Correlation",
    "CostRules",
    "Failed",
    "Infeasible",
    "Multipliers",
    "NoClaim",
    "ObjectiveRules",
    "OptimizerError",
    "Outcome",
    "Problem",
    "RebalanceRules",
    "RiskMeasure",
    "RiskScaling",
    "RiskTarget",
    "ShadowPrice",
    "Solved",
    "TargetRule",
    "assemble",
    "certify",
    "plain_target",
    "scaled_target",
    "solve_at_exact_risk",
    "solve_problem",
    "tracking_measure",
    "violations",
    "volatility_measure",
]
