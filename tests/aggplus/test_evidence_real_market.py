"""The three models on the real market, judged from the raw files by other code.

Nothing of aggplus's own reading, screening or estimating is used for the judgement: prices come by pyarrow, the catalog
by the csv module, the screens are written out as a client would check them by hand, and so is the covariance: numpy,
pandas and scikit-learn's function for Ledoit and Wolf's intensity.
"""

import csv
import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from threadpoolctl import threadpool_limits

import aggplus

DAY = dt.date(2024, 1, 31)
MODELS = ("baseline", "aggressive", "conservative")
CATALOGUED = 1029

CORE = frozenset({"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate"})
CREDIT = frozenset({"high_yield", "bank_loan"})
SECTORS = {
    "baseline": CORE | {"tips"} | CREDIT,
    "aggressive": CORE | {"tips"} | CREDIT,
    "conservative": CORE,
}
CAP, CREDIT_CAP = 0.25, 0.60
WINDOW, RATED, HISTORY, LEAST_AUM = 252, 126, 252, 100.0


@dataclass(frozen=True)
class Raw:
    """The two files as they are."""

    catalog: dict[str, dict[str, str]]
    prices: dict[str, dict[dt.date, float]]

    @cached_property
    def days(self) -> dict[str, list[dt.date]]:
        return {ticker: sorted(closes) for ticker, closes in self.prices.items()}

    @cached_property
    def sessions(self) -> list[dt.date]:
        return sorted({day for ticker in self.catalog for day in self.prices.get(ticker, {})})

    def eligible(self, sectors: frozenset[str], day: dt.date) -> list[str]:
        at = self.sessions.index(day)
        window = self.sessions[at - WINDOW : at + 1]
        return [ticker for ticker in sorted(self.catalog) if self._passes(ticker, sectors, day, window)]

    def _passes(self, ticker: str, sectors: frozenset[str], day: dt.date, window: list[dt.date]) -> bool:
        row, closes = self.catalog[ticker], self.prices.get(ticker, {})
        return (
            row["sector"] in sectors
            and row["currency_exposure"] == "USD"
            and row["tax_status"] == "taxable"
            and row["leveraged_or_inverse"] == "False"
            and row["options_overlay"] == "False"
            and row["aum_usd_mm"] != ""
            and float(row["aum_usd_mm"]) >= LEAST_AUM
            and not (row["first_trade_date"] and dt.date.fromisoformat(row["first_trade_date"]) > day)
            and all(session in closes for session in window)
            and bisect_right(self.days[ticker], day) >= HISTORY
        )

    def estimate(self, tickers: list[str], day: dt.date, risk: Any) -> "Estimate":
        """Risk and return of the funds and, last, the AGG, in percent a year."""
        at = self.sessions.index(day)
        columns = tickers if "AGG" in tickers else [*tickers, "AGG"]
        window = self.sessions[at - WINDOW : at + 1]
        panel = np.array([[self.prices[ticker][session] for ticker in columns] for session in window])
        returns = panel[1:] / panel[:-1] - 1
        mu = (panel[-1] / panel[-1 - RATED] - 1) * 252 / RATED * 100
        return Estimate(columns, risk.covariance(returns), mu, columns.index("AGG"))


@dataclass(frozen=True)
class Estimate:
    tickers: list[str]
    sigma: np.ndarray
    mu: np.ndarray
    benchmark: int

    def weights(self, held: dict[str, float]) -> np.ndarray:
        return np.array([held.get(ticker, 0.0) for ticker in self.tickers])

    @property
    def sigma_b(self) -> float:
        return float(np.sqrt(self.sigma[self.benchmark, self.benchmark]))

    def volatility(self, w: np.ndarray) -> float:
        return float(np.sqrt(w @ self.sigma @ w))

    def beta(self, w: np.ndarray) -> float:
        return float(w @ self.sigma[:, self.benchmark]) / self.sigma_b**2


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tests run side by side already; threads of the linear algebra would only get in each other's way."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def raw(real_market_path: Path) -> Raw:
    with (real_market_path / "catalog.csv").open(encoding="utf-8-sig", newline="") as file:
        catalog = {row["ticker"]: row for row in csv.DictReader(file)}
    table = pyarrow.parquet.read_table(real_market_path / "prices.parquet", columns=["date", "ticker", "adj_close"])
    days = {stamp: stamp.astype("datetime64[D]").item() for stamp in np.unique(table["date"].to_numpy())}
    prices: dict[str, dict[dt.date, float]] = {}
    for ticker, stamp, price in zip(
        table["ticker"].to_pylist(), table["date"].to_numpy(), table["adj_close"].to_numpy(), strict=True
    ):
        if price == price:  # a blank is no close
            prices.setdefault(ticker, {})[days[stamp]] = float(price)
    return Raw(catalog, prices)


