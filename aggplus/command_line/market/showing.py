"""`aggplus market show`."""

from __future__ import annotations

from typing import Annotated

import typer

from aggplus.command_line.completion import tickers as known_tickers
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.options import (
    AsOfOption,
    JsonOption,
    MarketOption,
    QuietOption,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json
from aggplus.shipped import SHIPPED

commands = typer.Typer()


@commands.command(
    "show",
    epilog=examples(
        "aggplus market show --market DIR", "aggplus market show AGG HYG --asof 2024-01-31 --json funds.json"
    ),
)
def show_command(
    tickers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TICKER]...", help="Funds; without any, the market.", autocompletion=known_tickers),
    ] = None,
    market: MarketOption = None,
    asof: AsOfOption = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show what a market holds, or all that is known of some of its funds.

    Of a fund: labels and facts of the catalog, its closes, what it earned, and whether each shipped model may hold it.
    """
    from aggplus.fund_sheet import fund_sheets, market_sheet
    from aggplus.fund_sheet.view import funds_view, market_view
    from aggplus.model import load_model

    require_outputs(json_file)
    require_inputs_kept(market_files(market), json_file)
    known = chosen_market(market, quiet=quiet)
    page = result_page(quiet, json_file)
    if not tickers:
        sheet = market_sheet(known, asof)
        write_json(json_file, sheet.to_dict())
        page.print(market_view(sheet))
        raise typer.Exit(DONE)
    models = [load_model(name) for name in SHIPPED]
    benchmark = models[0].benchmark
    day, sheets = fund_sheets(known, list(dict.fromkeys(tickers)), models, benchmark, asof)
    warnings = [*known.warnings, *([day.note] if day.note else [])]
    if benchmark not in known.prices.columns:
        warnings.append(f"the benchmark {benchmark} has no prices in {known.name}: betas to it are unknown")
    content = {
        "market": known.name,
        "simulated": known.simulated,
        "asof": f"{day.date:%Y-%m-%d}",
        "benchmark": benchmark,
    }
    write_json(json_file, content | {"funds": [sheet.to_dict() for sheet in sheets], "warnings": warnings})
    page.print(funds_view(sheets, day, benchmark, warnings))
    raise typer.Exit(DONE)
