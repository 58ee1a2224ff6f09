"""A market written by real processes that are killed at any moment, and read all the while."""

import multiprocessing
import random
import re
import runpy
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from universe import MarketError, load_market
from universe.stored.generations import current_folder, disagreeing

_KILLS = 50
_PATIENCE_S = 120.0
_WRITER = Path(__file__).with_name("writer.py")


def _state_of(market: Path) -> int:
    """The number of the state that is read, which prices and catalog must agree on."""
    known = load_market(market)
    issuers = {str(issuer) for issuer in known.catalog["issuer"]}
    assert all(re.fullmatch(r"state \d+", issuer) for issuer in issuers)
    numbers = {int(issuer.removeprefix("state ")) for issuer in issuers}
    assert len(numbers) == 1
    number = numbers.pop()
    assert len(known.prices) == 100 + number
    assert set(known.prices.iloc[0]) == {50.0 * (1 + number)}
    assert set(known.prices.iloc[-1]) == {(149.0 + number) * (1 + number)}
    return number


class _Writers:
    """Processes that update a market from the state after `reached` on, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["universe.stored.building"])

    def start(self, number: int) -> ForkServerProcess:
        """A writer that is at work."""
        begun = self._folder / "begun.txt"
        begun.unlink(missing_ok=True)
        # A name that every process knows; a function of this file would have to be imported there.
        values = {"FOLDER": str(self._folder), "NUMBER": number}
        writer = self._context.Process(target=runpy.run_path, args=(str(_WRITER), values, "writer"), daemon=True)
        writer.start()
        _wait_for(begun.exists, writer)
        return writer


def _wait_for(done: Callable[[], bool], writer: ForkServerProcess) -> None:
    last = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < last
        assert writer.is_alive()
        time.sleep(0.002)


def test_killed_fifty_times_and_never_torn(tmp_path: Path) -> None:
    writers, moments = _Writers(tmp_path), random.Random(20240131)
    market, reads, torn_off = tmp_path / "market", 0, 0
    # How long an update takes depends on the machine; the moments of the kills are spread over two of them.
    writer, start = writers.start(0), time.monotonic()
    _wait_for(lambda: market.exists() and _state_of(market) >= 4, writer)
    an_update = (time.monotonic() - start) / 5
    writer.kill()
    writer.join()
    reached = _state_of(market)
    for _ in range(_KILLS):
        writer = writers.start(reached + 1)
        last = time.monotonic() + moments.uniform(0.0, 2.0 * an_update)
        while time.monotonic() < last:
            assert _state_of(market) >= reached
            reads += 1
        assert writer.is_alive(), (tmp_path / "refused.txt").read_text()
        writer.kill()
        writer.join()
        reached = _state_of(market)
        assert disagreeing(current_folder(market)) == []
        assert len((market / "changes.jsonl").read_text().splitlines()) == reached + 1
        torn_off += any(folder.name.startswith(".") for folder in (market / "generations").iterdir())
    assert reads > _KILLS
    assert torn_off > 0, "no writer was killed while it wrote: the test has not tried what it is about"


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("generations/000001")
    (tmp_path / "prices.csv").write_text("date,ticker,adj_close\n")
    (tmp_path / "catalog.csv").write_text("ticker,name,sector\n")
    with pytest.raises(MarketError, match="neither"):
        load_market(tmp_path)
