"""What models decide at a close: the walk asks here day by day, and so does a check of today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aggplus.batch import Request, questions_of
from aggplus.errors import BAD_INPUT
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.portfolio import ModelPortfolio
from aggplus.walks.readings import reading_of
from aggplus.walks.standing import NOTHING_READ, Reading, Standing, Surroundings, state_on, takes_the_estimate
from aggplus.walks.trading import BP, price_of_trade
from optimizer.scheduling import Decision, decide, horizon_gain_bp, needs
from universe import Market


@dataclass(frozen=True, eq=False)
class Account:
    """A model at a close, before it decides.

    Parameters
    ----------
    model : Model
    around : Surroundings
    standing : Standing or None
        None before the first portfolio.
    record : Series or None
        The model's own daily net returns up to the close, where its target asks for them.
    """

    model: Model
    around: Surroundings
    standing: Standing | None
    record: pd.Series | None

    def request(self, session: int) -> Request:
        """What is asked of a solve at the close.

        Parameters
        ----------
        session : int
        """
        held = None if self.standing is None else self.standing.holdings(session)
        return Request(self.model, held, self.record)


def needs_estimate(model: Model, around: Surroundings) -> bool:
    """Whether each of a model's decisions takes the estimate and the screens of the day.

    Parameters
    ----------
    model : Model
    around : Surroundings
    """
    return takes_the_estimate(model.rebalance, around.sigma_b is not None)


def decisions_on(session: int, accounts: Sequence[Account], market: Market) -> list[Decision | Refusal]:
    """What each model decides at a close; a refusal where the day's input cannot be used.

    Parameters
    ----------
    session : int
    accounts : sequence of Account
        Those whose decisions take the estimate share screens and risk models where their rules are the same.
    market : Market
    """
    asking = [
        place
        for place, account in enumerate(accounts)
        if account.standing is not None and needs_estimate(account.model, account.around)
    ]
    if not asking:
        return [_decision(session, account, NOTHING_READ) for account in accounts]
    around = accounts[asking[0]].around
    requests = [accounts[place].request(session) for place in asking]
    asked = questions_of(requests, market, around.days[session - around.first])
    read: dict[int, Reading | Refusal] = {}
    for place, request, question in zip(asking, requests, asked, strict=True):
        standing = accounts[place].standing
        read[place] = (
            question
            if isinstance(question, Refusal)
            else reading_of(question, request.holdings or {}, None if standing is None else standing.scaled_by)
        )
    return [_decision(session, account, read.get(place, NOTHING_READ)) for place, account in enumerate(accounts)]


def weighed(decision: Decision, portfolio: ModelPortfolio, held: Mapping[str, float], market: Market) -> Decision:
    """A "look" decided again, with the gain of a solve of the day and what it would cost to get there.

    Parameters
    ----------
    decision : Decision
    portfolio : ModelPortfolio
        Solved on the day.
    held : mapping of ticker to weight
    market : Market
    """
    model, risk_model = portfolio.setting.model, portfolio.setting.risk_model
    gain = model.rebalance.triggers.expected_gain
    if gain is None:
        return decision
    # A fund that may not be held any more has no expected return, and none is made up for it.
    now = np.array([held.get(ticker, 0.0) for ticker in risk_model.tickers])
    gain_bp = horizon_gain_bp(risk_model.mu, portfolio.w, now, gain.horizon_days)
    _, cost = price_of_trade(model, market, held, plain_weights(portfolio))
    return decide(model.rebalance, replace(decision.state, gain_bp=gain_bp, cost_bp=cost * BP))


def plain_weights(portfolio: ModelPortfolio) -> dict[str, float]:
    """Weights of a portfolio by ticker, fractions.

    Parameters
    ----------
    portfolio : ModelPortfolio
    """
    return {str(ticker): float(weight) for ticker, weight in portfolio.weights.items()}


def _decision(session: int, account: Account, reading: Reading | Refusal) -> Decision | Refusal:
    if isinstance(reading, Refusal):
        return reading
    around, rules, standing = account.around, account.model.rebalance, account.standing
    day = around.days[session - around.first]
    lacks = around.sigma_b is not None and math.isnan(around.sigma_b[session - around.first])
    if lacks and standing is not None and "sigma_b" in needs(rules):
        why = (
            f"the volatility of {around.benchmark} cannot be estimated on {day:%Y-%m-%d}: a close within "
            f"the {account.model.risk_model.window_days} days before is missing or misprinted"
        )
        return Refusal(account.model.id, f"{day:%Y-%m-%d}", why)
    try:
        return decide(rules, state_on(around, rules, standing, session, reading))
    except BAD_INPUT as error:
        return Refusal(account.model.id, f"{day:%Y-%m-%d}", str(error))
