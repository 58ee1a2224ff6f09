"""How long a market takes to load, and how much memory: `make bench-loading`, and docs/benchmark-loading.md.

The market in AGGPLUS_MARKET as it is, and one of 3,000 funds and ten million prices drawn by chance into a temporary
folder; long and wide, Parquet and CSV. Every figure is of a process of its own that does nothing else.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from benchmarks.markdown import markdown_table
from benchmarks.origin import machine, versions

_ROOT = Path(__file__).resolve().parents[1]
SOURCE, PAGE = _ROOT / "out" / "bench-loading.json", _ROOT / "docs" / "benchmark-loading.md"

FUNDS, SESSIONS, PRICES = 3000, 4400, 10_000_000
_RUNS = 3
_FORMS = ("long", "wide")
_FILES = ("prices.parquet", "prices.csv")
_LIMITS = {"real": (1.0, None), "large": (8.0, 3.0)}
"""Seconds of `load_market`, and gigabytes of the process."""

_QUIET = 2.5
"""Load average up to which the figures are those of a machine with nothing else to do."""

_PROGRAM = """
import json, sys, time
from universe import load_market
start, before = time.perf_counter(), time.process_time()
market = load_market(sys.argv[1])
seconds, busy = time.perf_counter() - start, time.process_time() - before
prices = int(market.prices.count().sum())
# Of this program alone: what the system tells of a child includes the moment before it became one.
status = open("/proc/self/status").read().split("VmHWM:")[1]
peak = status.split()[0]
told = {"load_s": seconds, "busy_s": busy, "prices": prices, "memory_gb": float(peak) * 1024 / 1e9}
print(json.dumps(told))
"""

_HEAD = """# How long a market takes to load

Every figure on this page is from one run of `make bench-loading`, and the page from `make bench-docs`. The large market
is drawn by chance: {funds:,} funds over {sessions:,} sessions that begin on different days, {prices:,} prices. Each row
is the median of {runs} processes that do nothing but load the market: **load** is `load_market` alone, **busy** the
time of processors in it, of all threads, **process** the whole of it with the start of Python and the import,
**memory** the most that was resident at any moment (what `/usr/bin/time -v` prints).

