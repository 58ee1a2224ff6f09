"""Parts of a monthly report's JSON record, as plain Python values. Weights and returns are fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import pandas as pd

from aggplus.report.model_month import ModelMonth
from aggplus.report.peers import Peers
from aggplus.report.story import decision_in_words

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "weights, returns, contributions, costs, turnover, statistics": "fraction; what is a year is annualised",
        "rebalances: target, ex_ante, volatility, expected_return, benchmark_volatility": "percent a year; a beta",
        "triggers: share, peak": "value over threshold",
    }
)
"""Of the whole record."""


def published_record(beside: pd.DataFrame | None) -> dict[str, Any] | None:
    """Our figures beside the published ones, by model.

    Parameters
    ----------
    beside : DataFrame or None
        Of `aggplus.walks.figures.published_table`.
    """
    if beside is None:
        return None
    return {
        name: {
            source: {key: None if value != value else value for key, value in beside.loc[(name, source)].items()}
            for source in ("ours", "published")
        }
        for name in dict.fromkeys(beside.index.get_level_values("model"))
    }


def activeness_record(peers: Peers | str) -> dict[str, Any] | None:
    """How active each model is; None where that cannot be told.

    Parameters
    ----------
    peers : Peers or str
    """
    if isinstance(peers, str):
        return None
    return {
        model: {
            "score": peers.figure(model, "score"),
            "share_of_funds_less_active": peers.share_less_active(model),
            "correlation": peers.figure(model, "correlation"),
            "beta": peers.figure(model, "beta"),
        }
        for model in peers.models
    }


def model_record(one: ModelMonth) -> dict[str, Any]:
    """A model's month.

    Parameters
    ----------
    one : ModelMonth
    """
    return {
        "name": one.track.model.name,
        "benchmark": one.track.model.benchmark,
        "month_return": one.month_return,
        "benchmark_month_return": one.track.benchmark_statistics.month,
        "costs": one.costs,
        "decision": decision_in_words(one),
        "funds": [asdict(line) for line in one.lines],
        "cash": {"before": one.cash[0], "after": one.cash[1]},
        "rebalances": [trade.made.to_dict() for trade in one.trades],
        "in_force": None if one.in_force is None else one.in_force.made.to_dict(),
        "triggers": [asdict(near) for near in one.nearness],
        "misses": [
            {"date": f"{miss.date:%Y-%m-%d}", "status": miss.status, "findings": list(miss.findings)}
            for miss in one.misses
        ],
        "payouts": [
            {"date": f"{paid.date:%Y-%m-%d}", "ticker": paid.ticker, "weight": paid.weight} for paid in one.payouts
        ],
        "statistics": one.track.statistics.to_dict(),
    }
