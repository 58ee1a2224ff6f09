"""All checks of a market, one after another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from universe.checks.agreement import agreement
from universe.checks.benchmark import late_benchmark
from universe.checks.distributions import distributions, judged
from universe.checks.evidence import Evidence, evidence_of
from universe.checks.exchanges import exchanges
from universe.checks.finding import KINDS, QUARANTINED, SEVERITIES, WAS_RELEASED, Finding, Severity, in_order
from universe.checks.gaps import gaps
from universe.checks.implied import implied_by
from universe.checks.moves import moves
from universe.checks.stale import stale
from universe.checks.switches import switches
from universe.checks.twins import twins
from universe.market import Market
from universe.quarantine import RELEASED, quarantine_table, touching

_SAME = pd.Timedelta(days=21)
"""How far the day from which on returns are another fund's may be told wrong."""


@dataclass(frozen=True)
class MarketCheck:
    """What the checks of a market found.

    Attributes
    ----------
    findings
        The worst first.
    """

    findings: tuple[Finding, ...]

    @property
    def counts(self) -> pd.DataFrame:
        """Findings by kind (rows, those that occur) and severity (columns)."""
        tally = Counter((finding.kind, finding.severity) for finding in self.findings)
        kinds = [kind for kind in KINDS if any(tally[kind, severity] for severity in SEVERITIES)]
        rows = {kind: [tally[kind, severity] for severity in SEVERITIES] for kind in kinds}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(SEVERITIES)).rename_axis("kind")

    def to_dict(self) -> dict[str, Any]:
        """Findings and their counts by kind and severity, as plain Python values."""
        counts = {str(kind): {str(k): int(n) for k, n in row.items() if n} for kind, row in self.counts.iterrows()}
        return {"findings": [finding.to_dict() for finding in self.findings], "counts": counts}

    def at_least(self, severity: Severity, since: pd.Timestamp | None) -> MarketCheck:
        """What is as bad as a severity, and reaches to a day or beyond.

        Parameters
        ----------
        severity
            The least.
        since
            None for all days.
        """
        bad = SEVERITIES[: SEVERITIES.index(severity) + 1]
        kept = (finding for finding in self.findings if finding.severity in bad)
        return MarketCheck(tuple(f for f in kept if since is None or f.last is None or f.last >= since))

    def with_quarantine(self, table: pd.DataFrame) -> MarketCheck:
        """The same with what the quarantine of the market does about each finding.

        Parameters
        ----------
        table
            As `universe.quarantine.read_quarantine` returns it. A finding that no line touches is left as it is.
        """
        return MarketCheck(tuple(_acted(finding, table) if finding.keeps_out else finding for finding in self.findings))


def _acted(finding: Finding, table: pd.DataFrame) -> Finding:
    lines = touching(table[table["ticker"] == finding.ticker], finding.date, finding.last)
    if lines.empty:
        return finding
    trusted = bool((lines["kind"] == RELEASED).all())
    return replace(finding, action=WAS_RELEASED if trusted else QUARANTINED)


def check_prices(prices: pd.DataFrame, closes: pd.DataFrame | None = None) -> list[Finding]:
    """What is wrong with closes by themselves, without a catalog.

    Parameters
    ----------
    prices
        Adjusted closes, shape (sessions, funds), as `universe.prices.read_prices` returns them.
    closes
        Closes adjusted for splits and not for distributions, as `universe.read_closes` returns them, on any
        level: where they are, a fund's distributions are judged by those before them. None, blank, or without a
        fund's column: by its peers alone.
    """
    evidence = evidence_of(prices)
    found = [*twins(evidence), *gaps(prices), *stale(evidence)]
    exchanged = exchanges(evidence, prices)
    found += exchanged + _not_told(switches(evidence), exchanged)
    steps = moves(evidence)
    if closes is None:
        return found + steps
    return found + _with_distributions(evidence, prices, closes, steps)


def _not_told(found: list[Finding], exchanged: list[Finding]) -> list[Finding]:
    """Switches but for those of which the closes of a day have told, there or back, and told earlier."""
    days = [(one.ticker, day, one.known_from) for one in exchanged for day in (one.date, one.last) if day is not None]
    return [
        one
        for one in found
        if not any(
            ticker == one.ticker and known_from <= one.known_from and abs(day - one.date) <= _SAME
            for ticker, day, known_from in days
        )
    ]


def _with_distributions(
    evidence: Evidence, prices: pd.DataFrame, closes: pd.DataFrame, steps: list[Finding]
) -> list[Finding]:
    """Steps, and what the funds' own distributions say, which knows better than peers where it can tell."""
    implied = implied_by(prices, closes)
    known = pd.DataFrame(judged(implied), index=prices.index, columns=prices.columns)
    kept = [step for step in steps if step.kind != "distribution" or not known.at[step.date, step.ticker]]
    return kept + distributions(evidence, implied)


def check_market(market: Market, benchmark: str = "AGG", closes: pd.DataFrame | None = None) -> MarketCheck:
    """Check a market: nothing is changed, filled or left out.

    Parameters
    ----------
    market
        Prices and catalog. Its quarantine is not looked at.
    benchmark
        The fund whose risk is to be targeted.
    closes
        As `check_prices` takes them.
    """
    found = check_prices(market.prices, closes)
    found += agreement(market.prices, market.catalog, market.unlisted)
    found += late_benchmark(market.prices, benchmark)
    return MarketCheck(in_order(found))


def to_quarantine(findings: tuple[Finding, ...]) -> pd.DataFrame:
    """The quarantine that findings come to: those of wrong closes, notes apart.

    Parameters
    ----------
    findings
        Of a check.
    """
    return quarantine_table(
        [
            {
                "ticker": finding.ticker,
                "first": finding.date,
                "last": finding.last,
                "known_from": finding.known_from,
                "kind": finding.kind,
                "why": finding.why,
            }
            for finding in findings
            if finding.keeps_out
        ]
    )
