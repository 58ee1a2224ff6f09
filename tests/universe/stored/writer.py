"""Updates a market again and again until it is killed: state n has n rows more, and says n in its catalog."""

import os
from pathlib import Path

import pandas as pd

from universe import MarketError
from universe.sources import Recipe
from universe.stored.building import build_market, update_market
from universe.stored.generations import is_kept

_TICKERS = ("AGG", "HYG", "TLT")


def _silent(_: int, __: int) -> None:
    return


def write_source(folder: Path, number: int) -> Recipe:
    """Files of state `number`, each whole at any moment."""
    days = pd.bdate_range("2020-01-01", periods=100 + number).strftime("%Y-%m-%d")
    # All of the past is scaled from state to state, as a distribution would: no two states share a level.
    rows = [f"{day},{ticker},{(50 + at) * (1 + number)}" for ticker in _TICKERS for at, day in enumerate(days)]
    for name, lines in {
        "prices.csv": ["date,ticker,adj_close", *rows],
        "overrides.csv": ["ticker,column,value", *(f"{ticker},issuer,state {number}" for ticker in _TICKERS)],
    }.items():
        fresh = folder / f".{name}"
        fresh.write_text("\n".join(lines) + "\n")
        os.replace(fresh, folder / name)
    return Recipe("files", (folder / "prices.csv",), _TICKERS, overrides=folder / "overrides.csv")


def main(folder: Path, number: int) -> None:
    (folder / "begun.txt").write_text(str(number))
    while True:
        recipe = write_source(folder, number)
        if is_kept(folder / "market"):
            update_market(folder / "market", None, _silent)
        else:
            build_market(recipe, folder / "market", None, _silent)
        number += 1


if __name__ == "writer":
    here = Path(globals()["FOLDER"])
    try:
        main(here, int(globals()["NUMBER"]))
    except MarketError as error:
        (here / "refused.txt").write_text(str(error))
        raise
