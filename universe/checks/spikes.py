"""Closes that leave what peers say and come back within days: one wrong close, or a few.

Let e be the residual of a fund's logarithmic change and v its noise (`universe.checks.expectation`). A spike goes out
by e[t] and comes back by e[u] of the other sign, and its size is the mean of the two. For a spike in independent noise
the best linear statistic is

    J = (|e[t]| + |e[u]|) / sqrt(v[t]^2 + v[u]^2),

the pair of steps matched against (1, -1). The smaller of the two steps must exceed the fund's tail as well, in units of
the price or of its noise, whichever is less: large residuals of a panic a few months ago say nothing of a calm day. A
spike of a given size says more than a jump of it: a thin fund that has not traded for days jumps when it does, but
nothing makes it come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from universe.checks.evidence import Evidence
from universe.checks.returns import Floats

LONGEST = 5
"""Sessions within which a price comes back."""
LEAST = 0.01
"""The least size that is told at all."""
CERTAIN = 0.019
"""A smaller spike is worth knowing: a thin fund's close is now and then a per cent off, and back the next day. Noise
takes a twentieth off what is 2 % wrong."""

_MATCH = 8.0
_TAIL = 2.0
_NET = 0.3
"""How much of a spike may stay, of the smaller step."""
_ITSELF = 0.1
"""How much of each step the fund itself must have moved. One that stays where it was while its peers move, and follows
them a day later, is late; one that stays when they follow is early."""


@dataclass(frozen=True)
class Spike:
    """A close that is off, or a few in a row.

    Attributes
    ----------
    row, back, fund
        Rows of the first wrong close and of the first right one again; column.
    size
        Logarithm by which the closes are off, without sign.
    """

    row: int
    back: int
    fund: int
    size: float


def spikes(evidence: Evidence) -> list[Spike]:
    """Every spike of a market, in the order of days.

    Parameters
    ----------
    evidence
        Of a market.
    """
    residual = evidence.peers.residual
    with np.errstate(invalid="ignore"):
        starts = (np.abs(residual) > (1.0 - _NET) * LEAST) & (np.abs(evidence.peers.score) > 1.0)
    level = np.vstack([np.zeros((1, residual.shape[1])), np.cumsum(np.nan_to_num(residual), axis=0)])
    returned: dict[int, int] = {}
    found = []
    for t, i in np.argwhere(starts).tolist():
        # The way back is not the start of another spike.
        if returned.get(i, -1) >= t:
            continue
        back = _back(residual, level, t, i)
        if back is None or not _stands_out(evidence, t, back, i):
            continue
        returned[i] = back
        found.append(Spike(t, back, i, 0.5 * float(abs(residual[t, i]) + abs(residual[back, i]))))
    return found


def _back(residual: Floats, level: Floats, t: int, i: int) -> int | None:
    """The row at which what went off at t is back; None where it stays."""
    size, sign = abs(residual[t, i]), np.sign(residual[t, i])
    for end in range(t + 1, min(t + LONGEST, len(residual) - 1) + 1):
        off = sign * (level[end + 1, i] - level[t, i])
        step = -sign * residual[end, i]
        if step > (1.0 - _NET) * size and abs(off) <= _NET * min(size, step):
            return end
        if off < 0.5 * size:
            return None
    return None


def _stands_out(evidence: Evidence, t: int, back: int, i: int) -> bool:
    """Whether the steps out and back are beyond the fund's noise and its tail, and its own."""
    peers, steps = evidence.peers, [t, back]
    away = np.abs(peers.residual[steps, i])
    size = 0.5 * float(away.sum())
    match = float(away.sum() / np.sqrt(np.square(peers.noise[steps, i]).sum()))
    tail = np.fmin(evidence.tail[t, i], evidence.tail_in_noise[t, i] * peers.noise[t, i])
    itself = np.abs(evidence.changes.change[steps, i]) >= _ITSELF * away
    return bool(size >= LEAST and match >= _MATCH and not away.min() <= _TAIL * tail and itself.all())
