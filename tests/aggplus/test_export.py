"""The exported problem: what is in it, and that another optimizer finds the same answer from it alone."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from scipy.optimize import minimize

import aggplus
from aggplus.export import npz_bytes

ARRAYS = {"tickers", "mu", "Sigma", "beta", "benchmark_covariance", "sigma_b", "w", "target_kind", "target_value"} | {
    "A",
    "row_lower",
    "row_upper",
    "row_names",
    "lower",
    "upper",
}

TARGETS = {
    "volatility": "algorithm = 'dynamic_risk'\nmultiple = 0.8\n",
    "beta": "algorithm = 'dynamic_beta'\nbeta = 0.7\n",
    "tracking_error": "algorithm = 'tracking_error'\nvalue = 0.014\n",
}

Arrays = Mapping[str, Any]


def model_of(folder: Path, text: str) -> aggplus.Model:
    path = folder / "client.toml"
    path.write_text(f'extends = "baseline"\n{text}')
    return aggplus.load_model(path)


def exported(portfolio: aggplus.ModelPortfolio) -> Arrays:
    """Read as a stranger would: without pickles and without aggplus."""
    with np.load(io.BytesIO(npz_bytes(portfolio)), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def target_figure(p: Arrays, w: Any) -> float:
    """What the target speaks of, from the arrays alone."""
    if p["target_kind"] == "beta":
        return float(p["beta"] @ w)
    variance = w @ p["Sigma"] @ w
    if p["target_kind"] == "tracking_error":
        variance += p["sigma_b"] ** 2 - 2.0 * p["benchmark_covariance"] @ w
    return float(np.sqrt(max(0.0, variance)))


@pytest.mark.parametrize("kind", TARGETS)
class TestArrays:
    @pytest.fixture
    def portfolio(self, small: aggplus.Market, tmp_path: Path, kind: str) -> aggplus.ModelPortfolio:
        return aggplus.solve(model_of(tmp_path, f"[target]\n{TARGETS[kind]}"), small)

    @pytest.fixture
    def p(self, portfolio: aggplus.ModelPortfolio) -> Arrays:
        return exported(portfolio)

    def test_all_are_there_in_shape(self, p: Arrays) -> None:
        assert set(p) >= ARRAYS
        n, m = len(p["tickers"]), len(p["row_names"])
        assert n == 21
        for name in ("mu", "beta", "benchmark_covariance", "lower", "upper", "w"):
            assert p[name].shape == (n,)
        assert p["Sigma"].shape == (n, n)
        assert p["A"].shape == (m, n)
        assert p["row_lower"].shape == p["row_upper"].shape == (m,)
        assert p["sigma_b"].shape == p["target_value"].shape == p["target_kind"].shape == ()

    def test_units(self, p: Arrays, small: aggplus.Market, shipped_risk: Any) -> None:
        returns = small.prices[list(p["tickers"])].pct_change().iloc[-252:].to_numpy()
        assert p["Sigma"] == pytest.approx(shipped_risk.covariance(returns), rel=1e-9)
        assert p["mu"] == pytest.approx(100 * 2 * (np.prod(1 + returns[-126:], axis=0) - 1), abs=1e-9)
        at = list(p["tickers"]).index("AGG")
        assert p["sigma_b"] == pytest.approx(np.sqrt(p["Sigma"][at, at]), rel=1e-12)
        assert p["benchmark_covariance"] == pytest.approx(p["Sigma"][at], rel=1e-9)
        assert p["beta"] == pytest.approx(p["Sigma"][at] / p["Sigma"][at, at], rel=1e-9)

    def test_answer_is_the_portfolio_and_allowed(self, p: Arrays, portfolio: aggplus.ModelPortfolio, kind: str) -> None:
        w = p["w"]
        held = {str(ticker): weight for ticker, weight in zip(p["tickers"], w, strict=True) if weight > 1e-9}
        assert held == pytest.approx(portfolio.weights.to_dict(), abs=1e-12)
        assert (p["A"] @ w <= p["row_upper"] + 1e-7).all()
        assert (p["A"] @ w >= p["row_lower"] - 1e-7).all()
        assert ((p["lower"] - 1e-7 <= w) & (w <= p["upper"] + 1e-7)).all()
        assert p["target_kind"] == kind
        # All three targets are tight enough to bind.
        assert target_figure(p, w) == pytest.approx(float(p["target_value"]), rel=1e-6)

    def test_rows_are_those_of_the_mandate(self, p: Arrays) -> None:
        # A beta target is the target, not a row beside it.
        assert list(p["row_names"]) == ["fully invested", "credit"]
        high_yield = np.char.startswith(p["tickers"], "HI").astype(float)
        assert (p["A"] == np.vstack([np.ones(21), high_yield])).all()
        assert list(p["row_lower"]) == [1.0, -np.inf]
        assert list(p["row_upper"]) == [1.0, 0.6]
        assert (p["lower"] == 0.0).all()
        assert (p["upper"] == 0.25).all()


@pytest.mark.parametrize("kind", TARGETS)
def test_sequential_quadratic_programming_finds_the_same(small: aggplus.Market, tmp_path: Path, kind: str) -> None:
    """scipy's SLSQP, which shares nothing with the backends, on the arrays alone."""
    portfolio = aggplus.solve(model_of(tmp_path, f"[target]\n{TARGETS[kind]}"), small)
    p = exported(portfolio)
    rows: list[Any] = [
        {"type": "ineq", "fun": lambda w: p["row_upper"][1:] - p["A"][1:] @ w},
        {"type": "eq", "fun": lambda w: p["A"][0] @ w - p["row_upper"][0]},
        {"type": "ineq", "fun": lambda w: float(p["target_value"]) - target_figure(p, w)},
    ]
    slsqp: Any = minimize
    best = slsqp(
        lambda w: float(-p["mu"] @ w),
        np.full(21, 1.0 / 21),
        jac=lambda _: -p["mu"],
        bounds=list(zip(p["lower"], p["upper"], strict=True)),
        constraints=rows,
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-13},
    )
    assert best.success, best.message
    assert -best.fun == pytest.approx(portfolio.expected_return, rel=1e-5)


