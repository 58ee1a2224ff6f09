"""`aggplus market`: build a market, keep it up to date, check it and look into it.

A command is a module here with a typer named `commands`.
"""

from __future__ import annotations

import typer

from aggplus.command_line.market import building, checking, showing

commands = typer.Typer(no_args_is_help=True, help="Build a market, keep it up to date, check it, look into it.")

for _module in (building, checking, showing):
    commands.add_typer(_module.commands)
