"""aggplus: bond-ETF model portfolios that carry the risk of the AGG and aim for more return.

>>> import aggplus
>>> market = aggplus.load_market("my-market")          # doctest: +SKIP
>>> model = aggplus.load_model("baseline")
>>> portfolio = aggplus.solve(model, market, "2024-01-31")  # doctest: +SKIP
>>> portfolio.weights                                   # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

from aggplus.shadowing import refuse_shadowed_packages

if TYPE_CHECKING:
    from aggplus.batch import solve_many
    from aggplus.desk import solve
    from aggplus.explanation import Explanation, explain
    from aggplus.model import Model, load_model
    from aggplus.model_frontier import ModelFrontier, frontier
    from aggplus.model_portfolios import ModelPortfolios, Refusal
    from aggplus.portfolio import ModelPortfolio
    from aggplus.walks import Check, TrackRecord, check, walk_forward
    from optimizer import Weights, expression
    from riskmodels import OwnEstimates
    from universe import Market, load_market, simulated_market

__all__ = [
    "Check",
    "Explanation",
    "Market",
    "Model",
    "ModelFrontier",
    "ModelPortfolio",
    "ModelPortfolios",
    "OwnEstimates",
    "Refusal",
    "TrackRecord",
    "Weights",
    "check",
    "explain",
    "expression",
    "frontier",
    "load_market",
    "load_model",
    "simulated_market",
    "solve",
    "solve_many",
    "walk_forward",
]

# Before anything is imported from them: a file of the user's would be run in their place.
refuse_shadowed_packages()

_HOMES = {
    "aggplus.batch": ("solve_many",),
    "aggplus.desk": ("solve",),
    "aggplus.explanation": ("Explanation", "explain"),
    "aggplus.model": ("Model", "load_model"),
    "aggplus.model_frontier": ("ModelFrontier", "frontier"),
    "aggplus.model_portfolios": ("ModelPortfolios", "Refusal"),
    "aggplus.portfolio": ("ModelPortfolio",),
    "aggplus.walks": ("Check", "TrackRecord", "check", "walk_forward"),
    "optimizer": ("Weights", "expression"),
    "riskmodels": ("OwnEstimates",),
    "universe": ("Market", "load_market", "simulated_market"),
}
"""Where each name comes from. It is imported when first asked for: the engine takes seconds to load, and the command
line's help and completion do without it."""

_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
