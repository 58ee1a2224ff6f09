"""Series that go on as another fund: a ticker that a source has given to somebody else.

For fund i let d_i(t) = |r(t) - E_i(t)| be its distance from what its own peers say, b_i its usual distance, and
d_ij(t) = |r(t) - E_j(t)| the distance of its return from what the peers of another fund j say. With distances as
Laplace has them, the evidence a day that the series is j's is

    log(b_i / b_j) + d_i / b_i - d_ij / b_j,

in which b_i and b_j are larger in weeks in which the funds most like each are further from their peers, too. The
series has switched when over five blocks of seven sessions it is j's by so much, and over five blocks before it was its
own by as much. Where j's peers do not say better where the returns went, but only how far they go, the evidence counts
for less: a fund may become noisier by itself.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding
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
_WRONG = 0.05
"""A change further from what peers say is a wrong close or the way back from one, and says nothing of whose it is."""
_ALIKE = 8
_BETTER, _NO_BETTER = 1.4, 0.4
"""How many times nearer j's peers must be to count in full, and what the evidence counts for otherwise."""
_WARNING, _NOTE = 1.0, 0.5
_STEP_NOISE, _STEP_TAIL, _NEAR = 6.0, 2.0, 5
"""A step, in units of the fund's noise and tail, and within how many sessions of a switch it makes a warning of a note:
a ticker that is given to another fund mostly jumps to that fund's level."""
_IDLE, _YEAR = 0.5, 252
"""A share of unchanged closes in the year before, above which a switch is a note: such a fund follows nobody, its peers
are chance, and when it begins to be traded it moves like another."""
_PAUSE = 12
"""Blocks after a switch in which no other is looked for."""


def switches(evidence: Evidence) -> list[Finding]:
    """Funds whose returns go on as those of another.

    Parameters
    ----------
    evidence
        Of a market.
    """
    peers = evidence.peers
    daily = np.where(np.abs(peers.residual) > _WRONG, np.nan, evidence.changes.daily)
    # What was only known later is left out: a switch is told by what was known on its day.
    expected = np.where(peers.known == np.arange(len(daily))[:, None], peers.expected, np.nan)
    size = np.abs(peers.residual)
    steps = (size > _STEP_NOISE * peers.noise) & (size > _STEP_TAIL * evidence.tail)
    blocks, funds = len(daily) // BLOCK, daily.shape[1]
    window = 2 * SPAN + APART
    ring = np.empty((window, funds, funds), dtype=np.float32)
    own = np.full((blocks, funds), np.nan)
    pausing = np.zeros(funds, dtype=np.intp)
    found = []
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
        strength, other = _strength(before, after, usual)
        for place in np.flatnonzero((strength >= _NOTE) & (pausing[there] <= block)):
            i, to = int(there[place]), int(other[place])
            pausing[i] = block + _PAUSE
            pair = (i, int(there[to]))
            start = _start(daily, expected, pair, (first + SPAN - 1) * BLOCK, (block - SPAN + 2) * BLOCK)
            near = steps[max(0, start - _NEAR) : min(start + _NEAR + 1, rows.stop), i]
            certain = bool(strength[place] >= _WARNING or near.any()) and not _idle(daily[:start, i])
            seen = rows.stop - 1
            found.append(_finding(evidence, pair, start, seen, certain, after[place, place], after[place, to]))
    return found


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


def _strength(before: Floats, after: Floats, usual: Floats) -> tuple[Floats, Ints]:
    """Evidence a day that each fund has gone on as another, and as which; shape (funds,) each."""
    own_before, own_after = np.diagonal(before), np.diagonal(after)
    distance = before.copy()
    np.fill_diagonal(distance, np.inf)
    alike = np.argpartition(distance, _ALIKE - 1, axis=1)[:, :_ALIKE]
    # On a week of turmoil the funds most like it are off as well.
    width_before = usual * np.maximum(1.0, np.median((own_before / usual)[alike], axis=1))
    width_after = usual * np.maximum(1.0, np.median((own_after / usual)[alike], axis=1))
    is_other = _evidence(after, own_after, width_after)
    was_itself = -_evidence(before, own_before, width_before)
    weight = np.where(own_after[:, None] >= _BETTER * after, 1.0, _NO_BETTER)
    strength = np.minimum(is_other, was_itself) * weight
    np.fill_diagonal(strength, -np.inf)
    other = np.argmax(strength, axis=1)
    return strength[np.arange(len(strength)), other], other


def _evidence(distance: Floats, own: Floats, width: Floats) -> Floats:
    mine, others = width[:, None], width[None, :]
    return np.asarray(np.log(mine / others) + own[:, None] / mine - distance / others)


def _idle(before: Floats) -> bool:
    """Whether a fund has hardly been traded."""
    known = before[~np.isnan(before)][-_YEAR:]
    return bool(np.count_nonzero(known == 0.0) > _IDLE * len(known))


def _start(daily: Floats, expected: Floats, pair: tuple[int, int], first: int, end: int) -> int:
    """The row from which on the returns are nearer to the other fund's peers."""
    i, j = pair
    nearer = np.abs(daily[first:end, i] - expected[first:end, i]) - np.abs(daily[first:end, i] - expected[first:end, j])
    return first + int(np.argmax(np.cumsum(np.nan_to_num(nearer)[::-1])[::-1]))


def _finding(
    evidence: Evidence, pair: tuple[int, int], start: int, seen: int, certain: bool, own: float, others: float
) -> Finding:
    ticker, other = (str(evidence.changes.tickers[fund]) for fund in pair)
    return Finding(
        ticker=ticker,
        date=evidence.day(start),
        last=None,
        kind="switch",
        severity="warning" if certain else "note",
        size=float(own / others),
        unit="times",
        why=f"moves like {other} from about {evidence.day(start):%Y-%m-%d} on: in the {SPAN * BLOCK} sessions to "
        f"{evidence.day(seen):%Y-%m-%d} it is {1e4 * own:.1f} basis points a day from what its own peers say and "
        f"{1e4 * others:.1f} from what those of {other} say; before, it was the other way round",
        known_from=evidence.day(seen),
    )
