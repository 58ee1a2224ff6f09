"""Distributions counted twice or missing, by the fund's own habit of paying and by what its peers say of the day.

Every distribution that closes imply (`universe.checks.implied`) is judged by those before it. With d its size, z the
logarithm of d over the usual one (the median of the last six), y the same over the last one and s the fund's own spread
of z, the evidence that it is counted twice is the logarithm of

    f((z - log 2) / s) / f(min(|z|, |y|) / s)  *  g((e - d / 2) / v) / g(e / v),

f and g being Student's densities with three degrees of freedom. The first ratio is the habit: half of it would be as
usual, and it is not simply as large as the last one. The second is the peers: what is counted too often shows in the
fund's return e beside theirs, with its noise v (`universe.checks.expectation`), and a large distribution that was
really paid does not. A second one of the same size within a third of the usual pause is judged by how often the fund
had that before, and with d in place of d / 2. One that does not come is judged by how often the fund skipped, and by
the return that is missing on a day on which it may have been due.

At the end of a year funds pay out gains. Size and pause say nothing against a distribution of December; only peers do,
and without them it is a note. None is expected in the weeks after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding
from universe.checks.implied import UNDONE_WITHIN, Implied
from universe.checks.returns import Floats, Ints

LEAST_PAYMENTS = 6
"""Distributions before one that is judged."""
_RECENT, _REMEMBERED = 6, 24
_SPREAD = 0.12
"""Distributions of no fund are known to be more alike than this."""
_WARNING, _NOTE = float(np.log(30.0)), float(np.log(6.0))
_TWICE = (1.5, 2.7)
"""How many times the usual size is about twice. The size of a larger one says nothing, and its peers all."""
_MATERIAL = 0.0005
_SOON, _LATE = 0.34, 1.5
"""Shares of the usual pause: a second distribution, and one that has not come."""
_SAME = 0.3
"""Logarithm of the ratio of two that may be the same."""
_RAREST = 0.1
"""No habit says that something happens less often than this."""
_PEER_SCALE = 0.8
"""Scale of Student's density to the noise, a standard deviation clipped against outliers."""
_DECEMBER = 12


@dataclass(frozen=True, eq=False)
class Payer:
    """How a fund had paid before each of its distributions, and after the last; arrays of shape (distributions + 1,).

    Attributes
    ----------
    rows, sizes
        Where they are, and how large: fractions of the close before. The last is no row, and NaN.
    usual
        Median of the six before.
    spread
        Usual size, over the 24 before, of the logarithm of a distribution over the usual one.
    pause
        Usual sessions from one to the next.
    soon, skipped
        Shares of the pauses that were so short that a second one came, and so long that one did not.
    """

    rows: Ints
    sizes: Floats
    usual: Floats
    spread: Floats
    pause: Floats
    soon: Floats
    skipped: Floats


def payer(rows: Ints, sizes: Floats, sessions: int) -> Payer:
    """The habit behind the distributions of a fund.

    Parameters
    ----------
    rows, sizes
        Of its distributions.
    sessions
        Rows there are.
    """
    size = pd.Series(np.append(sizes, np.nan))
    usual = size.shift().rolling(_RECENT, min_periods=_RECENT - 2).median()
    apart = pd.Series(np.abs(np.log(size / usual))).shift()
    spread = 1.4826 * apart.rolling(_REMEMBERED, min_periods=1).median()
    pauses = pd.Series(np.diff(rows, prepend=np.nan, append=np.nan)).shift()
    pause = pauses.rolling(_REMEMBERED, min_periods=1).median()
    padded = np.append(np.full(_REMEMBERED - 1, np.nan), pauses)
    before = np.asarray(np.lib.stride_tricks.sliding_window_view(padded, _REMEMBERED), dtype=np.float64)
    count = np.maximum(np.sum(~np.isnan(before), axis=1), 1)
    return Payer(
        rows=np.append(rows, sessions),
        sizes=size.to_numpy(),
        usual=usual.to_numpy(),
        spread=np.maximum(spread.to_numpy(), _SPREAD),
        pause=pause.to_numpy(),
        soon=np.sum(before <= _SOON * pause.to_numpy()[:, None], axis=1) / count,
        skipped=np.sum(before > _LATE * pause.to_numpy()[:, None], axis=1) / count,
    )


