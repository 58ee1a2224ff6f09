"""Trades of accounts as a workbook."""

from __future__ import annotations

from aggplus.accounts import TradeList
from aggplus.workbook.about import with_about
from aggplus.workbook.sheet import Column, Sheet, Shown, Value, in_print
from aggplus.workbook.writing import workbook_bytes

_UNITS = {
    "money": "the currency of the prices",
    "weights": "fraction of the account, shown as percent",
    "distance": "sum over the funds of what each is off the model, in money",
}


def trades_workbook(trade_list: TradeList) -> bytes:
    """Orders, accounts, holdings, clauses that do not hold, accounts refused, a sheet each.

    Parameters
    ----------
    trade_list : TradeList

    Returns
    -------
    bytes
        Content of an .xlsx file.
    """
    accounts = trade_list.accounts
    facts: dict[str, Value | Shown] = {
        "model": trade_list.model,
        "as of": trade_list.asof,
        "status": trade_list.status,
        "accounts": Shown(len(accounts), "count"),
    }
    sheets = [_orders(trade_list), _accounts(trade_list), _holdings(trade_list)]
    breaches = [
        (account.account, broken.clause, in_print(broken.value, broken.unit), in_print(broken.limit, broken.unit), told)
        for account in accounts
        for broken, told in zip(account.breaches, account.told, strict=True)
    ]
    columns = (Column("account"), Column("clause"), Column("value"), Column("limit"), Column("in words"))
    sheets += [Sheet("Breaches", columns, breaches)] if breaches else []
    refused = [(refusal.account, refusal.why) for refusal in trade_list.refused]
    sheets += [Sheet("Refused", (Column("account"), Column("why")), refused)] if refused else []
    notes = [*trade_list.findings, *(f"{account.account}: {note}" for account in accounts for note in account.notes)]
    return workbook_bytes(with_about(facts, _UNITS, notes, sheets))


def _orders(trade_list: TradeList) -> Sheet:
    columns = (
        Column("account"),
        Column("ticker"),
        Column("action"),
        Column("shares", "count"),
        Column("price", "money"),
        Column("value", "money"),
    )
    rows = [
        (account.account, order.ticker, order.action, order.shares, order.price, order.value)
        for account in trade_list.accounts
        for order in account.orders
    ]
    return Sheet("Orders", columns, rows)


def _accounts(trade_list: TradeList) -> Sheet:
    columns = (
        Column("account"),
        Column("value", "money"),
        Column("orders", "count"),
        Column("traded", "money"),
        Column("cash before", "money"),
        Column("cash", "money"),
        Column("distance before", "money"),
        Column("distance", "money"),
        Column("proven gap", "money"),
        Column("clauses broken", "count"),
    )
    rows = [
        (
            account.account,
            account.value,
            len(account.orders),
            sum(order.value for order in account.orders),
            account.cash_before,
            account.cash,
            account.distance_before,
            account.distance,
            account.gap,
            len(account.breaches),
        )
        for account in trade_list.accounts
    ]
    return Sheet("Accounts", columns, rows)


def _holdings(trade_list: TradeList) -> Sheet:
    columns = (
        Column("account"),
        Column("ticker"),
        Column("before", "count"),
        Column("after", "count"),
        Column("price", "money"),
        Column("weight", "percent"),
        Column("model", "percent"),
    )
    rows = [
        (account.account, held.ticker, held.before, held.after, held.price, held.weight, held.target)
        for account in trade_list.accounts
        for held in account.holdings
    ]
    return Sheet("Holdings", columns, rows)
