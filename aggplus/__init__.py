"""aggplus: bond-ETF model portfolios that carry the risk of the AGG and aim for more return.

>>> import aggplus
>>> market = aggplus.load_market("my-market")          # doctest: +SKIP
>>> model = aggplus.load_model("baseline")
>>> portfolio = aggplus.solve(model, market, "2024-01-31")  # doctest: +SKIP
>>> portfolio.weights                                   # doctest: +SKIP
"""

from aggplus.shadowing import refuse_shadowed_packages

# Before anything is imported from them: a file of the user's would be run in their place.
refuse_shadowed_packages()

from aggplus.batch import solve_many  # noqa: E402
from aggplus.desk import solve  # noqa: E402
from aggplus.explanation import Explanation, explain  # noqa: E402
from aggplus.model import Model, load_model  # noqa: E402
from aggplus.model_frontier import ModelFrontier, frontier  # noqa: E402
from aggplus.model_portfolios import ModelPortfolios, Refusal  # noqa: E402
from aggplus.portfolio import ModelPortfolio  # noqa: E402
from aggplus.walks import Check, TrackRecord, check, walk_forward  # noqa: E402
from optimizer import Weights, expression  # noqa: E402
from riskmodels import OwnEstimates  # noqa: E402
from universe import Market, load_market, simulated_market  # noqa: E402

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
