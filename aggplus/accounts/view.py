"""Trades in print."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.accounts.order import AccountTrades, TradeList

_SHOWN = 20


def trades_view(trade_list: TradeList) -> RenderableType:
    """One account with all its orders, or a summary of many, with whatever does not hold.

    Parameters
    ----------
    trade_list : TradeList
    """
    heading = Text(f"Trades for {trade_list.model} on {trade_list.asof}", style="bold")
    accounts, refused = trade_list.accounts, trade_list.refused
    if len(accounts) == 1 and not refused:
        return Group(heading, *_one(accounts[0]))
    return Group(heading, *_summary(trade_list))


def _one(account: AccountTrades) -> list[RenderableType]:
    orders = _table("action", "ticker", "shares", "price", "value", text=2)
    for order in account.orders:
        orders.add_row(
            order.action, Text(order.ticker), f"{order.shares:,}", f"{order.price:,.4f}", f"{order.value:,.2f}"
        )
    after = _table("ticker", "shares", "weight", "model", text=1)
    for held in account.holdings:
        after.add_row(Text(held.ticker), f"{held.after:,}", f"{100 * held.weight:.2f} %", f"{100 * held.target:.2f} %")
    share = 100.0 / account.value
    after.add_row("cash", "", f"{share * account.cash:.2f} %", "0.00 %")
    return [
        Text(f"Account {account.account}, worth {account.value:,.2f}\n"),
        orders if account.orders else Text("No trades: the account is as near to the model as it can be."),
        Text(),
        after,
        Text(
            f"\nCash {account.cash:,.2f}; distance to the model {account.distance:,.2f} "
            f"({share * account.distance:.2f} %), before the trades {account.distance_before:,.2f}: "
            f"in whole shares at most {account.gap:,.2f} above the smallest possible"
        ),
        *_findings(account),
    ]


def _findings(account: AccountTrades) -> list[Text]:
    lines = [Text(f"Does not hold: {words}", style="bold red") for words in account.told]
    if not lines:
        lines.append(Text("Every clause of the mandate holds.", style="green"))
    return lines + [Text(f"Note: {note}", style="yellow") for note in account.notes]


def _summary(trade_list: TradeList) -> list[RenderableType]:
    accounts, refused = trade_list.accounts, trade_list.refused
    table = _table("account", "value", "orders", "traded", "cash", "distance", "clauses", text=1)
    # Those with something to tell first.
    for account in sorted(accounts, key=lambda account: -len(account.breaches))[:_SHOWN]:
        table.add_row(
            Text(account.account),
            f"{account.value:,.2f}",
            str(len(account.orders)),
            f"{sum(order.value for order in account.orders):,.2f}",
            f"{100 * account.cash / account.value:.2f} %",
            f"{100 * account.distance / account.value:.2f} %",
            f"{len(account.breaches)} broken" if account.breaches else "hold",
        )
    broken = [account for account in accounts if account.breaches]
    noted = [account for account in accounts if account.notes]
    parts: list[RenderableType] = [
        Text(
            f"{len(accounts)} account{'' if len(accounts) == 1 else 's'} worth {sum(a.value for a in accounts):,.2f}, "
            f"{sum(len(a.orders) for a in accounts)} orders; {len(accounts) - len(broken)} keep every clause, "
            f"{len(broken)} do not; {len(refused)} refused\n"
        )
    ]
    parts += [table] if accounts else []
    if len(accounts) > _SHOWN:
        parts.append(Text(f"and {len(accounts) - _SHOWN} more"))
    parts += [Text(f"{a.account} does not hold: {'; '.join(a.told)}", style="bold red") for a in broken]
    parts += [Text(f"{a.account}, note: {'; '.join(a.notes)}", style="yellow") for a in noted[:_SHOWN]]
    parts += [Text(f"Refused: {refusal.why}", style="bold red") for refusal in refused]
    return parts


def _table(*columns: str, text: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < text else "right", no_wrap=True)
    return table
