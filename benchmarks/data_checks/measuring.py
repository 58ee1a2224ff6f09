"""One round: errors of a seed planted, the checks run, what was found and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from benchmarks.data_checks.planting import Planted
from universe.checks import Finding
from universe.checks.stale import WEEK, Run

ACCEPTED = {
    "spike": {"spike", "jump"},
    "small_spike": {"spike", "jump"},
    "gap": {"gap"},
    "distribution": {"distribution", "jump"},
    "missing_distribution": {"distribution", "jump"},
    "stale": {"stale"},
    "shift": {"decimal_shift", "spike", "jump", "split"},
    "swap": {"switch", "jump", "decimal_shift", "split", "twins"},
    "chained_swap": {"switch", "jump", "twins"},
}
"""Kinds of findings that count as having seen an error."""

PANIC = (pd.Timestamp("2020-02-24"), pd.Timestamp("2020-04-30"))
"""What "March 2020" is here."""

_SLACK, _SLOW_BEFORE, _SLOW_AFTER = pd.Timedelta(days=5), pd.Timedelta(days=15), pd.Timedelta(days=90)


@dataclass(frozen=True)
class Outcome:
    """What became of a planted error.

    Parameters
    ----------
    fault, ticker, first, size, detail
        As planted.
    warned : bool
        Found as an error or a warning.
    noted : bool
        Found at any severity.
    volatility : float
        Usual daily move of the fund in the half year before, basis points.
    unchanged : float
        Share of its closes of the year before that repeat the one before.
    days : float
        Sessions from the first wrong close until it was known; NaN where it was not found.
    hides : float
        Of a stale week the most that a close is off, basis points; NaN for other faults.
    """

    fault: str
    ticker: str
    first: str
    size: float
    detail: str
    warned: bool
    noted: bool
    volatility: float
    unchanged: float
    days: float
    hides: float

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def outcomes(clean: pd.DataFrame, planted: Sequence[Planted], findings: Sequence[Finding]) -> list[Outcome]:
    """What became of each error.

    Parameters
    ----------
    clean : DataFrame, shape (sessions, funds)
        Prices before anything was planted.
    planted : sequence of Planted
    findings : sequence of Finding
        Of the prices with the errors.
    """
    return [_outcome(clean[one.ticker], one, [f for f in findings if f.ticker == one.ticker]) for one in planted]


def _outcome(closes: pd.Series[float], one: Planted, findings: Sequence[Finding]) -> Outcome:
    changes = closes.pct_change(fill_method=None)
    hits = [f for f in findings if f.kind in ACCEPTED[one.fault] and _meets(one, f)]
    row = int(changes.index.searchsorted(one.first))
    before = changes.iloc[:row]
    known = [int(changes.index.searchsorted(f.known_from)) - row for f in hits if f.severity != "note"]
    return Outcome(
        fault=one.fault,
        ticker=one.ticker,
        first=f"{one.first:%Y-%m-%d}",
        size=one.size,
        detail=one.detail,
        warned=bool(known),
        noted=bool(hits),
        volatility=float(1.4826e4 * before.iloc[-126:].abs().median()),
        unchanged=float((before.iloc[-252:] == 0.0).sum() / before.iloc[-252:].notna().sum()),
        days=float(min(known)) if known else float("nan"),
        hides=_hides(closes, one) if one.fault == "stale" else float("nan"),
    )


def _hides(closes: pd.Series[float], one: Planted) -> float:
    stale = float(closes.loc[: one.first].dropna().iloc[-2])
    return float(1e4 * np.nanmax(np.abs(np.log(closes.loc[one.first : one.last].to_numpy() / stale))))


def _meets(one: Planted, finding: Finding) -> bool:
    slow = "swap" in one.fault
    begins, ends = (one.first - _SLOW_BEFORE, one.first + _SLOW_AFTER) if slow else (one.first, one.last)
    last = finding.date if finding.last is None else finding.last
    return finding.date <= ends + _SLACK and last >= begins - _SLACK


def false_alarms(planted: Sequence[Planted], findings: Sequence[Finding]) -> list[Finding]:
    """Errors and warnings of prices at funds in which nothing was planted; one a place.

    Parameters
    ----------
    planted : sequence of Planted
    findings : sequence of Finding
    """
    touched = {one.ticker for one in planted} | {one.partner for one in planted}
    places = {(f.ticker, f.date): f for f in findings if f.severity != "note" and f.ticker and f.ticker not in touched}
    return list(places.values())


def in_panic(finding: Finding) -> bool:
    """Whether a finding lies in March 2020."""
    return PANIC[0] <= finding.date <= PANIC[1]


def stale_evidence(clean: pd.DataFrame, planted: Sequence[Planted], runs: Sequence[Run]) -> list[float]:
    """Powers of ten against each planted stale week; 0 where it was not even noted, or for fewer closes."""
    found = []
    for one in planted:
        if one.fault != "stale":
            continue
        fund = list(clean.columns).index(one.ticker)
        first, last = (int(clean.index.searchsorted(day)) for day in (one.first, one.last))
        weeks = (run for run in runs if run.fund == fund and run.length >= WEEK)
        met = (run.against for run in weeks if run.first <= last and run.last >= first)
        found.append(max(met, default=0.0))
    return found
