"""Ways to solve the problem, behind one small protocol."""

from collections.abc import Mapping
from types import MappingProxyType

from optimizer.backends.conic import solve_conic
from optimizer.backends.first_order import solve_first_order
from optimizer.backends.protocol import Backend
from optimizer.parametric.engine import solve_parametric

BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {"parametric": solve_parametric, "osqp": solve_first_order, "conic": solve_conic}
)
"""By the name that `--backend` takes, in the order in which `auto` tries them."""

__all__ = ["BACKENDS", "Backend"]
