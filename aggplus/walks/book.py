"""The running account of one model in a walk: what it holds, what it has earned, and what was decided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.portfolio import ModelPortfolio
from aggplus.targeting import scaled_by
from aggplus.walks.closes import CLOSED_AFTER, Closes, Floats, path_of
from aggplus.walks.deciding import Account, needs_estimate, plain_weights, weighed
from aggplus.walks.quarantined_holdings import quarantined_holdings
from aggplus.walks.standing import Standing, Surroundings
from aggplus.walks.track_record import Miss, PayOut, Rebalance, TrackRecord
from aggplus.walks.trading import BP, price_of_trade
from optimizer import RiskScaling
from optimizer.scheduling import Decision, triggers_of
from riskmodels.returns import TRADING_DAYS
from universe import Market


class Book:
    """Follows one model through a walk, close by close.

    A walk is the one thing here that goes on from day to day, so this is the one object that changes.

    Parameters
    ----------
    model : Model
    market : Market
    closes : Closes
    around : Surroundings
    first, last : int
        Sessions of the walk.
    """

    def __init__(
        self, model: Model, market: Market, closes: Closes, around: Surroundings, first: int, last: int
    ) -> None:
        self.model, self.around = model, around
        self.first, self.last = first, last
        self.standing: Standing | None = None
        self._takes_the_estimate = needs_estimate(model, around)
        self._market, self._closes = market, closes
        days = last - first + 1
        self._gross, self._cost, self._turnover = np.zeros(days), np.zeros(days), np.zeros(days)
        self._volatility, self._beta, self._cash = np.full(days, np.nan), np.full(days, np.nan), np.ones(days)
        self._held = np.zeros(days, dtype=np.int64)
        self._waiting: tuple[int, Decision, ModelPortfolio] | None = None
        self._rebalances: list[Rebalance] = []
        self._misses: list[Miss] = []
        self._payouts: list[PayOut] = []
        self._warnings: dict[str, pd.Timestamp] = {}
        self._readings: dict[int, tuple[float | None, ...]] = {}
        self._decided: Decision | None = None

    def day(self, session: int) -> pd.Timestamp:
        """The date of a session.

        Parameters
        ----------
        session : int
        """
        return self.around.days[session - self.first]

    def account(self, session: int) -> Account:
        """Where the model stands at a close.

        Parameters
        ----------
        session : int
        """
        record = self.own_record(session) if self._takes_the_estimate else None
        return Account(self.model, self.around, self.standing, record)

    def own_record(self, session: int) -> pd.Series | None:
        """Daily net returns up to a close, where the target asks for them.

        Parameters
        ----------
        session : int
        """
        if not isinstance(self.model.target, RiskScaling) or session == self.first:
            return None
        at = session - self.first
        days = pd.DatetimeIndex(self.around.days[1 : at + 1])
        return pd.Series(net_of(self.model, self._gross[1 : at + 1], self._cost[1 : at + 1]), index=days)

    def carry_out(self, session: int) -> None:
        """Note funds that have closed, and trade what was decided the day before.

        Parameters
        ----------
        session : int
        """
        if self.standing is not None:
            self._note_payouts(session)
        if self._waiting is not None:
            solved, decision, portfolio = self._waiting
            self._waiting = None
            self._trade(solved, session, decision, portfolio)

    def note(self, session: int, decision: Decision) -> None:
        """Keep what the triggers read.

        Parameters
        ----------
        session : int
        decision : Decision
        """
        self._decided = decision
        if decision.readings:
            self._readings[session] = tuple([reading.value for reading in decision.readings])

    def hold(self, decision: Decision) -> None:
        """Nothing is done today.

        Parameters
        ----------
        decision : Decision
        """
        if self.standing is not None and decision.disarmed != self.standing.disarmed:
            self.standing = replace(self.standing, disarmed=decision.disarmed)

    def miss(self, session: int, status: str, reasons: tuple[str, ...], findings: tuple[str, ...]) -> None:
        """A solve brought no portfolio; what is held stays.

        Parameters
        ----------
        session : int
        status : str
        reasons, findings : tuple of str
        """
        self._misses.append(Miss(self.day(session), status, reasons, findings))

    def take(self, session: int, decision: Decision, answer: ModelPortfolio | Refusal) -> None:
        """What a solve of the day came to.

        Parameters
        ----------
        session : int
        decision : Decision
            Called for it: "resolve", or "look".
        answer : ModelPortfolio or Refusal
        """
        if isinstance(answer, Refusal):
            self.hold(decision)
            self.miss(session, "refused", decision.reasons, (answer.why,))
            return
        for warning in answer.setting.warnings:
            # A warning that names its day would be a new one every time.
            day = self.day(session)
            self._warnings.setdefault(warning.replace(f"{day:%Y-%m-%d}", "the day"), day)
        if answer.status != "solved":
            self.hold(decision)
            self.miss(session, answer.status, decision.reasons, answer.findings)
            return
        if decision.action == "look":
            held = {} if self.standing is None else self.standing.holdings(session)
            decision = weighed(decision, answer, held, self._market)
            self.note(session, decision)
            if decision.action == "hold":
                self.hold(decision)
                return
        # A walk starts with a portfolio in place; whatever is solved later waits as the rules say.
        if not self.model.rebalance.trade_delay_days or session == self.first:
            self._trade(session, session, decision, answer)
        elif session < self.last:
            self._waiting = (session, decision, answer)
        else:
            self.miss(session, "not traded", decision.reasons, ("the walk ends before the close of the trade",))

    def record(self) -> TrackRecord:
        """The record, when the walk is over."""
        days = pd.DatetimeIndex(self.around.days[1:], name="date")
        benchmark = np.asarray(self.around.close)
        daily = pd.DataFrame(
            {
                "gross": self._gross[1:],
                "net": net_of(self.model, self._gross[1:], self._cost[1:]),
                "benchmark": benchmark[1:] / benchmark[:-1] - 1.0,
                "cost": self._cost[1:],
                "turnover": self._turnover[1:],
                "holdings": self._held[1:],
                "volatility": self._volatility[1:],
                "beta": self._beta[1:],
                "cash": self._cash[1:],
            },
            index=days,
        )
        warnings = tuple(f"{words} (first on {day:%Y-%m-%d})" for words, day in self._warnings.items())
        return TrackRecord(
            model=self.model,
            market=self._market.name,
            simulated=self._market.simulated,
            start=self.around.days[0],
            daily=daily,
            rebalances=tuple(self._rebalances),
            misses=tuple(self._misses),
            payouts=tuple(self._payouts),
            warnings=warnings + quarantined_holdings(self._market.quarantine, self._rebalances, days[-1]),
            readings=self._table_of_readings(),
            last_decision=self._decided,
        )

    def _table_of_readings(self) -> pd.DataFrame:
        names = [trigger.name for trigger in triggers_of(self.model.rebalance)]
        days = pd.DatetimeIndex([self.day(session) for session in self._readings], name="date")
        return pd.DataFrame(list(self._readings.values()), index=days, columns=names, dtype=float)

    def _trade(self, solved: int, session: int, decision: Decision, portfolio: ModelPortfolio) -> None:
        before = {} if self.standing is None else self.standing.holdings(session)
        after = plain_weights(portfolio)
        turnover, cost = price_of_trade(self.model, self._market, before, after)
        path = path_of(self._closes, after, session, self.last)
        at, risk, certificate = session - self.first, portfolio.risk, portfolio.certificate
        if risk is None or certificate is None or portfolio.backend is None:
            raise ValueError(f"{portfolio!r}: only a solved portfolio can be traded to")
        self._gross[at + 1 :] = path.total[1:] / path.total[:-1] - 1.0
        self._cash[at:], self._held[at:] = path.cash / path.total, path.count
        self._volatility[at:], self._beta[at:] = risk.volatility, risk.beta
        # The first return is the next day's: the purchase of the first day is paid from it, beside its own trade.
        self._cost[max(at, 1)] += cost
        if self.standing is not None:
            self._turnover[at] = turnover
        setting = portfolio.setting
        scaled = scaled_by(self.model.target, setting.risk_model, setting.target)
        self.standing = Standing(solved, path, decision.disarmed_after_solve, setting.risk_model.sigma_b, scaled)
        self._rebalances.append(
            Rebalance(
                date=self.day(solved),
                traded=self.day(session),
                decision=decision,
                before=before,
                after=after,
                turnover=turnover,
                cost=cost,
                target=setting.target.value,
                ex_ante=float(portfolio.target_figure or 0.0),
                kind=setting.target.kind,
                scaled_by=None if scaled is None else scaled.value,
                volatility=risk.volatility,
                beta=risk.beta,
                correlation=risk.correlation,
                benchmark_volatility=setting.risk_model.sigma_b,
                expected_return=float(portfolio.expected_return or 0.0),
                binding=bool(portfolio.binding),
                gap_bp=certificate.gap_bp,
                backend=portfolio.backend,
                notes=(*portfolio.fallbacks, *(given.words for given in portfolio.given_up)),
                shadow_prices=portfolio.shadow_prices,
            )
        )

    def _note_payouts(self, session: int) -> None:
        if self.standing is None or session <= self.standing.path.start:
            return
        path = self.standing.path
        at = session - path.start
        for place in np.flatnonzero(path.paid_out == at).tolist():
            weight = float(path.worth[at, place] / path.total[at])
            last = pd.Timestamp(self._closes.sessions[session - CLOSED_AFTER])
            self._payouts.append(PayOut(self.day(session), path.tickers[place], weight, last))


def net_of(model: Model, gross: Floats, cost: Floats) -> Floats:
    """Daily returns after trades and the adviser's fee, fractions.

    Parameters
    ----------
    model : Model
    gross, cost : ndarray, shape (T,)
        Fractions; a trade at a close is paid from the return of its day.
    """
    fee = model.costs.advisory_fee_bp / BP / TRADING_DAYS
    return np.asarray((1.0 + gross) * (1.0 - cost) * (1.0 - fee) - 1.0)
