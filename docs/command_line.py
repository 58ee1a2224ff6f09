"""Write docs/command-line.md, the reference of the command line, from the commands themselves: `make docs`."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from aggplus.command_line import app
from aggplus.command_line.exit_codes import BAD, DISAGREES, DONE, FAULT, INFEASIBLE, INTERRUPTED, NEEDS_SOLVE

PAGE = Path(__file__).with_name("command-line.md")

_HEAD = """# The command line

Every command shows its options and examples with `--help`. This page is written from the same by `make docs`.

## What all commands have in common

- **Tables** are for reading: rich on a terminal, plain text of 120 columns through a pipe. No number in them is cut;
  on a narrow terminal long texts give way. `NO_COLOR` is respected.
- **`--json FILE`** writes the result as JSON, whole or not at all; the exact numbers are there, where tables round.
  `--json -` writes it to standard output, and nothing else is printed there: try
  `aggplus solve baseline --json - | jq .weights`. Other files that a command writes take `-` likewise, one of them at a
  time. A result is never written over what the command reads.
- **`--quiet`** prints no table and no progress; errors are told all the same, and exit codes stay.
- **Progress** of what takes more than a moment is shown on a terminal, on standard error, and is gone in the end. The
  first solve after an installation compiles the engine, about a minute, once, and says so.
- **Errors** are one line on standard error that says what was found, where, and what to do. Nothing is half written.
- **`--market`** names the folder of a market; else `$AGGPLUS_MARKET` does, else the built-in simulated market is used.

## Exit codes

| code | meaning |
|---|---|
{codes}

## Completion

`aggplus --install-completion` sets up the shell that it is run in (bash, zsh, fish, PowerShell); a new terminal has it
then. `aggplus --show-completion` prints the script instead. Commands and options are completed, and values too: models
(shipped ones, and `*.toml` in folders), tickers of the market, backends and estimates.
"""

_CODES = {
    DONE: "done",
    FAULT: "a fault of ours, or no backend found an answer that could be certified",
    BAD: "bad input; one line on standard error",
    INFEASIBLE: "no portfolio is allowed; `aggplus explain` says why",
    DISAGREES: "the ledger is not what was written, or a replay came out differently",
    NEEDS_SOLVE: "`aggplus check` found a model that needs a solve",
    INTERRUPTED: "stopped by the user",
}


def page() -> str:
    """The reference as Markdown."""
    codes = "\n".join(f"| {code} | {words} |" for code, words in _CODES.items())
    sections = [_section(words, command) for words, command in _leaves(get_command(app), "aggplus")]
    return "\n".join([_HEAD.format(codes=codes), *sections])


def _leaves(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield words, command
    for name, below in (inside or {}).items():
        yield from _leaves(below, f"{words} {name}")


def _section(words: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    usage = " ".join([words, "[OPTIONS]", *(argument.metavar for argument in arguments)])
    examples = [line.strip() for line in command.epilog.splitlines()[1:]]
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    return "\n".join(
        [
            f"## `{words}`",
            "",
            *(" ".join(part.split()) + "\n" for part in command.help.split("\n\n")),
            f"`{usage}`",
            "",
            *(f"- `{line}`" for line in examples),
            "",
            "| | | |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(parameter: Any) -> str:
    name = (
        parameter.metavar
        if parameter.param_type_name == "argument"
        else ", ".join((*parameter.opts, *parameter.secondary_opts))
    )
    help_ = parameter.help + ("" if parameter.default in (None, False, ()) else f" [{_default(parameter.default)}]")
    return f"| `{_cell(name)}` | {_value(parameter)} | {_cell(help_)} |"


def _value(parameter: Any) -> str:
    if parameter.param_type_name == "argument" or getattr(parameter, "is_flag", False):
        return ""
    choices = _choices(parameter.type_descriptor.annotation)
    if parameter.metavar is None and choices:
        return " or ".join(f"`{choice}`" for choice in choices)
    return f"`{_cell(parameter.metavar or 'N')}`"


def _choices(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)
    return next((found for part in typing.get_args(annotation) if (found := _choices(part))), ())


def _default(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
