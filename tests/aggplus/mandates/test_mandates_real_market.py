"""The mandates of the cookbook on the real market: every clause again, from the documents, the raw files and pandas."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.covariance import ledoit_wolf

import aggplus

ROOT = Path(__file__).resolve().parents[3]
MANDATES = sorted((ROOT / "examples" / "mandates").glob("*.toml"))
DATES = ("2024-01-31", "2020-06-30")
HELD = {"AGG": 0.24, "TLT": 0.12, "LQD": 0.18, "MBB": 0.22, "HYG": 0.14, "TIP": 0.10}
"""Of the family that may turn over a tenth; the file beside its mandate has funds of the built-in market."""

# From the taxonomy of the catalog: the sectors of the US Aggregate.
CORE = {"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate"}
PRESETS = {"concentrated": (0.25, 60), "diversified": (0.10, 120), "broad": (0.05, 200)}
HAIR = 2e-6

Document = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """The market's files as pandas reads them."""

    catalog: pd.DataFrame
    prices: pd.DataFrame


@pytest.fixture(scope="module")
def raw(real_market_path: Path) -> Raw:
    prices = pd.read_parquet(real_market_path / "prices.parquet", columns=["date", "ticker", "adj_close"])
    return Raw(
        pd.read_csv(real_market_path / "catalog.csv").set_index("ticker"),
        prices.pivot(index="date", columns="ticker", values="adj_close"),
    )


def merged(base: Document, other: Document) -> Document:
    """As the reference of the model document says: by key, groups by name, another algorithm or estimator anew."""
    result = dict(base)
    for key, value in other.items():
        mine = result.get(key)
        if key == "group":
            names = {group["name"]: group for group in mine or []}
            result[key] = list({**names, **{g["name"]: {**names.get(g["name"], {}), **g} for g in value}}.values())
        elif isinstance(value, dict) and isinstance(mine, dict):
            anew = any(kind in value and value[kind] != mine.get(kind) for kind in ("algorithm", "estimator"))
            result[key] = value if anew else merged(mine, value)
        else:
            result[key] = value
    return result


