"""The program `aggplus`: its commands in the order of the help, and how it ends."""

from __future__ import annotations

import io
import platform
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from aggplus.command_line import (
    activeness,
    batch,
    checking,
    demo,
    frontier,
    ledger,
    market,
    modelling,
    reporting,
    risk,
    solving,
    trading,
    walking,
)
from aggplus.command_line.exit_codes import BAD

app = typer.Typer(
    name="aggplus",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Exit codes: 0 done, 1 a fault of ours, 2 bad input, 3 no feasible portfolio, 4 the ledger disagrees, "
    "10 a model needs a solve, 130 stopped by the user.",
)

for _module in (solving, frontier, trading, walking, activeness, checking, reporting, batch, ledger, demo):
    app.add_typer(_module.commands)
app.add_typer(modelling.commands, name="model")
app.add_typer(risk.commands, name="risk")
app.add_typer(market.commands, name="market")


def _version(asked: bool) -> None:
    if asked:
        print(f"aggplus {version('aggplus')} (Python {platform.python_version()})")
        raise typer.Exit


@app.callback()
def program(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and what it runs on."),
    ] = False,
) -> None:
    """Bond-ETF model portfolios that carry the risk of the AGG and aim for more return."""


def main() -> None:
    """Run the command line; bad input ends in one line on standard error and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where an accent or an ellipsis cannot be shown, a question mark will do.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = app(prog_name="aggplus", standalone_mode=False)
    except typer.TyperException as error:
        _refuse(_usage(error))
    except ValueError as error:
        # Imported here: see the package's docstring.
        from aggplus.errors import BAD_INPUT

        if not isinstance(error, BAD_INPUT):
            raise
        _refuse(str(error))
    raise SystemExit(code)


def _refuse(words: str) -> NoReturn:
    # Names and cells of a user's files may hold line breaks.
    if words:
        print(f"aggplus: {' '.join(words.splitlines())}", file=sys.stderr)
    raise SystemExit(BAD) from None


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command's words; empty where the help has been printed already."""
    words = error.format_message().replace("Value error, ", "").rstrip(".")
    context = getattr(error, "ctx", None)
    joint = " S" if words.endswith("?") else "; s"
    return words and f"{words}{joint}ee {context.command_path if context else 'aggplus'} --help"
