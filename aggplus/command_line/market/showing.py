"""`aggplus market show`."""

from __future__ import annotations

import typer

from aggplus.command_line.options import MarketOption, QuietOption, chosen_market
from aggplus.console import console

commands = typer.Typer()


@commands.command("show", epilog="Example:  aggplus market show --market DIR")
def show_command(market: MarketOption = None, quiet: QuietOption = False) -> None:
    """What a market holds: days, funds and what to know of it."""
    known = chosen_market(market)
    first, last = known.prices.index[0], known.prices.index[-1]
    page = console(quiet=quiet)
    page.print(f"{known.name}: {first:%Y-%m-%d} to {last:%Y-%m-%d}, {known.prices.shape[1]} funds with prices")
