"""Every clause of a solved portfolio against its limits: what it has, how much room is left, what the limit costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aggplus.portfolio import ModelPortfolio
from constraints import FUNDS, MAX_HOLDINGS, MIN_WEIGHT, TARGET_CLAUSE, WEIGHT, Clause, Funds, Unit, funds_of
from constraints.clauses import FullyInvested, LongOnly

_BINDING = 1e-6
"""Relative: a limit met this closely binds, as for the risk target."""


@dataclass(frozen=True)
class ClauseLine:
    """One clause.

    Parameters
    ----------
    clause : str
    lower, upper : float or None
        Its limits in units of the optimizer (weights as fractions); None where a side is open.
    value : float or None
        What the portfolio has. Of a clause on single funds, the weight of `fund`.
    fund : str or None
        Of a clause on single funds the one nearest to its limit.
    price_bp : float or None
        Basis points of expected return a year that one more unit of print of the limit would add, negative for a
        minimum; 0 where the limit does not bind. Of least volatility, basis points of volatility saved. None where no
        price is known: of what no client can move, of the number of names, which has no marginal one, and of clauses
        from Python.
    unit : Unit
    note : str
    """

    clause: str
    lower: float | None
    upper: float | None
    value: float | None
    fund: str | None
    price_bp: float | None
    unit: Unit
    note: str = ""

    @property
    def slack(self) -> float | None:
        """Room to the nearer limit, negative where it is broken; None without a value or a limit."""
        if self.value is None:
            return None
        rooms = [self.value - self.lower] if self.lower is not None else []
        rooms += [self.upper - self.value] if self.upper is not None else []
        return min(rooms, default=None)

    @property
    def binds(self) -> bool:
        """Whether the portfolio stands at a limit."""
        slack = self.slack
        if slack is None:
            return False
        size = max(1.0, *(abs(limit) for limit in (self.lower, self.upper) if limit is not None))
        return slack <= _BINDING * size


def clause_table(portfolio: ModelPortfolio) -> tuple[ClauseLine, ...]:
    """Every clause in the order of the mandate; then numbers of names, the risk target, and clauses from Python.

    Limits are those that were solved with: of soft clauses that gave way the new ones.

    Parameters
    ----------
    portfolio : ModelPortfolio
        Solved; otherwise there is no line.
    """
    return tuple(_lines(portfolio)) if portfolio.status == "solved" else ()


def _lines(portfolio: ModelPortfolio) -> Iterator[ClauseLine]:
    setting = portfolio.setting
    w, model, few, target = portfolio.w, setting.risk_model, setting.model.limits.few_names, setting.target
    prices: dict[str, float] = {}
    for price in portfolio.shadow_prices:
        # A clause on single funds may have a price for each of its limits: one more unit moves them all.
        prices[price.clause] = prices.get(price.clause, 0.0) + price.price_bp
    funds = funds_of(setting.catalog, model.tickers, model.beta)
    for clause in setting.clauses:
        unpriced = isinstance(clause, FullyInvested | LongOnly)
        yield _line(clause, funds, w, None if unpriced else prices.get(clause.name, 0.0))
    held = w[w > 0.0]
    if few.max_holdings is not None:
        yield ClauseLine(
            MAX_HOLDINGS, None, float(few.max_holdings), float(len(held)), None, prices.get(MAX_HOLDINGS), FUNDS
        )
    if few.min_weight > 0.0:
        least = int(np.argmin(np.where(w > 0.0, w, np.inf)))
        price_bp = prices.get(MIN_WEIGHT, 0.0)
        yield ClauseLine(MIN_WEIGHT, few.min_weight, None, float(w[least]), model.tickers[least], price_bp, WEIGHT)
    lower = target.value if target.match == "equal" else None
    figure, of_target = portfolio.target_figure, prices.get(TARGET_CLAUSE, 0.0)
    yield ClauseLine(TARGET_CLAUSE, lower, target.value, figure, None, of_target, target.unit, target.basis)
    for name in setting.expressions:
        yield ClauseLine(name, None, None, None, None, None, WEIGHT, "given from Python; the certificate covers it")


def _line(
    clause: Clause, funds: Funds, w: np.ndarray[tuple[int], np.dtype[np.float64]], price: float | None
) -> ClauseLine:
    part = clause.part(funds)
    if part.turnover is not None:
        limit, traded = part.turnover.limit, part.turnover.of(w)
        return ClauseLine(clause.name, None, limit, traded, None, price, clause.unit)
    if part.rows:
        (row,) = part.rows
        value = float(row.coefficients @ w)
        return ClauseLine(clause.name, _known(row.lower), _known(row.upper), value, None, price, clause.unit)
    if part.lower is None and part.upper is None:
        note = "the fund is not eligible: it has no weight"
        return ClauseLine(clause.name, None, None, 0.0, None, price, clause.unit, note)
    lower = np.full(len(w), -np.inf) if part.lower is None else part.lower
    upper = np.full(len(w), np.inf) if part.upper is None else part.upper
    room = np.minimum(w - lower, upper - w)
    # Of several at the limit, the one with most weight; the others are counted.
    nearest = int(np.lexsort((-w, room))[0])
    limits = _known(float(lower[nearest])), _known(float(upper[nearest]))
    others = int((room <= _BINDING).sum()) - 1
    note = f"and {others} more at the limit" if others > 0 else ""
    return ClauseLine(clause.name, *limits, float(w[nearest]), funds.tickers[nearest], price, clause.unit, note)


def _known(limit: float) -> float | None:
    return limit if np.isfinite(limit) else None
