"""`aggplus solve` and `aggplus explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from aggplus.command_line.exit_codes import EXIT
from aggplus.command_line.ledger import LedgerOption, recorded, recording_place
from aggplus.command_line.options import (
    AsOfOption,
    BackendName,
    HoldingsOption,
    JsonOption,
    MarketOption,
    ModelArgument,
    RecordOption,
    chosen_holdings,
    chosen_market,
    chosen_record,
    market_files,
)
from aggplus.command_line.outputs import json_bytes, require_inputs_kept, require_outputs
from aggplus.console import console, show
from aggplus.desk import solve
from aggplus.explanation import explain
from aggplus.export import npz_bytes
from aggplus.files import write_whole
from aggplus.model import load_model

commands = typer.Typer()


@commands.command(
    "solve",
    epilog="Examples:  aggplus solve baseline --asof 2024-01-31  |  "
    "aggplus solve client.toml --market DIR --json out.json --export problem.npz",
)
def solve_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    backend: Annotated[BackendName, typer.Option(help="Force a backend.")] = "auto",
    json_file: JsonOption = None,
    export: Annotated[Path | None, typer.Option(help="Write the problem's exact numbers as .npz.")] = None,
    ledger: LedgerOption = None,
) -> None:
    """Build one model portfolio: holdings, sectors, risk against target, what gave way, and why funds were left out."""
    require_outputs(json_file, export)
    require_inputs_kept([model, holdings, record, *market_files(market)], json_file, export)
    place = recording_place(ledger, json_file, export)
    document, known, held, own = (
        load_model(model),
        chosen_market(market),
        chosen_holdings(holdings),
        chosen_record(record),
    )
    portfolio = solve(document, known, asof, held, own, backend)
    if place is not None:
        # First of all: no result goes out that is not recorded.
        recorded(place, portfolio, known, held, own)
    if json_file is not None:
        write_whole(json_file, json_bytes(portfolio.to_dict()))
    if export is not None:
        write_whole(export, npz_bytes(portfolio))
    show(portfolio, console())
    raise typer.Exit(EXIT[portfolio.status])


@commands.command(
    "explain", epilog="Example:  aggplus explain client.toml --market DIR --asof 2024-01-31 --json why.json"
)
def explain_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    json_file: JsonOption = None,
) -> None:
    """Tell why a model has no portfolio: clauses that cannot hold together, and the cheapest changes that solve.

    Where soft clauses give way, tell which.
    """
    require_outputs(json_file)
    require_inputs_kept([model, holdings, record, *market_files(market)], json_file)
    document = load_model(model)
    explanation = explain(document, chosen_market(market), asof, chosen_holdings(holdings), chosen_record(record))
    if json_file is not None:
        write_whole(json_file, json_bytes(explanation.to_dict()))
    page = console()
    for sentence in explanation.sentences:
        page.print(escape(sentence))
    for warning in explanation.portfolio.setting.warnings:
        page.print(escape(f"Note: {warning}"), style="yellow")
    raise typer.Exit(EXIT[explanation.portfolio.status])