def assert_allowed(raw: Raw, model: str, held: dict[str, float]) -> None:
    """Every clause of the shipped mandates, by hand."""
    assert sum(held.values()) == pytest.approx(1.0, abs=1e-6)
    assert min(held.values()) >= -1e-6
    assert max(held.values()) <= CAP + 1e-6
    assert {raw.catalog[ticker]["sector"] for ticker in held} <= SECTORS[model]
    assert sum(w for ticker, w in held.items() if raw.catalog[ticker]["sector"] in CREDIT) <= CREDIT_CAP + 1e-6


def figure_and_target(model: str, estimate: Estimate, held: dict[str, float], record: dict[str, Any]) -> list[float]:
    """What the target speaks of and what it may be, by the models' rules."""
    w = estimate.weights(held)
    if model == "conservative":
        return [estimate.beta(w), 1.0]
    if model == "baseline":
        return [estimate.volatility(w), estimate.sigma_b]
    # Without a record the correlation is that of the portfolio at correlation one, between a half and one.
    scaled = record["risk"]["target"]["value"]
    assert estimate.sigma_b - 1e-8 <= scaled <= 2.0 * estimate.sigma_b + 1e-8
    return [estimate.volatility(w), scaled]


@pytest.mark.parametrize("model", MODELS)
class TestFromTheRawFiles:
    @pytest.fixture
    def record(self, run: Callable[..., Any], real_market_path: Path, model: str) -> dict[str, Any]:
        ran = run("solve", model, "--market", real_market_path, "--asof", f"{DAY}", "--json", "out.json")
        assert (ran.code, ran.err) == (0, "")
        loaded: dict[str, Any] = json.loads(Path("out.json").read_text())
        return loaded

    def test_funds_are_eligible_or_excluded(self, raw: Raw, model: str, record: dict[str, Any]) -> None:
        eligible = raw.eligible(SECTORS[model], DAY)
        assert set(record["excluded"]) == set(raw.catalog) - set(eligible)
        assert record["eligible"] == len(eligible)
        assert len(record["excluded"]) + record["eligible"] == CATALOGUED
        assert sum(record["excluded_counts"].values()) == len(record["excluded"])
        assert all(record["excluded"].values())
        assert set(record["weights"]) <= set(eligible)

    def test_clauses_hold(self, raw: Raw, model: str, record: dict[str, Any]) -> None:
        assert_allowed(raw, model, record["weights"])
        by_sector: dict[str, float] = {}
        for ticker, weight in record["weights"].items():
            sector = raw.catalog[ticker]["sector"]
            by_sector[sector] = by_sector.get(sector, 0.0) + weight
        assert record["sectors"] == pytest.approx(by_sector, abs=1e-12)

    def test_figures(self, raw: Raw, model: str, record: dict[str, Any], shipped_risk: Any) -> None:
        estimate = raw.estimate(raw.eligible(SECTORS[model], DAY), DAY, shipped_risk)
        w, risk = estimate.weights(record["weights"]), record["risk"]
        b = np.zeros(len(w))
        b[estimate.benchmark] = 1.0
        assert risk["volatility"] == pytest.approx(estimate.volatility(w), abs=1e-8)
        assert risk["benchmark_volatility"] == pytest.approx(estimate.sigma_b, abs=1e-8)
        assert risk["beta"] == pytest.approx(estimate.beta(w), abs=1e-8)
        assert risk["tracking_error"] == pytest.approx(estimate.volatility(w - b), abs=1e-8)
        correlation = estimate.beta(w) * estimate.sigma_b / estimate.volatility(w)
        assert risk["correlation"] == pytest.approx(correlation, abs=1e-8)
        assert record["expected_return"] == pytest.approx(float(estimate.mu @ w), abs=1e-8)
        assert record["benchmark_expected_return"] == pytest.approx(estimate.mu[estimate.benchmark], abs=1e-8)

    def test_target(self, raw: Raw, model: str, record: dict[str, Any], shipped_risk: Any) -> None:
        estimate = raw.estimate(raw.eligible(SECTORS[model], DAY), DAY, shipped_risk)
        figure, target = figure_and_target(model, estimate, record["weights"], record)
        said = record["risk"]["target"]
        assert said["figure"] == pytest.approx(figure, abs=1e-8)
        assert said["value"] == pytest.approx(target, abs=1e-8)
        assert figure <= target + 1e-6
        assert said["binding"] == (figure >= target - 1e-5)


ASOF = "2023-06-15"
"""A day with a year of prices behind it."""


