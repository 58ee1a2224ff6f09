"""The command line: `aggplus solve`, `aggplus walk-forward`, `aggplus check` and the others.

A command is a module here with a typer named `commands`, and a line in `program`.
"""

from aggplus.command_line.program import app, main

__all__ = ["app", "main"]
