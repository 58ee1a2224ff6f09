"""What Python users bring along: clauses in cvxpy, and a covariance of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.export import problem_arrays
from optimizer import OptimizerError
from riskmodels import EstimationError

Solve = Callable[..., aggplus.ModelPortfolio]


@pytest.fixture
def solve(small: aggplus.Market, tmp_path: Path) -> Solve:
    """Solve a client's document that extends the baseline on the small market."""

    def solved(text: str = "", **more: Any) -> aggplus.ModelPortfolio:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "baseline"\n{text}')
        return aggplus.solve(aggplus.load_model(path), small, **more)

    return solved


class TestClauses:
    def test_concentration(self, solve: Solve) -> None:
        free = solve()
        cap = 0.7 * float((free.weights**2).sum())
        spread = aggplus.expression("effective number of funds", lambda w: cp.sum_squares(w.weights) <= cap)
        portfolio = solve(clauses=[spread])
        assert portfolio.status == "solved"
        assert portfolio.backend == "conic"
        assert float((portfolio.weights**2).sum()) == pytest.approx(cap, abs=1e-7)
        assert (portfolio.weights > 1e-6).all()
        assert portfolio.certificate is not None
        assert portfolio.certificate.proves == "optimality"
        assert portfolio.certificate.gap_bp <= 0.01
        assert any("effective number of funds" in warning for warning in portfolio.setting.warnings)
        record = portfolio.to_dict()
        json.dumps(record, allow_nan=False)
        assert record["expressions"] == ["effective number of funds"]
        assert record["certificate"]["proves"] == "optimality"
        (price,) = [price for price in record["shadow_prices"] if price["clause"] == "effective number of funds"]
        assert price["limit"] == pytest.approx(cap)
        assert "<td>effective number of funds</td>" in portfolio._repr_html_()
        assert problem_arrays(portfolio)["expressions"].tolist() == ["effective number of funds"]

    def test_the_shadow_price_is_what_a_looser_clause_adds(self, solve: Solve) -> None:
        free = solve()
        cap, more = 0.7 * float((free.weights**2).sum()), 1e-4
        at = [
            solve(clauses=[aggplus.expression("spread", lambda w, r=radius: cp.sum_squares(w.weights) <= r)])
            for radius in (cap - more, cap, cap + more)
        ]
        (price,) = [price for price in at[1].shadow_prices if price.clause == "spread"]
        slope = 100.0 * (at[2].expected_return - at[0].expected_return) / (2.0 * more)
        assert price.price_bp == pytest.approx(slope, rel=1e-3)

    def test_of_the_catalog_as_in_a_document(self, solve: Solve) -> None:
        """The same limit in TOML and in Python, with a fund that is not eligible named."""
        clause = aggplus.expression("my credit", lambda w: w.where(sector="high_yield") + w["AGG"] <= 0.2)
        given = solve('[universe]\nexclude = ["AGG"]\n', clauses=[clause])
        written = solve(
            '[universe]\nexclude = ["AGG"]\n[[limits.group]]\nname = "credit"\nsectors = ["high_yield"]\nmax = 0.2\n'
        )
        assert given.expected_return == pytest.approx(written.expected_return, abs=1e-6)
        assert given.weights.to_dict() == pytest.approx(written.weights.to_dict(), abs=1e-5)

    def test_the_correlation_of_risk_scaling_heeds_them(self, solve: Solve) -> None:
        """Before there is a record, rho is that of the portfolio the model would hold: with the clauses."""
        text = '[target]\nalgorithm = "risk_scaling"\n'
        clause = aggplus.expression("spread", lambda w: cp.sum_squares(w.weights) <= 0.1)
        free, bound = solve(text), solve(text, clauses=[clause])
        assert bound.status == "solved"
        assert bound.setting.target.value != pytest.approx(free.setting.target.value, rel=1e-6)

    def test_nothing_allowed(self, solve: Solve) -> None:
        clause = aggplus.expression("spread", lambda w: cp.sum_squares(w.weights) <= 0.01)
        portfolio = solve(clauses=[clause])
        assert portfolio.status == "infeasible"
        (finding,) = portfolio.findings
        assert "cannot hold together: fully invested" in finding
        assert "(given from Python: spread)" in finding

    def test_soft_clauses_do_not_give_way_to_them(self, solve: Solve) -> None:
        clause = aggplus.expression("spread", lambda w: cp.sum_squares(w.weights) <= 0.01)
        portfolio = solve(
            '[[limits.group]]\nname = "credit"\nsectors = ["high_yield"]\nmax = 0.2\npriority = 1\n', clauses=[clause]
        )
        assert portfolio.status == "infeasible"
        assert portfolio.given_up == ()

    def test_with_few_names_the_bound_stays_one(self, solve: Solve) -> None:
        """Names are chosen without the clause, weights with it: no portfolio that keeps to all is above the bound."""
        free = solve("[limits]\nmax_weight = 0.5\n")
        cap = 0.9 * float((free.weights**2).sum())
        clause = aggplus.expression("spread", lambda w: cp.sum_squares(w.weights) <= cap)
        portfolio = solve("[limits]\nmax_weight = 0.5\nmax_holdings = 4\n", clauses=[clause])
        assert portfolio.status == "solved", portfolio.findings
        assert len(portfolio.weights) <= 4
        assert float((portfolio.weights**2).sum()) <= cap + 1e-7
        assert portfolio.certificate is not None
        best = portfolio.expected_return + portfolio.certificate.gap_bp / 100.0
        model, rng = portfolio.setting.risk_model, np.random.default_rng(0)
        for _ in range(5000):
            w = np.zeros(len(model.tickers))
            w[rng.choice(w.size, 4, replace=False)] = rng.dirichlet(np.full(4, 4.0))
            allowed = w.max() <= 0.5 and w @ w <= cap and model.form.volatility(w) <= portfolio.setting.target.value
            credit = sum(w[i] for i, ticker in enumerate(model.tickers) if ticker.startswith("HI"))
            assert not (allowed and credit <= 0.6) or model.mu @ w <= best + 1e-9

    def test_refused(self, solve: Solve) -> None:
        clause = aggplus.expression("short", lambda w: w["HYG"] <= 0.1)
        with pytest.raises(OptimizerError, match="clause 'short': 'HYG' is not a fund of this market"):
            solve(clauses=[clause])
        with pytest.raises(OptimizerError, match="backend 'osqp' takes rows, bounds and one risk target only"):
            solve(clauses=[aggplus.expression("cap", lambda w: w.weights <= 0.2)], backend="osqp")


