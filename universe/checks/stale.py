"""Closes that repeat longer than they would by the fund's own habit and by what its peers did.

The chance of a run is the product of the chances of its days (`universe.checks.habit`). It is suspected when that falls
below a bound; a fund that stands still anyway never gets there, and nothing can be said of it. In its first month a
fund has no habit, and many are not traded at all: what repeats there is worth knowing and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding
from universe.checks.habit import surprise
from universe.checks.returns import Floats, Ints

SHORTEST, WEEK = 4, 5
"""Unchanged closes that make a run, and that make one to warn of: a source that stands still does so for a week, and
four closes alike come by themselves twice as often as five."""
_WARNING, _NOTE = 3.5, 2.5
"""Powers of ten against it."""
_MONTH = 21
"""Closes before a run that can be warned of."""


@dataclass(frozen=True)
class Run:
    """Unchanged closes of a fund in a row.

    Attributes
    ----------
    fund, first, last
        Column and rows.
    noted, warned
        Rows at whose close it is improbable enough to be noted and to be warned of; -1 where it never is.
    length
        Unchanged closes.
    against
        Powers of ten against it.
    at_launch
        Whether it begins in the fund's first month; it is not warned of then.
    """

    fund: int
    first: int
    last: int
    noted: int
    warned: int
    length: int
    against: float
    at_launch: bool


def runs(evidence: Evidence) -> list[Run]:
    """Every run that is improbable enough to be noted.

    Parameters
    ----------
    evidence
        Of a market.
    """
    changes = evidence.changes
    age = np.cumsum(changes.span > 0, axis=0)
    found = []
    for i, t, end, noted, warned, length, against in _runs(changes.change, changes.span, surprise(evidence)):
        fund, first = int(i), int(t)
        young = bool(age[first, fund] <= _MONTH)
        seen = -1 if young else int(warned)
        found.append(Run(fund, first, int(end), int(noted), seen, int(length), float(against), young))
    return found


def stale(evidence: Evidence) -> list[Finding]:
    """Runs of unchanged closes that are improbable.

    Parameters
    ----------
    evidence
        Of a market.
    """
    return [_finding(evidence, run) for run in runs(evidence)]


def _finding(evidence: Evidence, run: Run) -> Finding:
    changes, rows = evidence.changes, slice(run.first, run.last + 1)
    warned = run.warned >= 0
    seen = run.warned if warned else run.noted
    moved = float(np.nansum(np.abs(evidence.peers.expected[rows, run.fund])))
    return Finding(
        ticker=str(changes.tickers[run.fund]),
        date=evidence.day(run.first),
        last=evidence.day(run.last),
        kind="stale",
        severity="warning" if warned else "note",
        size=float(run.length),
        unit="sessions",
        why=f"{run.length} closes repeat the one before while its peers say {1e4 * moved:.0f} basis points of moves, "
        f"up and down; the chance by its own habit is one in {10.0 ** min(run.against, 12.0):,.0f}"
        + (", in the first month of its trading" if run.at_launch else ""),
        known_from=max(evidence.known_from(row, run.fund, seen) for row in (run.first, seen)),
    )


@numba.njit(cache=True)
def _runs(change: Floats, span: Ints, surprising: Floats) -> Floats:
    """Fund, first and last row, rows at which it is to be noted and warned of (-1: never), length, powers of ten."""
    sessions, funds = change.shape
    out = []
    for i in range(funds):
        length, begun, last, noted, warned, against = 0, 0, 0, -1, -1, 0.0
        for t in range(sessions + 1):
            if t < sessions and span[t, i] == 0:
                continue
            if t < sessions and change[t, i] == 0.0:
                if length == 0:
                    begun = t
                length, last = length + 1, t
                against += surprising[t, i]
                if length >= SHORTEST:
                    if noted < 0 and against >= _NOTE:
                        noted = t
                    if warned < 0 and length >= WEEK and against >= _WARNING:
                        warned = t
                continue
            if noted >= 0:
                out.append((float(i), float(begun), float(last), float(noted), float(warned), float(length), against))
            length, noted, warned, against = 0, -1, -1, 0.0
    table = np.empty((len(out), 7))
    for row in range(len(out)):
        for k in range(7):
            table[row, k] = out[row][k]
    return table
