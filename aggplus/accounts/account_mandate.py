"""The clauses of a model over the funds that an account may end up with: those of the model, and those it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aggplus.accounts.risk_cap import RiskCap, risk_cap_of
from aggplus.portfolio import ModelPortfolio
from constraints import (
    FIGURE_WORDS,
    FUNDS,
    MAX_HOLDINGS,
    MIN_WEIGHT,
    TARGET_CLAUSE,
    VOLATILITY,
    WEIGHT,
    CompiledMandate,
    FewNames,
    Unit,
    compile_mandate,
    funds_of,
)
from constraints.clauses import BetaRange, Clause, FullyInvested, GroupRange, Turnover, TurnoverLimit
from optimizer.scheduling import Breach, breaches
from optimizer.scheduling.holdings_triggers import tolerance

Floats = NDArray[np.float64]

NOT_ELIGIBLE = "not eligible"
"""Clause on funds that the account holds and today's screens refuse: no weight."""
IDLE_CASH = 0.01
"""Cash that is no more than this of the account is what whole shares leave; more breaks "fully invested"."""
_CASH_SCALE = 0.01
"""A breach of weight 1 by idle cash: the mildest of all, so that no other clause is broken for its sake."""
_NOTICEABLE = 1e-7
"""Breaches up to this are rounding, as for certificates."""


@dataclass(frozen=True, eq=False)
class AccountMandate:
    """Rows over n funds.

    Parameters
    ----------
    compiled : CompiledMandate
        Without "fully invested": whole shares leave cash.
    few : FewNames
    risk : RiskCap or None
        The risk target, where it is one of volatility or tracking error.
    unknown : tuple of (ticker, words)
        Figures of funds that clauses need and nobody knows; they count as zero.
    """

    compiled: CompiledMandate
    few: FewNames
    risk: RiskCap | None
    unknown: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> tuple[Floats, Floats, Floats, Floats]:
        """All clauses as rows over weights: coefficients (m, n), limits (m,) each, and the scale of a breach (m,).

        The last one is "fully invested", less the cash that whole shares leave. What is to be met exactly has room for
        the drift that is tolerated: whole shares meet no equation, and to prove it takes a search without end.
        """
        mandate, n = self.compiled, len(self.compiled.tickers)
        floors, caps = np.flatnonzero(mandate.lower > 0.0), np.flatnonzero(np.isfinite(mandate.upper))
        exact = mandate.row_lower == mandate.row_upper
        room = np.array([tolerance(label.unit) / label.unit.per_one for label in mandate.row_labels]) * exact
        labels = [
            *mandate.row_labels,
            *(mandate.lower_labels[i] for i in floors),
            *(mandate.upper_labels[i] for i in caps),
        ]
        return (
            np.vstack([mandate.A, np.eye(n)[floors], np.eye(n)[caps], np.ones((1, n))]),
            np.concatenate(
                [mandate.row_lower - room, mandate.lower[floors], np.full(caps.size, -np.inf), [1.0 - IDLE_CASH]]
            ),
            np.concatenate([mandate.row_upper + room, np.full(floors.size, np.inf), mandate.upper[caps], [np.inf]]),
            np.array([*(breach_scale(label.unit) for label in labels if label is not None), _CASH_SCALE]),
        )

    def breaches(self, weights: Floats) -> tuple[Breach, ...]:
        """The clauses that weights break, risk target, number of names, turnover and idle cash among them.

        Parameters
        ----------
        weights : ndarray, shape (n,)
            Whatever is missing to 1 is cash.
        """
        found = list(breaches(self.compiled, weights))
        held = weights[weights > 0.0]
        if self.few.max_holdings is not None and held.size > self.few.max_holdings:
            found.append(Breach(MAX_HOLDINGS, float(held.size), float(self.few.max_holdings), FUNDS))
        if held.size and held.min() < self.few.min_weight:
            found.append(Breach(MIN_WEIGHT, float(held.min()), self.few.min_weight, WEIGHT))
        if (turnover := self.compiled.turnover) is not None and turnover.of(weights) > turnover.limit:
            found.append(Breach("turnover", turnover.of(weights), turnover.limit, WEIGHT))
        if self.risk is not None and self.risk.is_broken(weights):
            found.append(Breach(TARGET_CLAUSE, self.risk.measure.value(weights), self.risk.cap, VOLATILITY))
        if (invested := float(weights.sum())) < 1.0 - IDLE_CASH:
            found.append(Breach("fully invested", invested, 1.0, WEIGHT))
        return tuple(breach for breach in found if abs(breach.value - breach.limit) > _NOTICEABLE)


def breach_scale(unit: Unit) -> float:
    """What a breach of one unit of the optimizer weighs against one of weight 1: by what drift is tolerated of each.

    Parameters
    ----------
    unit : Unit
    """
    return (tolerance(WEIGHT) / WEIGHT.per_one) / (tolerance(unit) / unit.per_one)


def account_mandate(
    portfolio: ModelPortfolio, tickers: tuple[str, ...], held: Floats, catalog: pd.DataFrame
) -> AccountMandate:
    """The clauses of a solved model over some funds.

    Parameters
    ----------
    portfolio : ModelPortfolio
        Solved.
    tickers : tuple of str, length n
        Rows of the catalog.
    held : ndarray, shape (n,)
        Weights before any trade; turnover is measured from them.
    catalog : DataFrame
    """
    setting, limits = portfolio.setting, portfolio.setting.model.limits
    eligible = dict(zip(setting.risk_model.tickers, setting.risk_model.beta.tolist(), strict=True))
    clauses: list[Clause] = [c for c in setting.clauses if not isinstance(c, FullyInvested | Turnover)]
    barred = tuple(ticker for ticker in tickers if ticker not in eligible)
    if barred:
        clauses.append(GroupRange(NOT_ELIGIBLE, (), barred, None, 0.0))
    if setting.target.kind == "beta":
        least = setting.target.value if setting.target.match == "equal" else None
        clauses.append(BetaRange(least, setting.target.value, TARGET_CLAUSE))
    funds = funds_of(catalog, tickers, np.array([eligible.get(ticker, 0.0) for ticker in tickers]))
    needed = {figure for clause in clauses for figure in clause.needs}
    unknown = [
        (ticker, f"{FIGURE_WORDS[figure]} of {ticker} is unknown and counts as 0")
        for figure in sorted(needed)
        for ticker, value in zip(tickers, funds.figures[figure], strict=True)
        if np.isnan(value)
    ]
    if any(isinstance(clause, BetaRange) for clause in clauses):
        unknown += [(ticker, f"beta of {ticker} is unknown and counts as 0") for ticker in barred]
    funds = replace(funds, figures={name: np.nan_to_num(values) for name, values in funds.figures.items()})
    compiled = compile_mandate(clauses, funds)
    if limits.max_turnover is not None:
        compiled = replace(
            compiled, turnover=TurnoverLimit(held, max(0.0, 1.0 - float(held.sum())), limits.max_turnover)
        )
    risk = risk_cap_of(portfolio, tickers)
    if risk is not None:
        unknown += [(ticker, f"risk of {ticker} is unknown and counts as 0") for ticker in barred]
    return AccountMandate(compiled, limits.few_names, risk, tuple(unknown))
