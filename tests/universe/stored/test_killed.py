"""A market written by real processes that are killed at any moment, and read all the while."""

import multiprocessing
import random
import re
import runpy
import time
from pathlib import Path

import pytest

from universe import MarketError, load_market
from universe.stored.generations import current_folder, disagreeing

_KILLS = 50
_WRITER = Path(__file__).with_name("writer.py")


def _state_of(market: Path) -> int:
    """The number of the state that is read, which prices and catalog must agree on."""
    known = load_market(market)
    numbers = {int(re.fullmatch(r"state (\d+)", issuer)[1]) for issuer in known.catalog["issuer"]}  # type: ignore[index]
    assert len(numbers) == 1
    number = numbers.pop()
    assert len(known.prices) == 100 + number
    assert set(known.prices.iloc[0]) == {50.0 * (1 + number)}
    assert set(known.prices.iloc[-1]) == {(149.0 + number) * (1 + number)}
    return number


def test_killed_fifty_times_and_never_torn(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["universe.stored.building", "universe.sources.yahoo"])
    moments = random.Random(20240131)
    market, reached, reads, torn_off = tmp_path / "market", -1, 0, 0
    for _ in range(_KILLS):
        writer = context.Process(
            # A name that every process knows; a function of this file would have to be imported there.
            target=runpy.run_path,
            args=(str(_WRITER), {"FOLDER": str(tmp_path), "NUMBER": reached + 1}, "writer"),
            daemon=True,
        )
        writer.start()
        last = time.monotonic() + moments.uniform(0.02, 0.45)
        while time.monotonic() < last:
            if market.exists():
                assert _state_of(market) >= reached
                reads += 1
        assert writer.is_alive(), (tmp_path / "refused.txt").read_text()
        writer.kill()
        writer.join()
        if market.exists():
            reached = _state_of(market)
            assert disagreeing(current_folder(market)) == []
            assert len((market / "changes.jsonl").read_text().splitlines()) == reached + 1
            torn_off += any(folder.name.startswith(".") for folder in (market / "generations").iterdir())
    assert reached > 10
    assert reads > 50
    assert torn_off > 0, "no writer was killed while it wrote: the test has not tried what it is about"


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("generations/000001")
    (tmp_path / "prices.csv").write_text("date,ticker,adj_close\n")
    (tmp_path / "catalog.csv").write_text("ticker,name,sector\n")
    with pytest.raises(MarketError, match="neither"):
        load_market(tmp_path)
