"""The command line: `aggplus solve`, `aggplus walk-forward`, `aggplus check` and the others.

A command is a module here with a typer named `commands`, and a line in `program`. It has `--json`, `--quiet`, a
docstring and `examples`; tests hold every command to that.

What does the work is imported within the functions, not at the top: the engine takes seconds to load, and help and
completion, which read only the signatures, do without it.
"""

from aggplus.command_line.program import app, main

__all__ = ["app", "main"]