def judged(implied: Implied) -> NDArray[np.bool_]:
    """Days of funds on which their own distributions can tell, shape (sessions, funds)."""
    before: Ints = np.cumsum(implied.paid, axis=0) - implied.paid
    return np.asarray(~np.isnan(implied.rate) & (before >= LEAST_PAYMENTS))


def distributions(evidence: Evidence, implied: Implied) -> list[Finding]:
    """Distributions counted twice or missing, and places where the two series part otherwise.

    Parameters
    ----------
    evidence
        Of a market.
    implied
        Distributions of the same sessions and funds.
    """
    found: list[Finding] = []
    sessions = len(implied.rate)
    for i in np.flatnonzero(implied.paid.sum(axis=0) >= LEAST_PAYMENTS).tolist():
        rows = np.flatnonzero(implied.paid[:, i])
        habit = payer(rows, implied.rate[rows, i], sessions)
        for n in range(LEAST_PAYMENTS, len(rows) + 1):
            if n < len(rows) and rows[n] + UNDONE_WITHIN < sessions:
                found += _too_much(evidence, implied, i, habit, n)
            found += _missing(evidence, implied, i, habit, n)
    return found + list(_parted(evidence, implied))


def _too_much(evidence: Evidence, implied: Implied, i: int, payer: Payer, n: int) -> list[Finding]:
    t, size, usual = int(payer.rows[n]), float(payer.sizes[n]), float(payer.usual[n])
    pause, before = t - int(payer.rows[n - 1]), float(payer.sizes[n - 1])
    december = evidence.day(t).month == _DECEMBER
    if pause <= _SOON * payer.pause[n] and abs(np.log(size / before)) <= _SAME:
        extra = size
        habit = -np.log(max(payer.soon[n], _RAREST))
        says = f"{pause} sessions after one of {_points(before)}, where {payer.pause[n]:.0f} are usual"
    elif size / usual >= _TWICE[0]:
        extra = size / 2.0
        z, spread = np.log(size / usual), payer.spread[n]
        # One that is as the last one was is a new level.
        least = min(abs(z), abs(np.log(size / before)))
        about_twice = size / usual <= _TWICE[1]
        habit = _student((z - np.log(2.0)) / spread) - _student(least / spread) if about_twice else 0.0
        says = f"{size / usual:.1f} times the usual one of {_points(usual)}"
    else:
        return []
    # After blank closes its day is not known, and peers say nothing of it.
    sure = not np.isnan(implied.rate[t - 1, i])
    against = _against_peers(evidence, i, t, extra) if sure else 0.0
    beside = _beside_peers(evidence, i, t) if sure else ""
    strength = against + (min(habit, 0.0) if december else habit)
    noted = december and against + habit >= _WARNING
    if extra < _MATERIAL or (strength < _NOTE and not noted):
        return []
    if december and size > _TWICE[1] * usual:
        # Gains: a return that is off by half of them is not enough to say otherwise.
        strength = min(strength, _NOTE)
    gains = ", perhaps gains paid out at the end of the year" if december else ""
    why = f"counts a distribution of {_points(size)}, {says}{beside}: counted twice{gains}"
    return [_finding(evidence, i, (t, t), t + UNDONE_WITHIN, strength, extra, why)]


