"""Does a model need a new solve today? Decided by the same steps as in a walk, from its last trade on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aggplus.batch import Request, questions_of, solve_day
from aggplus.errors import BAD_INPUT
from aggplus.holdings import checked_holdings, require_known_tickers
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.one_thread import one_thread
from aggplus.portfolio import ModelPortfolio
from aggplus.targeting import scaled_by
from aggplus.track import by_day
from aggplus.walks.benchmark_volatility import reads_alone
from aggplus.walks.book import net_of
from aggplus.walks.closes import Closes, Path, path_of
from aggplus.walks.deciding import Account, decisions_on, weighed
from aggplus.walks.last_solve import Check, CheckRequest, LastSolve
from aggplus.walks.period import require_benchmark
from aggplus.walks.standing import Standing
from aggplus.walks.walk import surroundings
from optimizer import Correlation, RiskScaling
from optimizer.scheduling import Decision
from universe import Market, MarketError, close_on

Day = str | dt.date | pd.Timestamp


def check(
    model: Model,
    market: Market,
    asof: Day | None = None,
    holdings: Mapping[str, float] | pd.Series | None = None,
    solved: Day | None = None,
    record: pd.Series | None = None,
) -> Check:
    """Whether a model needs a new solve, as a walk would decide it.

    Parameters
    ----------
    model : Model
    market : Market
    asof : date, optional
        By default the market's last close.
    holdings : mapping or Series of ticker to weight, optional
        As at the last trade, fractions; without them there is no portfolio yet.
    solved : date, optional
        Day of the solve that they come from.
    record : Series, optional
        The model's own daily net returns so far, for `risk_scaling`.

    Raises
    ------
    MarketError, EstimationError, MandateError, OptimizerError
        When the input cannot be used.
    """
    weights = checked_holdings(holdings)
    if (weights is None) != (solved is None):
        raise MarketError("holdings and the day they were solved on belong together: give both, or neither")
    last = None if weights is None or solved is None else LastSolve(solved, weights)
    [found] = check_together([CheckRequest(model, last, record)], market, asof)
    if isinstance(found, Refusal):
        raise MarketError(found.why)
    return found


def decision_on(
    model: Model, market: Market, asof: Day | None, last: LastSolve | None, record: pd.Series | None = None
) -> Decision:
    """What a walk that last solved so decides on a day.

    Parameters
    ----------
    model : Model
    market : Market
    asof : date or None
    last : LastSolve or None
    record : Series or None

    Raises
    ------
    MarketError
        When the input cannot be used.
    """
    [found] = check_together([CheckRequest(model, last, record)], market, asof)
    if isinstance(found, Refusal):
        raise MarketError(found.why)
    return found.decision


def check_together(
    requests: Sequence[CheckRequest], market: Market, asof: Day | None = None
) -> tuple[Check | Refusal, ...]:
    """Check several models on one day; those with the same rules share screens, estimates and solves.

    Parameters
    ----------
    requests : sequence of CheckRequest
    market : Market
    asof : date, optional
        By default the market's last close.

    Returns
    -------
    tuple of Check or Refusal
        In the order of the requests. Each is the one that its model gets alone.

    Raises
    ------
    MarketError
        When the day lies outside the market.
    """
    closes = Closes(market)
    session = int(closes.sessions.searchsorted(close_on(market, asof).date))
    with one_thread():
        followed = [_followed(request, closes, session) for request in requests]
        live = [found for found in followed if isinstance(found, _Followed)]
        for at in range(min((found.solved for found in live), default=session) + 1, session):
            live = _stepped(at, live, market)
        stepped = iter(live)
        return _checked([next(stepped) if isinstance(one, _Followed) else one for one in followed], market, session)


@dataclass(frozen=True, eq=False)
class _Followed:
    """A model on its way from its last trade to the day.

    Parameters
    ----------
    account : Account
        With the record up to the day.
    solved : int
        Session of the last solve; the day's where there is none.
    """

    account: Account
    solved: int

    def at(self, session: int) -> Account:
        """The account at a close."""
        record, around = self.account.record, self.account.around
        if record is None:
            return self.account
        return replace(self.account, record=record.loc[: around.days[session - around.first]])

    def held_on(self, decision: Decision | Refusal) -> _Followed:
        """The day after a close at which nothing was done."""
        standing = self.account.standing
        if isinstance(decision, Refusal) or standing is None or decision.disarmed == standing.disarmed:
            return self
        return replace(self, account=replace(self.account, standing=replace(standing, disarmed=decision.disarmed)))


def _stepped(session: int, followed: list[_Followed], market: Market) -> list[_Followed]:
    """One close on, at which nobody traded."""
    reached = [one for one in followed if one.solved < session]
    decided = iter(decisions_on(session, [one.at(session) for one in reached], market))
    return [one.held_on(next(decided)) if one.solved < session else one for one in followed]


def _checked(followed: list[_Followed | Refusal], market: Market, session: int) -> tuple[Check | Refusal, ...]:
    """The decisions of the day; what has to be looked at is solved."""
    accounts = [one.at(session) for one in followed if isinstance(one, _Followed)]
    decided = decisions_on(session, accounts, market)
    looks = [place for place, decision in enumerate(decided) if _action(decision) == "look"]
    if looks:
        around = accounts[0].around
        requests = [accounts[place].request(session) for place in looks]
        for place, request, answer in zip(
            looks, requests, solve_day(requests, market, around.days[session - around.first]), strict=True
        ):
            decided[place] = _looked_at(decided[place], request, answer, market)
    verdicts = iter(zip(accounts, decided, strict=True))
    return tuple(_check(*next(verdicts), session) if isinstance(one, _Followed) else one for one in followed)


def _action(decision: Decision | Refusal) -> str:
    return "refused" if isinstance(decision, Refusal) else decision.action


def _looked_at(
    decision: Decision | Refusal, request: Request, answer: ModelPortfolio | Refusal, market: Market
) -> Decision | Refusal:
    if isinstance(answer, Refusal) or isinstance(decision, Refusal):
        return answer if isinstance(answer, Refusal) else decision
    if answer.status != "solved":
        why = f"a solve to look at its gain is {answer.status}: {'; '.join(answer.findings)}"
        return Refusal(request.model.id, f"{decision.state.day:%Y-%m-%d}", why)
    return weighed(decision, answer, request.holdings or {}, market)


def _check(account: Account, decision: Decision | Refusal, session: int) -> Check | Refusal:
    if isinstance(decision, Refusal):
        return decision
    around, standing = account.around, account.standing
    return Check(
        model=account.model,
        day=around.days[session - around.first],
        decision=decision,
        solved=None if standing is None else around.days[standing.solved - around.first],
        holdings=None if standing is None else standing.holdings(session),
        record=account.record,
    )


def _followed(request: CheckRequest, closes: Closes, session: int) -> _Followed | Refusal:
    model, market, day = request.model, closes.market, pd.Timestamp(closes.sessions[session])
    try:
        require_benchmark(model, market)
        if request.last is None:
            return _Followed(Account(model, surroundings(closes, model, session, session), None, None), session)
        solved = int(closes.sessions.searchsorted(close_on(market, request.last.solved).date))
        if solved > session:
            raise MarketError(
                f"{model.name} was last solved on {closes.sessions[solved]:%Y-%m-%d}, which is after {day:%Y-%m-%d}: "
                "check a later day"
            )
        traded = solved + model.rebalance.trade_delay_days
        if request.last.traded is not None:
            traded = max(solved, int(closes.sessions.searchsorted(close_on(market, request.last.traded).date)))
        # Before the close of the trade the portfolio stands as it is going to be bought.
        traded = min(traded, session)
        path = path_of(closes, _bought(request.last, closes, model, traded), traded, session)
        record = _record_so_far(request, closes, path)
        standing = _remembered(request, closes, Standing(solved, path, frozenset(), None, None), record)
        return _Followed(Account(model, surroundings(closes, model, solved, session), standing, record), solved)
    except BAD_INPUT as error:
        return Refusal(model.id, f"{day:%Y-%m-%d}", str(error))


def _bought(last: LastSolve, closes: Closes, model: Model, session: int) -> dict[str, float]:
    """The weights traded to, checked: each fund had a price by then."""
    weights = checked_holdings(last.weights) or {}
    require_known_tickers(model, closes.market, weights)
    for ticker in weights:
        column = closes.column.get(ticker)
        if column is None or np.isnan(closes.last_known[session, column]):
            raise MarketError(
                f"holdings: {ticker} has no price in {closes.market.name} by {closes.sessions[session]:%Y-%m-%d}, when "
                "it is said to have been bought: check the ticker and the day of the solve"
            )
    return {ticker: weight for ticker, weight in weights.items() if weight > 0.0}


def _record_so_far(request: CheckRequest, closes: Closes, path: Path) -> pd.Series | None:
    """The model's own record up to the day, days that it lacks since the trade filled in from what was held."""
    if not isinstance(request.model.target, RiskScaling):
        return None
    gross = path.total[1:] / path.total[:-1] - 1.0
    days = closes.sessions[path.start + 1 : path.start + len(path.total)]
    held = pd.Series(net_of(request.model, gross, np.zeros_like(gross)), index=days)
    if request.record is None:
        return held
    given = by_day(request.record)
    whole: pd.Series = pd.concat([given, held.loc[~days.isin(given.index)]]).sort_index()
    return whole.loc[: closes.sessions[path.start + len(path.total) - 1]]


