"""What the columns of somebody else's file are called."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from universe.errors import MarketError
from universe.sources.protocol import PRICE_COLUMNS
from universe.wording import clipped, did_you_mean, listed


@dataclass(frozen=True)
class ColumnMap:
    """Names of columns in a file, by what they are.

    Attributes
    ----------
    names
        Some of `PRICE_COLUMNS` to the name in the file; what is not there goes by its own name.
    """

    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        theirs: dict[str, str] = {}
        for ours, name in self.names.items():
            if ours not in PRICE_COLUMNS:
                hint = did_you_mean(ours, PRICE_COLUMNS) or f"; expected one of {', '.join(PRICE_COLUMNS)}"
                raise MarketError(f"column {clipped(ours)!r} is not one that a market keeps{hint}")
            if name in theirs:
                raise MarketError(f"column {clipped(name)!r} is mapped to both {theirs[name]} and {ours}; expected one")
            theirs[name] = ours

    def name(self, ours: str) -> str:
        """What a column is called in the file."""
        return self.names.get(ours, ours)

    @classmethod
    def from_words(cls, words: Iterable[str]) -> ColumnMap:
        """From words like ``adj_close=Adj Close``.

        Raises
        ------
        MarketError
            If a word has no "=", or names no column of a market, or one twice.
        """
        names: dict[str, str] = {}
        for word in words:
            ours, equals, theirs = word.partition("=")
            if not equals or not theirs:
                raise MarketError(f"column map {clipped(word)!r} cannot be read; expected OURS=THEIRS, adj_close=Close")
            if ours.strip() in names:
                raise MarketError(f"column {ours.strip()!r} is mapped twice; expected once")
            names[ours.strip()] = theirs
        return cls(MappingProxyType(names))

    @classmethod
    def from_toml(cls, path: Path) -> ColumnMap:
        """From a TOML file with lines like ``adj_close = "Adj Close"``.

        Raises
        ------
        MarketError
            If the file cannot be read, or a value is no text.
        """
        try:
            with path.open("rb") as file:
                names = tomllib.load(file)
        except OSError as error:
            raise MarketError(f"{path}: the column map cannot be read ({error.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise MarketError(f"{path}: the column map is no TOML ({error})") from None
        for ours, theirs in names.items():
            if not isinstance(theirs, str):
                raise MarketError(f'{path}: {ours} is {theirs!r}; expected the name of a column, {ours} = "Close"')
        return cls(MappingProxyType(names))

    def missing(self, found: Sequence[str]) -> str | None:
        """The first mapped name that a file lacks, as the end of an error line; None if it has them all."""
        for ours, theirs in self.names.items():
            if theirs not in found:
                return f"has no column {clipped(theirs)!r}, mapped to {ours} (found: {listed(list(found))})" + (
                    did_you_mean(theirs, found)
                )
        return None
