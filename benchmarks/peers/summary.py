"""From the workers' figures to the lines of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.agreement import Agreement, worst
from benchmarks.peers.instance import Setup
from benchmarks.peers.measure import Measured, Missing
from benchmarks.peers.registry import BATCHES, ROUTES, SINGLE

Round = Mapping[str, Measured | Missing]
"""By title: what one round measured."""


@dataclass(frozen=True)
class Line:
    """A route's figures over all rounds.

    Parameters
    ----------
    asked : str
        Accuracy asked for.
    start_s : float
        Import, compilation, set-up and the first solve.
    solve_ms : float
        Median over rounds of the median solve.
    times_ours : mapping
        By title of ours: how many times longer a solve takes, median over rounds of the ratio within a round. Medians
        are compared with ours one by one, means, set-up of the dates included, with our batch.
    solves : int
        How many solves were timed in a round, at least.
    batch_s : float
        All variants of all dates: the mean solve times their number, and a set-up for each date.
    whole : bool
        Whether a round solved them all; otherwise `batch_s` is extrapolated.
    solves_per_s : float
    memory_mb : float
    checked : int
        Portfolios compared with certified optima, in each round.
    off_bp, violation, overshoot : float
        See `Agreement`: the worst of the rounds.
    same : bool
        Whether they are the same answers in every round.
    proof : mapping or None
        See `Measured`; of the last round.
    """

    asked: str
    start_s: float
    solve_ms: float
    times_ours: Mapping[str, float]
    solves: int
    batch_s: float
    whole: bool
    solves_per_s: float
    memory_mb: float
    checked: int
    off_bp: float
    violation: float
    overshoot: float
    same: bool
    proof: Mapping[str, float] | None


def summarise(title: str, rounds: Sequence[Round], setup: Setup) -> Line | Missing:
    """Medians over rounds.

    Parameters
    ----------
    title : str
    rounds : sequence of mapping
    setup : Setup
    """
    kept: list[Measured] = []
    for measured_in in rounds:
        measured = measured_in[title]
        if isinstance(measured, Missing):
            # One failure is enough: a peer that fails now and then is not one to rely on.
            return measured
        kept.append(measured)
    wanted = setup.variants * setup.dates
    solves = min(one.timing.solves for one in kept)
    batch_s = _median([wanted * _in_batch_s(one, setup) for one in kept])
    agreed = _worst([one.agreement for one in kept])
    return Line(
        asked=ROUTES[title].asked,
        start_s=_median([one.timing.start_s for one in kept]),
        solve_ms=1000.0 * _median([_solve_s(one) for one in kept]),
        times_ours=_times_ours(title, rounds, setup),
        solves=solves,
        batch_s=batch_s,
        whole=solves >= wanted,
        solves_per_s=wanted / batch_s,
        memory_mb=_median([one.timing.memory_mb for one in kept]),
        checked=agreed.checked,
        off_bp=agreed.off_bp,
        violation=agreed.violation,
        overshoot=agreed.overshoot,
        same=all(one.agreement.same for one in kept),
        proof=kept[-1].proof,
    )


def _times_ours(title: str, rounds: Sequence[Round], setup: Setup) -> dict[str, float]:
    ratios: dict[str, list[float]] = {}
    for measured_in in rounds:
        peer = measured_in[title]
        for ours in (SINGLE, *BATCHES):
            base = measured_in.get(ours.title)
            if isinstance(peer, Measured) and isinstance(base, Measured):
                one_by_one = _solve_s(peer) / _solve_s(base)
                in_batch = _in_batch_s(peer, setup) / _in_batch_s(base, setup)
                ratios.setdefault(ours.title, []).append(one_by_one if ours is SINGLE else in_batch)
    return {ours: _median(found) for ours, found in ratios.items()}


def _solve_s(measured: Measured) -> float:
    return _median(measured.timing.solve_s)


def _in_batch_s(measured: Measured, setup: Setup) -> float:
    """Seconds a solve, a variant's share of the set-up of its date included."""
    timing = measured.timing
    opened = _median(timing.open_s) if timing.open_s else 0.0
    return opened / setup.variants + float(np.mean(timing.solve_s))


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _worst(agreements: Sequence[Agreement]) -> Agreement:
    return Agreement(
        checked=min(one.checked for one in agreements),
        off_bp=worst([one.off_bp for one in agreements]),
        violation=worst([one.violation for one in agreements]),
        overshoot=worst([one.overshoot for one in agreements]),
    )
