"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers.instance import Setup


@dataclass(frozen=True)
class Plan:
    """A run.

    Parameters
    ----------
    name : str
    meetings : tuple of (Setup, int)
        Instances on which all peers meet, and in how many rounds.
    by_funds, by_variants : tuple of Setup
        Instances on which the growth of the cost is followed, in one round.
    seconds : float
        Time a worker has for solves.
    checked : int
        Portfolios compared with certified optima, for each peer and round.
    patience : float
        Seconds after which a worker is stopped.
    compilations : int
        How often the first call after an installation is measured.
    """

    name: str
    meetings: tuple[tuple[Setup, int], ...]
    by_funds: tuple[Setup, ...]
    by_variants: tuple[Setup, ...]
    seconds: float
    checked: int
    patience: float
    compilations: int


FULL = Plan(
    name="full",
    meetings=((Setup(), 2), (Setup(covariance="ten factors"), 1)),
    by_funds=tuple(Setup(funds=n, variants=20, dates=1) for n in (100, 200, 400, 800, 1600)),
    by_variants=tuple(Setup(variants=v, dates=1) for v in (1, 10, 100, 1000)),
    seconds=2.5,
    checked=6,
    patience=120.0,
    compilations=1,
)

QUICK = Plan(
    name="quick",
    meetings=((Setup(funds=100, variants=10, dates=2), 1),),
    by_funds=tuple(Setup(funds=n, variants=10, dates=1) for n in (50, 100)),
    by_variants=(Setup(funds=100, variants=1, dates=1),),
    seconds=0.3,
    checked=3,
    patience=60.0,
    compilations=0,
)
