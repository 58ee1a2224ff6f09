"""The pages of the project, cut into their blocks, and a desk with the files that they speak of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.accounts import last_closes

ROOT = Path(__file__).resolve().parents[3]
NO_PAGES = {"out", "build", "dist", "node_modules"}

FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(.*)")
NOT_RUN = re.compile(r"<!-- not run: (.*) -->")

FUNDS_A_SECTOR = 6
"""A third of the built-in funds that models hold: enough for every mandate, quick to walk through."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: where it begins, its language, and why it is not run (None: it is)."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None

    @property
    def place(self) -> str:
        return f"{self.page}, line {self.line}"


def pages() -> list[Path]:
    """Every page of the project, whatever folder it is in."""
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") or part in NO_PAGES for part in path.relative_to(ROOT).parts)
    )


def blocks_of(path: Path) -> Iterator[Block]:
    page = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    inside: tuple[int, str, str, str | None] | None = None
    before, taken = "", []
    for number, line in enumerate(lines, 1):
        fence = FENCE.fullmatch(line)
        if inside is None and fence is not None:
            marker = NOT_RUN.fullmatch(before.strip())
            inside, taken = (number, fence[1], fence[2], None if marker is None else marker[1]), []
        elif inside is not None and line.strip() == inside[1]:
            yield Block(page, inside[0], inside[2], "\n".join(taken) + "\n", inside[3])
            inside, before = None, ""
        elif inside is not None:
            taken.append(line)
        elif line.strip():
            before = line
    assert inside is None, f"{page}: the block of line {inside and inside[0]} does not end"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a `page` is run for each."""
    if "page" in metafunc.fixturenames:
        found = pages()
        metafunc.parametrize("page", found, ids=[path.relative_to(ROOT).as_posix() for path in found])


@pytest.fixture
def blocks(page: Path) -> list[Block]:
    return list(blocks_of(page))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def market_folder(simulated: aggplus.Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Part of the built-in market as a folder: what pages call DIR or path/to/market."""
    folder = tmp_path_factory.mktemp("pages") / "market"
    folder.mkdir()
    catalog = simulated.catalog.groupby("sector", sort=False).head(FUNDS_A_SECTOR)
    prices = simulated.prices[catalog.index.intersection(simulated.prices.columns)]
    catalog.rename_axis("ticker").to_csv(folder / "catalog.csv")
    table = prices.rename_axis(index="date", columns="ticker").stack().rename("adj_close").reset_index()
    table.to_parquet(folder / "prices.parquet", index=False)
    return folder


@pytest.fixture
def desk(run: object, market_folder: Path, simulated: aggplus.Market) -> Path:
    """The current folder, with everything that a page may take for granted."""
    folder = Path.cwd()
    (folder / "path" / "to").mkdir(parents=True)
    for name in ("DIR", "path/to/market"):
        (folder / name).symlink_to(market_folder, target_is_directory=True)
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "examples" / "client.toml", folder / "client.toml")
    (folder / "clients").mkdir()
    for name in ("client", "priorities"):
        shutil.copy(ROOT / "examples" / f"{name}.toml", folder / "clients" / f"{name}.toml")
    catalog = pd.read_csv(market_folder / "catalog.csv", index_col="ticker")
    core = catalog.index[catalog["sector"].isin(["treasury", "ig_corporate", "tips"])][:8]
    pd.DataFrame({"ticker": core[:5], "weight": 0.2}).to_csv(folder / "held.csv", index=False)
    closes = last_closes(simulated, simulated.prices.index[-1])
    pd.DataFrame({"ticker": closes.keys(), "price": np.round(list(closes.values()), 2)}).to_csv(
        folder / "prices.csv", index=False
    )
    (folder / "accounts").mkdir()
    for file in ("holdings.csv", "accounts/jones.csv", "accounts/smith.csv"):
        pd.DataFrame({"ticker": core, "shares": [100 * (i + len(file)) for i in range(len(core))]}).to_csv(
            folder / file, index=False
        )
    return folder
