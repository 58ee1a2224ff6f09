"""The findings of a market's check in print, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.cell_text import no_formula
from universe.checks import KINDS, SEVERITIES, Finding, MarketCheck

_MOST = 25
_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def findings_view(check: MarketCheck, name: str, width: int) -> RenderableType:
    """Counts by kind and severity, then the worst findings.

    Parameters
    ----------
    check : MarketCheck
    name : str
        Of the market.
    width : int
        Columns of the page.
    """
    if not check.findings:
        return Text(f"{name}: nothing found")
    worst = [finding for finding in check.findings if finding.severity != "note"]
    shown = (worst or list(check.findings))[:_MOST]
    left = len(check.findings) - len(shown)
    parts: list[RenderableType] = [Text(f"{name}: {_total(check)}", style="bold"), _counts(check), _worst(shown)]
    if left:
        parts.append(Text(f"{left} more: --json or --csv has them all"))
    held = sum(finding.action == "quarantined" for finding in check.findings)
    if held:
        parts.append(Text(f"{held} quarantined: models leave these funds out while their risk window touches the span"))
    return Group(*(block for part in parts for block in (part, Text())))


def _total(check: MarketCheck) -> str:
    count = len(check.findings)
    return f"{count} finding{'s' if count > 1 else ''}"


def _counts(check: MarketCheck) -> Table:
    table = _table("Findings", "what")
    for severity in SEVERITIES:
        table.add_column(f"{severity}s", justify="right", min_width=8)
    for kind, tally in check.counts.iterrows():
        table.add_row(KINDS[str(kind)], *(str(tally[severity] or "") for severity in SEVERITIES))
    return table


def _worst(findings: Sequence[Finding]) -> Table:
    table = _table("The worst first", "ticker")
    for column in ("date", "what", "severity"):
        table.add_column(column, no_wrap=True)
    table.add_column("why", overflow="fold")
    for finding in findings:
        table.add_row(
            Text(finding.ticker or "market"),
            f"{finding.date:%Y-%m-%d}",
            finding.kind.replace("_", " "),
            Text(finding.severity, style=_STYLES[finding.severity]),
            Text(finding.why),
        )
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    return table


def findings_csv(findings: Sequence[Finding]) -> bytes:
    """Findings as CSV, a line each, with the columns of the JSON.

    Parameters
    ----------
    findings : sequence of Finding
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ticker", "date", "last", "kind", "severity", "size", "unit", "known_from", "why", "action"))
    for finding in findings:
        row = finding.to_dict()
        named = (no_formula(str(row["ticker"])), row["date"], row["last"] or "", row["kind"], row["severity"])
        writer.writerow((*named, row["size"], row["unit"], row["known_from"], no_formula(finding.why), row["action"]))
    return text.getvalue().encode()
