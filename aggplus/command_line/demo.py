"""`aggplus demo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from aggplus.command_line.exit_codes import DONE, EXIT
from aggplus.command_line.outputs import json_bytes
from aggplus.console import console, show
from aggplus.desk import solve
from aggplus.errors import OutputError
from aggplus.export import npz_bytes
from aggplus.files import write_whole
from aggplus.model import SHIPPED, load_model
from aggplus.portfolio import ModelPortfolio
from universe import simulated_market

commands = typer.Typer()


@commands.command("demo", epilog="Example:  aggplus demo --out out")
def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for the results; made when missing.")] = Path("out"),
) -> None:
    """Build the three shipped model portfolios on the built-in simulated market and write them to a folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made a folder ({error.strerror})") from None
    market = simulated_market()
    screen, worst = console(), DONE
    for name in SHIPPED:
        portfolio = solve(load_model(name), market)
        show(portfolio, screen)
        write_portfolio(portfolio, out)
        worst = max(worst, EXIT[portfolio.status])
    screen.print(escape(f"\nWritten to {out}{os.sep}: for each model .json, -holdings.csv, -excluded.csv and .npz"))
    raise typer.Exit(worst)


def write_portfolio(portfolio: ModelPortfolio, folder: Path) -> None:
    """Write one portfolio as JSON, holdings and exclusions as CSV, and its problem as .npz.

    Parameters
    ----------
    portfolio : ModelPortfolio
    folder : Path
        Exists; files are named after the model's id.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    stem = portfolio.setting.model.id
    write_whole(folder / f"{stem}.json", json_bytes(portfolio.to_dict()))
    write_whole(folder / f"{stem}-holdings.csv", portfolio.holdings.to_csv().encode())
    write_whole(folder / f"{stem}-excluded.csv", portfolio.setting.excluded.to_csv(index_label="ticker").encode())
    write_whole(folder / f"{stem}.npz", npz_bytes(portfolio))
