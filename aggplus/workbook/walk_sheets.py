"""Walks through history as a workbook: all models in one table a sheet, with the model in the first column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from aggplus.walks import TrackRecord
from aggplus.workbook.about import with_about
from aggplus.workbook.record_sheets import daily_sheet, monthly_sheet, statistics_sheet
from aggplus.workbook.sheet import Column, Sheet, Shown, Value, in_print
from aggplus.workbook.writing import workbook_bytes
from universe import SECTORS

_UNITS = {
    "returns, volatilities, alphas, turnover, weights, costs": "fraction, shown as percent",
    "shadow price": "basis points of expected return a year for one more unit of the limit; negative: its cost",
    "risk of decisions": "volatility and expected return in percent a year as the number stands; beta a number",
    "daily returns": "net of half-spreads and the adviser's fee; gross before them",
}


def walk_workbook(
    tracks: Sequence[TrackRecord], catalog: pd.DataFrame, refused: Mapping[str, str] | None = None
) -> bytes:
    """Statistics, monthly and daily record, holdings, trades, decisions, misses and notes, a sheet each.

    Parameters
    ----------
    tracks : sequence of TrackRecord
        At least one; their ids differ.
    catalog : DataFrame
        Of the market, by ticker: names and sectors.
    refused : mapping of model to str, optional
        Models without a walk, and why.

    Returns
    -------
    bytes
        Content of an .xlsx file.
    """
    first = tracks[0]
    facts: dict[str, Value | Shown] = {
        "models": ", ".join(f"{track.model.name} ({track.model.id})" for track in tracks),
        "market": first.market,
        "simulated": first.simulated,
        "first solve": Shown(first.start.date(), "date"),
        "last day": Shown(first.daily.index[-1].date(), "date"),
    }
    warnings = list(dict.fromkeys(warning for track in tracks for warning in track.warnings))
    notes = [*warnings, *(f"{model}: {why}" for model, why in (refused or {}).items())]
    sheets = [
        statistics_sheet(tracks),
        monthly_sheet(tracks),
        daily_sheet(tracks),
        _holdings(tracks, catalog),
        _trades(tracks),
    ]
    return workbook_bytes(
        with_about(facts, _UNITS, notes, [*sheets, _decisions(tracks), _limits(tracks), *_misses(tracks)])
    )


def _holdings(tracks: Sequence[TrackRecord], catalog: pd.DataFrame) -> Sheet:
    columns = (
        Column("model"),
        Column("traded", "date"),
        Column("ticker"),
        Column("weight", "percent"),
        Column("sector"),
        Column("name"),
    )
    names, sectors = catalog["name"].astype(str).to_dict(), catalog["sector"].astype(str).to_dict()
    rows = [
        (track.model.id, made.traded.date(), ticker, weight, SECTORS[sectors[ticker]].title, names[ticker])
        for track in tracks
        for made in track.rebalances
        for ticker, weight in sorted(made.after.items(), key=lambda held: (-held[1], held[0]))
    ]
    return Sheet("Holdings", columns, rows)


def _trades(tracks: Sequence[TrackRecord]) -> Sheet:
    columns = (
        Column("model"),
        Column("date", "date"),
        Column("ticker"),
        Column("before", "percent"),
        Column("after", "percent"),
        Column("change", "percent"),
    )
    rows = [
        (track.model.id, date.date(), str(ticker), float(before), float(after), float(change))
        for track in tracks
        for date, ticker, before, after, change in track.trades.itertuples(index=False, name=None)
        if change != 0.0
    ]
    return Sheet("Trades", columns, rows)


def _decisions(tracks: Sequence[TrackRecord]) -> Sheet:
    columns = (
        Column("model"),
        Column("solved", "date"),
        Column("traded", "date"),
        Column("why"),
        Column("turnover", "percent"),
        Column("cost", "percent"),
        Column("funds", "count"),
        Column("target of"),
        Column("target", "figure"),
        Column("ex ante", "figure"),
        Column("binds"),
        Column("volatility", "percent_of"),
        Column("benchmark's volatility", "percent_of"),
        Column("beta", "figure"),
        Column("correlation", "figure"),
        Column("expected return", "percent_of"),
        Column("proven gap, bp", "small"),
        Column("backend"),
        Column("notes"),
    )
    rows: list[tuple[Value | Shown, ...]] = [
        (
            track.model.id,
            made.date.date(),
            made.traded.date(),
            "; ".join(made.reasons),
            made.turnover,
            made.cost,
            len(made.after),
            made.kind.replace("_", " "),
            *(
                Shown(figure, "figure" if made.kind == "beta" else "percent_of")
                for figure in (made.target, made.ex_ante)
            ),
            made.binding,
            made.volatility,
            made.benchmark_volatility,
            made.beta,
            made.correlation,
            made.expected_return,
            made.gap_bp,
            made.backend,
            "; ".join(made.notes),
        )
        for track in tracks
        for made in track.rebalances
    ]
    return Sheet("Decisions", columns, rows)


def _limits(tracks: Sequence[TrackRecord]) -> Sheet:
    """The limits that bound at each solve, and what they cost."""
    columns = (
        Column("model"),
        Column("solved", "date"),
        Column("clause"),
        Column("limit"),
        Column("value"),
        Column("shadow price", "bp"),
        Column("unit"),
    )
    rows: list[tuple[Value | Shown, ...]] = [
        (
            track.model.id,
            made.date.date(),
            price.clause,
            in_print(price.limit, price.unit),
            in_print(price.value, price.unit),
            price.price_bp,
            price.unit.name,
        )
        for track in tracks
        for made in track.rebalances
        for price in made.shadow_prices
    ]
    return Sheet("Shadow prices", columns, rows)


def _misses(tracks: Sequence[TrackRecord]) -> list[Sheet]:
    """Days without an answer, and funds that closed while held; no sheet where there are none."""
    misses = [
        (track.model.id, miss.date.date(), miss.status, "; ".join(miss.reasons), "; ".join(miss.findings))
        for track in tracks
        for miss in track.misses
    ]
    paid = [
        (track.model.id, out.date.date(), out.ticker, out.weight, out.last_close.date())
        for track in tracks
        for out in track.payouts
    ]
    model = Column("model")
    columns = (model, Column("date", "date"), Column("status"), Column("called for by"), Column("why none"))
    closed = (
        model,
        Column("date", "date"),
        Column("ticker"),
        Column("weight", "percent"),
        Column("last close", "date"),
    )
    sheets = [Sheet("Misses", columns, misses)] if misses else []
    return sheets + ([Sheet("Paid out", closed, paid)] if paid else [])
