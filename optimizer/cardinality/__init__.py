"""Few names: at most so many funds, each with at least so much weight; exact by branch and bound."""

from optimizer.cardinality.ledger import SearchLimits
from optimizer.cardinality.solving import has_few_names, solve_few_names

__all__ = ["SearchLimits", "has_few_names", "solve_few_names"]
