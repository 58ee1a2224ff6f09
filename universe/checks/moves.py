"""Closes that peers do not follow: spikes that reverse, and jumps that stay.

Let e be the residual of a fund's logarithmic change (see `universe.checks.expectation`). A place stands out when e
exceeds a multiple of its usual noise and of its own tail (`Evidence.tail`), and a least size. It is a spike when within
five sessions the residuals take it back, and a jump otherwise. A spike of a given size says more than a jump of it: a
thin fund that has not traded for days jumps when it does, but nothing makes it come back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding, Severity
from universe.checks.returns import Floats, Ints

LONGEST_SPIKE = 5
"""Sessions within which a price comes back."""

_SPIKES = ((8.0, 2.0, 0.01), (6.0, 2.0, 0.02))
"""Least size of a spike in units of the noise, in units of the tail, and as such; either line will do."""
_WARNING = 0.02
"""A smaller spike is worth knowing: a thin fund's close is now and then a per cent off, and back the next day."""
_NET = 0.3
"""How much of a spike may stay."""
_ITSELF = 0.25
"""How much of the residual the fund itself must have moved, and not its peers."""
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
    back = _comes_back(evidence)
    sudden = _beyond(residual, noise, evidence.tail, _JUMP_NOISE, _JUMP_TAIL, _JUMP_LEAST)
    quiet = _beyond(residual, noise, evidence.tail, _NOTE_NOISE, _NOTE_TAIL, _NOTE_LEAST)
    # The way back of a spike is no move of its own.
    returning = np.zeros(residual.shape, dtype=bool)
    rows, funds = np.nonzero(back)
    returning[back[rows, funds], funds] = True
    spikes = zip(rows.tolist(), funds.tolist(), strict=True)
    found = [_spike(evidence, t, i, int(back[t, i]), bool(sudden[t, i])) for t, i in spikes]
    stays = (sudden | quiet) & (back == 0) & ~returning
    for t, i in np.argwhere(stays).tolist():
        if sudden[t, i]:
            found.append(_jump(evidence, t, i))
        elif t + LONGEST_SPIKE < len(residual) and not _undone(residual, t, i):
            found.append(_small_jump(evidence, t, i))
    return found


def _beyond(
    residual: Floats, noise: Floats, tail: Floats, by_noise: float, by_tail: float, least: float
) -> NDArray[np.bool_]:
    size = np.abs(residual)
    return np.asarray((size > by_noise * noise) & (size >= least) & ~(size <= by_tail * tail))


def _comes_back(evidence: Evidence) -> Ints:
    """The row at which a spike that starts here is back; 0 where none starts."""
    residual, noise = evidence.peers.residual, evidence.peers.noise
    sessions = len(residual)
    back = np.zeros(residual.shape, dtype=np.intp)
    level = np.vstack([np.zeros((1, residual.shape[1])), np.cumsum(np.nan_to_num(residual), axis=0)])
    starts = np.logical_or.reduce([_beyond(residual, noise, evidence.tail, *least) for least in _SPIKES])
    # A fund that stays where it was and follows its peers a day later is late, and has no spike.
    itself = np.sign(residual) * evidence.changes.change >= _ITSELF * np.abs(residual)
    for t, i in np.argwhere(starts & itself):
        # The way back is not the start of another spike.
        if back[max(0, t - LONGEST_SPIKE) : t, i].max(initial=0) >= t:
            continue
        size, sign = abs(residual[t, i]), np.sign(residual[t, i])
        for end in range(t + 1, min(t + LONGEST_SPIKE, sessions - 1) + 1):
            off = sign * (level[end + 1, i] - level[t, i])
            step = -sign * residual[end, i]
            if step > (1.0 - _NET) * size and abs(off) <= _NET * min(size, step):
                if itself[end, i]:
                    back[t, i] = end
                break
            if off < 0.5 * size:
                break
    return back


def _undone(residual: Floats, t: int, i: int) -> bool:
    """Whether a move is mostly taken back in the days after it, or was itself making up for those before it."""
    after = np.nansum(residual[t + 1 : t + 1 + LONGEST_SPIKE, i])
    before = np.nansum(residual[max(0, t - LONGEST_SPIKE) : t, i])
    sign, size = np.sign(residual[t, i]), abs(residual[t, i])
    return bool(-sign * after > 0.5 * size or -sign * before > 0.5 * size)


def _severity(size: float) -> Severity:
    return "error" if size >= _ERROR else "warning" if size >= _WARNING else "note"


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


def _spike(evidence: Evidence, t: int, i: int, back: int, sudden: bool) -> Finding:
    residual = evidence.peers.residual[t, i]
    size = float(np.expm1(abs(residual)))
    lasting = back - t
    back_words = f"and comes back on {evidence.day(back):%Y-%m-%d}"
    return Finding(
        ticker=str(evidence.changes.tickers[i]),
        date=evidence.day(t),
        last=evidence.day(back - 1),
        kind="spike",
        severity=_severity(abs(residual)),
        size=100.0 * size,
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
        known_from=evidence.known_from(t, i, t + LONGEST_SPIKE),
    )


def _ratio(residual: float) -> tuple[str, float]:
    """The kind of a jump by its ratio, and the ratio."""
    up = abs(residual)
    for kind, ratios in (("decimal_shift", _DECIMALS), ("split", _SPLITS)):
        for ratio in ratios:
            if abs(up - np.log(ratio)) < _RATIO:
                return kind, ratio if residual > 0 else 1.0 / ratio
    return "jump", float(np.exp(residual))
