"""What a peer's module offers: functions that bring a date to it, then solve variant after variant."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.peers.instance import Day, Floats

Solve = Callable[[int], Floats]
"""From a variant to its weights, shape (n,)."""

Open = Callable[[Day], Solve]
"""Whatever has to be done once a date."""
