"""Few names from the document to the result: on the desk, on the command line, and on the real market."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aggplus
from aggplus.export import problem_arrays
from universe import Market

Solve = Callable[..., aggplus.ModelPortfolio]


@pytest.fixture
def solve(small: aggplus.Market, tmp_path: Path) -> Solve:
    def solved(limits: str = "", market: aggplus.Market = small, **more: Any) -> aggplus.ModelPortfolio:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "baseline"\n[limits]\n{limits}')
        return aggplus.solve(aggplus.load_model(path), market, **more)

    return solved


def test_limits_that_do_not_bind_leave_every_bit(solve: Solve) -> None:
    free = solve()
    few = solve(f"max_holdings = {len(free.weights)}\nmin_weight = {float(free.weights.min())!r}\n")
    assert few.weights.to_dict() == free.weights.to_dict()
    assert few.certificate == free.certificate
    assert few.setting.warnings == free.setting.warnings


def test_fewer_names_and_their_proof(solve: Solve) -> None:
    free = solve("max_weight = 0.2\n")
    few = solve("max_weight = 0.2\nmax_holdings = 5\nmin_weight = 0.05\n")
    assert len(free.weights) > 5
    assert few.status == "solved"
    assert len(few.weights) <= 5
    assert few.weights.min() >= 0.05 - 1e-9
    assert few.certificate is not None
    assert few.certificate.ok
    [remark] = [warning for warning in few.setting.warnings if "best possible" in warning]
    assert remark.startswith("at most 5 funds, at least 5 % of each fund held: the best possible (bound proven, ")
    record = few.to_dict()
    assert remark in record["warnings"]
    assert record["certificate"]["gap_bp"] == few.certificate.gap_bp
    arrays = problem_arrays(few)
    assert (arrays["max_holdings"], arrays["min_weight"]) == (5.0, 0.05)
    # The arrays are the convex part: the funds that were not chosen are not barred in them.
    assert (arrays["upper"] == 0.2).all()
    assert np.count_nonzero(arrays["w"]) == len(few.weights)


def test_an_unfinished_search_is_solved_with_its_gap(solve: Solve) -> None:
    few = solve("max_weight = 0.2\nmax_holdings = 5\nmin_weight = 0.05\nsearch_nodes = 6\n")
    assert few.status == "solved"
    assert few.certificate is not None
    assert few.certificate.gap_bp > 0.01
    assert not few.certificate.ok
    assert any("stopped after 6 nodes" in warning for warning in few.setting.warnings)


def test_too_few_names_are_explained(small: aggplus.Market, tmp_path: Path) -> None:
    path, sectors = tmp_path / "client.toml", ("treasury", "ig_corporate", "tips", "high_yield")
    least = "".join(f"{sector} = {{ min = 0.05 }}\n" for sector in sectors)
    path.write_text(f'extends = "baseline"\n[limits]\nmax_weight = 0.4\nmax_holdings = 3\n[limits.sector]\n{least}')
    explanation = aggplus.explain(aggplus.load_model(path), small)
    assert not explanation.feasible
    assert explanation.portfolio.status == "infeasible"
    assert any("the other limits alone can be met" in said.lower() for said in explanation.sentences)
    assert any("at most 3 funds" in said for said in explanation.sentences)
    path.write_text(path.read_text().replace("max_holdings = 3", "max_holdings = 6"))
    assert aggplus.explain(aggplus.load_model(path), small).feasible


def test_caps_of_single_funds_that_few_names_cannot_add_up_are_told(solve: Solve, small: aggplus.Market) -> None:
    capped = "".join(f"{ticker} = {{ max = 0.2 }}\n" for ticker in small.catalog.index)
    few = solve(f"max_holdings = 4\n[limits.fund]\n{capped}")
    assert few.status == "infeasible"
    assert few.findings == ("max_holdings: 4 funds x 20 % = 80 %; 100 % must be invested",)


@pytest.mark.parametrize(("most", "least"), [(5, 0.02), (8, 0.02), (10, 0.02), (4, 0.02)])
def test_real_market_is_proven_within_the_time(real_market: Market, tmp_path: Path, most: int, least: float) -> None:
    path = tmp_path / "client.toml"
    path.write_text(f'extends = "baseline"\n[limits]\nmax_holdings = {most}\nmin_weight = {least}\n')
    for day in ("2019-06-28", "2024-01-31"):
        free = aggplus.solve(aggplus.load_model("baseline"), real_market, day)
        few = aggplus.solve(aggplus.load_model(path), real_market, day)
        assert few.status == "solved"
        assert json.dumps(few.to_dict(), allow_nan=False)
        assert len(few.weights) <= most
        assert few.weights.min() >= least - 1e-9
        assert few.certificate is not None
        assert few.certificate.ok
        assert few.expected_return is not None
        assert free.expected_return is not None
        assert few.expected_return <= free.expected_return + 1e-9


def test_command_line(real_market: Market, tmp_path: Path, run: Callable[..., Any]) -> None:
    client, out = tmp_path / "client.toml", tmp_path / "out.json"
    client.write_text('extends = "baseline"\n[limits]\nmax_holdings = 5\nmin_weight = 0.02\n')
    del real_market
    done = run("solve", str(client), "--asof", "2024-01-31", "--json", str(out))
    assert done.code == 0
    record = json.loads(out.read_text())
    assert len(record["weights"]) <= 5
    assert record["certificate"]["ok"] is True
    assert "best possible" in " ".join(done.out.split())
