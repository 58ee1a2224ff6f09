"""A monthly report as a JSON record. Weights and returns are fractions; what is "a year" is annualised."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aggplus.report import story

if TYPE_CHECKING:
    from aggplus.report.contents import ModelMonth, MonthlyReport
    from aggplus.report.peers import Peers


def as_record(report: MonthlyReport) -> dict[str, Any]:
    """Plain Python values that `json` writes without help.

    Parameters
    ----------
    report : MonthlyReport
    """
    month = report.month
    beside = report.published
    return {
        "month": str(month.month),
        "market": report.market,
        "simulated": report.simulated,
        "start": f"{report.start:%Y-%m-%d}",
        "before": f"{month.eve:%Y-%m-%d}",
        "end": f"{month.last:%Y-%m-%d}",
        "whole_month": month.whole,
        "models": {one.id: _of_model(one) for one in report.models},
        "benchmarks": {track.model.benchmark: track.benchmark_statistics.to_dict() for track in report.tracks},
        "published": None
        if beside is None
        else {
            name: {
                source: {key: None if value != value else value for key, value in beside.loc[(name, source)].items()}
                for source in ("ours", "published")
            }
            for name in dict.fromkeys(beside.index.get_level_values("model"))
        },
        "activeness": _of_peers(report.peers),
        "warnings": list(report.warnings),
        "versions": report.versions,
        "ledger": None if report.ledger is None else asdict(report.ledger),
        "units": {
            "weights, returns, contributions, costs, turnover, statistics": "fraction; what is a year is annualised",
            "rebalances: target, ex_ante, volatility, expected_return, benchmark_volatility": "percent a year; a beta",
            "triggers: share, peak": "value over threshold",
        },
    }


def _of_peers(peers: Peers | str) -> dict[str, Any] | None:
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


def _of_model(one: ModelMonth) -> dict[str, Any]:
    return {
        "name": one.track.model.name,
        "benchmark": one.track.model.benchmark,
        "month_return": one.month_return,
        "benchmark_month_return": one.track.benchmark_statistics.month,
        "costs": one.costs,
        "decision": story.decision_in_words(one),
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
