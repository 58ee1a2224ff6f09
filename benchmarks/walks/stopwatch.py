"""Where the time of a program goes, by parts that do not overlap."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import ModuleType
from typing import ParamSpec, TypeVar
from unittest.mock import patch

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Stopwatch:
    """Accounts every moment to the innermost part that is running; a part called by another interrupts it.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._clock = clock
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def during(self, part: str) -> Iterator[None]:
        """Account what happens within to a part.

        Parameters
        ----------
        part : str
        """
        self._turn()
        self._running.append(part)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    @contextmanager
    def watching(self, parts: Mapping[str, list[tuple[ModuleType, str]]]) -> Iterator[None]:
        """Account calls of functions to parts, as long as the context lasts.

        Parameters
        ----------
        parts : mapping of str to list of (module, name)
            Where each function is looked up by those who call it.
        """
        with ExitStack() as stack:
            for part, functions in parts.items():
                for module, name in functions:
                    stack.enter_context(patch.object(module, name, self._timed(part, getattr(module, name))))
            yield

    def _timed(self, part: str, function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self.during(part):
                return function(*args, **kwargs)

        return timed

    def _turn(self) -> None:
        now = self._clock()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now
