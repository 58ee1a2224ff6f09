"""From model to account: whole shares nearest to a model, within its clauses."""

from aggplus.accounts.account import Account, TradingRules
from aggplus.accounts.import_file import csv_bytes
from aggplus.accounts.order import AccountTrades, Holding, Order, RefusedAccount, TradeList
from aggplus.accounts.reading import (
    account_files,
    last_closes,
    other_files,
    read_account,
    read_prices,
    read_single_account,
)
from aggplus.accounts.trading import trades, trades_for_accounts
from aggplus.accounts.view import trades_view

__all__ = [
    "Account",
    "AccountTrades",
    "Holding",
    "Order",
    "RefusedAccount",
    "TradeList",
    "TradingRules",
    "account_files",
    "csv_bytes",
    "last_closes",
    "other_files",
    "read_account",
    "read_prices",
    "read_single_account",
    "trades",
    "trades_for_accounts",
    "trades_view",
]
