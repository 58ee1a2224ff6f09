"""Series that go on as another fund: a ticker that a source has given to somebody else.

A fund has switched when the evidence that its returns are another's (`universe.checks.belonging`) is large. Where the
other's peers do not say better where the returns went, but only how far they go, the evidence counts for less: a fund
may become noisier by itself.

Two funds have changed places when the first goes on as the second and the second as the first from the same days on.
That two funds should by chance do so towards each other is far rarer than that one does, so much less evidence of each
will do; and as it is asked of the pair, near twins of either do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from universe.checks.belonging import BLOCK, SPAN, Belonging, belongings
from universe.checks.evidence import Evidence
from universe.checks.finding import Finding, Severity
from universe.checks.returns import Floats

_WRONG = 0.05
"""A change further from what peers say is a wrong close or the way back from one, and says nothing of whose it is."""
_BETTER, _NO_BETTER = 1.4, 0.4
"""How many times nearer the other's peers must be to count in full, and what the evidence counts for otherwise."""
_WARNING, _NOTE = 1.0, 0.5
_EACH, _BOTH, _NEARER = 0.4, 0.6, 1.2
"""The least evidence of each of two funds that change places, the least of both together, weighted, and how many times
nearer the other's peers must be for each: in turmoil evidence comes from sizes alone."""
_STEP_NOISE, _STEP_TAIL, _NEAR = 6.0, 2.0, 5
"""A step, in units of the fund's noise and tail, and within how many sessions of a switch it makes a warning of a note:
a ticker that is given to another fund mostly jumps to that fund's level."""
_IDLE, _YEAR = 0.5, 252
"""A share of unchanged closes in the year before, above which a switch is a note: such a fund follows nobody, its peers
are chance, and when it begins to be traded it moves like another."""
_PAUSE = 12
"""Blocks after a switch in which no other is looked for."""


@dataclass(frozen=True)
class _Switch:
    """A fund that goes on as another: columns, rows, and mean distances from what the peers of either say."""

    fund: int
    other: int
    start: int
    seen_at: int
    severity: Severity
    mutual: bool
    own: float
    others: float


@dataclass(frozen=True, eq=False)
class _Series:
    """What switches are told from; arrays of shape (sessions, funds)."""

    daily: Floats
    expected: Floats
    steps: NDArray[np.bool_]

    def start(self, seen: Belonging, pairs: list[tuple[int, int]]) -> int:
        """The row from which on the first of each pair is nearer to what the peers of the second say."""
        rows = seen.between
        nearer = np.zeros(rows.stop - rows.start)
        for i, j in pairs:
            returns, own, others = self.daily[rows, i], self.expected[rows, i], self.expected[rows, j]
            nearer += np.nan_to_num(np.abs(returns - own) - np.abs(returns - others))
        return int(rows.start + np.argmax(np.cumsum(nearer[::-1])[::-1]))

    def idle(self, fund: int, start: int) -> bool:
        """Whether a fund has hardly been traded before a row."""
        before = self.daily[:start, fund]
        known = before[~np.isnan(before)][-_YEAR:]
        return bool(np.count_nonzero(known == 0.0) > _IDLE * len(known))

    def steps_near(self, fund: int, start: int, seen_at: int) -> bool:
        """Whether a fund has a step near a row, as far as one can see at a later one."""
        return bool(self.steps[max(0, start - _NEAR) : min(start + _NEAR, seen_at) + 1, fund].any())


def switches(evidence: Evidence) -> list[Finding]:
    """Funds whose returns go on as those of another.

    Parameters
    ----------
    evidence
        Of a market.
    """
    series = _series(evidence)
    until_pair, until_single = (np.zeros(series.daily.shape[1], dtype=np.intp) for _ in range(2))
    found: list[_Switch] = []
    for seen in belongings(series.daily, series.expected):
        weighted = seen.evidence * np.where(seen.times_nearer >= _BETTER, 1.0, _NO_BETTER)
        free = until_pair[seen.funds] <= seen.block
        pairs = [one for pair in _changed_places(series, seen, weighted, free) for one in pair]
        for one in pairs:
            until_pair[one.fund] = until_single[one.fund] = seen.block + _PAUSE
        singles = [one for one in _single(series, seen, weighted) if until_single[one.fund] <= seen.block]
        for one in singles:
            until_single[one.fund] = seen.block + _PAUSE
        found += pairs + singles
    return [_finding(evidence, switch) for switch in _told_once(found)]


