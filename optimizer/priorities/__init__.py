"""Soft clauses: what gives way when a mandate cannot hold, in which order, and by how much."""

from optimizer.priorities.settlement import Concession, Settlement, Solve, solve_by_priority, without_soft

__all__ = ["Concession", "Settlement", "Solve", "solve_by_priority", "without_soft"]