class TestInvariance:
    """What must not matter does not. Each market is written anew and read like any other."""

    @pytest.fixture(scope="module")
    @staticmethod
    def table(real_market_path: Path) -> pa.Table:
        return pyarrow.parquet.read_table(real_market_path / "prices.parquet", columns=["date", "ticker", "adj_close"])

    @pytest.fixture(scope="module")
    @staticmethod
    def catalog(real_market_path: Path) -> str:
        return (real_market_path / "catalog.csv").read_text(encoding="utf-8-sig")

    @pytest.fixture(scope="module")
    @staticmethod
    def as_it_is(real_market: aggplus.Market) -> list[dict[str, Any]]:
        return all_three(real_market)

    def test_later_prices(self, table: pa.Table, catalog: str, as_it_is: list[Any], tmp_path: Path) -> None:
        later = _later(table)
        factors = np.where(later, np.random.default_rng(1).lognormal(0.0, 0.5, len(later)), 1.0)
        moved = table.set_column(2, "adj_close", pa.array(table["adj_close"].to_numpy() * factors))
        assert all_three(rewritten(tmp_path, moved, catalog)) == as_it_is

    def test_without_later_prices(self, table: pa.Table, catalog: str, as_it_is: list[Any], tmp_path: Path) -> None:
        known = table.filter(pa.array(~_later(table)))
        assert all_three(rewritten(tmp_path, known, catalog)) == as_it_is

    def test_order_of_the_funds(self, table: pa.Table, catalog: str, as_it_is: list[Any], tmp_path: Path) -> None:
        random = np.random.default_rng(2)
        header, *rows = catalog.splitlines()
        random.shuffle(rows)
        _, funds = np.unique(table["ticker"].to_numpy(), return_inverse=True)
        place = random.permutation(funds.max() + 1)
        shuffled = table.take(pa.array(np.argsort(place[funds], kind="stable")))
        assert shuffled["ticker"][0] != table["ticker"][0]
        assert all_three(rewritten(tmp_path, shuffled, "\n".join([header, *rows]) + "\n")) == as_it_is

    def test_level_of_prices(self, table: pa.Table, catalog: str, as_it_is: list[Any], tmp_path: Path) -> None:
        scaled = {"AGG", "LQD", *(ticker for record in as_it_is for ticker in record["weights"])}
        factors = np.where(np.isin(table["ticker"].to_numpy(), list(scaled)), 3.7, 1.0)
        dearer = table.set_column(2, "adj_close", pa.array(table["adj_close"].to_numpy() * factors))
        for record, before in zip(all_three(rewritten(tmp_path, dearer, catalog)), as_it_is, strict=True):
            assert record["excluded"] == before["excluded"]
            assert record["warnings"] == before["warnings"]
            assert record["weights"] == pytest.approx(before["weights"], abs=1e-8)
            assert record["expected_return"] == pytest.approx(before["expected_return"], abs=1e-8)
            for key in ("volatility", "benchmark_volatility", "beta", "tracking_error"):
                assert record["risk"][key] == pytest.approx(before["risk"][key], abs=1e-8)


def all_three(market: aggplus.Market) -> list[dict[str, Any]]:
    """Everything that the solves say but the name of the folder and how long they took."""
    records = [aggplus.solve(aggplus.load_model(name), market, ASOF).to_dict() for name in MODELS]
    return [{key: value for key, value in record.items() if key not in ("market", "seconds")} for record in records]


def rewritten(folder: Path, table: pa.Table, catalog: str) -> aggplus.Market:
    pyarrow.parquet.write_table(table, folder / "prices.parquet")
    (folder / "catalog.csv").write_text(catalog, encoding="utf-8")
    return aggplus.load_market(folder)


def _later(table: pa.Table) -> np.ndarray:
    return np.asarray(table["date"].to_numpy() > np.datetime64(ASOF))


@pytest.mark.parametrize("model", MODELS)
def test_backends_agree(real_market: aggplus.Market, model: str) -> None:
    backends = ("conic", "osqp", "parametric")
    conic, *others = (
        aggplus.solve(aggplus.load_model(model), real_market, f"{DAY}", backend=backend) for backend in backends
    )
    assert tuple(solved.backend for solved in (conic, *others)) == backends
    for other in others:
        assert conic.expected_return == pytest.approx(other.expected_return, abs=1e-7)
        assert conic.weights.to_dict() == pytest.approx(other.weights.to_dict(), abs=1e-6)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_day_of_2023(raw: Raw, real_market: aggplus.Market, shipped_risk: Any, month: int) -> None:
    days = [day for day in raw.sessions if (day.year, day.month) == (2023, month)]
    assert 19 <= len(days) <= 23
    for day in days:
        funds = {sectors: raw.eligible(sectors, day) for sectors in set(SECTORS.values())}
        estimates = {sectors: raw.estimate(eligible, day, shipped_risk) for sectors, eligible in funds.items()}
        for model in MODELS:
            portfolio = aggplus.solve(aggplus.load_model(model), real_market, day)
            assert portfolio.status == "solved", (day, model, portfolio.findings)
            assert portfolio.certificate is not None
            assert portfolio.certificate.ok, (day, model)
            record = portfolio.to_dict()
            held = record["weights"]
            eligible = set(funds[SECTORS[model]])
            assert set(record["excluded"]) == set(raw.catalog) - eligible, (day, model)
            assert set(held) <= eligible
            assert_allowed(raw, model, held)
            figure, target = figure_and_target(model, estimates[SECTORS[model]], held, record)
            assert record["risk"]["target"]["value"] == pytest.approx(target, abs=1e-8), (day, model)
            assert figure <= target + 1e-6, (day, model)
