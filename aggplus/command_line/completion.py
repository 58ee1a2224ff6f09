"""What a shell offers for a value: models, tickers and the names of estimates.

It is asked at every press of a key, so that only names are read: of files beside, and of a catalog's first column.
"""

from __future__ import annotations

import csv
from pathlib import Path

import typer

from aggplus.command_line.market_folder import named_market
from aggplus.shipped import SHIPPED

_CATALOG_FILE = "catalog.csv"

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


def model_names(incomplete: str) -> list[str]:
    """Shipped models, and model documents and folders that begin so.

    Parameters
    ----------
    incomplete : str
        What has been typed so far.
    """
    folder, _, _ = incomplete.rpartition("/")
    try:
        inside = sorted(Path(folder or ("/" if incomplete.startswith("/") else ".")).expanduser().iterdir())
    except OSError:
        inside = []
    beside = [f"{folder}/{path.name}" if "/" in incomplete else path.name for path in inside if _is_offered(path)]
    folders = {name for name, path in zip(beside, filter(_is_offered, inside), strict=True) if path.is_dir()}
    offered = [*SHIPPED, *(f"{name}/" if name in folders else name for name in beside)]
    return [name for name in offered if name.startswith(incomplete)]


def estimate_names(incomplete: str) -> list[str]:
    """Estimates of the risk report that begin so.

    Parameters
    ----------
    incomplete : str
        What has been typed so far.
    """
    return [name for name in ESTIMATES if name.startswith(incomplete)]


def tickers(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Tickers of the market's catalog that begin so, with the funds' names.

    Parameters
    ----------
    ctx : Context
        Of the command; its `--market` says which market, else the environment does.
    incomplete : str
        What has been typed so far.
    """
    folder = named_market(ctx.params.get("market"))
    return [(ticker, name) for ticker, name in _catalog_names(folder) if ticker.startswith(incomplete.upper())]


def _catalog_names(folder: str | None) -> list[tuple[str, str]]:
    if not folder:
        from universe import simulated_market

        return [(str(ticker), str(name)) for ticker, name in simulated_market().catalog["name"].items()]
    try:
        with (Path(folder).expanduser() / _CATALOG_FILE).open(encoding="utf-8-sig", newline="") as lines:
            return [(row["ticker"], row["name"]) for row in csv.DictReader(lines)]
    except (OSError, ValueError, KeyError, csv.Error):
        # A catalog that cannot be read is told of by the command, not between two keys.
        return []


def _is_offered(path: Path) -> bool:
    return not path.name.startswith(".") and (path.is_dir() or path.suffix == ".toml")
