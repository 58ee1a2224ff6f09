"""The files that a command writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aggplus.errors import OutputError
from aggplus.files import require_writable


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
    for file in asked:
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
        if file is not None and os.path.realpath(file) in read:
            raise OutputError(f"{file}: is read by this command, and the result would replace it; give it another name")


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
