"""An account: whole shares by ticker, and cash."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from aggplus.errors import AccountError

MOST_SHARES = 1_000_000_000
"""Of a fund in an account: more is a misprint, and beyond what whole numbers in a solver are good for."""


@dataclass(frozen=True)
class Account:
    """What a client holds.

    Parameters
    ----------
    name : str
    shares : mapping of str to int
        Whole shares by ticker, none negative, at most a billion.
    cash : float
        Money in the currency of the prices, not negative.

    Raises
    ------
    AccountError
        When a number of shares is negative, no whole number or beyond a billion, or the cash is negative.
    """

    name: str
    shares: Mapping[str, int]
    cash: float = 0.0

    def __post_init__(self) -> None:
        for ticker, shares in self.shares.items():
            if not (math.isfinite(shares) and shares == int(shares) and 0 <= shares <= MOST_SHARES):
                expected = f"expected a whole number from 0 to {MOST_SHARES:,}"
                raise AccountError(f"account {self.name}: {ticker} = {shares} shares; {expected}")
        if not (math.isfinite(self.cash) and self.cash >= 0.0):
            raise AccountError(f"account {self.name}: cash is {self.cash}; expected money of at least 0")

    def value(self, prices: Mapping[str, float]) -> float:
        """Worth of shares and cash at prices of every fund held."""
        return math.fsum([self.cash, *(shares * prices[ticker] for ticker, shares in self.shares.items())])


@dataclass(frozen=True)
class TradingRules:
    """What trades have to keep to.

    Parameters
    ----------
    min_trade : float
        A fund is not traded, or for at least this much money; zero for no such rule.
    do_not_sell : frozenset of str
        Tickers of which no share is sold.

    Raises
    ------
    AccountError
        When the smallest trade is no amount of money.
    """

    min_trade: float = 0.0
    do_not_sell: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.min_trade) and self.min_trade >= 0.0):
            raise AccountError(f"the smallest trade is {self.min_trade}; expected money of at least 0")
