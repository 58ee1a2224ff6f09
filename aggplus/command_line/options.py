"""The arguments and options that commands share, and what is read from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from aggplus.account_files import read_holdings, read_returns
from aggplus.model import SHIPPED
from universe import Market, load_market, simulated_market
from universe.market import CATALOG_FILE
from universe.price_files import PRICE_FILES

_MARKET_VARIABLE = "AGGPLUS_MARKET"

BackendName = Literal["auto", "parametric", "osqp", "conic"]

ModelArgument = Annotated[str, typer.Argument(help=f"{', '.join(SHIPPED)}, or a model document in TOML.")]
MarketOption = Annotated[
    Path | None, typer.Option(help="Folder of a market; else $AGGPLUS_MARKET, else the built-in simulated market.")
]
AsOfOption = Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; by default the last close.")]
HoldingsOption = Annotated[Path | None, typer.Option(help="CSV of what is held now: ticker, weight (fraction).")]
RecordOption = Annotated[
    Path | None, typer.Option(help="CSV of the model's own daily net returns: date, return; for risk_scaling.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no result; errors are still told.")]


def chosen_market(folder: Path | None) -> Market:
    """The market of `--market`, else of the environment, else the built-in one.

    Parameters
    ----------
    folder : Path, optional

    Raises
    ------
    MarketError
        When the folder holds no market.
    """
    named = os.environ.get(_MARKET_VARIABLE) if folder is None else str(folder)
    return load_market(named) if named else simulated_market()


def market_files(folder: Path | None) -> list[Path]:
    """The files that a market is read from, of `--market` or else of the environment.

    Parameters
    ----------
    folder : Path, optional
    """
    named = os.environ.get(_MARKET_VARIABLE) if folder is None else str(folder)
    return [Path(named).expanduser() / file for file in (*PRICE_FILES, CATALOG_FILE)] if named else []


def chosen_holdings(file: Path | None) -> dict[str, float] | None:
    """What is held now by the file of `--holdings`, ticker to fraction; None without a file.

    Parameters
    ----------
    file : Path, optional

    Raises
    ------
    MandateError
        When the file is no such table.
    """
    return None if file is None else read_holdings(file)


def chosen_record(file: Path | None) -> pd.Series | None:
    """The model's own daily net returns by the file of `--record`; None without a file.

    Parameters
    ----------
    file : Path, optional

    Raises
    ------
    MandateError
        When the file is no such table.
    """
    return None if file is None else read_returns(file)
