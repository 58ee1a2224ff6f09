"""The efficient frontier against closed forms, Clarabel, HiGHS, and what has to be true of any frontier."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constraints import CompiledMandate, Funds, compile_mandate
from constraints.clauses import FullyInvested, FundRange, GroupRange, LongOnly, PositionCap
from optimizer import (
    Failed,
    Frontier,
    Infeasible,
    NoClaim,
    OptimizerError,
    Problem,
    RiskMeasure,
    at_return,
    at_risk,
    efficient_frontier,
)
from optimizer import frontier as frontier_module
from optimizer.parametric import corners as corners_module
from riskmodels import FactorForm

Floats = NDArray[np.float64]


def found(problem: Problem) -> Frontier:
    frontier = efficient_frontier(problem)
    assert isinstance(frontier, Frontier), frontier
    return frontier


def cornered(problem: Problem) -> Frontier:
    frontier = found(problem)
    assert frontier.points == "corners", frontier.remarks
    return frontier


def by_clarabel(problem: Problem, cap: float | None) -> float:
    """Highest net return at a risk, or the least risk where no cap is given: stated here, from the dense covariance."""
    w, mandate, risk = cp.Variable(problem.size), problem.mandate, problem.risk
    factor, own = risk.form.loadings.T @ w - risk.factor_target, cp.multiply(risk.form.specific, w)
    R = cp.norm(cp.hstack([factor, own - risk.specific_target, np.array([risk.unhedgeable])]))
    net = problem.mu @ w - problem.trade_cost @ cp.abs(w - problem.held)
    rows = [w >= mandate.lower, w <= mandate.upper]
    for a, low, high in zip(mandate.A, mandate.row_lower, mandate.row_upper, strict=True):
        rows += [a @ w >= low] if np.isfinite(low) else []
        rows += [a @ w <= high] if np.isfinite(high) else []
    if mandate.turnover is not None:
        traded = cp.norm1(w - mandate.turnover.held) + mandate.turnover.outside
        rows.append(0.5 * traded <= mandate.turnover.limit)
    goal = cp.Minimize(R) if cap is None else cp.Maximize(net)
    if cap is not None:
        rows.append(cap >= R)
    stated = cp.Problem(goal, rows)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")
        stated.solve(solver=cp.CLARABEL)
    # Where it says itself that it is not sure, it judges nobody.
    assume(stated.status == "optimal")
    return float(stated.value)


def allowed(problem: Problem, w: Floats) -> bool:
    mandate, values = problem.mandate, problem.mandate.A @ w
    within = (w >= mandate.lower - 1e-12).all() and (w <= mandate.upper + 1e-12).all()
    rows = (values >= mandate.row_lower - 1e-9).all() and (values <= mandate.row_upper + 1e-9).all()
    turned = mandate.turnover is None or mandate.turnover.of(w) <= mandate.turnover.limit + 1e-9
    return bool(within and rows and turned)


class TestClosedForms:
    def test_two_uncorrelated_funds(self, stated: Callable[..., Problem]) -> None:
        low, high = 3.0, 4.0
        frontier = cornered(stated([low, high], [1.0, 2.0]))
        calm = high**2 / (low**2 + high**2)
        assert frontier.weights == pytest.approx(np.array([[calm, 1.0 - calm], [0.0, 1.0]]), abs=1e-14)
        # low^2 w1 - t mu1 = high^2 w2 - t mu2 at w = (0, 1).
        assert frontier.tolerance == pytest.approx([0.0, high**2 / (2.0 - 1.0)])
        assert frontier.risk == pytest.approx([low * high / np.hypot(low, high), high])
        assert frontier.expected_return == pytest.approx([2.0 - calm, 2.0])

    def test_three_funds_of_one_volatility(self, stated: Callable[..., Problem]) -> None:
        # w_i = 1/3 + t (mu_i - 1) / s^2 until the first is sold; then w = 1/2 -+ t / (2 s^2) in the others.
        s = 2.0
        frontier = cornered(stated([s, s, s], [0.0, 1.0, 2.0]))
        thirds = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0], [0.0, 0.0, 3.0]]) / 3.0
        assert frontier.weights == pytest.approx(thirds, abs=1e-14)
        assert frontier.tolerance == pytest.approx([0.0, s**2 / 3.0, s**2])

    def test_lookups_on_two_funds(self, stated: Callable[..., Problem]) -> None:
        frontier = cornered(stated([3.0, 4.0], [1.0, 2.0]))
        for share in (0.40, 0.7, 0.99):
            w = np.array([1.0 - share, share])
            risk = float(np.hypot(3.0 * w[0], 4.0 * w[1]))
            assert at_risk(frontier, risk) == pytest.approx(w, abs=1e-12)
            assert at_return(frontier, float(w @ [1.0, 2.0])) == pytest.approx(w, abs=1e-12)

    def test_caps_that_sum_to_one_leave_one_portfolio(self, stated: Callable[..., Problem]) -> None:
        frontier = cornered(stated([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], PositionCap(0.25)))
        assert frontier.weights == pytest.approx(np.full((1, 4), 0.25))
        assert at_risk(frontier, float(frontier.risk[0])) == pytest.approx(np.full(4, 0.25))

    def test_equal_returns_leave_the_least_risk(self, stated: Callable[..., Problem]) -> None:
        frontier = cornered(stated([1.0, 2.0, 4.0], [1.5, 1.5, 1.5]))
        inverse = 1.0 / np.array([1.0, 4.0, 16.0])
        assert frontier.weights == pytest.approx((inverse / inverse.sum())[None], abs=1e-14)

    def test_of_portfolios_without_risk_the_one_that_earns_most_comes_first(
        self, stated: Callable[..., Problem]
    ) -> None:
        frontier = cornered(stated([0.0, 0.0, 2.0], [1.0, 1.5, 3.0]))
        assert frontier.weights == pytest.approx(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), abs=1e-12)
        # Along the line from cash, return rises by 0.75 % for each percent of risk.
        assert at_risk(frontier, 1.0) == pytest.approx([0.0, 0.5, 0.5], abs=1e-9)


frontiers = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "funds": st.integers(3, 40),
        "factors": st.integers(1, 7),
        "clones": st.integers(0, 3),
        "groups": st.integers(0, 3),
        "duration": st.booleans(),
        "minimum": st.booleans(),
        "turnover": st.booleans(),
        "costs": st.booleans(),
        "tracking": st.booleans(),
        "target": st.none(),
    }
)


class TestRandomProblems:
    @given(fields=frontiers, where=st.floats(0.0, 1.0))
    @settings(max_examples=40, phases=[Phase.generate])
    def test_against_clarabel_at_corners_and_between(
        self, make_problem: Callable[..., Problem], fields: dict[str, Any], where: float
    ) -> None:
        problem = make_problem(**fields)
        frontier = efficient_frontier(problem)
        if isinstance(frontier, Infeasible):
            return
        assert isinstance(frontier, Frontier)
        least, most = float(frontier.risk[0]), float(frontier.risk[-1])
        assert least == pytest.approx(by_clarabel(problem, None), abs=2e-6)
        between, corner = least + where * (most - least), float(frontier.risk[int(where * (len(frontier.risk) - 1))])
        for risk in (between, corner, most):
            w = at_risk(frontier, risk)
            assert allowed(problem, w)
            assert problem.risk.value(w) == pytest.approx(risk, abs=1e-8)
            # At its left end the frontier rises without bound, and a cap leaves an interior-point solver no interior.
            if risk > least + 0.01 * (most - least):
                assert problem.value(w) == pytest.approx(by_clarabel(problem, risk), abs=1e-5)

    @given(fields=frontiers)
    @settings(max_examples=60)
    def test_more_risk_earns_more_and_ever_less_of_it(
        self, make_problem: Callable[..., Problem], fields: dict[str, Any]
    ) -> None:
        problem = make_problem(**fields)
        frontier = efficient_frontier(problem)
        if isinstance(frontier, Infeasible):
            return
        assert isinstance(frontier, Frontier)
        assert frontier.points == "corners", frontier.remarks
        assert frontier.certificate.ok
        risk, net = np.diff(frontier.risk), np.diff(frontier.net_return)
        assert (risk > 0.0).all()
        assert (net > 0.0).all()
        assert (net[1:] * risk[:-1] <= net[:-1] * risk[1:] + 1e-12).all()
        assert (np.diff(frontier.tolerance) > 0.0).all()
        for half in 0.5 * (frontier.net_return[1:] + frontier.net_return[:-1]):
            assert problem.value(at_return(frontier, float(half))) == pytest.approx(half, abs=1e-9)

    @pytest.mark.parametrize("seed", range(6))
    def test_last_corner_is_the_vertex_of_highest_return(
        self,
        make_problem: Callable[..., Problem],
        highest_by_linprog: Callable[[CompiledMandate, Floats], Floats | None],
        seed: int,
    ) -> None:
        problem = make_problem(seed=seed, funds=25, groups=2, duration=True, turnover=seed % 2 == 0, target=None)
        vertex = highest_by_linprog(problem.mandate, problem.mu)
        if vertex is None:
            assert isinstance(efficient_frontier(problem), Infeasible)
            return
        assert cornered(problem).weights[-1] == pytest.approx(vertex, abs=1e-8)

    @pytest.mark.parametrize("seed", range(4))
    def test_order_of_funds_is_of_no_matter(self, make_problem: Callable[..., Problem], seed: int) -> None:
        problem = make_problem(seed=100 + seed, funds=20, groups=2, duration=True, costs=True, target=None)
        order = np.random.default_rng(seed).permutation(problem.size)
        mandate, form = problem.mandate, problem.risk.form
        shuffled = replace(
            problem,
            mandate=replace(
                mandate,
                tickers=tuple(mandate.tickers[i] for i in order),
                A=mandate.A[:, order],
                lower=mandate.lower[order],
                upper=mandate.upper[order],
                lower_labels=tuple(mandate.lower_labels[i] for i in order),
                upper_labels=tuple(mandate.upper_labels[i] for i in order),
            ),
            mu=problem.mu[order],
            risk=replace(problem.risk, form=form.take(order), specific_target=problem.risk.specific_target[order]),
            trade_cost=problem.trade_cost[order],
            held=problem.held[order],
        )
        one, other = cornered(problem), cornered(shuffled)
        assert other.weights == pytest.approx(one.weights[:, order], abs=1e-9)
        assert other.tolerance == pytest.approx(one.tolerance, rel=1e-7, abs=1e-12)


def twins(returns: Floats, volatility: Floats, copies: int) -> Problem:
    """Uncorrelated funds, each there several times over."""
    n = returns.size
    form = FactorForm(np.tile(np.diag(volatility), (copies, 1)), np.zeros(copies * n))
    tickers = tuple(f"F{i}{'abc'[k]}" for k in range(copies) for i in range(n))
    funds = Funds(tickers, np.array(["treasury"] * (copies * n)), {}, np.ones(copies * n))
    return Problem(
        mandate=compile_mandate([FullyInvested(), LongOnly(), PositionCap(0.7)], funds),
        mu=np.tile(returns, copies),
        risk=RiskMeasure(form, np.zeros(n), np.zeros(copies * n), 0.0),
        cap=None,
        goal="expected_return",
        ridge=0.0,
        aversion=0.0,
        trade_cost=np.zeros(copies * n),
        held=np.zeros(copies * n),
    )


class TestEqualFunds:
    @pytest.mark.parametrize("copies", [2, 3])
    def test_frontier_is_that_of_funds_with_the_cap_of_all_copies(self, copies: int) -> None:
        returns, volatility = np.array([1.0, 2.5, 3.0, 4.0]), np.array([1.0, 2.0, 2.0, 5.0])
        frontier = cornered(twins(returns, volatility, copies))
        alone = twins(returns, volatility, 1)
        alone = replace(alone, mandate=replace(alone.mandate, upper=np.full(4, min(1.0, copies * 0.7))))
        single = cornered(alone)
        for risk in np.linspace(single.risk[0], single.risk[-1], 7):
            together = at_risk(frontier, float(risk)).reshape(copies, 4).sum(axis=0)
            assert together == pytest.approx(at_risk(single, float(risk)), abs=1e-7)
        assert frontier.risk[[0, -1]] == pytest.approx(single.risk[[0, -1]])


class TestRefusalsAndFallBacks:
    def test_off_the_frontier(self, stated: Callable[..., Problem]) -> None:
        frontier = cornered(stated([3.0, 4.0], [1.0, 2.0]))
        for risk in (2.3, 4.1, float("nan")):
            with pytest.raises(OptimizerError, match=r"off the frontier: choose one from 2\.4 % to 4 %"):
                at_risk(frontier, risk)
        with pytest.raises(OptimizerError, match=r"a return of 2\.1 % is off the frontier"):
            at_return(frontier, 2.1)

    def test_mandate_that_allows_nothing(self, stated: Callable[..., Problem]) -> None:
        limits = FundRange("F0", 0.6, None), GroupRange("rest", ("mbs",), (), 0.6, None)
        outcome = efficient_frontier(stated([1.0, 2.0], [1.0, 2.0], *limits))
        assert isinstance(outcome, Infeasible)
        assert any("rest" in finding for finding in outcome.findings)

    def test_goal_and_cap_are_not_looked_at(self, stated: Callable[..., Problem]) -> None:
        asked = cornered(stated([3.0, 4.0], [1.0, 2.0]))
        for fields in ({"cap": 3.0}, {"goal": "min_volatility"}, {"goal": "utility", "aversion": 0.4}):
            other = cornered(stated([3.0, 4.0], [1.0, 2.0], **fields))
            assert np.array_equal(other.weights, asked.weights)

    def test_ridge_is_a_grid_and_says_so(self, stated: Callable[..., Problem]) -> None:
        frontier = found(stated([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], ridge=1.0))
        assert frontier.points == "grid"
        assert frontier.remarks == (
            "no corners, but a grid of single solves",
            "with a ridge the frontier bends between its corners",
        )
        assert frontier.certificate.ok
        assert len(frontier.risk) == 41
        assert (np.diff(frontier.risk) > 0.0).all()

    def test_a_corner_left_out_is_noticed_half_way(
        self, stated: Callable[..., Problem], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        problem = stated([2.0, 2.0, 2.0], [0.0, 1.0, 2.0])
        # Both ends are right, and what lies between is the straight line between them.
        monkeypatch.setattr(corners_module, "_distinct", lambda _, weights: [0, len(weights) - 1])
        frontier = found(problem)
        assert frontier.points == "grid"
        assert any("was not certified" in remark for remark in frontier.remarks)

    @pytest.mark.parametrize("how", ["lost", "wrong weights"])
    def test_wrong_corners_are_never_handed_out(
        self, stated: Callable[..., Problem], monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        problem, right = stated([2.0, 2.0, 2.0], [0.0, 1.0, 2.0]), frontier_module.corner_portfolios

        def spoilt(asked: Problem, shift: float) -> Any:
            corners = right(asked, shift)
            assert not isinstance(corners, NoClaim)
            if how == "lost":
                return NoClaim(False, "the parametric path was lost after 2 corners")
            moved = np.array([1e-2, -1e-2, 0.0])
            claims = [
                (part, replace(claim, w=claim.w + moved)) if at == 1 else (part, claim)
                for at, (part, claim) in enumerate(corners.claims)
            ]
            return replace(corners, claims=tuple(claims))

        monkeypatch.setattr(frontier_module, "corner_portfolios", spoilt)
        frontier = found(problem)
        assert frontier.points == "grid"
        assert any("lost" in remark or "not certified" in remark for remark in frontier.remarks)
        monkeypatch.undo()
        exact = cornered(problem)
        for risk, net in zip(frontier.risk, frontier.net_return, strict=True):
            inside = float(np.clip(risk, exact.risk[0], exact.risk[-1]))
            assert net == pytest.approx(problem.value(at_risk(exact, inside)), abs=1e-5)

    def test_no_point_at_all_is_a_failure_in_words(
        self, stated: Callable[..., Problem], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(frontier_module, "corner_portfolios", lambda *_: NoClaim(False, "lost"))
        monkeypatch.setattr(frontier_module, "solve_problem", lambda _: Failed(("conic: no answer",)))
        outcome = efficient_frontier(stated([1.0, 2.0], [1.0, 2.0]))
        assert outcome == Failed(("parametric: lost", "conic: no answer", "conic: no answer"))


def test_of_several_portfolios_of_least_risk_the_grid_begins_with_the_best() -> None:
    """Two pairs that hedge each other to no risk at all; a ridge sends the frontier to its grid."""
    form = FactorForm(np.array([[1.0], [-1.0], [2.0], [-2.0]]), np.zeros(4))
    tickers = ("A", "B", "C", "D")
    funds = Funds(tickers, np.array(["treasury"] * 4), {}, np.ones(4))
    problem = Problem(
        mandate=compile_mandate([FullyInvested(), LongOnly(), PositionCap(1.0)], funds),
        mu=np.array([5.0, 5.0, 1.0, 1.0]),
        risk=RiskMeasure(form, np.zeros(1), np.zeros(4), 0.0),
        cap=None,
        goal="expected_return",
        ridge=1.0,
        aversion=0.0,
        trade_cost=np.zeros(4),
        held=np.zeros(4),
    )
    frontier = found(problem)
    assert frontier.points == "grid"
    assert frontier.net_return[0] == pytest.approx(4.75, abs=1e-3)
