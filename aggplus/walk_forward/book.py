"""The running account of one model in a walk: what it holds, what it has earned, and what was decided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.portfolio import ModelPortfolio
from aggplus.walk_forward.closes import CLOSED_AFTER, Closes, path_of
from aggplus.walk_forward.standing import Standing, Surroundings, takes_the_estimate
from aggplus.walk_forward.track_record import Miss, PayOut, Rebalance, TrackRecord
from optimizer import Correlation, RiskScaling
from optimizer.scheduling import Decision, decide, horizon_gain_bp
from riskmodels.risk_model import TRADING_DAYS
from universe import Market

_BP = 1e4


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
        self.scaled_at: Correlation | None = None
        self.sigma_b_at_solve: float | None = None
        self.takes_the_estimate = takes_the_estimate(model.rebalance, around.sigma_b is not None)
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

    def day(self, session: int) -> pd.Timestamp:
        """The date of a session.

        Parameters
        ----------
        session : int
        """
        return self.around.days[session - self.first]

    def holdings(self, session: int) -> dict[str, float] | None:
        """Weights at a close, fractions; funds that have closed are cash. None before the first portfolio.

        Parameters
        ----------
        session : int
        """
        if self.standing is None:
            return None
        path = self.standing.path
        weights = path.weights(max(session, path.start)).tolist()
        silent = self._closes.silent_for[session]
        return {
            ticker: weight
            for ticker, weight in zip(path.tickers, weights, strict=True)
            if weight > 0.0 and silent[self._closes.column[ticker]] < CLOSED_AFTER
        }

    def own_record(self, session: int) -> pd.Series | None:
        """Daily net returns up to a close, where the target asks for them.

        Parameters
        ----------
        session : int
        """
        if not isinstance(self.model.target, RiskScaling) or session == self.first:
            return None
        at = session - self.first
        return pd.Series(self._net()[1 : at + 1], index=pd.DatetimeIndex(self.around.days[1 : at + 1]))

    def carry_out(self, session: int) -> None:
        """Trade what was decided the day before, and note funds that have closed.

        Parameters
        ----------
        session : int
        """
        if self._waiting is not None:
            solved, decision, portfolio = self._waiting
            self._waiting = None
            self._trade(solved, session, decision, portfolio)
        elif self.standing is not None:
            self._note_payouts(session)

    def hold(self, decision: Decision) -> None:
        """Nothing is done today.

        Parameters
        ----------
        decision : Decision
        """
        if self.standing is not None and decision.disarmed != self.standing.disarmed:
            self.standing = Standing(self.standing.solved, self.standing.path, decision.disarmed)

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
            self._warnings.setdefault(warning, self.day(session))
        if answer.status != "solved":
            self.hold(decision)
            self.miss(session, answer.status, decision.reasons, answer.findings)
            return
        if decision.action == "look":
            decision = self._weighed(session, decision, answer)
            if decision.action == "hold":
                self.hold(decision)
                return
        if self.model.rebalance.trade_delay_days and self.standing is not None and session < self.last:
            self._waiting = (session, decision, answer)
        else:
            self._trade(session, session, decision, answer)

    def record(self) -> TrackRecord:
        """The record, when the walk is over."""
        days = pd.DatetimeIndex(self.around.days[1:], name="date")
        benchmark = np.asarray(self.around.close)
        daily = pd.DataFrame(
            {
                "gross": self._gross[1:],
                "net": self._net()[1:],
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
            start=self.around.days[0],
            daily=daily,
            rebalances=tuple(self._rebalances),
            misses=tuple(self._misses),
            payouts=tuple(self._payouts),
            warnings=warnings,
        )

    def _net(self) -> np.ndarray:
        fee = self.model.costs.advisory_fee_bp / _BP / TRADING_DAYS
        net = (1.0 + self._gross) * (1.0 - self._cost) * (1.0 - fee) - 1.0
        return np.asarray(net)

    def _weighed(self, session: int, decision: Decision, portfolio: ModelPortfolio) -> Decision:
        """The decision again, with the gain of a solve and what it costs."""
        gain = self.model.rebalance.triggers.expected_gain
        if gain is None:
            return decision
        risk_model, held = portfolio.setting.risk_model, self.holdings(session) or {}
        # A fund that may not be held any more has no expected return, and none is made up for it.
        now = np.array([held.get(ticker, 0.0) for ticker in risk_model.tickers])
        gain_bp = horizon_gain_bp(risk_model.mu, portfolio.w, now, gain.horizon_days)
        _, cost = self._price_of(held, _plain(portfolio.weights))
        return decide(self.model.rebalance, replace(decision.state, gain_bp=gain_bp, cost_bp=cost * _BP))

    def _price_of(self, before: dict[str, float], after: dict[str, float]) -> tuple[float, float]:
        """One-way turnover and cost of a trade, fractions of the portfolio."""
        tickers = sorted({*before, *after})
        change = np.array([after.get(ticker, 0.0) - before.get(ticker, 0.0) for ticker in tickers])
        sectors = self._market.catalog["sector"].reindex(tickers).tolist()
        spreads = self.model.costs.half_spreads(tickers, sectors)
        # Cash counts as the funds do: buying from it is half a turnover.
        turnover = 0.5 * float(np.abs(change).sum() + abs(change.sum()))
        return turnover, float(spreads @ np.abs(change)) / _BP

    def _trade(self, solved: int, session: int, decision: Decision, portfolio: ModelPortfolio) -> None:
        before = self.holdings(session) or {}
        after = _plain(portfolio.weights)
        turnover, cost = self._price_of(before, after)
        path = path_of(self._closes, after, session, self.last)
        at, risk, certificate = session - self.first, portfolio.risk, portfolio.certificate
        if risk is None or certificate is None or portfolio.backend is None:
            raise ValueError(f"{portfolio!r}: only a solved portfolio can be traded to")
        self._gross[at + 1 :] = path.total[1:] / path.total[:-1] - 1.0
        self._cash[at:] = path.cash / path.total
        self._held[at:], self._volatility[at:], self._beta[at:] = len(after), risk.volatility, risk.beta
        if at:
            self._cost[at], self._turnover[at] = cost, turnover
        else:
            # The first return is the next day's, and the first purchase is paid from it.
            self._cost[1] = cost
        setting = portfolio.setting
        self.standing = Standing(solved, path, decision.disarmed_after_solve)
        self.sigma_b_at_solve = setting.risk_model.sigma_b
        self.scaled_at = Correlation(risk.correlation, "ex ante, of the last solve")
        self._rebalances.append(
            Rebalance(
                date=self.day(solved),
                traded=self.day(session),
                reasons=decision.reasons,
                before=before,
                after=after,
                turnover=turnover,
                cost=cost,
                target=setting.target.value,
                ex_ante=float(portfolio.target_figure or 0.0),
                kind=setting.target.kind,
                volatility=risk.volatility,
                beta=risk.beta,
                correlation=risk.correlation,
                benchmark_volatility=setting.risk_model.sigma_b,
                expected_return=float(portfolio.expected_return or 0.0),
                binding=bool(portfolio.binding),
                gap_bp=certificate.gap_bp,
                backend=portfolio.backend,
                notes=(*portfolio.fallbacks, *(str(concession) for concession in portfolio.given_up)),
            )
        )

    def _note_payouts(self, session: int) -> None:
        path = self.standing.path if self.standing is not None else None
        if path is None:
            return
        silent = self._closes.silent_for[session]
        for place, ticker in enumerate(path.tickers):
            if silent[self._closes.column[ticker]] == CLOSED_AFTER:
                weight = float(path.weights(session)[place])
                last = pd.Timestamp(self._closes.sessions[session - CLOSED_AFTER])
                self._payouts.append(PayOut(self.day(session), ticker, weight, last))


def _plain(weights: pd.Series) -> dict[str, float]:
    return {str(ticker): float(weight) for ticker, weight in weights.items()}