def whole(path: Path) -> Document:
    """A document with all that it extends."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    base = document.pop("extends", None)
    if base is None:
        return document
    shipped = ROOT / "aggplus" / "models" / f"{base}.toml"
    return merged(whole(shipped if shipped.exists() else path.parent / base), document)


def covariance(document: Document, returns: np.ndarray, shipped_risk: Any) -> np.ndarray:
    """Annualised percent squared, by the estimator of the document; the mandates have two."""
    if document.get("risk_model", {}).get("estimator", "exponential") == "exponential":
        return np.asarray(shipped_risk.covariance(returns))
    deviation = returns.std(axis=0)
    shrunk, _ = ledoit_wolf((returns - returns.mean(axis=0)) / deviation, assume_centered=True)
    scale = 100.0 * np.sqrt(252.0) * deviation
    return shrunk * np.outer(scale, scale)


def findings(
    document: Document, portfolio: aggplus.ModelPortfolio, raw: Raw, shipped_risk: Any, held: dict[str, float] | None
) -> Iterator[str]:
    """Whatever of the document does not hold for the weights."""
    weights = portfolio.weights
    funds, limits, universe = raw.catalog.loc[weights.index], document["limits"], document["universe"]

    def outside(name: str, value: float, limit: Document, hair: float = HAIR) -> Iterator[str]:
        soft = "priority" in limit
        if not soft and not limit.get("min", -np.inf) - hair <= value <= limit.get("max", np.inf) + hair:
            yield f"{name} is {value}, {limit}"

    preset_cap, preset_count = PRESETS[limits.get("diversification", "concentrated")]
    cap = limits.get("max_weight", preset_cap)
    count = limits.get("max_holdings", preset_count if "max_weight" not in limits else np.inf)
    yield from outside("sum", weights.sum(), {"min": 1.0, "max": 1.0})
    yield from outside("least weight", weights.min(), {"min": limits.get("min_weight", 0.0)})
    yield from outside("position cap", weights.max(), {"max": cap})
    yield from outside("names", len(weights), {"max": count})

    for sector, limit in limits.get("sector", {}).items():
        yield from outside(sector, weights[funds["sector"] == sector].sum(), limit)
    for group in limits.get("group", []):
        inside = funds["sector"].isin(group.get("sectors", [])) | funds.index.isin(group.get("tickers", []))
        yield from outside(group["name"], weights[inside].sum(), group)
    for sector, limit in limits.get("active", {}).items():
        active = weights[funds["sector"] == sector].sum() - limits["benchmark_sectors"][sector]
        band = {"min": -limit.get("below", np.inf), "max": limit.get("above", np.inf)}
        yield from outside(f"active {sector}", active, band)
    for key, column in (("duration", "effective_duration_years"), ("expense_ratio_bp", "expense_ratio_bp")):
        if key in limits:
            yield from outside(key, float(weights @ funds[column]), limits[key], 1e-5)
    for key, column in (("max_adv_share", "adv_usd_mm"), ("max_aum_share", "aum_usd_mm")):
        if key in limits:
            shares = weights * limits["account_size_mm"] / funds[column]
            yield from outside(key, shares.max(), {"max": limits[key]}, 1e-4)
    if "max_turnover" in limits and held is not None:
        before = pd.Series(held).reindex(weights.index.union(list(held)), fill_value=0.0)
        traded = (weights.reindex(before.index, fill_value=0.0) - before).abs().sum() / 2.0
        yield from outside("turnover", traded, {"max": limits["max_turnover"]})

    allowed = {name for sector in universe["sectors"] for name in (CORE if sector == "core" else {sector})}
    yield from (f"{ticker} is {funds['sector'][ticker]}" for ticker in funds.index[~funds["sector"].isin(allowed)])
    yield from (f"{ticker} is on the list" for ticker in weights.index.intersection(universe.get("exclude", [])))
    yield from (f"{ticker} is not in dollars" for ticker in funds.index[funds["currency_exposure"] != "USD"])
    for key, column in (("min_aum_mm", "aum_usd_mm"), ("min_adv_mm", "adv_usd_mm")):
        if key in universe:
            yield from (f"{ticker}: {column}" for ticker in funds.index[~(funds[column] >= universe[key])])

    # Shrinkage is chosen on all funds together.
    names = sorted({*portfolio.setting.risk_model.tickers, "AGG"})
    closes = raw.prices.loc[: portfolio.setting.asof, names].tail(253).to_numpy()
    sigma = covariance(document, closes[1:] / closes[:-1] - 1.0, shipped_risk)
    w, bench = weights.reindex(names, fill_value=0.0).to_numpy(), np.array([float(name == "AGG") for name in names])
    benchmark = float(np.sqrt(bench @ sigma @ bench))
    beta = float(w @ sigma @ bench) / benchmark**2
    target = document["target"]
    match target["algorithm"]:
        case "dynamic_risk":
            risk, limit = float(np.sqrt(w @ sigma @ w)), target.get("multiple", 1.0) * benchmark
        case "constant_volatility":
            risk, limit = float(np.sqrt(w @ sigma @ w)), 100.0 * target["value"]
        case "tracking_error":
            risk, limit = float(np.sqrt((w - bench) @ sigma @ (w - bench))), 100.0 * target["value"]
        case "dynamic_beta":
            risk, limit = beta, target["beta"]
    yield from outside("risk target", risk, {"max": limit})
    if target.get("match") == "equal":
        yield from outside("risk target", risk, {"min": limit})
    if "beta" in limits:
        yield from outside("beta", beta, limits["beta"])


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("path", MANDATES, ids=lambda path: path.stem)
def test_every_mandate_is_solved_or_explained(
    path: Path, date: str, real_market: aggplus.Market, raw: Raw, shipped_risk: Any, tmp_path: Path
) -> None:
    document = whole(path)
    held = HELD if "max_turnover" in document["limits"] else None
    portfolio = aggplus.solve(aggplus.load_model(path), real_market, date, held)
    if portfolio.status == "infeasible":
        path = repaired(path, real_market, date, held, tmp_path)
        document, portfolio = whole(path), aggplus.solve(aggplus.load_model(path), real_market, date, held)
    assert portfolio.status == "solved", portfolio.findings
    assert portfolio.certificate is not None
    assert portfolio.certificate.ok
    assert list(findings(document, portfolio, raw, shipped_risk, held)) == []


def repaired(path: Path, market: aggplus.Market, date: str, held: dict[str, float] | None, folder: Path) -> Path:
    """The mandate with the cheapest way out written into it, once it is certain that there is a conflict."""
    told = aggplus.explain(aggplus.load_model(path), market, date, held).to_dict()
    assert not told["feasible"]
    assert told["conflict"]
    assert told["sentences"]
    assert told["repair"]
    lines = [f"extends = {json.dumps(path.as_posix())}", 'id = "repaired"', 'name = "repaired"']
    for move in told["repair"]:
        table, _, key = move["key"].rpartition(".")
        assert not table.startswith("limits.group"), "a group is written by its name"
        lines += [f"[{table}]", f"{key} = {move['value']}"]
    written = folder / "repaired.toml"
    written.write_text("\n".join(lines), encoding="utf-8")
    return written


def test_those_that_conflict_are_known(real_market: aggplus.Market) -> None:
    """One is written so as to conflict; another one asks for less risk than June 2020 had to offer."""
    conflicts = {
        (path.name[:2], date)
        for path in MANDATES
        for date in DATES
        if aggplus.solve(aggplus.load_model(path), real_market, date).status == "infeasible"
    }
    assert conflicts == {("13", "2024-01-31"), ("13", "2020-06-30"), ("08", "2020-06-30")}
