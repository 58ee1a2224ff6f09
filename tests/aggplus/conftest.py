"""A small market on disk, the built-in market, the command line run in the test's own process, and a browser."""

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

import aggplus
from aggplus.command_line import main
from optimizer.batch import Family, solve_families

MARKET_VARIABLE = "AGGPLUS_MARKET"

CORE_FUNDS = 12
TIPS_FUNDS = 3
CREDIT_FUNDS = 5

Row = dict[str, str]


@pytest.fixture(scope="session", autouse=True)
def compiled_engine() -> None:
    """The engine is compiled once, here, and not by the first process that a test starts and listens to."""
    solve_families(
        [
            Family(
                tickers=("A", "B"),
                mu=np.array([1.0, 2.0]),
                sigma=np.eye(2),
                A=np.ones((1, 2)),
                lower=np.zeros((1, 2)),
                upper=np.ones((1, 2)),
                row_lower=np.ones((1, 1)),
                row_upper=np.ones((1, 1)),
                caps=np.array([0.9]),
            )
        ]
    )


@dataclass
class SmallMarket:
    """Prices (dates by tickers) and catalog rows, to be spoilt by a test before they are written."""

    prices: pd.DataFrame
    catalog: list[Row]

    def long(self) -> pd.DataFrame:
        table = self.prices.reset_index().melt("date", value_name="adj_close").dropna()
        return table.sort_values(["ticker", "date"], ignore_index=True)

    def write(self, folder: Path) -> Path:
        self.write_prices(folder, self.long())
        return self.write_catalog(folder, self.catalog)

    def write_prices(self, folder: Path, table: pd.DataFrame) -> Path:
        folder.mkdir(exist_ok=True)
        table.to_csv(folder / "prices.csv", index=False, date_format="%Y-%m-%d")
        return folder

    def write_catalog(self, folder: Path, rows: list[Row]) -> Path:
        folder.mkdir(exist_ok=True)
        with (folder / "catalog.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return folder


def make_small_market() -> SmallMarket:
    """Twenty funds and AGG over 300 weekdays to 2024-01-31, one rate factor and one credit factor."""
    random = np.random.default_rng(7)
    days = pd.bdate_range(end="2024-01-31", periods=300)
    # 2024-01-15 is Martin Luther King Day: a holiday inside the data.
    days = days[days != "2024-01-15"]
    factors = random.normal(0.0, 0.004, (2, len(days)))
    # No trend in the window that expected returns are read from: what a fund earns is its drift.
    rates, credit = factors - factors[:, -126:].mean(axis=1, keepdims=True)
    sectors = ["treasury"] * 6 + ["ig_corporate"] * 6 + ["tips"] * TIPS_FUNDS + ["high_yield"] * CREDIT_FUNDS
    tickers = ["AGG", *(f"{sector[:2].upper()}{i:02d}" for i, sector in enumerate(sectors))]
    columns, rows = {}, []
    for i, (ticker, sector) in enumerate(zip(tickers, ["aggregate", *sectors], strict=True)):
        duration = 1.0 if ticker == "AGG" else 0.2 + 0.12 * i
        spread = {"aggregate": 0.1, "treasury": 0.0, "ig_corporate": 0.3, "tips": 0.05, "high_yield": 0.8}[sector]
        own = random.normal(0.0, 0.0006, len(days))
        drift = 0.00001 * i + 0.0001 * spread
        columns[ticker] = 100.0 * np.cumprod(1.0 + drift + duration * rates + spread * credit + own)
        rows.append(
            {
                "ticker": ticker,
                "name": f"Fund {ticker}",
                "sector": sector,
                "currency_exposure": "USD",
                "tax_status": "taxable",
                "leveraged_or_inverse": "False",
                "options_overlay": "False",
                "effective_duration_years": f"{6 * duration:.1f}",
                "expense_ratio_bp": f"{5 + i}",
                "aum_usd_mm": f"{500 + 100 * i}",
                "adv_usd_mm": f"{5 + i}",
                "as_of": "2022-01-03",
                "first_trade_date": "2010-01-04",
            }
        )
    prices = pd.DataFrame(columns, index=days.rename("date"))
    return SmallMarket(prices.rename_axis(columns="ticker"), rows)


@pytest.fixture
def small_market() -> SmallMarket:
    return make_small_market()


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small market as it should be; not to be written to."""
    return make_small_market().write(tmp_path_factory.mktemp("markets") / "small")


@pytest.fixture(scope="session")
def small(small_folder: Path) -> aggplus.Market:
    return aggplus.load_market(small_folder)


@pytest.fixture(scope="session")
def simulated() -> aggplus.Market:
    return aggplus.simulated_market()


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `aggplus ...` in this process, from an empty folder and without a market in the environment."""
    place = tmp_path / "desk"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.delenv(MARKET_VARIABLE, raising=False)

    def command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["aggplus", *map(os.fspath, map(_text, arguments))])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Ran(code, said.out, said.err)

    return command


def _text(argument: object) -> str:
    return str(argument)


@pytest.fixture
def refuse(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Run a command that has to be refused: the one line that it says, with everything else checked.

    Exit code 2, nothing on standard output, one line on standard error, and no file made or changed.
    """

    def command(*arguments: object) -> str:
        before = _contents(tmp_path)
        ran = run(*arguments)
        assert ran.code == 2, ran
        assert ran.out == ""
        assert "Traceback" not in ran.err
        assert len(ran.err.splitlines()) == 1, ran.err
        assert ran.err.startswith("aggplus: ")
        assert _contents(tmp_path) == before
        return ran.err.removeprefix("aggplus: ").strip()

    return command


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@dataclass
class Watched:
    """Opens files in a browser that is cut off from any network, and notes what goes wrong on them."""

    browser: Browser
    wrong: list[str] = field(default_factory=list)

    def open(self, file: Path, width: int = 1280, height: int = 900) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": height}, offline=True)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request, file))
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        page.goto(file.as_uri(), wait_until="load")
        # The page says of each chart when it is drawn.
        page.wait_for_function(
            "document.querySelectorAll('[data-chart]').length === document.querySelectorAll('[data-drawn]').length"
        )
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _request(self, request: Request, file: Path) -> None:
        if request.url != file.as_uri() and not request.url.startswith("data:"):
            self.wrong.append(f"request: {request.url}")


_QUIET_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Not for the session: while it is open, nothing else in this process can run an event loop.
@pytest.fixture(scope="module")
def _browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine: pages cannot be looked at")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_QUIET_CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def chromium(_browser: Browser) -> Iterator[Watched]:
    """A browser; a console message, an error or a request of any page opened with it fails the test."""
    watched = Watched(_browser)
    yield watched
    for context in _browser.contexts:
        context.close()
    assert watched.wrong == []
