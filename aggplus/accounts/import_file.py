"""Trades as rebalancing systems import them: CSV with account, ticker, action, shares, price, value."""

from __future__ import annotations

import csv
import io

from aggplus.accounts.order import TradeList

COLUMNS = ("account", "ticker", "action", "shares", "price", "value")
_FORMULA = ("=", "+", "-", "@", "\t")


def csv_bytes(trade_list: TradeList) -> bytes:
    """One line an order, in UTF-8.

    Parameters
    ----------
    trade_list : TradeList
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for account in trade_list.accounts:
        for order in account.orders:
            # Prices as they were given; a value in cents.
            money = (repr(order.price), f"{order.value:.2f}")
            writer.writerow([no_formula(account.account), no_formula(order.ticker), order.action, order.shares, *money])
    return text.getvalue().encode()


def no_formula(text: str) -> str:
    """Text that a spreadsheet takes for text: with an apostrophe before it where it would begin a formula.

    Line breaks become blanks: an importing system that reads line by line would take one order for two.

    Parameters
    ----------
    text : str
    """
    line = " ".join(text.splitlines()).strip(" ")
    return f"'{line}" if line.startswith(_FORMULA) else line
