"""Two tickers with the same series: a copied column, or one fund twice."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from universe.checks.evidence import Evidence
from universe.checks.finding import Finding
from universe.checks.returns import Floats

BLOCK = 21
_DISTINCT = 8
"""Different changes within a block that two funds do not share by chance."""
_DIGITS = 8
"""Decimals of a change: prices on another level leave other last digits."""


def twins(evidence: Evidence) -> list[Finding]:
    """Pairs of funds with the very same changes over whole blocks of 21 sessions.

    The fund with the later ticker bears the finding. Where the two moved apart before, one of them goes on as the
    other, and nothing here tells which: both bear it, so that a quarantine holds the wrong one.

    Parameters
    ----------
    evidence
        Of a market.
    """
    daily = np.round(evidence.changes.daily, _DIGITS)
    by_ticker = np.argsort(evidence.changes.tickers.to_numpy(dtype=object), kind="stable")
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for block in range(len(daily) // BLOCK):
        window = daily[block * BLOCK : (block + 1) * BLOCK]
        first: dict[bytes, int] = {}
        # Adding zero makes one zero of the two that floating-point numbers have.
        columns = np.ascontiguousarray(window.T) + 0.0
        for fund in by_ticker[~np.isnan(window[:, by_ticker]).any(axis=0)].tolist():
            key = columns[fund].tobytes()
            if key not in first:
                first[key] = fund
            elif len(np.unique(columns[fund])) >= _DISTINCT:
                pairs[first[key], fund].append(block)
    return [
        _finding(evidence, one, other, run, parted)
        for pair, blocks in pairs.items()
        for run in _in_a_row(blocks)
        for parted in [_parted(daily[: run[0] * BLOCK, list(pair)])]
        for one, other in ([pair, pair[::-1]] if parted else [pair])
    ]


def _parted(before: Floats) -> bool:
    """Whether two funds were two, by their changes before, shape (sessions, 2)."""
    both = before[~np.isnan(before).any(axis=1)]
    return len(both) > 0 and float(np.mean(both[:, 0] != both[:, 1])) > 0.5


def _in_a_row(blocks: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for block in blocks:
        if runs and runs[-1][-1] == block - 1:
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


def _finding(evidence: Evidence, one: int, other: int, run: list[int], parted: bool) -> Finding:
    like, ticker = (str(evidence.changes.tickers[fund]) for fund in (one, other))
    length = len(run) * BLOCK
    start = evidence.day(run[0] * BLOCK)
    return Finding(
        ticker=ticker,
        date=start,
        last=evidence.day((run[-1] + 1) * BLOCK - 1),
        kind="twins",
        severity="error",
        size=float(length),
        unit="sessions",
        why=f"has the very same changes as {like} on {length} sessions from {start:%Y-%m-%d} on"
        + (
            ", though not before: one of the two goes on as the other, check which"
            if parted
            else ": one fund under two tickers, or a copied column"
        ),
        known_from=evidence.day((run[0] + 1) * BLOCK - 1),
    )
