"""The examples at the foot of a command's help."""

from __future__ import annotations

from rich.markup import escape


def examples(*lines: str) -> str:
    """An epilog with one command a line, to be copied from; tests give every line to the parser.

    Parameters
    ----------
    *lines : str
        As one would type them: "aggplus solve baseline".
    """
    return "\n".join(["Examples:", *(f"  {escape(line)}" for line in lines)])
