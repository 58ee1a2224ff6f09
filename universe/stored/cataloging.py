"""The catalog of a market that is built: a listing and what the source says, classified, with overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from universe.catalog import CATALOG_COLUMNS, validate_catalog
from universe.errors import MarketError
from universe.sources.classification import CLASSIFIED, UNMATCHED, classify, shipped_rules
from universe.sources.overrides import Overrides, apply_overrides
from universe.sources.protocol import WHY
from universe.stored.changes import CatalogChange
from universe.wording import fund_count, listed

_SHOWN = 3
_FORMULA = ("=", "+", "-", "@")
"""How a text begins that a spreadsheet would take for a formula; it gets an apostrophe, as a number does not."""

_ORDER = ("name", "category", *CATALOG_COLUMNS[1:], CLASSIFIED, "overridden")


@dataclass(frozen=True, eq=False)
class MadeCatalog:
    """A catalog as it is written.

    Attributes
    ----------
    frame
        Text and numbers as they stand in the file, by ticker.
    notes
        What a user should know of it.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def make_catalog(
    tickers: Sequence[str],
    listing: pd.DataFrame | None,
    said: pd.DataFrame,
    kept: pd.DataFrame | None,
    overrides: Overrides,
) -> MadeCatalog:
    """One row for every fund of a market.

    A listing wins over what the source says, cell by cell; a fund of which neither says anything keeps the row it
    had. Rules fill in unknown sectors then, and columns that nobody has filled in; overrides win over everything.

    Parameters
    ----------
    tickers
        Of the market.
    listing, said
        Column ``ticker`` and some of ``name``, ``category`` and a catalog's columns.
    kept
        The catalog so far, by ticker; None for a new market.
    overrides
        See `universe.sources.overrides`.

    Raises
    ------
    MarketError
        If a value is not what its column holds, or a ticker comes twice in a listing.
    """
    wanted = pd.Index(sorted(tickers), name="ticker", dtype="str")
    rows = _by_ticker(said, "what the source says of its funds").reindex(wanted)
    because = rows.pop(WHY).dropna() if WHY in rows.columns else pd.Series(dtype=object)
    if listing is not None:
        ours = _by_ticker(listing, "the listing").reindex(wanted)
        rows = ours.combine_first(rows)
    silent = rows.isna().all(axis=1)
    if kept is not None:
        before = kept.reindex(wanted).loc[silent]
        # What rules said of it once is theirs to say again, and so with overrides.
        for column in (CLASSIFIED, "overridden"):
            for ticker, words in before.get(column, pd.Series(dtype=object)).dropna().items():
                for filled in (word.partition("=")[0] for word in str(words).split()):
                    before.loc[ticker, filled] = None
        rows = before.drop(columns=[CLASSIFIED, "overridden"], errors="ignore").combine_first(rows)
    if "name" not in rows.columns:
        rows["name"] = None
    # Before the rules, so that they read a name that was corrected; and after them, for what is to stay unknown.
    corrected, strangers = apply_overrides(rows.reindex(wanted), overrides)
    # A column that somebody has filled in says "unknown" with a blank; a sector there must be.
    given = {name for name in rows.columns if name != "sector" and rows[name].notna().any()}
    rules = [rule for rule in shipped_rules() if rule.sets not in given]
    named = classify(corrected.reset_index(), rules).set_index("ticker")
    unmatched = named.index[named[CLASSIFIED].str.contains(f"sector={UNMATCHED}", regex=False)]
    whole, _ = apply_overrides(named, overrides)
    validate_catalog(whole.reset_index(), "the catalog")
    notes = []
    if len(because):
        words = [f"{ticker} ({why})" for ticker, why in because.items()]
        notes.append(
            f"the source says nothing of {fund_count(len(because))}: {'; '.join(words[:_SHOWN])}{_more(words)}"
        )
    if len(unmatched):
        notes.append(
            f"no rule gives a sector to {fund_count(len(unmatched))}, now 'other': {listed(list(unmatched))}; "
            "say which it is in the overrides"
        )
    assumed = named.index[named[CLASSIFIED].str.contains("_by_default", regex=False)]
    if len(assumed):
        notes.append(
            f"of {fund_count(len(assumed))} neither the listing nor the name says all: taken for USD, taxable, not "
            "leveraged and without options where classified_by says so (_by_default); correct it in the overrides"
        )
    if strangers:
        notes.append(f"overrides name {fund_count(len(strangers))} that the market does not have: {listed(strangers)}")
    return MadeCatalog(_ordered(whole), tuple(notes))


def catalog_changes(old: pd.DataFrame, new: pd.DataFrame) -> tuple[CatalogChange, ...]:
    """The cells that are not what they were, of funds that are in both.

    Parameters
    ----------
    old, new
        Cells as they stand in the file, by ticker.
    """
    changes = []
    funds = [ticker for ticker in new.index if ticker in old.index]
    for column in (name for name in new.columns if name in CATALOG_COLUMNS and name != "as_of"):
        after = cells(new.loc[funds, column])
        before = cells(old.loc[funds, column]) if column in old.columns else [None] * len(funds)
        changes += [
            CatalogChange(ticker, column, was, now)
            for ticker, was, now in zip(funds, before, after, strict=True)
            if was != now
        ]
    return tuple(changes)


def cells(column: pd.Series) -> list[str | None]:
    """Cells as the text that stands in the file; None for a blank."""
    return [None if cell is None or pd.isna(cell) or str(cell) == "" else _cell(cell) for cell in column.tolist()]


def _cell(cell: object) -> str:
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell
    # A whole number out of a column of fractions is the same number.
    return repr(float(cell)) if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _ordered(whole: pd.DataFrame) -> pd.DataFrame:
    frame = whole.loc[:, [name for name in _ORDER if name in whole.columns]]
    filled = pd.DataFrame({name: cells(frame[name]) for name in frame.columns}, index=frame.index, dtype=object)
    return filled.loc[:, [name for name in filled.columns if name in ("name", "sector") or filled[name].notna().any()]]


def _more(words: list[str]) -> str:
    return f"; and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""


def _by_ticker(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    if "ticker" not in frame.columns:
        raise MarketError(f"{where} has no column 'ticker' (found: {listed(list(map(str, frame.columns)))})")
    repeated = frame["ticker"].duplicated()
    if repeated.any():
        raise MarketError(f"{where} has {frame.loc[repeated, 'ticker'].iloc[0]!r} twice; expected one row each")
    indexed = frame.set_index("ticker").astype(object)
    indexed.index = indexed.index.astype("str")
    return indexed.where(indexed.notna() & (indexed != ""), None)
