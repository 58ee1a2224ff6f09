"""The arguments and options that commands share, and what is read from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggplus.command_line.completion import model_names
from aggplus.command_line.market_folder import named_market
from aggplus.command_line.progress import waiting
from aggplus.shipped import SHIPPED

if TYPE_CHECKING:
    import pandas as pd

    from universe import Market

BackendName = Literal["auto", "parametric", "osqp", "conic"]

ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help=f"{', '.join(SHIPPED)}, or a model document in TOML.", autocompletion=model_names
    ),
]
ModelsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...",
        help=f"Models, by name or document; by default {', '.join(SHIPPED)}.",
        autocompletion=model_names,
    ),
]
StartOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Close of the first solve; by default 2015-12-31, or as early as can be."),
]
MarketOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of a market; else $AGGPLUS_MARKET, else the built-in simulated market."),
]
AsOfOption = Annotated[str | None, typer.Option(metavar="DATE", help="Day, YYYY-MM-DD; by default the last close.")]
BackendOption = Annotated[BackendName, typer.Option(help="Force a backend.")]
HoldingsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV of what is held now: ticker, weight (fraction).")
]
RecordOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="CSV of the model's own daily net returns: date, return; for risk_scaling."),
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - is standard output.")
]
XlsxOption = Annotated[
    Path | None, typer.Option("--xlsx", metavar="FILE", help="Write the result as a workbook, one sheet a table.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no result; errors are still told.")]
WorkersOption = Annotated[int, typer.Option(min=1, metavar="N", help="Processes.")]


def chosen_market(folder: Path | None, *, quiet: bool = False) -> Market:
    """The market of `--market`, else of the environment, else the built-in one.

    Parameters
    ----------
    folder : Path, optional
    quiet : bool
        Whether nothing is said while it is read.

    Raises
    ------
    MarketError
        When the folder holds no market.
    """
    from universe import load_market, simulated_market

    named = named_market(folder)
    if named:
        with waiting("reading the market", quiet=quiet):
            return load_market(named)
    with waiting("simulating a market", quiet=quiet):
        return simulated_market()


def market_files(folder: Path | None) -> list[Path]:
    """The files that a market is read from, of `--market` or else of the environment.

    Parameters
    ----------
    folder : Path, optional
    """
    from universe.market import CATALOG_FILE
    from universe.price_files import PRICE_FILES
    from universe.quarantine import QUARANTINE_FILE

    named = named_market(folder)
    return [Path(named).expanduser() / file for file in (*PRICE_FILES, CATALOG_FILE, QUARANTINE_FILE)] if named else []


def chosen_holdings(file: Path | None) -> dict[str, float] | None:
    """What is held now by the file of `--holdings`, ticker to fraction; None without a file.

    Parameters
    ----------
    file : Path, optional

    Raises
    ------
    AccountError
        When the file is no such table.
    """
    from aggplus.holdings_files import read_holdings

    return None if file is None else read_holdings(file)


def chosen_record(file: Path | None) -> pd.Series | None:
    """The model's own daily net returns by the file of `--record`; None without a file.

    Parameters
    ----------
    file : Path, optional

    Raises
    ------
    AccountError
        When the file is no such table.
    """
    from aggplus.holdings_files import read_returns

    return None if file is None else read_returns(file)
