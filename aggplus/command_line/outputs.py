"""The files that a command writes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from aggplus.desk_errors import OutputError
from aggplus.files import require_writable, write_whole
from aggplus.terminal import console

_STANDARD_OUTPUT = ("-", "/dev/stdout")


def require_outputs(*files: Path | None) -> None:
    """Refuse result files that cannot be written before any work is done, so that it is all of them or none.

    Parameters
    ----------
    *files : Path, optional
        None where no such file is asked for.

    Raises
    ------
    OutputError
        When a file cannot be written, or two results go to the same one.
    """
    asked = [file for file in files if file is not None]
    if sum(map(_is_standard_output, asked)) > 1:
        raise OutputError("standard output: asked for by two results; give one of them a file of its own")
    for file in asked:
        if not _is_standard_output(file):
            require_writable(file)
    if len({os.path.realpath(file) for file in asked}) < len(asked):
        raise OutputError(f"{asked[0]}: asked for twice; give every result a file of its own")


def require_inputs_kept(inputs: Iterable[str | Path | None], *files: Path | None) -> None:
    """Refuse result files that would take the place of what a command reads.

    Parameters
    ----------
    inputs : iterable of path or name
        Documents, holdings and records; names of shipped models do no harm.
    *files : Path, optional
        None where no such file is asked for.

    Raises
    ------
    OutputError
        When a result would be written over an input.
    """
    read = {os.path.realpath(name) for name in inputs if name is not None}
    for file in files:
        if file is not None and not _is_standard_output(file) and os.path.realpath(file) in read:
            raise OutputError(f"{file}: is read by this command, and the result would replace it; give it another name")


def require_outside(folder: Path | None, *files: Path | None) -> None:
    """Refuse result files in a folder of which a command reads every file: its next run would read them, too.

    Parameters
    ----------
    folder : Path or None
    *files : Path, optional
        None where no such file is asked for.

    Raises
    ------
    OutputError
        When a result would lie in the folder.
    """
    for file in files:
        if file is None or folder is None or _is_standard_output(file):
            continue
        if os.path.realpath(file.parent) == os.path.realpath(folder):
            raise OutputError(
                f"{file}: every file in {folder} is read, and the next time this one would be, too; "
                "write it to another folder"
            )


def require_apart(ledger: Path | None, *files: Path | None) -> None:
    """Refuse result files that would take the place of the ledger.

    Parameters
    ----------
    ledger : Path or None
        File of the ledger; None where there is none, or it is no file.
    *files : Path, optional
        None where no such file is asked for.

    Raises
    ------
    OutputError
        When a result would be written over the ledger.
    """
    for file in files:
        if ledger is not None and file is not None and os.path.realpath(file) == os.path.realpath(ledger):
            raise OutputError(f"{file}: is the ledger, which the result would replace; give the result another name")


def json_bytes(record: Mapping[str, Any]) -> bytes:
    """A record as the content of a JSON file.

    Parameters
    ----------
    record : mapping
        Plain Python values.
    """
    return (json.dumps(record, indent=2, allow_nan=False) + "\n").encode()


def write_result(file: Path | None, content: bytes) -> None:
    """Write a result where it was asked for.

    Parameters
    ----------
    file : Path, optional
        "-" is standard output; nothing is written where no file is asked for.
    content : bytes

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    if file is None:
        return
    if not _is_standard_output(file):
        write_whole(file, content)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_json(file: Path | None, record: Mapping[str, Any]) -> None:
    """Write a result as JSON where it was asked for, as `write_result` does.

    Parameters
    ----------
    file : Path, optional
    record : mapping
        Plain Python values.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    if file is not None:
        write_result(file, json_bytes(record))


def result_page(quiet: bool, *files: Path | None) -> Console:
    """Where a command prints its tables: nowhere when it is quiet, or when a result has standard output to itself.

    Parameters
    ----------
    quiet : bool
    *files : Path, optional
        Results that the command writes; None where no such file is asked for.
    """
    return console(quiet=quiet or any(file is not None and _is_standard_output(file) for file in files))


def _is_standard_output(file: Path) -> bool:
    return str(file) in _STANDARD_OUTPUT