def dense_optimum(p: Arrays) -> float:
    """The best goal by the obvious statement: dense quadratic form, no factors, no polishing, no root-finding."""
    w = cp.Variable(len(p["mu"]))
    traded = cp.abs(w - p["held"])
    variance = cp.quad_form(w, cp.psd_wrap(p["Sigma"]))
    clauses = [p["A"] @ w <= p["row_upper"], w >= p["lower"], w <= p["upper"]]
    floors = np.isfinite(p["row_lower"])
    clauses.append(p["A"][floors] @ w >= p["row_lower"][floors])
    if np.isfinite(p["turnover_limit"]):
        clauses.append(0.5 * (cp.sum(traded) + p["turnover_outside"]) <= p["turnover_limit"])
    value = float(p["target_value"])
    if p["target_kind"] == "beta":
        clauses.append(p["beta"] @ w <= value)
    elif p["target_kind"] == "volatility":
        clauses.append(variance <= value**2)
    else:
        clauses.append(variance - 2 * p["benchmark_covariance"] @ w + p["sigma_b"] ** 2 <= value**2)
    goal = p["mu"] @ w - p["trade_cost"] @ traded - 0.5 * float(p["ridge"]) * cp.sum_squares(w)
    return float(cp.Problem(cp.Maximize(goal), clauses).solve(solver=cp.CLARABEL))


@pytest.mark.parametrize("kind", TARGETS)
def test_dense_statement_finds_the_same(simulated: aggplus.Market, tmp_path: Path, kind: str) -> None:
    portfolio = aggplus.solve(model_of(tmp_path, f"[target]\n{TARGETS[kind]}"), simulated, "2022-06-30")
    p = exported(portfolio)
    assert len(p["mu"]) > 100
    assert dense_optimum(p) == pytest.approx(portfolio.expected_return, rel=1e-5)


def test_dense_statement_finds_the_same_with_trades_and_ridge(simulated: aggplus.Market, tmp_path: Path) -> None:
    """From an old portfolio, with costs, a limit on turnover, a ridge, ranges on figures, and a fund to be sold."""
    wide = model_of(tmp_path, "[limits]\ndiversification = 'broad'\n[limits.duration]\nmax = 6.0\n")
    before = aggplus.solve(wide, simulated, "2022-06-15")
    gone = str(before.weights.index[-1])
    model = model_of(
        tmp_path,
        f"[universe]\nexclude = ['{gone}']\n"
        "[objective]\nridge = 3.0\n[costs]\nhalf_spread_bp = 20\nhorizon_days = 21\n"
        "[limits]\nmax_turnover = 0.3\n[limits.sector.treasury]\nmin = 0.3\n[limits.duration]\nmin = 2.5\n",
    )
    portfolio = aggplus.solve(model, simulated, "2022-06-30", holdings=0.9 * before.weights)
    p = exported(portfolio)
    assert p["turnover_outside"] == pytest.approx(0.1 + 0.9 * before.weights[gone])
    # Other clauses than in the shipped models decide this one.
    assert {price.clause for price in portfolio.shadow_prices} >= {"treasury", "duration", "turnover"}
    w, held = p["w"], p["held"]
    assert portfolio.turnover is not None
    assert portfolio.turnover == pytest.approx(0.5 * (np.abs(w - held).sum() + p["turnover_outside"]), abs=1e-9)
    assert portfolio.turnover <= 0.3 + 1e-7
    # 20 bp a trade, every 21 of 252 days: 2.4 % a year per unit traded.
    assert p["trade_cost"] == pytest.approx(2.4)
    reached = p["mu"] @ w - p["trade_cost"] @ np.abs(w - held) - 1.5 * w @ w
    assert dense_optimum(p) == pytest.approx(float(reached), rel=1e-5)


@pytest.mark.usefixtures("real_market_path")
@pytest.mark.parametrize("name", ["baseline", "aggressive", "conservative"])
def test_dense_statement_finds_the_same_on_the_real_market(real_market: aggplus.Market, name: str) -> None:
    portfolio = aggplus.solve(aggplus.load_model(name), real_market, "2024-01-31")
    assert dense_optimum(exported(portfolio)) == pytest.approx(portfolio.expected_return, rel=1e-5)
