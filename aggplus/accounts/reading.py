"""Accounts and prices from files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from aggplus.accounts.account import MOST_SHARES, Account
from aggplus.client_tables import read_table
from aggplus.errors import AccountError
from universe import Market

CASH = "CASH"
"""The line of a holdings file whose figure is money."""

_NUMBER = "one such as 120"


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
    shares, money = _shares_and_cash(path)
    return Account(path.stem, shares, next((known for known in (money, cash) if known is not None), 0.0))


def read_single_account(path: Path, cash: float | None) -> Account:
    """As `read_account`, of one account: money from two places is one too many.

    Parameters
    ----------
    path : Path
    cash : float or None

    Raises
    ------
    AccountError
        When the file cannot be used, or has a line CASH while `cash` is given.
    """
    shares, money = _shares_and_cash(path)
    if money is not None and cash is not None:
        raise AccountError(f"{path}: has a line {CASH} of {money:,.2f}, and {cash:,.2f} is given beside it; keep one")
    return Account(path.stem, shares, next((known for known in (money, cash) if known is not None), 0.0))


def _shares_and_cash(path: Path) -> tuple[dict[str, int], float | None]:
    if not path.stem.isprintable():
        raise AccountError(f"{str(path)!r}: an account is named as its file is, and this is no name; rename the file")
    shares: dict[str, int] = {}
    money: float | None = None
    for line in read_table(path, "ticker", "shares"):
        is_cash = line.key.upper() == CASH
        figure = line.value("cash" if is_cash else "shares", _NUMBER)
        if figure < 0.0:
            what = "cash" if is_cash else f"shares of {line.key}"
            raise AccountError(f"{line.place}: {what} = {line.figure}; expected at least 0; none is sold short")
        if is_cash and money is not None:
            raise AccountError(f"{line.place}: {CASH} is there twice; expected one line of it")
        if is_cash:
            money = figure
        elif figure != int(figure) or figure > MOST_SHARES:
            raise AccountError(
                f"{line.place}: {line.figure} shares of {line.key}; expected a whole number, at most {MOST_SHARES:,}"
            )
        else:
            shares[line.key] = int(figure)
    return shares, money


def account_files(folder: Path) -> list[Path]:
    """The CSV files of a folder, by name.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    AccountError
        When it is no folder, has none, or two of the same account (smith.csv and smith.CSV).
    """
    if not folder.is_dir():
        raise AccountError(f"{folder}: not a folder; expected one with a CSV file (ticker, shares) an account")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    if not files:
        raise AccountError(f"{folder}: no accounts in it; expected a CSV file (ticker, shares) an account")
    names = [path.stem for path in files]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise AccountError(f"{folder}: {twice[0]} has two files; expected one file an account")
    return files


def other_files(folder: Path) -> list[Path]:
    """What lies among the accounts and is no CSV file, hidden files aside: perhaps an account that nobody would trade.

    Parameters
    ----------
    folder : Path
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() != ".csv" and not path.name.startswith(".")
    )


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
        prices[line.key] = line.value("price", _NUMBER)
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
