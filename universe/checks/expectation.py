"""What a fund should have done on a day, by what its closest peers did: the yardstick of the checks.

Peers and betas come from the 252 sessions before a block of 21, so that nothing of the future is in them. The
expectation is the median over the peers of beta times their return: one wrong price among the peers does not move it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from universe.checks.returns import Changes, Floats, Ints

PEERS = 9
WINDOW = 252
BLOCK = 21
LEAST = 40
"""Daily returns a fund must have before its peers can be told."""

_CLIP = 3.0
_FLOOR = 0.00005
"""Half a basis point: no close is known more exactly."""
_MEMORY = 42.0
"""Half-life in days of a fund's own noise."""
_OUTLIER = 4.0
_TO_DEVIATION = 1.4826
"""Median absolute deviation to standard deviation, of a normal."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """What peers say of each change; arrays of shape (sessions, funds), NaN where they cannot say.

    Attributes
    ----------
    expected
        Expected daily logarithmic change, also on days on which the fund has no close.
    residual
        Change less what was expected over the sessions it covers.
    noise
        Usual size (standard deviation) of the residual of a day before this one, more on days of stress.
    known
        Row at whose close the expectation of the day is known.
    """

    expected: Floats
    residual: Floats
    noise: Floats
    known: Ints

    @property
    def score(self) -> Floats:
        """Residuals in units of their noise."""
        return np.asarray(self.residual / self.noise)


def expectation_of(changes: Changes) -> Expectation:
    """Work out what each fund should have done on each day.

    A fund too young for peers is judged once it has `LEAST` returns, and then from its first day on.

    Parameters
    ----------
    changes
        Of all funds of a market.
    """
    daily = changes.daily
    sessions, funds = daily.shape
    expected = np.full((sessions, funds), np.nan)
    stress_peers: list[tuple[int, int, Ints, Ints]] = []
    known = np.tile(np.arange(sessions)[:, None], (1, funds))
    seen = np.zeros(funds, dtype=bool)
    for start in range(LEAST, sessions, BLOCK):
        first, end = max(0, start - WINDOW), min(start + BLOCK, sessions)
        window = daily[first:start]
        members = np.flatnonzero((~np.isnan(window)).sum(axis=0) >= LEAST)
        if len(members) < 3:
            continue
        peers, beta = _peers(window[:, members])
        peers = members[peers]
        fresh = ~seen[members]
        _expect(daily, members, peers, beta, start, end, expected)
        stress_peers.append((start, end, members, peers))
        if fresh.any():
            new = members[fresh]
            _expect(daily, new, peers[fresh], beta[fresh], first, start, expected)
            stress_peers.append((first, start, new, peers[fresh]))
            known[first:start, new] = start - 1
            seen[members] = True
    residual = _residuals(changes, expected)
    calm = _own_noise(residual, changes.span, known)
    noise = np.full_like(calm, np.nan)
    score = np.abs(residual) / calm
    for start, end, members, peers in stress_peers:
        _add_stress(score, calm, members, peers, start, end, noise)
    return Expectation(expected, residual, noise * np.sqrt(np.maximum(changes.span, 1)), known)


def _peers(window: Floats) -> tuple[Ints, Floats]:
    """Closest peers of each fund and its betas to them, by returns clipped against outliers and days of turmoil."""
    there = ~np.isnan(window)
    size = np.abs(window)
    moving = np.where(size > 0.0, size, np.nan)
    still = np.isnan(moving).all(axis=0)
    moving[:, still] = _FLOOR
    scale = np.maximum(np.nanmedian(moving, axis=0) * _TO_DEVIATION, _FLOOR)
    ratio = np.where(there, size / scale, np.nan)
    quiet = ~there.any(axis=1)
    ratio[quiet] = 1.0
    turmoil = np.maximum(np.nanmedian(ratio, axis=1) * _TO_DEVIATION, 0.5)
    unit = np.where(there, np.clip(window / scale / turmoil[:, None], -_CLIP, _CLIP), 0.0).astype(np.float32)
    mask = there.astype(np.float32)
    overlap = mask.T @ mask
    products = (unit.T @ unit) / np.maximum(overlap, 1.0)
    squares = ((unit * unit).T @ mask) / np.maximum(overlap, 1.0)
    likeness = np.abs(products) / np.sqrt(np.maximum(squares * squares.T, 1e-12)) * overlap / (overlap + 10.0)
    likeness[overlap < LEAST] = -1.0
    np.fill_diagonal(likeness, -2.0)
    count = min(PEERS, len(likeness) - 1)
    # A stable sort, so that ties do not hang on the order of columns more than they must.
    peers = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    beta = np.take_along_axis(products / np.maximum(squares.T, 1e-6), peers, axis=1).astype(np.float64)
    beta *= scale[:, None] / scale[peers]
    beta[np.take_along_axis(likeness, peers, axis=1) <= 0.0] = np.nan
    return peers, beta


@numba.njit(cache=True)
def _expect(daily: Floats, members: Ints, peers: Ints, beta: Floats, start: int, end: int, expected: Floats) -> None:
    said = np.empty(peers.shape[1])
    for t in range(start, end):
        for i in range(len(members)):
            n = 0
            for k in range(peers.shape[1]):
                value = beta[i, k] * daily[t, peers[i, k]]
                if not np.isnan(value):
                    said[n] = value
                    n += 1
            if n >= 2:
                expected[t, members[i]] = np.median(said[:n])


def _residuals(changes: Changes, expected: Floats) -> Floats:
    """Changes less the expectation over all the sessions they cover."""
    total = np.vstack([np.zeros((1, expected.shape[1])), np.cumsum(np.nan_to_num(expected), axis=0)])
    lacks = np.vstack([np.zeros((1, expected.shape[1]), dtype=np.intp), np.cumsum(np.isnan(expected), axis=0)])
    rows = np.arange(len(expected))[:, None] + 1
    begins = rows - np.maximum(changes.span, 1)
    whole = np.take_along_axis(lacks, begins, axis=0) == lacks[1:]
    over = total[1:] - np.take_along_axis(total, begins, axis=0)
    return np.where((changes.span > 0) & whole, changes.change - over, np.nan)


@numba.njit(cache=True)
def _own_noise(residual: Floats, span: Ints, known: Ints) -> Floats:
    """Exponentially weighted size of the residuals before each day, outliers clipped; shape (sessions, funds).

    It starts from the median over the days that become known together, at the latest of which it is known (`known` is
    moved there); a fund that has not come that far is not judged.
    """
    sessions, funds = residual.shape
    noise = np.full((sessions, funds), np.nan)
    decay = 0.5 ** (1.0 / _MEMORY)
    for i in range(funds):
        first = np.empty(sessions)
        n, begins, together = 0, 0, sessions
        for t in range(sessions):
            if not np.isnan(residual[t, i]) and span[t, i] == 1:
                if n == 0:
                    begins, together = t, max(known[t, i], t + LEAST)
                if t > together:
                    break
                first[n] = abs(residual[t, i])
                n += 1
        if together >= sessions:
            continue
        for t in range(begins, together + 1):
            known[t, i] = max(known[t, i], together)
        level = max(np.median(first[:n]) * 1.4826, _FLOOR)
        for t in range(sessions):
            noise[t, i] = level
            if not np.isnan(residual[t, i]) and span[t, i] == 1:
                # 1.2533: mean absolute deviation to standard deviation, of a normal.
                size = min(abs(residual[t, i]) * 1.2533, _OUTLIER * level)
                level = max(decay * level + (1.0 - decay) * size, _FLOOR)
    return noise


@numba.njit(cache=True)
def _add_stress(score: Floats, calm: Floats, members: Ints, peers: Ints, start: int, end: int, noise: Floats) -> None:
    """Noise on days on which peers, too, are further from what was expected than usual."""
    sizes = np.empty(peers.shape[1])
    for t in range(start, end):
        for i in range(len(members)):
            n = 0
            for k in range(peers.shape[1]):
                value = score[t, peers[i, k]]
                if not np.isnan(value):
                    sizes[n] = value
                    n += 1
            stress = 1.0 if n < 3 else max(1.0, np.median(sizes[:n]) / 0.6745)
            noise[t, members[i]] = calm[t, members[i]] * stress
