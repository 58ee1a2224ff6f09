"""The frontier of a model's mandate: what other backends find at a risk, and where the model itself lies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import aggplus
from optimizer import OptimizerError

Write = Callable[[str], aggplus.Model]


@pytest.fixture
def client(tmp_path: Path) -> Write:
    def write(text: str, parent: str = "baseline") -> aggplus.Model:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "{parent}"\nid = "C"\nname = "Client <b> & Co"\n{text}', encoding="utf-8")
        return aggplus.load_model(path)

    return write


def at_volatility(fraction: float) -> str:
    return f'[target]\nalgorithm = "constant_volatility"\nvalue = {fraction!r}\n'


def dense(weights: pd.Series, tickers: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return weights.reindex(list(tickers), fill_value=0.0).to_numpy()


class TestAgainstSolvingAtARisk:
    @pytest.mark.parametrize("where", [0.15, 0.5, 0.9])
    def test_conic_backend_finds_the_same_portfolio(self, small: aggplus.Market, client: Write, where: float) -> None:
        frontier = aggplus.frontier(aggplus.load_model("baseline"), small)
        least, most = frontier.corners["volatility"].iloc[[0, -1]]
        risk = float(least + where * (most - least))
        solved = aggplus.solve(client(at_volatility(risk)), small, backend="conic")
        tickers = solved.setting.risk_model.tickers
        assert dense(frontier.at_risk(risk), tickers) == pytest.approx(dense(solved.weights, tickers), abs=1e-6)

    def test_costs_and_turnover_from_holdings(self, small: aggplus.Market, client: Write) -> None:
        holdings = {"TR00": 0.25, "TR01": 0.25, "IG06": 0.25, "HI15": 0.2}
        limits = "[costs]\nhalf_spread_bp = 25.0\n[limits]\nmax_turnover = 0.3\n"
        frontier = aggplus.frontier(client(limits), small, holdings=holdings)
        corners = frontier.corners
        held = frontier.weights.reindex(columns=sorted({*frontier.weights.columns, *holdings}), fill_value=0.0)
        traded = (held - pd.Series(holdings).reindex(held.columns, fill_value=0.0)).abs().sum(axis=1)
        assert (0.5 * (traded + 0.05) <= 0.3 + 1e-9).all()
        # 25 bp of what is traded, four times a year.
        assert (corners["expected_return"] - corners["net_return"]).to_numpy() == pytest.approx(0.0025 * 4 * traded)
        assert corners["net_return"].is_monotonic_increasing
        risk = float(corners["volatility"].mean())
        solved = aggplus.solve(client(limits + at_volatility(risk)), small, holdings=holdings, backend="conic")
        tickers = solved.setting.risk_model.tickers
        assert dense(frontier.at_risk(risk), tickers) == pytest.approx(dense(solved.weights, tickers), abs=1e-6)


class TestWhereTheModelLies:
    @pytest.mark.parametrize("name", ["baseline", "aggressive"])
    def test_a_volatility_target_lies_on_it(self, small: aggplus.Market, name: str) -> None:
        frontier = aggplus.frontier(aggplus.load_model(name), small)
        assert frontier.below_frontier_bp == pytest.approx(0.0, abs=1e-6)
        assert frontier.portfolio.weights.equals(aggplus.solve(aggplus.load_model(name), small).weights)

    def test_a_beta_target_is_left_out_of_its_frontier(self, small: aggplus.Market, client: Write) -> None:
        wide = "[limits]\nmax_weight = 1.0\n"
        tight = '[target]\nalgorithm = "dynamic_beta"\nbeta = 1.0\n'
        frontier = aggplus.frontier(client(wide + tight), small)
        plain = aggplus.frontier(client(wide + at_volatility(0.03)), small)
        assert frontier.weights.equals(plain.weights)
        assert frontier.corners["beta"].max() > 1.0
        # A limit on beta costs return at the same volatility.
        assert frontier.portfolio.binding
        assert frontier.below_frontier_bp is not None
        assert frontier.below_frontier_bp > 0.01

    def test_a_tracking_error_target_has_its_own_frontier(self, small: aggplus.Market, client: Write) -> None:
        frontier = aggplus.frontier(client('[target]\nalgorithm = "tracking_error"\nvalue = 0.03\n'), small)
        assert frontier.measure == "tracking_error"
        assert frontier.corners["tracking_error"].is_monotonic_increasing
        # The least volatility does not track the benchmark best.
        calm = aggplus.frontier(client(at_volatility(0.05)), small).corners["tracking_error"]
        assert calm.iloc[0] > 1.5 * frontier.corners["tracking_error"].iloc[0]
        weights = frontier.at_risk(0.03)
        assert dense(weights, frontier.portfolio.setting.risk_model.tickers) == pytest.approx(
            frontier.portfolio.w, abs=1e-6
        )

    def test_a_target_out_of_reach_leaves_the_frontier(self, small: aggplus.Market, client: Write) -> None:
        frontier = aggplus.frontier(client(at_volatility(0.0001)), small)
        assert frontier.status == "solved"
        assert frontier.portfolio.status == "infeasible"
        assert frontier.below_frontier_bp is None
        assert any("not on it: risk target: volatility cannot go below" in warning for warning in frontier.warnings)
        assert frontier.to_dict()["portfolio"]["risk"]["volatility"] is None

    def test_few_names_are_told_to_be_left_aside(self, small: aggplus.Market, client: Write) -> None:
        frontier = aggplus.frontier(client("[limits]\nmax_holdings = 4\n"), small)
        crowded = int((frontier.corners["holdings"] > 4).sum())
        assert crowded > 0
        told = f"max_holdings and min_weight are left aside; {crowded} of {len(frontier.corners)} corners"
        assert any(warning.startswith(told) for warning in frontier.warnings)
        assert not any("max_holdings" in said for said in aggplus.frontier(client(""), small).warnings)


@pytest.fixture(scope="module")
def frontier(small: aggplus.Market) -> aggplus.ModelFrontier:
    return aggplus.frontier(aggplus.load_model("baseline"), small)


class TestResult:
    def test_figures_are_those_of_the_weights(self, frontier: aggplus.ModelFrontier) -> None:
        model = frontier.portfolio.setting.risk_model
        W = np.stack([dense(w, model.tickers) for _, w in frontier.weights.iterrows()])
        joint = model.joint.matrix
        everything = np.pad(W, ((0, 0), (0, len(joint) - W.shape[1])))
        active = everything - np.eye(len(joint))[model.benchmark_at]
        variance = np.einsum("ki,ij,kj->k", everything, joint, everything)
        expected = {
            "volatility": np.sqrt(variance) / 100.0,
            "expected_return": W @ model.mu / 100.0,
            "net_return": W @ model.mu / 100.0,
            "beta": everything @ joint[model.benchmark_at] / joint[model.benchmark_at, model.benchmark_at],
            "correlation": everything
            @ joint[model.benchmark_at]
            / np.sqrt(variance * joint[model.benchmark_at, model.benchmark_at]),
            "tracking_error": np.sqrt(np.einsum("ki,ij,kj->k", active, joint, active)) / 100.0,
            "holdings": (W > 1e-9).sum(axis=1),
        }
        for name, values in expected.items():
            assert frontier.corners[name].to_numpy() == pytest.approx(values, rel=1e-9, abs=1e-12), name
        assert list(frontier.corners.index) == list(frontier.weights.index) == list(range(1, len(W) + 1))

    def test_record_is_plain_and_in_percent(self, frontier: aggplus.ModelFrontier) -> None:
        record = json.loads(json.dumps(frontier.to_dict(), allow_nan=False))
        assert record["status"] == "solved"
        assert record["points"] == "corners"
        assert record["certificate"]["ok"]
        assert len(record["corners"]) == len(frontier.corners)
        last, row = record["corners"][-1], frontier.corners.iloc[-1]
        assert last["volatility"] == pytest.approx(100.0 * row["volatility"])
        assert last["holdings"] == len(last["weights"])
        assert sum(last["weights"].values()) == pytest.approx(1.0)

    def test_notebook_shows_it_and_escapes_names(self, small: aggplus.Market, client: Write) -> None:
        html = aggplus.frontier(client(""), small)._repr_html_()
        assert "Client &lt;b&gt; &amp; Co" in html
        assert "<b>" not in html
        assert "corner 1 of" in html

    def test_off_the_frontier(self, frontier: aggplus.ModelFrontier) -> None:
        with pytest.raises(OptimizerError, match=r"a risk of 90 % is off the frontier: choose one from"):
            frontier.at_risk(0.9)

    def test_mandate_that_allows_nothing(self, small: aggplus.Market, client: Write) -> None:
        frontier = aggplus.frontier(client("[limits]\nmax_weight = 0.01\n"), small)
        assert frontier.status == "infeasible"
        assert any("can hold at most 21 % together" in finding for finding in frontier.findings)
        assert frontier.corners.empty
        assert frontier.weights.empty
        assert "can hold at most 21 % together" in frontier._repr_html_()
        assert json.loads(json.dumps(frontier.to_dict(), allow_nan=False))["corners"] == []
        with pytest.raises(ValueError, match="there is no frontier"):
            frontier.at_risk(0.05)


@pytest.mark.parametrize("name", ["baseline", "aggressive", "conservative"])
def test_real_market(real_market: aggplus.Market, name: str) -> None:
    model = aggplus.load_model(name)
    frontier = aggplus.frontier(model, real_market, "2024-01-31")
    assert frontier.found is not None
    assert frontier.found.points == "corners"
    assert len(frontier.corners) > 15
    certificate = frontier.found.certificate
    assert certificate.gap_bp < 1e-6
    assert certificate.kkt_residual < 1e-9
    assert (frontier.weights.sum(axis=1) - 1.0).abs().max() < 1e-12
    assert frontier.weights.max(axis=None) <= 0.25
    assert frontier.below_frontier_bp is not None
    assert frontier.below_frontier_bp >= -1e-9
    if name != "conservative":
        assert frontier.below_frontier_bp < 1e-6
