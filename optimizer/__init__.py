"""What to hold, and when: risk targets, the problem in cvxpy, backends, certificates and shadow prices."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "constraints": ("TARGET_CLAUSE",),
    "optimizer.assembly": ("assemble",),
    "optimizer.backends": ("BACKENDS",),
    "optimizer.batch": ("Family", "FamilyAnswer", "solve_families", "solve_problems"),
    "optimizer.cardinality": ("SearchLimits", "solve_few_names"),
    "optimizer.certificate": ("Certificate", "certify", "violations"),
    "optimizer.errors": ("OptimizerError",),
    "optimizer.exact_risk": ("solve_at_exact_risk",),
    "optimizer.expressions": (
        "ExpressionClause",
        "Weights",
        "expression",
        "solve_exactly_with_expressions",
        "solve_with_expressions",
    ),
    "optimizer.frontier": ("Frontier", "at_return", "at_risk", "efficient_frontier"),
    "optimizer.priorities": ("Concession", "Settlement", "Solve", "solve_by_priority", "without_soft"),
    "optimizer.problem": ("Claim", "Multipliers", "NoClaim", "Problem"),
    "optimizer.risk_measure": ("RiskMeasure", "tracking_measure", "volatility_measure"),
    "optimizer.risk_target": (
        "Correlation",
        "RiskScaling",
        "RiskTarget",
        "TargetRule",
        "plain_target",
        "scaled_target",
    ),
    "optimizer.rules": ("CostRules", "ObjectiveRules"),
    "optimizer.scheduling": ("RebalanceRules",),
    "optimizer.shadow_prices": ("ShadowPrice",),
    "optimizer.solving": ("AUTO", "Failed", "Infeasible", "Outcome", "Solved", "solve_problem"),
}
"""Where each name comes from. It is imported when first asked for: cvxpy and numba take seconds to load, and whoever
only reads a model document does without them."""

_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
