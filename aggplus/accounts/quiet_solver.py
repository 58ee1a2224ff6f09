"""A solver kept from writing to standard output, where results go."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_STANDARD_OUTPUT = 1


@contextmanager
def quiet_solver() -> Iterator[None]:
    """A context in which what compiled code writes to standard output is thrown away.

    HiGHS now and then prints a line of its own though its log is off; in the middle of `--json -` it would spoil the
    record. Python's own output is not touched as long as nothing is flushed within.
    """
    if os.name != "posix":
        # The C library's buffer cannot be emptied from here, and what is in it would come out later all the same.
        yield
        return
    try:
        kept = os.dup(_STANDARD_OUTPUT)
    except OSError:  # closed: there is nothing to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    library = ctypes.CDLL(None)
    library.fflush(None)
    os.dup2(nowhere, _STANDARD_OUTPUT)
    try:
        yield
    finally:
        # What C has buffered goes nowhere, too, before the output is put back.
        library.fflush(None)
        os.dup2(kept, _STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)
