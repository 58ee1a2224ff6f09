"""Sheets of a market and its funds in print."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.fund_sheet.fund import FundSheet
from aggplus.fund_sheet.market import MarketSheet
from universe import AsOf

_GAP = 2
_UNKNOWN = "unknown"


def market_view(sheet: MarketSheet) -> RenderableType:
    """Days, and a line a sector.

    Parameters
    ----------
    sheet : MarketSheet
    """
    table = _table("sector", "funds", "with prices", "on the day", "expense", "duration", "AUM", "ADV")
    for line in (*sheet.sectors, sheet.total):
        numbers = (line.funds, line.with_prices, line.on_the_day, *line.known.values())
        style = "bold" if line is sheet.total else ""
        table.add_row(Text(line.sector), *map(str, numbers), style=style)
    facts = "" if sheet.facts_as_of is None else f", as of {sheet.facts_as_of[0]} to {sheet.facts_as_of[1]}"
    words = f"{sheet.name}: {sheet.start} to {sheet.end}"
    return Group(
        Text(words + (", simulated: the prices are invented" if sheet.simulated else ""), style="bold"),
        Text(f"On {sheet.day.date:%Y-%m-%d}, after {sheet.sessions:,} sessions:\n"),
        table,
        Text(f"\nexpense, duration, AUM, ADV: funds of which the catalog knows the figure{facts}"),
        *_notes(sheet.warnings),
    )


def funds_view(sheets: Sequence[FundSheet], day: AsOf, benchmark: str, warnings: Sequence[str]) -> RenderableType:
    """One fund after the other.

    Parameters
    ----------
    sheets : sequence of FundSheet
    day : AsOf
    benchmark : str
    warnings : sequence of str
    """
    blocks = [block for sheet in sheets for block in (_fund(sheet, day, benchmark), Text())]
    return Group(*blocks[:-1], *_notes(warnings))


def _fund(sheet: FundSheet, day: AsOf, benchmark: str) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(sheet, benchmark):
        table.add_row(name, Text(value))
    held = _table("model", "may hold it")
    held.columns[1].justify = "left"
    held.columns[1].no_wrap = False
    for eligible in sheet.eligible:
        held.add_row(Text(eligible.model), Text("yes" if eligible.reason is None else f"no: {eligible.reason}"))
    heading = Text(f"{sheet.ticker}  {sheet.name}", style="bold")
    return Group(heading, Text(f"on {day.date:%Y-%m-%d}\n"), table, Text(), held)


def _lines(sheet: FundSheet, benchmark: str) -> list[tuple[str, str]]:
    labels, facts, prices = sheet.labels, sheet.facts, sheet.prices
    lines = [("sector", sheet.sector)]
    lines += [(name.replace("_", " "), _label(value)) for name, value in labels.items()]
    figures = [
        ("expense ratio", _figure(facts["expense_ratio_bp"], "{:g} bp")),
        ("effective duration", _figure(facts["effective_duration_years"], "{:g} years")),
        ("AUM", _figure(facts["aum_usd_mm"], "USD {:,.0f} million")),
        ("ADV", _figure(facts["adv_usd_mm"], "USD {:,.1f} million")),
    ]
    lines += [*figures, ("these as of", _label(facts["as_of"])), ("began to trade", _label(facts["first_trade_date"]))]
    if prices is None:
        return [*lines, ("closes", "none by the day")]
    return [
        *lines,
        ("closes", f"{prices.closes:,}, {prices.first_close} to {prices.last_close}"),
        ("sessions without a close", f"{prices.gaps:,}"),
        ("unchanged closes", _percent(prices.unchanged_share)),
        ("return over a month", _percent(prices.return_1m)),
        ("return this year", _percent(prices.return_ytd)),
        ("return over a year", _percent(prices.return_1y)),
        ("volatility over a year", _percent(prices.volatility)),
        (f"beta to {benchmark} over a year", _figure(prices.beta, "{:.2f}")),
    ]


def _label(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _UNKNOWN if value is None else str(value)


def _figure(value: object, form: str) -> str:
    return _UNKNOWN if value is None else form.format(value)


def _percent(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{100 * value:.2f} %"


def _table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _notes(warnings: Sequence[str]) -> list[Text]:
    return [Text(f"Note: {warning}", style="yellow") for warning in warnings]
