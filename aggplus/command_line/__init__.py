"""The command line: `aggplus demo`, `aggplus solve`, `aggplus explain` and `aggplus frontier`.

A command is a module here with a typer named `commands`, and a line in `program`.
"""

from aggplus.command_line.program import app, main

__all__ = ["app", "main"]
