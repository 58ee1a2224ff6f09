"""`aggplus market show`."""

from __future__ import annotations

import typer

from aggplus.command_line.examples import examples
from aggplus.command_line.options import JsonOption, MarketOption, QuietOption, chosen_market
from aggplus.command_line.outputs import require_outputs, result_page, write_json

commands = typer.Typer()


@commands.command("show", epilog=examples("aggplus market show --market DIR"))
def show_command(market: MarketOption = None, json_file: JsonOption = None, quiet: QuietOption = False) -> None:
    """What a market holds: days, funds and what to know of it."""
    require_outputs(json_file)
    known = chosen_market(market, quiet=quiet)
    first, last = known.prices.index[0], known.prices.index[-1]
    page = result_page(quiet, json_file)
    page.print(f"{known.name}: {first:%Y-%m-%d} to {last:%Y-%m-%d}, {known.prices.shape[1]} funds with prices")
    write_json(json_file, {"market": known.name, "start": f"{first:%Y-%m-%d}", "end": f"{last:%Y-%m-%d}"})
