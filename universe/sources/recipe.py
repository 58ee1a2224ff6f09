"""What a market is made from, kept beside it so that bringing it up to date needs no words."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from universe.dates import day_from_text
from universe.errors import MarketError
from universe.sources.column_map import ColumnMap
from universe.sources.files import FilesSource
from universe.sources.folder import FolderSource
from universe.sources.protocol import Source

SourceName = Literal["yahoo", "folder", "files"]
SOURCES: tuple[str, ...] = get_args(SourceName)

_HEAD = "# How this market was made. `aggplus market update` reads it; each update writes it anew.\n"

Watch = Callable[[int, int], None]
"""Told how many funds are done, and of how many."""


@dataclass(frozen=True)
class Recipe:
    """What a market is made from.

    Attributes
    ----------
    source
        Where prices come from.
    paths
        Of a folder, or of files; none for Yahoo.
    tickers
        Funds to look for; None for all that the source has.
    start
        First day; None for as early as there are prices.
    columns
        What the columns of the files are called.
    catalog
        A listing to classify: a CSV file, or "financedatabase"; None for what the source itself says.
    overrides
        A file whose values win over all others.
    """

    source: SourceName
    paths: tuple[Path, ...] = ()
    tickers: tuple[str, ...] | None = None
    start: dt.date | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    catalog: str | None = None
    overrides: Path | None = None

    def to_toml(self) -> str:
        """The recipe as a document, which `from_toml` reads back."""
        known: dict[str, Any] = {
            "source": self.source,
            "from": [str(path) for path in self.paths] or None,
            "start": None if self.start is None else self.start.isoformat(),
            "catalog": self.catalog,
            "overrides": None if self.overrides is None else str(self.overrides),
            "tickers": None if self.tickers is None else list(self.tickers),
        }
        # Texts and lists of texts look the same in JSON and in TOML, as long as DEL is spelt out.
        lines = [f"{key} = {_toml(value)}" for key, value in known.items() if value is not None]
        if self.columns.names:
            lines += ["", "[columns]", *(f"{_toml(ours)} = {_toml(name)}" for ours, name in self.columns.names.items())]
        return _HEAD + "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, path: Path) -> Recipe:
        """The recipe that a market keeps.

        Raises
        ------
        MarketError
            If the file cannot be read or does not say what it should.
        """
        try:
            known = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise MarketError(f"{path} cannot be read ({error.strerror}); it says how the market was made") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise MarketError(f"{path} is no TOML ({error})") from None
        try:
            start = known.get("start")
            recipe = cls(
                source=known["source"],
                paths=tuple(Path(name) for name in known.get("from", ())),
                tickers=tuple(known["tickers"]) if "tickers" in known else None,
                start=None if start is None else day_from_text(str(start)),
                columns=ColumnMap(MappingProxyType(dict(known.get("columns", {})))),
                catalog=known.get("catalog"),
                overrides=Path(known["overrides"]) if "overrides" in known else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MarketError(f"{path} does not say how the market was made ({error})") from None
        if recipe.source not in SOURCES or (start is not None and recipe.start is None):
            raise MarketError(f"{path}: source or start cannot be understood; expected one of {', '.join(SOURCES)}")
        return recipe


def open_source(recipe: Recipe, watch: Watch) -> Source:
    """The source that a recipe names.

    Parameters
    ----------
    recipe
        Which source, and where it is.
    watch
        Told of funds as they come from a source that takes long.

    Raises
    ------
    MarketError
        If the recipe lacks what the source needs, or a package for it is not installed.
    """
    if recipe.source == "yahoo":
        from universe.sources.yahoo import YahooSource

        if recipe.tickers is None:
            raise MarketError("Yahoo must be told what to look for; give a file of tickers (--tickers FILE)")
        return YahooSource(recipe.tickers, watch=watch)
    if not recipe.paths:
        raise MarketError(f"source {recipe.source!r} needs to be told where it is (--from PATH)")
    if recipe.source == "folder":
        if len(recipe.paths) > 1:
            raise MarketError("source 'folder' is one folder; --from is given more than once")
        return FolderSource(recipe.paths[0], recipe.columns)
    return FilesSource(recipe.paths, recipe.columns)


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
