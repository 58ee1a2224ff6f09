"""What trades of accounts come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from aggplus.portfolio import Status
from optimizer.scheduling import Breach


@dataclass(frozen=True)
class Order:
    """One trade.

    Parameters
    ----------
    ticker : str
    action : {"BUY", "SELL"}
    shares : int
        At least 1.
    price, value : float
        Money a share and in all.
    """

    ticker: str
    action: Literal["BUY", "SELL"]
    shares: int
    price: float
    value: float


@dataclass(frozen=True)
class Holding:
    """A fund of the account or of the model.

    Parameters
    ----------
    ticker : str
    before, after : int
        Shares.
    price : float
    weight, target : float
        Fractions of the account's value, after the trades and by the model.
    """

    ticker: str
    before: int
    after: int
    price: float
    weight: float
    target: float


@dataclass(frozen=True)
class AccountTrades:
    """The trades that bring one account as near to its model as whole shares can.

    Parameters
    ----------
    account : str
    value : float
        Money, cash included.
    orders : tuple of Order
        Sales first, then by ticker.
    holdings : tuple of Holding
    cash_before, cash : float
        Never negative.
    distance, distance_before : float
        Sum over the funds of |value - model value|, money.
    gap : float
        By how much money the distance may at most be above the smallest possible: proven.
    breaches : tuple of Breach
        Clauses that do not hold afterwards; values and limits in the units of the optimizer.
    notes : tuple of str
        What a reader has to know.
    """

    account: str
    value: float
    orders: tuple[Order, ...]
    holdings: tuple[Holding, ...]
    cash_before: float
    cash: float
    distance: float
    distance_before: float
    gap: float
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """Each breach in one phrase: "position cap at 25.1 %, limit 25 %"."""
        return tuple(
            f"{b.clause} at {b.unit.show(float(f'{b.value:.6g}'))}, limit {b.unit.show(float(f'{b.limit:.6g}'))}, "
            f"off by {b.unit.show(float(f'{abs(b.value - b.limit):.3g}'))}"
            for b in self.breaches
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return {
            "account": self.account,
            "value": self.value,
            "cash_before": self.cash_before,
            "cash": self.cash,
            "distance": self.distance,
            "gap": self.gap,
            "distance_before": self.distance_before,
            "orders": [asdict(order) for order in self.orders],
            "holdings": [asdict(holding) for holding in self.holdings],
            "breaches": [
                {"clause": b.clause, "value": b.value, "limit": b.limit, "unit": b.unit.name} for b in self.breaches
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class RefusedAccount:
    """An account that could not be traded, and why, in one line."""

    account: str
    why: str


@dataclass(frozen=True)
class TradeList:
    """The trades of one model's accounts on a day.

    Parameters
    ----------
    model, asof : str
    status : {"solved", "infeasible", "failed"}
        Of the model; unless it is solved there are no accounts.
    findings : tuple of str
        Why there is no portfolio to trade towards.
    accounts : tuple of AccountTrades
    refused : tuple of RefusedAccount
    """

    model: str
    asof: str
    status: Status
    findings: tuple[str, ...]
    accounts: tuple[AccountTrades, ...]
    refused: tuple[RefusedAccount, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return {
            "model": self.model,
            "asof": self.asof,
            "status": self.status,
            "findings": list(self.findings),
            "accounts": [account.to_dict() for account in self.accounts],
            "refused": [asdict(refusal) for refusal in self.refused],
        }