def _remembered(request: CheckRequest, closes: Closes, standing: Standing, record: pd.Series | None) -> Standing:
    """The standing with what the last solve left behind, worked out where it is not given."""
    model, last, triggers = request.model, request.last, request.model.rebalance.triggers
    if last is None:
        return standing
    day = pd.Timestamp(closes.sessions[standing.solved])
    then = None if record is None else record.loc[:day]
    if triggers.volatility_change is not None and not reads_alone(model.risk_model):
        [question] = questions_of([Request(model)], closes.market, day)
        if isinstance(question, Refusal):
            raise MarketError(f"{model.name}, last solved on {day:%Y-%m-%d}: {question.why}")
        standing = replace(standing, sigma_b=question.risk_model.sigma_b)
    if triggers.risk_drift is not None and isinstance(model.target, RiskScaling):
        standing = replace(standing, scaled_by=_scaled_by(request.model, last, then, closes.market, day))
    if last.disarmed is not None:
        return replace(standing, disarmed=last.disarmed)
    account = Account(model, surroundings(closes, model, standing.solved, standing.solved), standing, then)
    [decision] = decisions_on(standing.solved, [account], closes.market)
    return standing if isinstance(decision, Refusal) else replace(standing, disarmed=decision.disarmed_after_solve)


def _scaled_by(
    model: Model, last: LastSolve, record: pd.Series | None, market: Market, day: pd.Timestamp
) -> Correlation | None:
    if last.scaled_by is not None:
        return Correlation(last.scaled_by, "of the last solve")
    [again] = solve_day([Request(model, last.before, record)], market, day)
    if isinstance(again, Refusal):
        raise MarketError(f"{model.name}, last solved on {day:%Y-%m-%d}: {again.why}")
    return scaled_by(model.target, again.setting.risk_model, again.setting.target)
