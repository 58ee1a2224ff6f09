"""A market made from a source, and brought up to date from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from universe.errors import MarketError
from universe.market import load_market
from universe.quarantine import QUARANTINE_FILE
from universe.sources.listing import open_listing
from universe.sources.overrides import Overrides, read_overrides
from universe.sources.protocol import Fetched
from universe.sources.recipe import Recipe, Watch, open_source
from universe.stored import generations
from universe.stored.cataloging import MadeCatalog, catalog_changes, make_catalog
from universe.stored.changes import TROUBLE, CatalogChange, FundChange
from universe.stored.quarantine_news import OutdatedLine, outdated_lines
from universe.stored.renewing import renew
from universe.stored.state import RECIPE, now_in_words, read_cells, read_log, read_table, write_state
from universe.wording import listed


@dataclass(frozen=True, eq=False)
class Outcome:
    """What building or updating a market did.

    Attributes
    ----------
    action : "build" or "update"
    folder, source
    first, last
        Days of the prices.
    rows, funds
        Prices, and funds that have some.
    changes
        Of each fund, by ticker.
    catalog
        Cells of the catalog that changed.
    quarantine
        Lines of the quarantine whose closes changed.
    notes
        What a user should know, one line each.
    """

    action: str
    folder: Path
    source: str
    first: pd.Timestamp
    last: pd.Timestamp
    rows: int
    funds: int
    changes: tuple[FundChange, ...]
    catalog: tuple[CatalogChange, ...]
    quarantine: tuple[OutdatedLine, ...]
    notes: tuple[str, ...]

    @property
    def failures(self) -> Mapping[str, str]:
        """Why, by ticker, for funds that could not be had."""
        return {change.ticker: change.why for change in self.changes if change.status in TROUBLE}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "action": self.action,
            "market": str(self.folder),
            "source": self.source,
            "first": f"{self.first:%Y-%m-%d}",
            "last": f"{self.last:%Y-%m-%d}",
            "funds": self.funds,
            "rows": self.rows,
            "added": sum(change.added for change in self.changes),
            "failed": dict(self.failures),
            "changes": [change.to_dict() for change in self.changes if not change.silent],
            "catalog": [change.to_dict() for change in self.catalog],
            "quarantine": [line.to_dict() for line in self.quarantine],
            "notes": list(self.notes),
        }


def build_market(recipe: Recipe, folder: Path, end: dt.date | None, watch: Watch) -> Outcome:
    """Make a market folder from a source; it is there whole or not at all.

    Parameters
    ----------
    recipe
        What to make it from.
    folder
        Not there yet, or empty.
    end
        Last day; None for the last there is.
    watch
        Told how many funds are done.

    Raises
    ------
    MarketError
        If the folder is taken, the source or a file cannot be used, or no fund can be had.
    """
    generations.require_new(folder)
    if recipe.start is not None and end is not None and end < recipe.start:
        raise MarketError(f"--end {end} lies before --start {recipe.start}; expected a later day")
    overrides = _overrides(recipe)
    source = open_source(recipe, watch)
    known = source.tickers()
    wanted = recipe.tickers if recipe.tickers is not None else known or ()
    fetched = source.prices(wanted, recipe.start, end)
    _require_some(fetched, recipe, len(wanted))
    said = source.catalog()
    funds = _funds(wanted, said, recipe)
    made = make_catalog(funds, _listing(recipe, funds), said, None, overrides)
    counts = fetched.table["ticker"].value_counts()
    changes = [FundChange(str(ticker), "new", added=int(rows)) for ticker, rows in counts.items()]
    if recipe.tickers is not None:  # else nobody asked for a fund that has no price in these days
        changes += [FundChange(ticker, "failed", why=why) for ticker, why in fetched.failures.items()]
    notes = (*fetched.notes, *made.notes, *_left_behind(recipe))
    outcome = _outcome("build", folder, recipe, fetched.table, changes, (), (), notes)
    entry = {"when": now_in_words(), **outcome.to_dict()}
    generations.create(folder, lambda state: _write(state, fetched.table, made, recipe, b"", entry))
    return outcome


def update_market(folder: Path, end: dt.date | None, watch: Watch) -> Outcome:
    """Bring a market up to date from what it was made from.

    Parameters
    ----------
    folder
        Made by `build_market`.
    end
        Last day; None for the last there is.
    watch
        Told how many funds are done.

    Raises
    ------
    MarketError
        If the folder was not built so or was changed by hand, another process writes it, or its source cannot be
        used. The market is then as it was.
    """
    _require_kept(folder)
    with generations.alone(folder):
        state = generations.current_folder(folder)
        changed = generations.disagreeing(state)
        if changed:
            raise MarketError(
                f"{folder}: {' and '.join(changed)} changed since they were written, and an update would lose that; "
                "put values into an overrides file, and build the market anew"
            )
        recipe = Recipe.from_toml(state / RECIPE)
        overrides = _overrides(recipe)
        table, cells = read_table(state), read_cells(state)
        last = table["date"].max().date()
        if end is not None and end < last:
            raise MarketError(f"--end {end} lies before {last}, the last day of {folder}; an update takes no day away")
        source = open_source(recipe, watch)
        renewed = renew(table, source, recipe, end)
        notes = list(renewed.notes)
        tickers = [*cells.index, *renewed.table["ticker"].unique()]
        try:
            said = source.catalog()
            tickers = _funds(tickers, said, recipe)
            listing = _listing(recipe, tickers)
        except MarketError as error:
            said, listing = pd.DataFrame({"ticker": pd.Series([], dtype="str")}), None
            notes.append(f"the catalog stays as it was: {error}")
        made = make_catalog(tickers, listing, said, cells, overrides)
        cells_changed = catalog_changes(cells, made.frame)
        outdated, unread = outdated_lines(folder, made.frame.index, table, renewed.table)
        notes += [*made.notes, *unread]
        outcome = _outcome(
            "update", folder, recipe, renewed.table, renewed.changes, cells_changed, outdated, tuple(notes)
        )
        if all(change.status in TROUBLE for change in renewed.changes):
            why = next(iter(outcome.failures.values()), "nothing was asked for")
            raise MarketError(
                f"{folder}: no fund of {len(renewed.changes)} could be had, the first: {why}; kept as it was"
            )
        log, entry = read_log(state), {"when": now_in_words(), **outcome.to_dict()}
        generations.replace(folder, lambda fresh: _write(fresh, renewed.table, made, recipe, log, entry))
    return outcome


def _write(
    state: Path, table: pd.DataFrame, made: MadeCatalog, recipe: Recipe, log: bytes, entry: Mapping[str, Any]
) -> None:
    write_state(state, table, made.frame, recipe, log, entry)
    # A state that could not be loaded never becomes the valid one.
    load_market(state)


def _outcome(
    action: str,
    folder: Path,
    recipe: Recipe,
    table: pd.DataFrame,
    changes: Sequence[FundChange],
    catalog: tuple[CatalogChange, ...],
    quarantine: tuple[OutdatedLine, ...],
    notes: tuple[str, ...],
) -> Outcome:
    return Outcome(
        action=action,
        folder=folder,
        source=recipe.source,
        first=table["date"].min(),
        last=table["date"].max(),
        rows=len(table),
        funds=table["ticker"].nunique(),
        changes=tuple(sorted(changes, key=lambda change: change.ticker)),
        catalog=catalog,
        quarantine=quarantine,
        notes=notes,
    )


def _funds(tickers: Sequence[str], said: pd.DataFrame, recipe: Recipe) -> list[str]:
    """The rows of the catalog: of what was asked for, or else of all that the source speaks of, priced or not."""
    return sorted({*tickers, *(said["ticker"] if recipe.tickers is None else ())})


def _overrides(recipe: Recipe) -> Overrides:
    return {} if recipe.overrides is None else read_overrides(recipe.overrides)


def _listing(recipe: Recipe, tickers: Sequence[str]) -> pd.DataFrame | None:
    return None if recipe.catalog is None else open_listing(recipe.catalog, tickers)


def _left_behind(recipe: Recipe) -> list[str]:
    """What a folder holds beside prices and catalog, and a market made of it does not."""
    lists = [path / QUARANTINE_FILE for path in recipe.paths if recipe.source == "folder"]
    return [f"{file} is not taken over; copy it if it is to hold for this market" for file in lists if file.is_file()]


def _require_some(fetched: Fetched, recipe: Recipe, asked: int) -> None:
    if fetched.table.empty:
        if not asked:
            raise MarketError(f"{recipe.source}: {listed([str(path) for path in recipe.paths])} has no price")
        why = next(iter(fetched.failures.values()), "the source has no prices")
        raise MarketError(f"{recipe.source}: no fund of {asked} could be had; the first: {why}")


def _require_kept(folder: Path) -> None:
    if not folder.is_dir():
        raise MarketError(f"market folder {folder} {'is no folder' if folder.exists() else 'does not exist'}")
    if not generations.is_kept(folder):
        raise MarketError(
            f"{folder} was not made by `aggplus market build`, so nobody knows its source; "
            f"make a market of it first: aggplus market build --source folder --from {folder} --out NEW"
        )
