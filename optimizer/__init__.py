"""What to hold, and when: risk targets, the problem in cvxpy, backends, certificates and shadow prices."""

from constraints import TARGET_CLAUSE
from optimizer.assembly import assemble
from optimizer.backends import BACKENDS
from optimizer.batch import Family, FamilyAnswer, solve_families, solve_problems
from optimizer.cardinality import SearchLimits, solve_few_names
from optimizer.certificate import Certificate, certify, violations
from optimizer.errors import OptimizerError
from optimizer.exact_risk import solve_at_exact_risk
from optimizer.expressions import (
    ExpressionClause,
    Weights,
    expression,
    solve_exactly_with_expressions,
    solve_with_expressions,
)
from optimizer.frontier import Frontier, at_return, at_risk, efficient_frontier
from optimizer.priorities import Concession, Settlement, Solve, solve_by_priority, without_soft
from optimizer.problem import Claim, Multipliers, NoClaim, Problem
from optimizer.risk_measure import RiskMeasure, tracking_measure, volatility_measure
from optimizer.risk_target import Correlation, RiskScaling, RiskTarget, TargetRule, plain_target, scaled_target
from optimizer.rules import CostRules, ObjectiveRules
from optimizer.scheduling import RebalanceRules
from optimizer.shadow_prices import ShadowPrice
from optimizer.solving import AUTO, Failed, Infeasible, Outcome, Solved, solve_problem

__all__ = [
    "AUTO",
    "BACKENDS",
    "TARGET_CLAUSE",
    "Certificate",
    "Claim",
    "Concession",
    "Correlation",
    "CostRules",
    "ExpressionClause",
    "Failed",
    "Family",
    "FamilyAnswer",
    "Frontier",
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
    "SearchLimits",
    "Settlement",
    "ShadowPrice",
    "Solve",
    "Solved",
    "TargetRule",
    "Weights",
    "assemble",
    "at_return",
    "at_risk",
    "certify",
    "efficient_frontier",
    "expression",
    "plain_target",
    "scaled_target",
    "solve_at_exact_risk",
    "solve_by_priority",
    "solve_exactly_with_expressions",
    "solve_families",
    "solve_few_names",
    "solve_problem",
    "solve_problems",
    "solve_with_expressions",
    "tracking_measure",
    "violations",
    "volatility_measure",
    "without_soft",
]
