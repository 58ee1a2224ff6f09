"""Trades as rebalancing systems import them: CSV with account, ticker, action, shares, price, value."""

from __future__ import annotations

import csv
import io

from aggplus.accounts.order import TradeList
from aggplus.cell_text import no_formula

COLUMNS = ("account", "ticker", "action", "shares", "price", "value")


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
