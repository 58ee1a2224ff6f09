"""Many problems at once: what they share is made once, and each is certified by itself."""

from optimizer.batch.family import Family, FamilyAnswer
from optimizer.batch.problems import solve_problems
from optimizer.batch.solving import solve_families

__all__ = ["Family", "FamilyAnswer", "solve_families", "solve_problems"]
