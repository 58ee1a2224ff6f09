"""Closes that peers do not follow: spikes that reverse (`universe.checks.spikes`), and jumps that stay.

Let e be the residual of a fund's logarithmic change (see `universe.checks.expectation`). A place stands out when e
exceeds a multiple of its usual noise and of its own tail (`Evidence.tail`), and a least size. It is a jump where it is
not the way out of a spike nor the way back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding, Severity
from universe.checks.returns import Floats
from universe.checks.spikes import CERTAIN, LONGEST, Spike, spikes

_JUMP_NOISE, _JUMP_TAIL, _JUMP_LEAST = 10.0, 3.0, 0.05
_NOTE_NOISE, _NOTE_TAIL = 6.0, 2.0
_NOTE_LEAST, _DISTRIBUTION = 0.0015, 0.01
"""A jump from the first to the second is of the size of a distribution."""
_ERROR = 0.10
"""No close of a bond fund is off its peers by so much, but for leveraged ones and in a panic; there the noise tells."""

_RATIO = 0.03
_DECIMALS = (10.0, 100.0, 1000.0)
_SPLITS = (2.0, 3.0, 4.0, 5.0, 1.5, 8.0)


def moves(evidence: Evidence) -> list[Finding]:
    """Spikes, shifts, jumps, and moves of the size of a distribution.

    Parameters
    ----------
    evidence
        Of a market.
    """
    residual, noise = evidence.peers.residual, evidence.peers.noise
    sudden = _beyond(residual, noise, evidence.tail, _JUMP_NOISE, _JUMP_TAIL, _JUMP_LEAST)
    quiet = _beyond(residual, noise, evidence.tail, _NOTE_NOISE, _NOTE_TAIL, _NOTE_LEAST)
    stays = sudden | quiet
    found = []
    for spike in spikes(evidence):
        found.append(_spike(evidence, spike, bool(sudden[spike.row, spike.fund])))
        # Neither the way out nor the way back is a move of its own.
        stays[[spike.row, spike.back], spike.fund] = False
    for t, i in np.argwhere(stays).tolist():
        if sudden[t, i]:
            found.append(_jump(evidence, t, i))
        elif t + LONGEST < len(residual) and not _undone(residual, t, i):
            found.append(_small_jump(evidence, t, i))
    return found


def _beyond(
    residual: Floats, noise: Floats, tail: Floats, by_noise: float, by_tail: float, least: float
) -> NDArray[np.bool_]:
    size = np.abs(residual)
    return np.asarray((size > by_noise * noise) & (size >= least) & ~(size <= by_tail * tail))


def _undone(residual: Floats, t: int, i: int) -> bool:
    """Whether a move is mostly taken back in the days after it, or was itself making up for those before it."""
    after = np.nansum(residual[t + 1 : t + 1 + LONGEST, i])
    before = np.nansum(residual[max(0, t - LONGEST) : t, i])
    sign, size = np.sign(residual[t, i]), abs(residual[t, i])
    return bool(-sign * after > 0.5 * size or -sign * before > 0.5 * size)


def _severity(size: float) -> Severity:
    return "error" if size >= _ERROR else "warning" if size >= CERTAIN else "note"


def _words(evidence: Evidence, t: int, i: int) -> str:
    """What happened on the day, and what peers make of it."""
    peers, change = evidence.peers, evidence.changes.change[t, i]
    span = int(evidence.changes.span[t, i])
    over = "" if span == 1 else f" over {span} sessions"
    expected = change - peers.residual[t, i]
    return (
        f"moves by {_percent(change)}{over} where its peers say {_percent(expected)}: "
        f"{abs(peers.residual[t, i]) / peers.noise[t, i]:.0f} times its usual distance from them"
    )


def _percent(log_change: float) -> str:
    value = 100.0 * np.expm1(log_change)
    return f"{value:+.0f} %" if abs(value) >= 10.0 else f"{value:+.2f} %"


def _spike(evidence: Evidence, spike: Spike, sudden: bool) -> Finding:
    t, i, back = spike.row, spike.fund, spike.back
    lasting = back - t
    back_words = f"and comes back on {evidence.day(back):%Y-%m-%d}"
    return Finding(
        ticker=str(evidence.changes.tickers[i]),
        date=evidence.day(t),
        last=evidence.day(back - 1),
        kind="spike",
        severity=_severity(spike.size),
        size=100.0 * float(np.expm1(spike.size)),
        unit="percent",
        why=f"{_words(evidence, t, i)}, {back_words}" + (f" after {lasting} sessions" if lasting > 1 else ""),
        known_from=evidence.known_from(t, i, t if sudden else back),
    )


def _jump(evidence: Evidence, t: int, i: int) -> Finding:
    residual = evidence.peers.residual[t, i]
    kind, ratio = _ratio(float(residual))
    return Finding(
        ticker=str(evidence.changes.tickers[i]),
        date=evidence.day(t),
        last=evidence.day(t),
        kind=kind,
        severity="error" if kind != "jump" else _severity(abs(residual)),
        size=ratio if kind != "jump" else float(100.0 * np.expm1(abs(residual))),
        unit="times" if kind != "jump" else "percent",
        why=_words(evidence, t, i) + ("" if kind == "jump" else f", as if its price were taken {ratio:g} times"),
        known_from=evidence.known_from(t, i, t),
    )


def _small_jump(evidence: Evidence, t: int, i: int) -> Finding:
    residual = evidence.peers.residual[t, i]
    of_distribution = abs(residual) < _DISTRIBUTION
    suspected = f", as if a distribution were {'counted twice' if residual > 0 else 'missing'}"
    return Finding(
        ticker=str(evidence.changes.tickers[i]),
        date=evidence.day(t),
        last=evidence.day(t),
        kind="distribution" if of_distribution else "jump",
        severity="note",
        size=float(1e4 * np.expm1(abs(residual)) if of_distribution else 100.0 * np.expm1(abs(residual))),
        unit="basis points" if of_distribution else "percent",
        why=f"{_words(evidence, t, i)} and stays there" + (suspected if of_distribution else ""),
        known_from=evidence.known_from(t, i, t + LONGEST),
    )


def _ratio(residual: float) -> tuple[str, float]:
    """The kind of a jump by its ratio, and the ratio."""
    up = abs(residual)
    for kind, ratios in (("decimal_shift", _DECIMALS), ("split", _SPLITS)):
        for ratio in ratios:
            if abs(up - np.log(ratio)) < _RATIO:
                return kind, ratio if residual > 0 else 1.0 / ratio
    return "jump", float(np.exp(residual))
