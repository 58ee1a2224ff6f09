"""`aggplus solve` and `aggplus explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import EXIT
from aggplus.command_line.ledger import LedgerOption, recorded, recording_place
from aggplus.command_line.options import (
    AsOfOption,
    BackendOption,
    HoldingsOption,
    JsonOption,
    MarketOption,
    ModelArgument,
    QuietOption,
    RecordOption,
    XlsxOption,
    chosen_holdings,
    chosen_market,
    chosen_record,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json, write_result
from aggplus.command_line.progress import waiting

commands = typer.Typer()


@commands.command(
    "solve",
    epilog=examples(
        "aggplus solve baseline --asof 2024-01-31",
        "aggplus solve client.toml --market DIR --json out.json --export problem.npz",
        "aggplus solve baseline --json - | jq .weights",
        "aggplus solve baseline --holdings held.csv --xlsx baseline.xlsx",
    ),
)
def solve_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    backend: BackendOption = "auto",
    json_file: JsonOption = None,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the problem's exact numbers as .npz.")
    ] = None,
    xlsx: XlsxOption = None,
    ledger: LedgerOption = None,
    quiet: QuietOption = False,
) -> None:
    """Build one model portfolio: holdings, sectors, risk against target, what gave way, and why funds were left out."""
    from aggplus.console import show
    from aggplus.desk import solve
    from aggplus.export import npz_bytes
    from aggplus.model import load_model
    from aggplus.workbook import require_workbook, solve_workbook

    require_outputs(json_file, export, xlsx)
    require_inputs_kept([model, holdings, record, *market_files(market)], json_file, export, xlsx)
    if xlsx is not None:
        require_workbook()
    place = recording_place(ledger, json_file, export, xlsx)
    document = load_model(model)
    known = chosen_market(market, quiet=quiet)
    held, own = chosen_holdings(holdings), chosen_record(record)
    with waiting("solving", quiet=quiet):
        portfolio = solve(document, known, asof, held, own, backend)
    if place is not None:
        # First of all: no result goes out that is not recorded.
        recorded(place, portfolio, known, held, own)
    write_json(json_file, portfolio.to_dict())
    if export is not None:
        write_result(export, npz_bytes(portfolio))
    if xlsx is not None:
        write_result(xlsx, solve_workbook(portfolio, held))
    show(portfolio, result_page(quiet, json_file, export, xlsx))
    raise typer.Exit(EXIT[portfolio.status])


@commands.command(
    "explain",
    epilog=examples(
        "aggplus explain client.toml --asof 2024-01-31", "aggplus explain client.toml --market DIR --json why.json"
    ),
)
def explain_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Tell why a model has no portfolio: clauses that cannot hold together, and the cheapest changes that solve.

    Where soft clauses give way, tell which.
    """
    from aggplus.explanation import explain
    from aggplus.model import load_model

    require_outputs(json_file)
    require_inputs_kept([model, holdings, record, *market_files(market)], json_file)
    document = load_model(model)
    known = chosen_market(market, quiet=quiet)
    held, own = chosen_holdings(holdings), chosen_record(record)
    with waiting("looking for what cannot hold together", quiet=quiet):
        explanation = explain(document, known, asof, held, own)
    write_json(json_file, explanation.to_dict())
    page = result_page(quiet, json_file)
    for sentence in explanation.sentences:
        page.print(escape(sentence))
    for warning in explanation.portfolio.setting.warnings:
        page.print(escape(f"Note: {warning}"), style="yellow")
    raise typer.Exit(EXIT[explanation.portfolio.status])