def _missing(evidence: Evidence, implied: Implied, i: int, payer: Payer, n: int) -> list[Finding]:
    """The distribution that was due before the one of a number, and has not come."""
    last, pause, usual = int(payer.rows[n - 1]), float(payer.pause[n]), float(payer.usual[n])
    due, end = round(last + pause), int(np.ceil(last + _LATE * pause))
    seen = end + UNDONE_WITHIN
    if payer.rows[n] <= end or seen >= len(implied.rate) or usual < _MATERIAL:
        return []
    # At the end of a year the next one is often paid early.
    if evidence.day(last).month == _DECEMBER:
        return []
    # Where the two series part otherwise, one that came may be hidden.
    unknown = np.isnan(implied.rate[last + 1 : seen + 1, i]) | implied.parted[last + 1 : seen + 1, i]
    if unknown.any():
        return []
    around = np.arange(due - max(2, (end - due) // 2), end + 1)
    said = np.array([_against_peers(evidence, i, t, -usual) for t in around.tolist()])
    likely = _due(evidence, payer.rows[:n], around)
    strength = float(np.log(likely @ np.exp(said)) - np.log(max(payer.skipped[n], _RAREST)))
    if strength < _NOTE:
        return []
    at = int(around[np.argmax(likely * np.exp(said))])
    why = (
        f"counts no distribution in the {end - last} sessions from {evidence.day(last):%Y-%m-%d} to "
        f"{evidence.day(end):%Y-%m-%d}, where one of {_points(usual)} every {pause:.0f} is usual"
        f"{_beside_peers(evidence, i, at)} on {evidence.day(at):%Y-%m-%d}: missing"
    )
    return [_finding(evidence, i, (int(around[0]), end), seen, strength, usual, why)]


def _due(evidence: Evidence, rows: Ints, around: Ints) -> Floats:
    """How likely each of some days is the one on which a distribution is due, by the place in the month of the last."""
    sessions = evidence.changes.sessions
    months = sessions.year * 12 + sessions.month
    begins = np.searchsorted(months, months[around])
    ends = np.searchsorted(months, months[around], side="right")
    past = rows[-_REMEMBERED:]
    past_begins = np.searchsorted(months, months[past])
    past_ends = np.searchsorted(months, months[past], side="right")
    from_first = np.mean((around - begins)[:, None] == (past - past_begins)[None, :], axis=1)
    from_last = np.mean((ends - around)[:, None] == (past_ends - past)[None, :], axis=1)
    share = from_first if from_first.max() >= from_last.max() else from_last
    likely = share + 1.0 / len(around) / len(past)
    return np.asarray(likely / likely.sum())


def _parted(evidence: Evidence, implied: Implied) -> Iterator[Finding]:
    """Places where adjusted and plain closes part without a distribution; those within some sessions are one."""
    apart = implied.parted & (np.abs(implied.rate) >= _MATERIAL)
    for i in np.flatnonzero(apart.any(axis=0)).tolist():
        rows = np.flatnonzero(apart[:, i])
        for place in np.split(rows, np.flatnonzero(np.diff(rows) > UNDONE_WITHIN) + 1):
            first, last = int(place[0]), int(place[-1])
            sizes = implied.rate[place, i]
            seen = min(last + UNDONE_WITHIN, len(implied.rate) - 1)
            yield Finding(
                ticker=str(evidence.changes.tickers[i]),
                date=evidence.day(first),
                last=evidence.day(last),
                kind="adjustment",
                severity="note",
                size=float(1e4 * np.abs(sizes).max()),
                unit="basis points",
                why="adjusted and plain closes part by "
                + ", ".join(f"{1e4 * size:+.0f}" for size in sizes[:4])
                + f"{' ...' if len(sizes) > 4 else ''} basis points, as no distribution does: one of the two is wrong",
                known_from=evidence.day(seen),
            )


def _against_peers(evidence: Evidence, i: int, t: int, extra: float) -> float:
    """Evidence that a return holds something that it should not, by what peers say; 0 where they say nothing."""
    off, noise = evidence.peers.residual[t, i], _PEER_SCALE * evidence.peers.noise[t, i]
    if np.isnan(off) or np.isnan(noise):
        return 0.0
    return float(_student((off - extra) / noise) - _student(off / noise))


def _student(x: float) -> float:
    """Logarithm of Student's density with three degrees of freedom, but for a constant."""
    return float(-2.0 * np.log1p(x * x / 3.0))


def _finding(
    evidence: Evidence, i: int, rows: tuple[int, int], seen: int, strength: float, size: float, why: str
) -> Finding:
    return Finding(
        ticker=str(evidence.changes.tickers[i]),
        date=evidence.day(rows[0]),
        last=evidence.day(rows[1]),
        kind="distribution",
        severity="warning" if strength >= _WARNING else "note",
        size=1e4 * size,
        unit="basis points",
        why=why,
        known_from=evidence.known_from(rows[1], i, seen),
    )


def _beside_peers(evidence: Evidence, i: int, t: int) -> str:
    off = evidence.peers.residual[t, i]
    return "" if np.isnan(off) else f", and its return is {1e4 * off:+.0f} beside what peers say"


def _points(share: float) -> str:
    return f"{1e4 * share:.0f} basis points"
