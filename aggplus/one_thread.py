"""Linear algebra on one thread, so that how many there are does not show in the last bit of a result."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import cast

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[None]:
    """A context in which BLAS keeps to one thread; at the sizes of a palette more would not be faster."""
    return cast(AbstractContextManager[None], _libraries().limit(limits=1))


@cache
def _libraries() -> ThreadpoolController:
    # Looking for the libraries that are loaded takes milliseconds, and they stay the same.
    return ThreadpoolController()
