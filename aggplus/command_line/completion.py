"""What a shell offers for a value: models, tickers and the names of estimates.

It is asked at every press of a key, so that only names are read: of files beside, and of a catalog's first column.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path

import typer

from aggplus.command_line.market_folder import named_market
from aggplus.shipped import SHIPPED

_CATALOG_FILE = "catalog.csv"
_ASKED_BY = "_AGGPLUS_COMPLETE"

ESTIMATES = (
    "sample",
    "raw Ledoit-Wolf",
    "Ledoit-Wolf",
    "Ledoit-Wolf, 63 days",
    "Ledoit-Wolf, 252 days",
    "OAS",
    "constant correlation",
    "nonlinear",
    "principal factors",
    "exponential 42/126",
    "exponential 21/126",
    "exponential 21/63",
    "combined",
    "Ledoit-Wolf, 2 lags",
    "Ledoit-Wolf, 4 lags",
    "Ledoit-Wolf, weekly",
    "exponential 42/126, weekly",
    "exponential 21/126, weekly",
    "Ledoit-Wolf, 4 lags, larger",
    "Ledoit-Wolf, weekly, larger",
    "exponential 42/126, 4 lags, larger",
    "exponential 42/126, weekly, larger",
    "exponential 21/126, 4 lags, larger",
    "exponential 21/126, weekly, larger",
    "exponential 21/63, weekly, larger",
    "combined, weekly, larger",
)
"""Names in the risk report, once more: to load the estimates takes seconds. A test holds the two together."""


_HARMLESS = re.compile(r"[\w ./~+@%,-]+")
_HARMFUL = re.compile(r"[^\w ./+@%,&-]")
"""zsh evaluates what it is given, and typer does not mask all of it: a name out of a file is not to be run."""


def model_names(incomplete: str) -> list[str]:
    """Shipped models, and model documents and folders that begin so.

    Parameters
    ----------
    incomplete : str
        What has been typed so far.
    """
    folder, slash, _ = incomplete.rpartition("/")
    try:
        inside = sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
        beside = [f"{folder}{slash}{path.name}{_ending(path)}" for path in inside if _is_offered(path)]
    except OSError:
        beside = []
    return _offered([*SHIPPED, *beside], incomplete)


def estimate_names(incomplete: str) -> list[str]:
    """Estimates of the risk report that begin so.

    Parameters
    ----------
    incomplete : str
        What has been typed so far.
    """
    return _offered(ESTIMATES, incomplete)


def tickers(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Tickers of the market's catalog that begin so, with the funds' names; none of the built-in market.

    Parameters
    ----------
    ctx : Context
        Of the command; its `--market` says which market, else the environment does.
    incomplete : str
        What has been typed so far.
    """
    folder = named_market(ctx.params.get("market"))
    # To simulate the built-in market takes longer than anyone waits for a key.
    names = {} if folder is None else _catalog_names(Path(folder).expanduser() / _CATALOG_FILE)
    return [(ticker, _HARMFUL.sub(" ", names[ticker])) for ticker in _offered(names, incomplete)]


def _catalog_names(file: Path) -> dict[str, str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return {row["ticker"]: row["name"] or "" for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError, csv.Error):
        # A catalog that cannot be read is told of by the command, not between two keys.
        return {}


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    found = [name for name in names if name.startswith(incomplete) and _HARMLESS.fullmatch(name)]
    # bash puts in what it is given as it is; zsh and fish mask a blank themselves.
    return [name.replace(" ", "\\ ") for name in found] if os.environ.get(_ASKED_BY, "").endswith("bash") else found


def _ending(path: Path) -> str:
    return "/" if path.is_dir() else ""


def _is_offered(path: Path) -> bool:
    return not path.name.startswith(".") and (path.suffix == ".toml" or path.is_dir())
