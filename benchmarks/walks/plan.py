"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass

START, END = "2015-12-31", "2024-01-31"


@dataclass(frozen=True)
class Plan:
    """A run.

    Parameters
    ----------
    name : str
    start, end : str
        Days of the walks of `variants`, and of the peers.
    variants : int or None
        Of those in the example, the first so many; None for all.
    rounds : int
        Each of its own processes; the best counts.
    ends : tuple of (int, str)
        Years, and where walks of so many years from `start` end; the growth with years.
    many : tuple of int
        Numbers of variants; the growth with variants.
    many_until : str
        Where the walks of many variants end.
    many_rounds : int
        Of both kinds of growth.
    peer_rounds : int
    """

    name: str
    start: str
    end: str
    variants: int | None
    rounds: int
    ends: tuple[tuple[int, str], ...]
    many: tuple[int, ...]
    many_until: str
    many_rounds: int
    peer_rounds: int


FULL = Plan(
    name="full",
    start=START,
    end=END,
    variants=None,
    rounds=2,
    ends=((2, "2017-12-29"), (4, "2019-12-31"), (8, END)),
    many=(10, 100, 1000),
    many_until="2017-12-29",
    many_rounds=1,
    peer_rounds=2,
)

QUICK = Plan(
    name="quick",
    start="2021-12-31",
    end=END,
    variants=8,
    rounds=1,
    ends=((1, "2022-12-30"), (2, END)),
    many=(10, 40),
    many_until="2022-06-30",
    many_rounds=1,
    peer_rounds=1,
)
