"""The files of a market's state: written to a folder, and read from one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from universe.errors import MarketError
from universe.market import CATALOG_FILE
from universe.sources.protocol import NUMBERS, PRICE_COLUMNS
from universe.sources.recipe import Recipe

PRICES, RECIPE, LOG = "prices.parquet", "market.toml", "changes.jsonl"


def write_state(
    folder: Path, table: pd.DataFrame, catalog: pd.DataFrame, recipe: Recipe, log: bytes, entry: Mapping[str, Any]
) -> None:
    """Write all files of a state.

    Parameters
    ----------
    folder
        Exists and is empty.
    table
        A price table in its order.
    catalog
        Cells by ticker.
    recipe
        What the market is made from.
    log
        The log so far.
    entry
        What is new in it.
    """
    _write_prices(folder / PRICES, table)
    with (folder / CATALOG_FILE).open("w", encoding="utf-8", newline="") as file:
        catalog.to_csv(file, lineterminator="\n")
    (folder / RECIPE).write_text(recipe.to_toml(), encoding="utf-8")
    line = json.dumps(entry, allow_nan=False, ensure_ascii=False) + "\n"
    (folder / LOG).write_bytes(log + line.encode())


def read_table(state: Path) -> pd.DataFrame:
    """The price table of a state, as it was written.

    Raises
    ------
    MarketError
        If it cannot be read.
    """
    try:
        stored = pyarrow.parquet.read_table(state / PRICES)
        table: pd.DataFrame = stored.select(list(PRICE_COLUMNS)).to_pandas()
    except (pa.ArrowException, OSError, KeyError) as error:
        raise MarketError(f"{state / PRICES} cannot be read ({str(error).splitlines()[0]}); build anew") from None
    table["ticker"] = table["ticker"].astype("str")
    return table.astype({"date": "datetime64[us]", **dict.fromkeys(NUMBERS, np.float64)})


def read_cells(state: Path) -> pd.DataFrame:
    """The catalog of a state, cell by cell as text, by ticker; None where blank."""
    frame = pd.read_csv(state / CATALOG_FILE, dtype="str", keep_default_na=False, encoding="utf-8").set_index("ticker")
    cells = frame.astype(object)
    return cells.where(cells != "", None)


def read_log(state: Path) -> bytes:
    """The log of a state."""
    return (state / LOG).read_bytes()


def now_in_words() -> str:
    """The moment, in UTC to the second, as the log has it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _write_prices(path: Path, table: pd.DataFrame) -> None:
    columns: dict[str, pa.Array] = {
        "date": pa.array(table["date"].to_numpy().astype("datetime64[D]")),
        "ticker": pa.array(table["ticker"], type=pa.string()).dictionary_encode(),
        **{name: pa.array(table[name].to_numpy(), from_pandas=True) for name in NUMBERS},
    }
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")
