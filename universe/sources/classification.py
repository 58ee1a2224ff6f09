"""What a fund is, by readable rules on its name and category; the rules that fired stay in its row."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from universe.errors import MarketError

CLASSIFIED = "classified_by"
"""Column of the rules that fired, ``column=rule`` for each column that was filled, a blank between."""

UNMATCHED = "no_rule"
"""What stands for a rule where none fired: the sector is then "other"."""

_TABLE = "sector_rules.csv"
_READ = ("name", "category")


@dataclass(frozen=True)
class Rule:
    """A row of the table of rules.

    Attributes
    ----------
    name
        Of the rule.
    sets, value
        Column of the catalog that it fills, and with what; a backslash and 1 stand for the first group of the pattern.
    reads
        "name" or "category".
    pattern
        What it looks for in there, whatever the case.
    """

    name: str
    sets: str
    value: str
    reads: str
    pattern: re.Pattern[str]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules of `universe/sources/sector_rules.csv`, in order: of those for a column the first that fits fires."""
    text = resources.files("universe.sources").joinpath(_TABLE).read_text(encoding="utf-8")
    return tuple(
        Rule(row["rule"], row["sets"], row["value"], row["reads"], re.compile(row["pattern"], re.IGNORECASE))
        for row in csv.DictReader(text.splitlines())
    )


def classify(funds: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Fill in what a listing does not say of its funds.

    Parameters
    ----------
    funds
        Columns ``ticker``, ``name``, perhaps ``category`` and some of a catalog's. What is known stays as it is.
    rules
        In order.

    Returns
    -------
    DataFrame
        The same rows with every column that rules fill and `CLASSIFIED`. A fund that no rule gives a sector is
        "other", and marked with `UNMATCHED`.

    Raises
    ------
    MarketError
        If there is no column of tickers or names.
    """
    for column in ("ticker", "name"):
        if column not in funds.columns:
            raise MarketError(f"a listing has no column {column!r} (found: {', '.join(map(str, funds.columns))})")
    filled = funds.reset_index(drop=True).astype(object)
    by_column: dict[str, list[Rule]] = {}
    for rule in rules:
        by_column.setdefault(rule.sets, []).append(rule)
    texts = [{kind: _text(row.get(kind)) for kind in _READ} for row in filled.to_dict("records")]
    fired: list[list[str]] = [[] for _ in texts]
    for column, candidates in by_column.items():
        known = filled[column].map(_text).tolist() if column in filled.columns else [""] * len(texts)
        values: list[object] = list(filled[column]) if column in filled.columns else [None] * len(texts)
        for at, text in enumerate(texts):
            if known[at]:
                continue
            fits = first_match(text, candidates)
            if fits is not None:
                rule, found = fits
                values[at] = found.expand(rule.value)
                fired[at].append(f"{column}={rule.name}")
            elif column == "sector":
                values[at] = "other"
                fired[at].append(f"{column}={UNMATCHED}")
        filled[column] = pd.Series(values, dtype=object)
    filled[CLASSIFIED] = pd.Series([" ".join(names) for names in fired], dtype=object)
    return filled


def first_match(texts: Mapping[str, str], rules: Sequence[Rule]) -> tuple[Rule, re.Match[str]] | None:
    """The first rule that fits a fund, and where it does.

    Parameters
    ----------
    texts
        Its name and its category.
    rules
        In order.
    """
    fits = ((rule, rule.pattern.search(texts[rule.reads])) for rule in rules)
    return next(((rule, found) for rule, found in fits if found is not None), None)


def _text(cell: object) -> str:
    return "" if cell is None or cell is pd.NA or cell != cell else str(cell).strip()
