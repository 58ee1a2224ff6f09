"""From a model portfolio to the trades of accounts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from aggplus.accounts.account import MOST_SHARES, Account, TradingRules
from aggplus.accounts.account_mandate import AccountMandate, account_mandate, breach_scale
from aggplus.accounts.integer_program import Nearest, RoundingError, RoundingProblem, nearest_shares
from aggplus.accounts.order import AccountTrades, Holding, Order, RefusedAccount, TradeList
from aggplus.errors import AccountError
from aggplus.one_thread import one_thread
from aggplus.portfolio import ModelPortfolio
from constraints import FUNDS, VOLATILITY
from universe.wording import did_you_mean

_SMALLEST_VALUE = 0.01

Ints = NDArray[np.int64]


def trades(
    portfolio: ModelPortfolio,
    account: Account,
    prices: Mapping[str, float],
    catalog: pd.DataFrame,
    rules: TradingRules,
) -> AccountTrades:
    """The trades that bring an account as near to its model as whole shares can.

    Funds of the model and those the account holds are traded; others are not bought.

    Parameters
    ----------
    portfolio : ModelPortfolio
        Solved.
    account : Account
    prices : mapping of ticker to float
        Money a share.
    catalog : DataFrame
        Of the market, by ticker.
    rules : TradingRules

    Raises
    ------
    AccountError
        When a ticker is unknown, a price is missing, or the account is worth nothing or beyond a billion shares.
    """
    if portfolio.status != "solved":
        raise AccountError(f"{portfolio.setting.model.name} is {portfolio.status}: there is nothing to trade towards")
    require_tickers(account.shares, catalog, f"account {account.name}")
    tickers = tuple(sorted({*map(str, portfolio.weights.index), *(t for t, n in account.shares.items() if n)}))
    require_prices(tickers, prices, f"account {account.name}")
    price = np.array([prices[ticker] for ticker in tickers])
    held: Ints = np.array([account.shares.get(ticker, 0) for ticker in tickers], dtype=np.int64)
    value = math.fsum([account.cash, *(price * held)])
    if value < _SMALLEST_VALUE:
        raise AccountError(f"account {account.name}: worth {value:.2f}; expected shares or cash to invest")
    cheapest = int(np.argmax(value / price))
    if not value / price[cheapest] <= MOST_SHARES:
        raise AccountError(
            f"account {account.name}: worth {value:.6g}, which buys {value / price[cheapest]:.3g} shares of "
            f"{tickers[cheapest]} at {price[cheapest]:.6g}; expected at most {MOST_SHARES:,} of a fund: "
            "look at shares, cash and prices"
        )
    weights = portfolio.weights.reindex(list(tickers), fill_value=0.0).to_numpy(dtype=float)
    mandate = account_mandate(portfolio, tickers, price * held / value, catalog)
    A, lower, upper, scale = mandate.rows
    turnover = mandate.compiled.turnover
    problem = RoundingProblem(
        price=price,
        held=held,
        target=weights * value,
        value=value,
        keep=np.isin(tickers, sorted(rules.do_not_sell)),
        min_trade=rules.min_trade,
        A=A,
        row_lower=lower,
        row_upper=upper,
        row_scale=scale,
        max_turnover=None if turnover is None else turnover.limit,
        max_holdings=mandate.few.max_holdings,
        holdings_scale=breach_scale(FUNDS),
        min_weight=mandate.few.min_weight,
        risk=mandate.risk,
        risk_scale=breach_scale(VOLATILITY),
    )
    try:
        nearest = nearest_shares(problem)
    except RoundingError as error:
        raise AccountError(f"account {account.name}: no trades found ({error}); report it") from None
    return _result(portfolio, account, problem, mandate, nearest)


def trades_for_accounts(
    portfolio: ModelPortfolio,
    accounts: Sequence[Account],
    prices: Mapping[str, float],
    catalog: pd.DataFrame,
    rules: TradingRules,
    refused: Sequence[RefusedAccount] = (),
    workers: int = 1,
) -> TradeList:
    """The trades of many accounts of one model; an account that cannot be traded does not stop the others.

    Parameters
    ----------
    portfolio : ModelPortfolio
        Without a solution no account is traded, and the result says why.
    accounts : sequence of Account
    prices, catalog, rules
        As for `trades`.
    refused : sequence of RefusedAccount
        Accounts that could not be read, to be told with the others.
    workers : int
        Processes.

    Raises
    ------
    AccountError
        When a fund of the model has no price, or the do-not-sell list names no fund of the catalog.
    """
    model = portfolio.setting.model.name
    require_tickers(rules.do_not_sell, catalog, "do not sell")
    require_prices([str(ticker) for ticker in portfolio.weights.index], prices, model)
    traded = accounts if portfolio.status == "solved" else ()
    chunks = [list(traded[i :: max(1, workers)]) for i in range(max(1, workers))]
    answers = Parallel(n_jobs=workers)(
        delayed(_chunk)(portfolio, chunk, dict(prices), catalog, rules) for chunk in chunks if chunk
    )
    outcomes = sorted((outcome for answer in answers for outcome in answer), key=lambda outcome: outcome.account)
    return TradeList(
        model=portfolio.setting.model.id,
        asof=f"{portfolio.setting.asof:%Y-%m-%d}",
        status=portfolio.status,
        findings=portfolio.findings,
        accounts=tuple(outcome for outcome in outcomes if isinstance(outcome, AccountTrades)),
        refused=(*refused, *(outcome for outcome in outcomes if isinstance(outcome, RefusedAccount))),
    )


def require_tickers(tickers: Mapping[str, int] | frozenset[str], catalog: pd.DataFrame, where: str) -> None:
    """Refuse tickers that no fund of the catalog bears.

    Parameters
    ----------
    tickers : mapping or set of str
    catalog : DataFrame
    where : str
        For print.

    Raises
    ------
    AccountError
    """
    for ticker in sorted(tickers):
        if ticker not in catalog.index:
            raise AccountError(f"{where}: {ticker!r} is no fund of the catalog{did_you_mean(ticker, catalog.index)}")


def require_prices(tickers: Sequence[str], prices: Mapping[str, float], where: str) -> None:
    """Refuse funds without a price that can be traded at.

    Parameters
    ----------
    tickers : sequence of str
    prices : mapping of ticker to float
    where : str
        For print.

    Raises
    ------
    AccountError
    """
    missing = [ticker for ticker in tickers if ticker not in prices]
    if missing:
        raise AccountError(f"{where}: no price of {', '.join(missing)}; add a line for each to the prices")
    for ticker in tickers:
        if not (math.isfinite(prices[ticker]) and prices[ticker] > 0.0):
            raise AccountError(f"{where}: the price of {ticker} is {prices[ticker]}; expected more than 0")


def _chunk(
    portfolio: ModelPortfolio,
    accounts: list[Account],
    prices: dict[str, float],
    catalog: pd.DataFrame,
    rules: TradingRules,
) -> list[AccountTrades | RefusedAccount]:
    with one_thread():
        return [_traded_or_refused(portfolio, account, prices, catalog, rules) for account in accounts]


def _traded_or_refused(
    portfolio: ModelPortfolio, account: Account, prices: dict[str, float], catalog: pd.DataFrame, rules: TradingRules
) -> AccountTrades | RefusedAccount:
    try:
        return trades(portfolio, account, prices, catalog, rules)
    except AccountError as error:
        return RefusedAccount(account.name, str(error))


def _result(
    portfolio: ModelPortfolio, account: Account, problem: RoundingProblem, mandate: AccountMandate, nearest: Nearest
) -> AccountTrades:
    tickers, price, held, value = mandate.compiled.tickers, problem.price, problem.held, problem.value
    shares = nearest.shares
    moved = shares - held
    # From the trades, and not from what is held: the cash of an account without trades stays what it was.
    cash = math.fsum([account.cash, *(-price * moved)])
    weights = price * shares / value
    orders = [
        Order(
            tickers[i],
            "BUY" if moved[i] > 0 else "SELL",
            abs(int(moved[i])),
            float(price[i]),
            float(price[i] * abs(moved[i])),
        )
        for i in np.flatnonzero(moved).tolist()
    ]
    still_held = {ticker for ticker, weight in zip(tickers, weights.tolist(), strict=True) if weight > 0.0}
    unknown = tuple(words for ticker, words in mandate.unknown if ticker in still_held)
    return AccountTrades(
        account=account.name,
        value=value,
        orders=tuple(sorted(orders, key=lambda order: (order.action == "BUY", order.ticker))),
        holdings=tuple(
            Holding(
                t, int(held[i]), int(shares[i]), float(price[i]), float(weights[i]), float(problem.target[i] / value)
            )
            for i, t in enumerate(tickers)
        ),
        cash_before=account.cash,
        cash=max(0.0, cash),
        distance=float(np.abs(price * shares - problem.target).sum()),
        gap=nearest.gap,
        distance_before=float(np.abs(price * held - problem.target).sum()),
        breaches=mandate.breaches(weights),
        notes=(*unknown, *_unchecked(portfolio)),
    )


def _unchecked(portfolio: ModelPortfolio) -> tuple[str, ...]:
    """Clauses that the model was solved with and that no account is held to."""
    return tuple(
        f"{name!r} was given from Python: the model keeps it, the account is not held to it"
        for name in portfolio.setting.expressions
    )
