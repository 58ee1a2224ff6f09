"""What a market holds on a day: days, funds by sector, and how much of the catalog is known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from aggplus.fund_sheet.fund import FIGURES
from universe import SECTORS, AsOf, Market, close_on, until


@dataclass(frozen=True)
class SectorLine:
    """The funds of one sector.

    Parameters
    ----------
    sector : str
        Its title.
    funds : int
        In the catalog.
    with_prices : int
        With a close by the day.
    on_the_day : int
        With a close on the day.
    known : dict of str to int
        Funds of which the catalog knows each figure.
    """

    sector: str
    funds: int
    with_prices: int
    on_the_day: int
    known: dict[str, int]


@dataclass(frozen=True)
class MarketSheet:
    """What a market holds on a day.

    Parameters
    ----------
    name : str
    simulated : bool
    start, end : str
        First and last session, YYYY-MM-DD.
    sessions : int
        Up to the day.
    day : AsOf
    sectors : tuple of SectorLine
        In the order of the taxonomy; sectors without a fund are left out.
    total : SectorLine
    facts_as_of : tuple of str, or None
        Oldest and newest day that figures of the catalog are of; None where none says.
    warnings : tuple of str
    """

    name: str
    simulated: bool
    start: str
    end: str
    sessions: int
    day: AsOf
    sectors: tuple[SectorLine, ...]
    total: SectorLine
    facts_as_of: tuple[str, str] | None
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, as `aggplus market show --json` writes them."""
        return {
            "market": self.name,
            "simulated": self.simulated,
            "start": self.start,
            "end": self.end,
            "asof": f"{self.day.date:%Y-%m-%d}",
            "sessions": self.sessions,
            "sectors": [asdict(line) for line in self.sectors],
            "total": asdict(self.total),
            "facts_as_of": None
            if self.facts_as_of is None
            else dict(zip(("first", "last"), self.facts_as_of, strict=True)),
            "warnings": list(self.warnings),
        }


def market_sheet(market: Market, asof: str | None = None) -> MarketSheet:
    """The sheet of a market on a day.

    Parameters
    ----------
    market : Market
    asof : str, optional
        By default the last close.

    Raises
    ------
    MarketError
        When the day is not within the market.
    """
    day = close_on(market, asof)
    known = until(market, day.date)
    catalog = known.catalog
    closes = known.prices.reindex(columns=catalog.index)
    table = pd.DataFrame(
        {
            "funds": True,
            "with_prices": closes.notna().any(),
            "on_the_day": closes.iloc[-1].notna(),
            **{figure: catalog[figure].notna() for figure in FIGURES},
        },
        index=catalog.index,
    )
    counts = {str(key): rows.sum() for key, rows in table.groupby(catalog["sector"])}
    dated = catalog["as_of"].dropna()
    return MarketSheet(
        name=market.name,
        simulated=market.simulated,
        start=f"{market.prices.index[0]:%Y-%m-%d}",
        end=f"{market.prices.index[-1]:%Y-%m-%d}",
        sessions=len(known.prices),
        day=day,
        sectors=tuple(_line(SECTORS[key].title, counts[key]) for key in SECTORS if key in counts),
        total=_line("all", table.sum()),
        facts_as_of=None if dated.empty else (f"{dated.min():%Y-%m-%d}", f"{dated.max():%Y-%m-%d}"),
        warnings=(*known.warnings, *([day.note] if day.note else [])),
    )


def _line(title: str, counts: pd.Series) -> SectorLine:
    numbers = {str(name): int(count) for name, count in counts.items()}
    return SectorLine(
        title,
        numbers["funds"],
        numbers["with_prices"],
        numbers["on_the_day"],
        {figure: numbers[figure] for figure in FIGURES},
    )
