"""Accounts and prices from files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from aggplus.accounts.account import Account
from aggplus.accounts.tables import read_table
from aggplus.errors import AccountError
from universe import Market

CASH = "CASH"
"""The line of a holdings file whose figure is money."""


def read_account(path: Path, cash: float | None) -> Account:
    """An account from a CSV with the columns `ticker` and `shares`, named as the file is.

    Parameters
    ----------
    path : Path
    cash : float or None
        Money, where the file has no line CASH; none at all where neither says.

    Raises
    ------
    AccountError
        When the file cannot be used, naming the line.
    """
    shares: dict[str, int] = {}
    money = 0.0 if cash is None else cash
    for line in read_table(path, "ticker", "shares"):
        figure = line.value("cash" if line.key.upper() == CASH else "shares")
        if figure < 0.0:
            what = "cash" if line.key.upper() == CASH else f"shares of {line.key}"
            raise AccountError(f"{line.place}: {what} = {line.figure}; expected at least 0; none is sold short")
        if line.key.upper() == CASH:
            money = figure
        elif figure != int(figure):
            raise AccountError(f"{line.place}: {line.figure} shares of {line.key}; expected a whole number")
        else:
            shares[line.key] = int(figure)
    return Account(path.stem, shares, money)


def account_files(folder: Path) -> list[Path]:
    """The CSV files of a folder, by name.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    AccountError
        When it is no folder, or has none.
    """
    if not folder.is_dir():
        raise AccountError(f"{folder}: not a folder; expected one with a CSV file (ticker, shares) an account")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    if not files:
        raise AccountError(f"{folder}: no accounts in it; expected a CSV file (ticker, shares) an account")
    return files


def read_prices(path: Path) -> dict[str, float]:
    """Prices by ticker from a CSV with the columns `ticker` and `price`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    AccountError
        When the file cannot be used or a price is not above 0, naming the line.
    """
    prices: dict[str, float] = {}
    for line in read_table(path, "ticker", "price"):
        prices[line.key] = line.value("price")
        if prices[line.key] <= 0.0:
            raise AccountError(f"{line.place}: price of {line.key} = {line.figure}; expected more than 0")
    return prices


def last_closes(market: Market, day: pd.Timestamp) -> dict[str, float]:
    """The closes of a day, by ticker, of the funds that traded on it.

    Whoever asks for them vouches that they are prices that can be traded at: adjusted closes are relative levels, of
    which only changes mean anything.

    Parameters
    ----------
    market : Market
    day : Timestamp
        A day with a close.
    """
    closes = market.prices.loc[[day]].iloc[0].dropna()
    return dict(zip(map(str, closes.index), closes.astype(float).tolist(), strict=True))
