"""Closes of two funds that stand under each other's ticker, told on the day itself by the levels they land at.

On the day on which a source exchanges a and b, the close of a lands where b stood the day before, moved by what b's
peers say, and the close of b where a stood. Let e be the residual of each (see `universe.checks.expectation`), n its
noise, and x how far each close is from the level of the other so moved. Then

    |e_a| / n_a + |e_b| / n_b - |x_a| / n_b - |x_b| / n_a

is the evidence: how many times its usual distance either fund is from its own way, less how many the other is from its
way when the two are taken the other way round. That two funds step apart from their peers on one day, in opposite
directions, and each by just the gap between them, is rare even where the gap is a per cent.

This alone of the checks compares the levels of funds. The day on which the closes change back is such a day as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding
from universe.checks.returns import Floats, Ints

_STEP = 4.0
"""The least step of each fund, in units of its noise; it must also be beyond the fund's tail."""
_EVIDENCE = 12.0
_FIT, _SHARE = 3.0, 0.1
"""How far a close may be from the other fund's level, in units of that fund's noise or as a share of the step."""


@dataclass(frozen=True)
class _Exchange:
    """Columns of the fund that steps up and of the one that steps down, and the day's row."""

    up: int
    down: int
    row: int


def exchanges(evidence: Evidence, prices: pd.DataFrame) -> list[Finding]:
    """Pairs of funds whose closes change places; both bear a finding.

    Parameters
    ----------
    evidence
        Of a market.
    prices
        Its adjusted closes, shape (sessions, funds).
    """
    closes = prices.to_numpy(dtype=np.float64)
    days: dict[frozenset[int], list[_Exchange]] = {}
    for exchange in _exchanges(evidence, np.log(closes)):
        days.setdefault(frozenset((exchange.up, exchange.down)), []).append(exchange)
    found = []
    for of_pair in days.values():
        # Every second day is the one on which the closes change back.
        for there, back in zip(of_pair[::2], [*of_pair[1::2], None], strict=False):
            last = None if back is None else evidence.day(back.row - 1)
            pair = (there.up, there.down)
            found += [_finding(evidence, closes, there.row, *way, last) for way in (pair, pair[::-1])]
    return found


def _exchanges(evidence: Evidence, levels: Floats) -> Iterator[_Exchange]:
    """Day after day."""
    residual, noise = evidence.peers.residual, evidence.peers.noise
    size = np.abs(residual)
    stands_out = (size > _STEP * noise) & ~(size <= evidence.tail)
    upward, downward = stands_out & (residual > 0.0), stands_out & (residual < 0.0)
    for row in np.flatnonzero(upward.any(axis=1) & downward.any(axis=1)).tolist():
        yield from _of_day(evidence, levels, row, np.flatnonzero(upward[row]), np.flatnonzero(downward[row]))


def _of_day(evidence: Evidence, levels: Floats, row: int, upward: Ints, downward: Ints) -> Iterator[_Exchange]:
    """All pairs of a fund that steps up (rows) and one that steps down (columns) that fit."""
    peers = evidence.peers
    up, down = upward[:, None], downward[None, :]
    steps_up, steps_down = peers.residual[row, up], -peers.residual[row, down]
    noise_up, noise_down = peers.noise[row, up], peers.noise[row, down]
    off_up = np.abs(levels[row, up] - levels[row - 1, down] - peers.expected[row, down])
    off_down = np.abs(levels[row, down] - levels[row - 1, up] - peers.expected[row, up])
    strength = steps_up / noise_up + steps_down / noise_down - off_up / noise_down - off_down / noise_up
    fits = off_up <= np.maximum(_FIT * noise_down, _SHARE * steps_up)
    fits &= off_down <= np.maximum(_FIT * noise_up, _SHARE * steps_down)
    for a, b in np.argwhere(fits & (strength >= _EVIDENCE)).tolist():
        yield _Exchange(int(upward[a]), int(downward[b]), row)


def _finding(evidence: Evidence, closes: Floats, row: int, fund: int, other: int, last: pd.Timestamp | None) -> Finding:
    ticker, to = (str(evidence.changes.tickers[column]) for column in (fund, other))
    step = float(np.expm1(abs(evidence.peers.residual[row, fund])))
    times, to_times = (abs(evidence.peers.residual[row, k]) / evidence.peers.noise[row, k] for k in (fund, other))
    known = max(evidence.known_from(row, column, row) for column in (fund, other))
    return Finding(
        ticker=ticker,
        date=evidence.day(row),
        last=last,
        kind="switch",
        severity="warning",
        size=100.0 * step,
        unit="percent",
        why=f"changes places with {to}: it goes {_way(closes, row, fund)} and {to} {_way(closes, row, other)}, each to "
        f"where the other stood and {times:.0f} and {to_times:.0f} times its usual distance from what its peers say",
        known_from=known,
    )


def _way(closes: Floats, row: int, fund: int) -> str:
    return f"from {closes[row - 1, fund]:.5g} to {closes[row, fund]:.5g}"
