"""Clauses given from Python: any convex cvxpy expression of the weights."""

from optimizer.expressions.clause import ExpressionClause, expression
from optimizer.expressions.solving import solve_exactly_with_expressions, solve_with_expressions
from optimizer.expressions.weights import Weights

__all__ = ["ExpressionClause", "Weights", "expression", "solve_exactly_with_expressions", "solve_with_expressions"]
