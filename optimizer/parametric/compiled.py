"""Machine code for small functions: numba's `njit` with the types of the functions kept.

A marked function is compiled at its first call and kept on disk. It releases the interpreter lock, so that threads run
side by side. Arithmetic is IEEE as written, nothing is reassociated: the same working set gives the same bits.

What happens at every turn of a path is marked `compiled`: it makes no array, all are made beforehand and changed in
place, so that references need not be counted, which took half of the time; or `inlined`, where a function is short
beside the cost of calling it. What happens once a variant is marked `allocating`.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
from numba.core.options import DefaultOptions

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def _uncounted() -> dict[str, Any]:
    """Switches off counting references; numba may take that away, and then it counts."""
    return {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def _sources() -> str:
    """Digest of the source files of this package that have compiled functions."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        source = file.read_bytes()
        if any(mark in source for mark in (b"\n@compiled", b"\n@inlined", b"\n@allocating")):
            digest.update(source)
    return digest.hexdigest()


_LOG = logging.getLogger("aggplus")

_PLAIN: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_UNCOUNTED, _SOURCES = _uncounted(), _sources()


def compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile a function at its first call; its type stays what it is.

    Parameters
    ----------
    function : callable
        Makes and returns no array.
    """
    return _dispatcher(function, _PLAIN | _UNCOUNTED)


def inlined(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Like `compiled`, and put in the place of every call: handing over a state costs as much as a short loop.

    Parameters
    ----------
    function : callable
        Called from one place or two: each is a copy to compile.
    """
    return _dispatcher(function, _PLAIN | _UNCOUNTED | {"forceinline": True})


def allocating(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile a function that makes arrays.

    Parameters
    ----------
    function : callable
    """
    return _dispatcher(function, _PLAIN)


def _dispatcher(function: Callable[_Parameters, _Result], options: dict[str, Any]) -> Callable[_Parameters, _Result]:
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # No folder can be written to: compile in every process.
        dispatcher = numba.njit(**options)(function)
    # numba drops a cached function when its own file changes, but here functions call each other across files.
    with contextlib.suppress(AttributeError):
        kept = dispatcher._cache._cache_file
        kept._source_stamp = (kept._source_stamp, _SOURCES)
    typed: Callable[_Parameters, _Result] = dispatcher
    return typed


def announce_compilation(function: object) -> None:
    """Say that the next call will take long, when the function's machine code is neither loaded nor kept on disk.

    Parameters
    ----------
    function : compiled function
    """
    with contextlib.suppress(AttributeError):
        dispatcher: Any = function
        if not dispatcher.overloads and not dispatcher._cache._cache_file._load_index():
            _LOG.warning("compiling the parametric engine: this takes about a minute, once after an installation")
