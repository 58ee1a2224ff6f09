"""The month of a model in words: what was decided and why, what limited it, and what earned the return."""

from __future__ import annotations

from aggplus.report.model_month import ModelMonth, Trade
from aggplus.report.month import ReportMonth
from aggplus.report.numbers import day_of, percent, plain, points
from aggplus.walks import Rebalance
from constraints import TARGET_CLAUSE
from optimizer import ShadowPrice
from universe import SECTORS

TRIGGER_TITLES = {
    "volatility_change": "Benchmark volatility",
    "benchmark_move": "Benchmark move",
    "max_days": "Age of the portfolio",
    "calendar": "Calendar",
    "every_days": "Calendar of sessions",
    "weight_drift": "Drift of weights",
    "risk_drift": "Drift of risk",
    "breached_clause": "Broken limits",
    "left_eligibility": "Funds no longer eligible",
    "expected_gain": "Gain over cost",
}
"""By the key of the trigger."""

RISK_TITLES = {"volatility": "volatility", "beta": "beta", "tracking_error": "tracking error"}
"""By the kind of a risk target."""

_NOTABLE = 5e-5
"""A contribution that prints as 0.01 % or more."""


def return_in_words(one: ModelMonth, month: ReportMonth) -> str:
    """What the model earned, beside its benchmark.

    Parameters
    ----------
    one : ModelMonth
    month : ReportMonth
    """
    benchmark = one.track.benchmark_statistics.month
    ahead = None if benchmark is None else one.month_return - benchmark
    return (
        f"{one.label} returned {percent(one.month_return)} in {month.name}, "
        f"{one.track.model.benchmark} {percent(benchmark)}: a difference of {points(ahead)} percentage points."
    )


def earned_in_words(one: ModelMonth) -> str:
    """Which funds added and which took most.

    Parameters
    ----------
    one : ModelMonth
    """
    by_size = sorted(one.lines, key=lambda line: (-line.contribution, line.ticker))
    gave = [line for line in by_size if line.contribution > _NOTABLE][:2]
    took = [line for line in reversed(by_size) if line.contribution < -_NOTABLE][:2]
    parts = []
    if gave:
        parts.append("Most was added by " + " and ".join(f"{x.ticker} ({points(x.contribution)})" for x in gave))
    if took:
        head = "most was lost by " if parts else "Most was lost by "
        parts.append(head + " and ".join(f"{x.ticker} ({points(x.contribution)})" for x in took))
    return f"{'; '.join(parts)}, in percentage points of the portfolio." if parts else ""


def decision_in_words(one: ModelMonth) -> str:
    """Whether the model was changed in the month; if not, what came nearest to calling for it.

    Parameters
    ----------
    one : ModelMonth
    """
    if one.trades:
        return "One rebalance this month." if len(one.trades) == 1 else f"{len(one.trades)} rebalances this month."
    calm = "No change this month" if not one.misses else "No change this month, though one was called for"
    if one.payouts:
        calm = "No trade this month, though a fund that was held has closed"
    since = one.track.last_decision.state.sessions_since_solve if one.track.last_decision else None
    age = (
        "" if since is None or one.in_force is None else f", {_counted(since, 'session')} before the month's last close"
    )
    held = ""
    if one.in_force is not None:
        paid = any(payout.date > one.in_force.made.traded for payout in one.track.payouts)
        what = "what is left of the portfolio" if paid else "the portfolio"
        held = f": {what} of {day_of(one.in_force.made.date)}{age}, stays in place"
    near = max((n for n in one.nearness if n.share is not None), key=lambda n: n.share or 0.0, default=None)
    if near is None or near.share is None:
        return f"{calm}{held}."
    title = TRIGGER_TITLES.get(near.trigger, near.trigger).lower()
    return f"{calm}{held}. The trigger nearest to firing is {title}, at {percent(near.share, 0)} of its threshold."


def trade_in_words(trade: Trade) -> str:
    """When a portfolio was solved and traded, what it turned over and what that cost.

    Parameters
    ----------
    trade : Trade
    """
    made = trade.made
    when = (
        f"Solved and traded at the close of {day_of(made.date)}"
        if made.date == made.traded
        else f"Solved at the close of {day_of(made.date)}, traded at that of {day_of(made.traded)}"
    )
    return f"{when}: {percent(made.turnover, 1)} turned over one way, at a cost of {plain(1e4 * made.cost, 1)} bp."


def target_in_words(made: Rebalance, goal: str) -> str:
    """The risk target of a solve, the portfolio's ex-ante figure, and whether it binds.

    Parameters
    ----------
    made : Rebalance
    goal : str
        Of the model.
    """
    unit = "" if made.kind == "beta" else "\u202f%"
    binds = "it binds" if made.binding else "it does not bind"
    if not made.binding and goal == "expected_return":
        binds += ", as the most expected return that the other limits allow comes with less risk"
    return (
        f"Risk target: {RISK_TITLES[made.kind]} {plain(made.target)}{unit}; ex ante "
        f"{plain(made.ex_ante)}{unit}: {binds}."
    )


def price_in_words(price: ShadowPrice, kind: str, goal: str) -> tuple[str, str, str]:
    """A limit that binds: its name, its value, and what one unit more of it would be worth.

    Parameters
    ----------
    price : ShadowPrice
    kind : str
        Of the risk target.
    goal : str
        Of the model.
    """
    name = f"risk target ({RISK_TITLES[kind]})" if price.clause == TARGET_CLAUSE else price.clause
    if price.clause in SECTORS:
        name = SECTORS[price.clause].title
    risk = RISK_TITLES[kind] if price.clause == TARGET_CLAUSE else "volatility"
    one = {"% of weight": "1\u202f% of weight", "% a year": f"1\u202f% of {risk}", "beta": "0.01 of beta"}
    # A whole unit of beta is far more than anybody moves.
    scale = 0.01 if price.unit.name == "beta" else 1.0
    per = one.get(price.unit.name, f"1 {price.unit.name}")
    limit = f"{price.limit * price.unit.per_one:.4g}{price.unit.suffix}".replace("-", "−")
    if price.clause != TARGET_CLAUSE:
        # A price is of the limit's move up: only a minimum costs by it.
        limit = f"{'at least' if price.price_bp < 0.0 else 'at most'} {limit}"
    what = "volatility saved" if goal == "min_volatility" else "expected return a year"
    return name, limit, f"{plain(scale * price.price_bp, 1)} bp of {what} for {per} more"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
