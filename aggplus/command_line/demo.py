"""`aggplus demo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE, EXIT
from aggplus.command_line.options import JsonOption, QuietOption
from aggplus.command_line.outputs import json_bytes, require_outputs, result_page, write_json
from aggplus.command_line.progress import counting, waiting
from aggplus.desk_errors import OutputError
from aggplus.files import write_whole
from aggplus.shipped import SHIPPED

if TYPE_CHECKING:
    from aggplus.portfolio import ModelPortfolio

commands = typer.Typer()


@commands.command("demo", epilog=examples("aggplus demo", "aggplus demo --out out --quiet"))
def demo_command(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; made when missing.")] = Path("out"),
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Build the three shipped model portfolios on the built-in simulated market and write them to a folder."""
    from aggplus.console import show
    from aggplus.desk import solve
    from aggplus.model import load_model
    from universe import simulated_market

    require_outputs(json_file)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made a folder ({error.strerror})") from None
    require_outputs(json_file, *(file for name in SHIPPED for file in _files(load_model(name).id, out)))
    with waiting("simulating a market", quiet=quiet):
        market = simulated_market()
    with counting("models", quiet=quiet) as watch:
        portfolios = []
        for name in SHIPPED:
            portfolios.append(solve(load_model(name), market))
            watch(len(portfolios), len(SHIPPED))
    screen, worst = result_page(quiet, json_file), DONE
    for portfolio in portfolios:
        show(portfolio, screen)
        write_portfolio(portfolio, out)
        worst = max(worst, EXIT[portfolio.status])
    write_json(json_file, {portfolio.setting.model.id: portfolio.to_dict() for portfolio in portfolios})
    screen.print(
        escape(f"\nWritten to {out}{os.sep}: for each model .json, -holdings.csv, -excluded.csv and .npz"),
        soft_wrap=True,
    )
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
    from aggplus.export import npz_bytes

    contents = (
        json_bytes(portfolio.to_dict()),
        portfolio.holdings.to_csv().encode(),
        portfolio.setting.excluded.to_csv(index_label="ticker").encode(),
        npz_bytes(portfolio),
    )
    for file, content in zip(_files(portfolio.setting.model.id, folder), contents, strict=True):
        write_whole(file, content)


def _files(stem: str, folder: Path) -> list[Path]:
    return [folder / f"{stem}{ending}" for ending in (".json", "-holdings.csv", "-excluded.csv", ".npz")]