class TestCovariance:
    @pytest.fixture
    def own(self, solve: Solve) -> pd.DataFrame:
        """The estimate itself, by ticker: bringing it along must change nothing."""
        model = solve().setting.risk_model
        columns = list(model.tickers)
        assert model.benchmark in columns
        return pd.DataFrame(model.joint.matrix, index=columns, columns=columns)

    def test_the_estimate_itself_changes_nothing(self, solve: Solve, own: pd.DataFrame) -> None:
        shuffled = own.sample(frac=1.0, random_state=1)
        given, estimated = solve(estimates=aggplus.OwnEstimates(shuffled)), solve()
        assert given.weights.to_dict() == pytest.approx(estimated.weights.to_dict(), abs=1e-7)
        assert given.setting.risk_model.sigma_b == pytest.approx(estimated.setting.risk_model.sigma_b, rel=1e-10)
        assert given.certificate is not None
        assert given.certificate.ok

    def test_indefinite_is_refused_and_repaired_on_request(self, solve: Solve, own: pd.DataFrame) -> None:
        for other in own.columns:
            if other != "TR01":
                own.loc["TR01", other] *= -1.2 if other < "TI" else 1.2
                own.loc[other, "TR01"] = own.loc["TR01", other]
        with pytest.raises(EstimationError, match=r"the covariance is indefinite.*repair='nearest'"):
            solve(estimates=aggplus.OwnEstimates(own))
        portfolio = solve(estimates=aggplus.OwnEstimates(own, repair="nearest"))
        assert portfolio.status == "solved"
        repair = portfolio.setting.risk_model.repair
        assert repair is not None
        assert repair.sentence in portfolio.setting.warnings
        assert repair.sentence in portfolio.to_dict()["warnings"]
        assert "TR01" in repair.pair

    def test_nan_is_refused_with_the_funds_name(self, solve: Solve, own: pd.DataFrame) -> None:
        mu = pd.Series(3.0, index=own.index)
        mu["HI15"] = np.nan
        with pytest.raises(EstimationError, match="the expected return of HI15 is nan"):
            solve(estimates=aggplus.OwnEstimates(own, expected_returns=mu))
        own.loc["TR01", "HI15"] = np.nan
        with pytest.raises(EstimationError, match="the covariance of TR01 with HI15 is nan"):
            solve(estimates=aggplus.OwnEstimates(own))

    def test_a_missing_fund_is_named(self, solve: Solve, own: pd.DataFrame) -> None:
        with pytest.raises(EstimationError, match="none for TR01;"):
            solve(estimates=aggplus.OwnEstimates(own.drop("TR01")))
        with pytest.raises(EstimationError, match="found a DataFrame; expected OwnEstimates"):
            solve(estimates=own)

    @pytest.mark.parametrize("backend", ["auto", "conic", "osqp"])
    def test_singular_ones_solve(self, solve: Solve, own: pd.DataFrame, backend: str) -> None:
        """A fund that does not move, and one that is another's double."""
        own.loc["TR01"] = own["TR01"] = 0.0
        own.loc["HI15"] = own.loc["HI16"]
        own["HI15"] = own["HI16"]
        own.loc["HI15", "HI15"] = own.loc["HI16", "HI16"]
        portfolio = solve(estimates=aggplus.OwnEstimates(own), backend=backend)
        assert portfolio.status == "solved"
        assert portfolio.certificate is not None
        assert portfolio.certificate.ok
        w = portfolio.weights
        volatility = float(np.sqrt(w @ own.loc[w.index, w.index] @ w))
        assert portfolio.risk is not None
        assert portfolio.risk.volatility == pytest.approx(volatility, rel=1e-7)
        assert portfolio.setting.risk_model.table.loc["TR01", "volatility"] == 0.0

    def test_own_expected_returns_are_the_goal(self, solve: Solve, own: pd.DataFrame) -> None:
        mu = pd.Series(1.0, index=own.index)
        mu["TR02"] = 9.0
        portfolio = solve(estimates=aggplus.OwnEstimates(own, expected_returns=mu))
        assert portfolio.weights["TR02"] == pytest.approx(0.25)
        assert portfolio.expected_return == pytest.approx(0.25 * 9.0 + 0.75 * 1.0)