"""


def draw_market(folder: Path, funds: int = FUNDS, sessions: int = SESSIONS, prices: int = PRICES) -> Path:
    """Write a market by chance, in long form and Parquet.

    Parameters
    ----------
    folder : Path
        Exists.
    funds, sessions, prices : int
        How many; each fund is priced on every session from its first to the last.
    """
    chance = np.random.default_rng(20240131)
    lengths = _lengths(funds, sessions, prices, chance)
    days = pd.bdate_range(end="2024-06-28", periods=sessions).to_numpy().astype("datetime64[D]")
    tickers = [f"F{number:04d}" for number in range(funds)]
    moves = chance.normal(0.0001, 0.003, int(lengths.sum()))
    levels = np.concatenate([50.0 * np.exp(np.cumsum(part)) for part in np.split(moves, np.cumsum(lengths)[:-1])])
    codes = np.repeat(np.arange(funds, dtype=np.int32), lengths)
    table = pa.table(
        {
            "date": pa.array(np.concatenate([days[-length:] for length in lengths])),
            "ticker": pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(tickers)),
            "adj_close": pa.array(np.round(levels, 6)),
            "close": pa.array(np.round(levels, 2)),
            "volume": pa.array(np.full(len(levels), 1000.0)),
        }
    )
    pyarrow.parquet.write_table(table, folder / _FILES[0], compression="zstd")
    rows = "".join(f"{ticker},Fund {ticker},treasury\n" for ticker in tickers)
    (folder / "catalog.csv").write_text(f"ticker,name,sector\n{rows}", encoding="utf-8")
    return folder


def _lengths(funds: int, sessions: int, prices: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Sessions of each fund, which add up to `prices`."""
    lengths = chance.integers(sessions // 2, sessions, funds)
    while lengths.sum() != prices:
        short = prices - lengths.sum()
        some = chance.choice(funds, size=min(funds, abs(int(short))), replace=False)
        lengths[some] = np.clip(lengths[some] + np.sign(short), 1, sessions)
    return lengths


def rewrite(source: Path, folder: Path, form: str, file: str) -> Path:
    """The same market in another form.

    Parameters
    ----------
    source : Path
        With prices.parquet in long form.
    folder : Path
        Exists.
    form : str
        "long" or "wide".
    file : str
        "prices.parquet" or "prices.csv".
    """
    table = pyarrow.parquet.read_table(source / _FILES[0])
    if form == "wide":
        frame = table.select(["date", "ticker", "adj_close"]).to_pandas()
        panel = frame.pivot(index="date", columns="ticker", values="adj_close").rename_axis(columns=None)
        panel.columns = panel.columns.astype("str")
        table = pa.Table.from_pandas(panel.reset_index(), preserve_index=False)
        day = table.column("date")
        table = table.set_column(0, "date", day.cast(pa.date32()))
    elif pa.types.is_timestamp(table.schema.field("date").type):
        table = table.set_column(table.schema.get_field_index("date"), "date", table.column("date").cast(pa.date32()))
    if file.endswith(".csv"):
        plain = {name: table.column(name) for name in table.column_names}
        if form == "long":
            plain["ticker"] = table.column("ticker").cast(pa.string())
        pyarrow.csv.write_csv(pa.table(plain), folder / file, pyarrow.csv.WriteOptions(quoting_style="none"))
    else:
        pyarrow.parquet.write_table(table, folder / file, compression="zstd")
    (folder / "catalog.csv").write_bytes((source / "catalog.csv").read_bytes())
    return folder


def measure(folder: Path) -> dict[str, float]:
    """Load a market in a process of its own, once.

    Parameters
    ----------
    folder : Path
        Of the market.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(folder)], stdout=subprocess.PIPE, cwd=_ROOT, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        told: dict[str, float] = json.loads(process.stdout.read())
    if process.returncode:
        raise SystemExit(f"loading {folder} ended with {process.returncode}")
    return {**told, "process_s": time.perf_counter() - start}


def _row(market: str, form: str, file: str, folder: Path) -> dict[str, Any]:
    runs = [measure(folder) for _ in range(_RUNS)]
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print(
        f"{market:6} {form:5} {file:15} {middle['prices']:>12,.0f} prices   load {middle['load_s']:5.2f} s   "
        f"busy {middle['busy_s']:5.2f} s   process {middle['process_s']:5.2f} s   {middle['memory_gb']:4.2f} GB",
        flush=True,
    )
    return {"market": market, "form": form, "file": file, "bytes": (folder / file).stat().st_size, **middle}


def run() -> None:
    """Measure all forms of both markets, and keep the figures."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        drawn = Path(place) / "drawn"
        drawn.mkdir()
        sources = {"large": draw_market(drawn)}
        if real := os.environ.get("AGGPLUS_MARKET"):
            sources = {"real": Path(real), **sources}
        for market, source in sources.items():
            for form in _FORMS:
                for file in _FILES:
                    folder = Path(place) / f"{market}-{form}-{file}"
                    folder.mkdir()
                    rows.append(_row(market, form, file, rewrite(source, folder, form, file)))
                    (folder / file).unlink()
    record = {
        "machine": machine(),
        "load": os.getloadavg()[0],
        "versions": versions(("numpy", "pandas", "pyarrow")),
        "rows": rows,
    }
    SOURCE.parent.mkdir(exist_ok=True)
    SOURCE.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def page(record: Mapping[str, Any]) -> str:
    """The page as Markdown.

    Parameters
    ----------
    record : mapping
        What `run` keeps.
    """
    names = {"real": "real", "large": "large, drawn"}
    columns = (
        "market",
        "form",
        "file",
        "prices",
        "MB on disk",
        "load, s",
        "busy, s",
        "process, s",
        "memory, GB",
        "wanted",
    )
    table = [
        [
            names[row["market"]],
            row["form"],
            row["file"].partition(".")[2],
            f"{row['prices']:,.0f}",
            f"{row['bytes'] / 1e6:,.0f}",
            f"{row['load_s']:.2f}",
            f"{row['busy_s']:.2f}",
            f"{row['process_s']:.2f}",
            f"{row['memory_gb']:.2f}",
            _wanted(row["market"]),
        ]
        for row in record["rows"]
    ]
    made = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    head = _HEAD.format(funds=FUNDS, sessions=SESSIONS, prices=PRICES, runs=_RUNS)
    busy = f"; other work kept it busy meanwhile (load {record['load']:.1f})" if record["load"] > _QUIET else ""
    return f"{head}{markdown_table(columns, table, words=3)}\n{record['machine']}{busy}; {made}.\n"


def _wanted(market: str) -> str:
    seconds, memory = _LIMITS[market]
    return f"under {seconds:.0f} s" + ("" if memory is None else f" and {memory:.0f} GB")


if __name__ == "__main__":
    if "--page" in sys.argv:
        PAGE.write_text(page(json.loads(SOURCE.read_text(encoding="utf-8"))), encoding="utf-8")
    else:
        run()