def _series(evidence: Evidence) -> _Series:
    peers = evidence.peers
    daily = np.where(np.abs(peers.residual) > _WRONG, np.nan, evidence.changes.daily)
    # What was only known later is left out: a switch is told by what was known on its day.
    expected = np.where(peers.known == np.arange(len(daily))[:, None], peers.expected, np.nan)
    size = np.abs(peers.residual)
    return _Series(daily, expected, (size > _STEP_NOISE * peers.noise) & (size > _STEP_TAIL * evidence.tail))


def _single(series: _Series, seen: Belonging, weighted: Floats) -> Iterator[_Switch]:
    """Funds that go on as another, whatever becomes of that."""
    best = weighted.argmax(axis=1)
    strength = weighted[np.arange(len(weighted)), best]
    for one in np.flatnonzero(strength >= _NOTE).tolist():
        other = int(best[one])
        fund = int(seen.funds[one])
        start = series.start(seen, [(fund, int(seen.funds[other]))])
        strong = strength[one] >= _WARNING or series.steps_near(fund, start, seen.last)
        yield _switch(seen, one, other, start, "warning" if strong and not series.idle(fund, start) else "note", False)


def _changed_places(
    series: _Series, seen: Belonging, weighted: Floats, free: NDArray[np.bool_]
) -> Iterator[tuple[_Switch, _Switch]]:
    """Pairs of funds that go on as each other, each with the one that both together say most of."""
    each = (seen.evidence >= _EACH) & (seen.times_nearer >= _NEARER) & free[:, None]
    both = np.where(each & each.T, weighted + weighted.T, -np.inf)
    best = both.argmax(axis=1)
    for one, other in enumerate(best.tolist()):
        # Who is like one of the two seems to change places with the other, which has a better match.
        if other <= one or best[other] != one or both[one, other] < _BOTH:
            continue
        i, j = int(seen.funds[one]), int(seen.funds[other])
        start = series.start(seen, [(i, j), (j, i)])
        if not series.idle(i, start) and not series.idle(j, start):
            yield (
                _switch(seen, one, other, start, "warning", True),
                _switch(seen, other, one, start, "warning", True),
            )


def _switch(seen: Belonging, one: int, other: int, start: int, severity: Severity, mutual: bool) -> _Switch:
    fund, to = int(seen.funds[one]), int(seen.funds[other])
    own, others = float(seen.after[one, one]), float(seen.after[one, other])
    return _Switch(fund, to, start, seen.last, severity, mutual, own, others)


def _told_once(found: list[_Switch]) -> list[_Switch]:
    """Switches without the notes that became more when the other fund's was seen, and without warnings of the same."""
    kept: list[_Switch] = []
    for switch in found:
        same = [earlier for earlier in kept if earlier.fund == switch.fund and earlier.seen_at > switch.start]
        if any(earlier.severity == "warning" for earlier in same):
            continue
        kept = [earlier for earlier in kept if earlier not in same]
        kept.append(switch)
    return kept


def _finding(evidence: Evidence, switch: _Switch) -> Finding:
    ticker, other = (str(evidence.changes.tickers[fund]) for fund in (switch.fund, switch.other))
    start, seen = (f"{evidence.day(row):%Y-%m-%d}" for row in (switch.start, switch.seen_at))
    places = f" and {other} like {ticker}" if switch.mutual else ""
    return Finding(
        ticker=ticker,
        date=evidence.day(switch.start),
        last=None,
        kind="switch",
        severity=switch.severity,
        size=switch.own / switch.others,
        unit="times",
        why=f"moves like {other}{places} from about {start} on: in the {SPAN * BLOCK} sessions to {seen} it is "
        f"{1e4 * switch.own:.1f} basis points a day from what its own peers say and {1e4 * switch.others:.1f} from "
        f"what those of {other} say; before, it was the other way round",
        known_from=evidence.day(switch.seen_at),
    )
