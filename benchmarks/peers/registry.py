"""The peers, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from benchmarks.peers.instance import Covariance, Day
from benchmarks.peers.route import Open

_ANY: tuple[Covariance, ...] = ("shrunk", "ten factors")
_SHRUNK: tuple[Covariance, ...] = ("shrunk",)
_FACTORS: tuple[Covariance, ...] = ("ten factors",)


@dataclass(frozen=True)
class Route:
    """A peer that solves variant after variant.

    Parameters
    ----------
    title : str
    module : str
        In benchmarks.peers.routes; imported only in the process that is measured.
    start : callable
        From the module to a function that opens a date; whatever is kept between dates is made here.
    needs : str
        The module without which the route cannot be run.
    asked : str
        The accuracy that it was asked for.
    on : tuple of {"shrunk", "ten factors"}
        The covariances that it is shown on: where a peer takes either form, each on the one it is for.
    count : callable
        How many variants of a date it can be given.
    """

    title: str
    module: str
    start: Callable[[ModuleType], Open]
    needs: str
    asked: str
    on: tuple[Covariance, ...]
    count: Callable[[Day], int] = lambda day: len(day.variants)


@dataclass(frozen=True)
class BatchRoute:
    """The optimizer on all variants of all dates in one call.

    Parameters
    ----------
    title : str
    workers : int
    needs, asked, on
        As in `Route`.
    """

    title: str
    workers: int
    needs: str = "optimizer.batch"
    asked: str = "certified"
    on: tuple[Covariance, ...] = _ANY


_CLARABEL = "Clarabel 1e-8"
_AVERSION = "Clarabel 1e-8, aversion given"
_ROOT = "risk to 5e-6"
_POLISHED = f"1e-6 polished, {_ROOT}"


def _given(day: Day) -> int:
    return len(day.aversions)


SINGLE = Route(
    "ours: one by one", "ours_single", lambda m: m.public_call, "optimizer", "certified, shadow prices", _ANY
)
BATCHES = (BatchRoute("ours: batch, 1 worker", 1), BatchRoute("ours: batch, 2 workers", 2))

_REBUILT = Route("cvxpy rebuilt, dense, Clarabel", "cvxpy_clarabel", lambda m: m.new_dense, "cvxpy", _CLARABEL, _SHRUNK)
_PIQP = Route("PIQP root-find, dense", "piqp_native", lambda m: m.dense(), "piqp", f"1e-8, {_ROOT}", _SHRUNK)

_PEERS = (
    Route("PyPortfolioOpt", "pyportfolioopt", lambda m: m.efficient_risk, "pypfopt", _CLARABEL, _SHRUNK),
    Route("skfolio, dense", "skfolio_mean_risk", lambda m: m.dense, "skfolio", "Clarabel 1e-9", _SHRUNK),
    Route("skfolio, factor", "skfolio_mean_risk", lambda m: m.factor, "skfolio", "Clarabel 1e-9", _FACTORS),
    Route("Riskfolio-Lib", "riskfolio_lib", lambda m: m.max_return, "riskfolio", _CLARABEL, _SHRUNK),
    Route(
        "cvxportfolio step, dense", "cvxportfolio_policy", lambda m: m.dense, "cvxportfolio", _AVERSION, _SHRUNK, _given
    ),
    Route(
        "cvxportfolio step, factor",
        "cvxportfolio_policy",
        lambda m: m.factor,
        "cvxportfolio",
        _AVERSION,
        _FACTORS,
        _given,
    ),
    Route("cvxcla, dense", "cvxcla_frontier", lambda m: m.dense, "cvxcla", "exact, whole frontier", _SHRUNK),
    Route("cvxcla, factor", "cvxcla_frontier", lambda m: m.factor, "cvxcla", "exact, whole frontier", _FACTORS),
    _REBUILT,
    Route("cvxpy re-used, dense, Clarabel", "cvxpy_clarabel", lambda m: m.reused_dense(), "cvxpy", _CLARABEL, _SHRUNK),
    Route("cvxpy rebuilt, factor, Clarabel", "cvxpy_clarabel", lambda m: m.new_factor, "cvxpy", _CLARABEL, _ANY),
    Route("cvxpy re-used, factor, Clarabel", "cvxpy_clarabel", lambda m: m.reused_factor(), "cvxpy", _CLARABEL, _ANY),
    Route("cvxpy rebuilt, factor, OSQP", "cvxpy_osqp", lambda m: m.new(), "cvxpy", _POLISHED, _ANY),
    Route("cvxpy re-used, factor, OSQP", "cvxpy_osqp", lambda m: m.reused(), "cvxpy", _POLISHED, _ANY),
    Route("OSQP root-find, factor", "osqp_native", lambda m: m.lifted(), "osqp", _POLISHED, _ANY),
    _PIQP,
    Route("PIQP root-find, factor", "piqp_native", lambda m: m.lifted(), "piqp", f"1e-8, {_ROOT}", _ANY),
)

ROUTES: dict[str, Route | BatchRoute] = {route.title: route for route in (SINGLE, *BATCHES, *_PEERS)}

GROWTH = (SINGLE.title, *(batch.title for batch in BATCHES), _REBUILT.title, _PIQP.title)
"""Routes whose cost is followed as the instance grows."""

LIBRARIES = (
    "pyportfolioopt",
    "skfolio",
    "riskfolio-lib",
    "cvxportfolio",
    "cvxcla",
    "cvxpy",
    "clarabel",
    "osqp",
    "piqp",
    "numba",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
)
"""Distributions whose versions stand beside the figures."""
