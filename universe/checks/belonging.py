"""Whose returns a series has: its own fund's, or another's from a time on.

For fund i let d_i(t) = |r(t) - E_i(t)| be its distance from what its own peers say, b_i its usual distance, and
d_ij(t) = |r(t) - E_j(t)| the distance of its return from what the peers of another fund j say. With distances as
Laplace has them, the evidence a day that the series is j's is

    log(b_i / b_j) + d_i / b_i - d_ij / b_j,

in which b_i and b_j are larger in weeks in which the funds most like each are further from their peers, too. The
series has gone on as j's by the lesser of two: what says over five blocks of seven sessions that it is j's, and what
says over five blocks before that it was its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from universe.checks.returns import Floats, Ints

BLOCK = 7
SPAN = 5
"""Blocks on each side."""
APART = 1
"""Blocks between them, in which the switch falls."""
_USUAL = 9
"""Blocks before the switch from which the usual distance is read."""
_FLOOR = 1e-4
"""A basis point: the rounding of closes."""
_ALIKE = 8


@dataclass(frozen=True, eq=False)
class Belonging:
    """What is known at the end of a block about a switch in the middle of the window that ends with it.

    Attributes
    ----------
    block
        The block.
    funds
        Columns of the funds that can be judged, shape (judged,).
    evidence
        Evidence a day that each (row) has gone on as each other (column), shape (judged, judged); minus infinity on
        the diagonal.
    after
        Mean distance of each one's returns from what the peers of each other say, after the switch, same shape.
    """

    block: int
    funds: Ints
    evidence: Floats
    after: Floats

    @property
    def last(self) -> int:
        """The row at whose close it is known."""
        return (self.block + 1) * BLOCK - 1

    @property
    def between(self) -> slice:
        """Rows of which one is the first of the switch: the block in the middle and those beside it."""
        return slice((self.block - SPAN - APART) * BLOCK, (self.block - SPAN + 2) * BLOCK)

    @property
    def times_nearer(self) -> Floats:
        """How many times nearer the peers of each other (column) are than each one's own."""
        return np.asarray(np.diagonal(self.after)[:, None] / self.after)


def belongings(daily: Floats, expected: Floats) -> Iterator[Belonging]:
    """Block after block, from the first with a whole window before it.

    Parameters
    ----------
    daily
        Changes of a session, shape (sessions, funds), NaN where there is none to look at.
    expected
        What each fund's peers say of them, same shape.
    """
    blocks, funds = len(daily) // BLOCK, daily.shape[1]
    window = 2 * SPAN + APART
    ring = np.empty((window, funds, funds), dtype=np.float32)
    own = np.full((blocks, funds), np.nan)
    for block in range(blocks):
        rows = slice(block * BLOCK, (block + 1) * BLOCK)
        _distances(daily[rows], expected[rows], ring[block % window])
        own[block] = np.diagonal(ring[block % window])
        first = block - window + 1
        if first < 0:
            continue
        there = np.flatnonzero(~np.isnan(own[first : block + 1]).any(axis=0))
        if len(there) <= _ALIKE:
            continue
        usual = np.nanmean(own[max(0, first + SPAN - _USUAL) : first + SPAN, there], axis=0) + _FLOOR
        before = _mean_of(ring, range(first, first + SPAN), there)
        after = _mean_of(ring, range(block - SPAN + 1, block + 1), there)
        yield Belonging(block, there, _switched(before, after, usual), after)


@numba.njit(cache=True)
def _distances(daily: Floats, expected: Floats, out: NDArray[np.float32]) -> None:
    """Mean distance of each fund's returns from what the peers of each other say in a block; NaN without days."""
    days, funds = daily.shape
    out[:] = np.nan
    there = np.empty(funds, dtype=np.intp)
    count = 0
    for i in range(funds):
        returns, said = 0, 0
        for t in range(days):
            returns += not np.isnan(daily[t, i])
            said += not np.isnan(expected[t, i])
        if returns >= days - 2 and said == days:
            there[count] = i
            count += 1
    for a in range(count):
        i = there[a]
        for b in range(count):
            total, n = 0.0, 0
            for t in range(days):
                if not np.isnan(daily[t, i]):
                    total += abs(daily[t, i] - expected[t, there[b]])
                    n += 1
            out[i, there[b]] = total / n


def _mean_of(ring: NDArray[np.float32], blocks: range, funds: Ints) -> Floats:
    """Mean distances over some blocks, shape (funds, funds)."""
    total = np.zeros((len(funds), len(funds)))
    for block in blocks:
        total += ring[block % len(ring)][np.ix_(funds, funds)]
    return total / len(blocks) + _FLOOR


def _switched(before: Floats, after: Floats, usual: Floats) -> Floats:
    """Evidence a day that each fund has gone on as each other, shape (funds, funds)."""
    own_before, own_after = np.diagonal(before), np.diagonal(after)
    distance = before.copy()
    np.fill_diagonal(distance, np.inf)
    alike = np.argpartition(distance, _ALIKE - 1, axis=1)[:, :_ALIKE]
    # On a week of turmoil the funds most like it are off as well.
    width_before = usual * np.maximum(1.0, np.median((own_before / usual)[alike], axis=1))
    width_after = usual * np.maximum(1.0, np.median((own_after / usual)[alike], axis=1))
    is_other = _evidence(after, own_after, width_after)
    was_itself = -_evidence(before, own_before, width_before)
    evidence = np.minimum(is_other, was_itself)
    np.fill_diagonal(evidence, -np.inf)
    return evidence


def _evidence(distance: Floats, own: Floats, width: Floats) -> Floats:
    mine, others = width[:, None], width[None, :]
    return np.asarray(np.log(mine / others) + own[:, None] / mine - distance / others)
