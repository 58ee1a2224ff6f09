"""What all checks of prices read: changes, what peers say of them, and what is usual for the fund."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd

from universe.checks.expectation import Expectation, expectation_of
from universe.checks.returns import Changes, Floats, changes_of

_YEAR = 252
_RANK = 6
"""Of the residuals of a year, the sixth largest: what a fund shows now and then without anything being wrong. A thin
fund's is far from its usual noise, and two spikes of a year do not move it much."""
_LEAST = 20


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence on every close; arrays of shape (sessions, funds).

    Attributes
    ----------
    changes
        Of closes.
    peers
        What peers say of them.
    tail
        The sixth largest residual of the fund in the year before the day; NaN in its first 20 days.
    tail_in_noise
        The same of residuals in units of the noise of their days.
    """

    changes: Changes
    peers: Expectation
    tail: Floats
    tail_in_noise: Floats

    def day(self, row: int) -> pd.Timestamp:
        """The day of a row."""
        return self.changes.sessions[row]

    def known_from(self, row: int, fund: int, seen_at: int) -> pd.Timestamp:
        """The first day at whose close something on `row` could be known that shows at the close of `seen_at`."""
        return self.changes.sessions[max(seen_at, int(self.peers.known[row, fund]))]


def evidence_of(prices: pd.DataFrame) -> Evidence:
    """Work the evidence out.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds).
    """
    changes = changes_of(prices)
    peers = expectation_of(changes)
    return Evidence(changes, peers, _tails(peers.residual), _tails(peers.score))


@numba.njit(cache=True)
def _tails(residual: Floats) -> Floats:
    sessions, funds = residual.shape
    out = np.full((sessions, funds), np.nan)
    for i in range(funds):
        ring = np.empty(_YEAR)
        ordered = np.empty(_YEAR + 1)
        count, head = 0, 0
        for t in range(sessions):
            if count >= _LEAST:
                rank = max(2, int(np.ceil(_RANK * count / _YEAR)))
                out[t, i] = ordered[count - rank]
            size = abs(residual[t, i])
            if np.isnan(size):
                continue
            if count == _YEAR:
                place = np.searchsorted(ordered[:count], ring[head])
                for k in range(place, count - 1):
                    ordered[k] = ordered[k + 1]
                count -= 1
            ring[head] = size
            head = (head + 1) % _YEAR
            place = np.searchsorted(ordered[:count], size)
            for k in range(count, place, -1):
                ordered[k] = ordered[k - 1]
            ordered[place] = size
            count += 1
    return out
