"""The JSON record: complete, plain, consistent in itself and the same on every run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import aggplus
from aggplus.command_line.outputs import json_bytes

RECORD = "model, asof, status, weights, excluded, risk, expected_return, certificate, shadow_prices, backend, seconds"
REQUIRED = {
    (): set(RECORD.split(", ")),
    ("risk",): {"volatility", "benchmark_volatility", "beta", "correlation", "target"},
    ("risk", "target"): {"algorithm", "value", "binding"},
    ("certificate",): {"gap_bp", "max_violation", "kkt_residual", "ok"},
}


def no_constant(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


def parsed(portfolio: aggplus.ModelPortfolio) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(json_bytes(portfolio.to_dict()), parse_constant=no_constant)
    return record


@pytest.fixture(scope="module", params=["baseline", "aggressive", "conservative"])
def portfolio(request: pytest.FixtureRequest, simulated: aggplus.Market) -> aggplus.ModelPortfolio:
    return aggplus.solve(aggplus.load_model(request.param), simulated)


@pytest.fixture(scope="module")
def record(portfolio: aggplus.ModelPortfolio) -> dict[str, Any]:
    return parsed(portfolio)


def test_keys(record: dict[str, Any]) -> None:
    for path, keys in REQUIRED.items():
        part = record
        for key in path:
            part = part[key]
        assert keys <= set(part), path
    assert record["shadow_prices"]
    for price in record["shadow_prices"]:
        assert {"clause", "limit", "value", "price_bp_per_pct"} <= set(price)


def test_comes_back_as_it_went(portfolio: aggplus.ModelPortfolio, record: dict[str, Any]) -> None:
    assert record == portfolio.to_dict()


def test_weights(portfolio: aggplus.ModelPortfolio, record: dict[str, Any]) -> None:
    assert record["status"] == "solved"
    assert sum(record["weights"].values()) == pytest.approx(1.0, abs=1e-9)
    assert list(record["weights"].values()) == sorted(record["weights"].values(), reverse=True)
    assert min(record["weights"].values()) > 0.0
    sectors: dict[str, float] = {}
    for ticker, weight in record["weights"].items():
        sector = portfolio.setting.catalog["sector"][ticker]
        sectors[sector] = sectors.get(sector, 0.0) + weight
    assert record["sectors"] == pytest.approx(sectors, abs=1e-12)


def test_every_fund_is_eligible_or_excluded(record: dict[str, Any], simulated: aggplus.Market) -> None:
    assert record["eligible"] + len(record["excluded"]) == len(simulated.catalog)
    assert set(record["excluded"]).isdisjoint(record["weights"])
    assert set(record["excluded"]) <= set(simulated.catalog.index)
    assert all(reason.strip() for reason in record["excluded"].values())
    assert sum(record["excluded_counts"].values()) == len(record["excluded"])


def test_figures_agree_with_each_other(record: dict[str, Any]) -> None:
    risk, target = record["risk"], record["risk"]["target"]
    assert risk["correlation"] == pytest.approx(risk["beta"] * risk["benchmark_volatility"] / risk["volatility"])
    # |w - b|^2 = |w|^2 + |b|^2 - 2 w.b
    square = risk["volatility"] ** 2 + (1.0 - 2.0 * risk["beta"]) * risk["benchmark_volatility"] ** 2
    assert risk["tracking_error"] == pytest.approx(square**0.5, rel=1e-9)
    assert target["figure"] == risk["beta" if target["kind"] == "beta" else "volatility"]
    assert target["binding"] == any(price["clause"] == "risk target" for price in record["shadow_prices"])
    assert record["certificate"]["ok"] is True
    assert record["certificate"]["max_violation"] <= 1e-7


def test_expected_return_is_that_of_the_weights(portfolio: aggplus.ModelPortfolio, record: dict[str, Any]) -> None:
    prices = portfolio.setting.risk_model.table["expected_return"]
    weights = pd.Series(record["weights"])
    assert record["expected_return"] == pytest.approx(float((weights * prices[weights.index]).sum()), abs=1e-7)
    assert record["benchmark_expected_return"] == portfolio.setting.risk_model.mu_b


def test_a_target_above_the_best_portfolio_does_not_bind(small: aggplus.Market, tmp_path: Path) -> None:
    client = tmp_path / "client.toml"
    client.write_text('extends = "baseline"\n[target]\nmultiple = 5.0\n')
    loose = parsed(aggplus.solve(aggplus.load_model(client), small))
    target = loose["risk"]["target"]
    assert target["binding"] is False
    assert target["figure"] < target["value"] == pytest.approx(5.0 * loose["risk"]["benchmark_volatility"])
    assert "risk target" not in {price["clause"] for price in loose["shadow_prices"]}


def test_says_that_it_is_simulated(record: dict[str, Any]) -> None:
    assert "simulated" in record["market"]


def test_the_same_again(portfolio: aggplus.ModelPortfolio, simulated: aggplus.Market) -> None:
    again = parsed(aggplus.solve(portfolio.setting.model, simulated))
    assert again | {"seconds": None} == parsed(portfolio) | {"seconds": None}


def test_the_same_in_every_process(small_folder: Path, tmp_path: Path) -> None:
    """Whatever the seed of Python's hashes: no set or dict of strings decides an order."""
    lines = []
    for seed in ("0", "1"):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "aggplus",
                "solve",
                "aggressive",
                "--market",
                small_folder,
                "--json",
                f"{seed}.json",
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        text = (tmp_path / f"{seed}.json").read_text()
        lines.append([line for line in text.splitlines() if not line.startswith('  "seconds": ')])
    assert lines[0] == lines[1]
    assert len(lines[0]) > 50
