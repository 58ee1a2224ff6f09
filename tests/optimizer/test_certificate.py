"""The certificate must hold whoever claims what: right bounds from wrong multipliers, no wrong answer let through."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constraints import WEIGHT, Label
from constraints.clauses import PositionCap
from optimizer import Certificate, Claim, Multipliers, Problem, Solved, certify, solve_problem, violations
from optimizer.backends.conic import solve_conic
from optimizer.certificate import VIOLATION, kkt_residual, least_risk, upper_bound
from optimizer.polishing import polish

Floats = NDArray[np.float64]

ROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

multiplier = st.one_of(st.just(0.0), st.floats(-1e3, 1e3), st.sampled_from([np.nan, np.inf, -np.inf]))


def optimum(problem: Problem) -> Claim:
    answer = solve_conic(problem)
    assert isinstance(answer, Claim), answer
    claim = polish(problem, answer)
    assert certify(problem, claim).ok
    return claim


@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(ROUGH, max_examples=30)
def test_no_allowed_portfolio_exceeds_the_bound_of_any_multipliers(
    data: st.DataObject, seed: int, recipes, from_recipe, allowed_portfolios
) -> None:
    problem: Problem = from_recipe(data.draw(recipes))
    portfolios: list[Floats] = allowed_portfolios(problem, seed, 12)
    assume(portfolios)
    rng = np.random.default_rng(seed)
    # Tangents may be taken anywhere, allowed or not.
    w = portfolios[0] + data.draw(st.sampled_from([0.0, 1e-3, 1.0])) * rng.normal(size=problem.size)
    rows = data.draw(st.lists(multiplier, min_size=problem.mandate.A.shape[0], max_size=problem.mandate.A.shape[0]))
    claim = Claim(w, Multipliers(np.array(rows), data.draw(multiplier), data.draw(multiplier)))
    bound = upper_bound(problem, claim)
    best = max(problem.value(v) for v in portfolios)
    assert bound >= best - 1e-9 * max(1.0, abs(best))
    if problem.goal == "min_volatility":
        assert least_risk(problem, claim) <= min(problem.risk.value(v) for v in portfolios) + 1e-9


@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(ROUGH, max_examples=20)
def test_the_gap_covers_what_a_worse_portfolio_leaves(
    data: st.DataObject, seed: int, recipes, from_recipe, allowed_portfolios
) -> None:
    """With the right multipliers, too, the gap of another allowed portfolio is at least its distance to the best."""
    problem: Problem = from_recipe(data.draw(recipes))
    answer = solve_problem(problem, "conic")
    assume(isinstance(answer, Solved))
    claim = optimum(problem)
    for v in allowed_portfolios(problem, seed, 4):
        certificate = certify(problem, replace(claim, w=v))
        if problem.goal == "min_volatility":
            left = problem.risk.value(v) - problem.risk.value(answer.w)
        else:
            left = problem.value(answer.w) - problem.value(v)
        assert certificate.gap_bp >= 100.0 * left - 1e-6
        if left > 2e-4:
            assert not certificate.ok


def by_loops(problem: Problem, claim: Claim) -> Certificate:
    """The certificate from its definition: loops, the dense covariance, and the bound as one maximum a fund."""
    mandate, w, n = problem.mandate, claim.w, problem.size
    form, risk = problem.risk.form, problem.risk
    sigma = form.loadings @ form.loadings.T + np.diag(form.specific**2)
    with_benchmark = form.loadings @ risk.factor_target + form.specific * risk.specific_target
    constant = float(risk.factor_target @ risk.factor_target + risk.specific_target @ risk.specific_target)
    value = math.sqrt(w @ sigma @ w - 2.0 * with_benchmark @ w + constant + risk.unhedgeable**2)
    slope = sigma @ w - with_benchmark
    goal, curvature = np.zeros(n), {"utility": problem.aversion, "min_volatility": 1.0}.get(problem.goal, 0.0)
    ridge, cost = 0.0, np.zeros(n)
    if problem.goal != "min_volatility":
        goal, ridge, cost = problem.mu, problem.ridge, problem.trade_cost
    gradient = goal - ridge * w - curvature * slope
    reached = float(goal @ w) - ridge / 2.0 * float(w @ w) - curvature / 2.0 * value**2
    worst, residual = 0.0, 0.0

    bound = reached - float(gradient @ w)
    for a, low, high, y in zip(mandate.A, mandate.row_lower, mandate.row_upper, claim.multipliers.rows, strict=True):
        size, at = max(1.0, max(abs(x) for x in a)), float(a @ w)
        worst = max(worst, (at - high) / size, (low - at) / size)
        residual = max(residual, abs(at - min(max(at + y, low), high)) / size)
        if y != 0.0:
            bound += y * (high if y > 0.0 else low)
            gradient = gradient - y * a
    if problem.cap is not None:
        worst = max(worst, (value - problem.cap) / max(1.0, problem.cap))
        residual = max(residual, abs(min(claim.multipliers.risk, problem.cap - value)))
        bound += claim.multipliers.risk * (problem.cap - value + float(slope @ w) / value)
        gradient = gradient - claim.multipliers.risk * slope / value
    if mandate.turnover is not None:
        used = sum(abs(w[i] - mandate.turnover.held[i]) for i in range(n)) / 2.0 + mandate.turnover.outside / 2.0
        worst = max(worst, used - mandate.turnover.limit)
        residual = max(residual, abs(min(claim.multipliers.turnover, mandate.turnover.limit - used)))
        bound += claim.multipliers.turnover * (mandate.turnover.limit - mandate.turnover.outside / 2.0)
        cost = cost + claim.multipliers.turnover / 2.0
    for i in range(n):
        low, high, held = mandate.lower[i], mandate.upper[i], problem.held[i]
        worst = max(worst, low - w[i], w[i] - high)
        places = [low, high] + ([held] if low < held < high else [])
        bound += max(gradient[i] * x - cost[i] * abs(x - held) for x in places)
        # Where one step along the gradient would lead, the trading cost and the bounds taken into account.
        step = w[i] + gradient[i]
        stop = step - cost[i] if step - cost[i] > held else step + cost[i] if step + cost[i] < held else held
        residual = max(residual, abs(w[i] - min(max(stop, low), high)))
    if problem.goal == "min_volatility":
        gap = value - math.sqrt(max(0.0, -2.0 * bound))
    else:
        gap = bound - (
            reached - sum(cost_i * abs(d) for cost_i, d in zip(problem.trade_cost, w - problem.held, strict=True))
        )
    # A goal that is more than 1 bp above what is allowed is no proof of anything.
    return Certificate(100.0 * (-gap if gap < -0.01 else max(0.0, gap)), worst, None, residual)


@pytest.mark.parametrize("apart", [0.0, 1e-4, 1e-2])
@pytest.mark.parametrize(
    "features",
    [
        {"groups": 3, "duration": True},
        {"turnover": True, "costs": True, "groups": 1},
        {"tracking": True, "ridge": 0.5, "costs": True},
        {"goal": "utility", "minimum": True},
        {"goal": "min_volatility", "turnover": True},
    ],
    ids=str,
)
def test_recomputed_by_loops(make_problem: Callable[..., Problem], features: dict[str, object], apart: float) -> None:
    problem = make_problem(seed=6, funds=15, **features)
    claim = optimum(problem)
    rng = np.random.default_rng(1)
    noise = apart * rng.normal(size=problem.size)
    shaken = Multipliers(
        claim.multipliers.rows * (1.0 + apart), claim.multipliers.risk + apart, claim.multipliers.turnover + apart
    )
    # Open sides take no multiplier.
    shaken = replace(
        shaken,
        risk=shaken.risk if problem.cap is not None else 0.0,
        turnover=shaken.turnover if problem.mandate.turnover is not None else 0.0,
    )
    claim = Claim(claim.w + noise, shaken)
    ours, theirs = certify(problem, claim), by_loops(problem, claim)
    assert ours.gap_bp == pytest.approx(theirs.gap_bp, rel=1e-7, abs=1e-6)
    assert ours.max_violation == pytest.approx(theirs.max_violation, rel=1e-7, abs=1e-12)
    assert ours.kkt_residual == pytest.approx(theirs.kkt_residual, rel=1e-7, abs=1e-10)


def test_kkt_residual_is_zero_at_an_optimum_worked_out_by_hand(stated: Callable[..., Problem]) -> None:
    """Utility of two uncorrelated funds: w by hand, the budget's multiplier is the marginal utility of both."""
    a, b, aversion = 2.0, 6.0, 0.25
    x = (3.0 / aversion + a**2) / (a**2 + b**2)
    problem = stated([a, b], [1.0, 4.0], goal="utility", aversion=aversion)
    claim = Claim(np.array([1.0 - x, x]), Multipliers(np.array([4.0 - aversion * b**2 * x]), 0.0, 0.0))
    assert kkt_residual(problem, claim) <= 1e-14
    assert certify(problem, claim).gap_bp <= 1e-12
    moved = replace(claim, w=claim.w + np.array([1e-3, -1e-3]))
    # The gradient turns by aversion x variance x 0.001 at least.
    assert kkt_residual(problem, moved) >= aversion * a**2 * 1e-3 * 0.99
    taxed = replace(claim, multipliers=replace(claim.multipliers, rows=claim.multipliers.rows + 0.01))
    assert kkt_residual(problem, taxed) >= 0.0099


FEATURES = [{}, {"groups": 3, "ridge": 0.5}, {"turnover": True, "costs": True}, {"tracking": True, "duration": True}]


@pytest.fixture(scope="module", params=range(len(FEATURES)), ids=lambda i: str(FEATURES[i]))
def problem(request: pytest.FixtureRequest, make_problem: Callable[..., Problem]) -> Problem:
    return make_problem(seed=21, funds=24, target=0.4, **FEATURES[request.param])


def refused(problem: Problem, w: Floats, multipliers: Multipliers) -> Certificate:
    certificate = certify(problem, Claim(w, multipliers))
    assert not certificate.ok, certificate
    return certificate


def test_weights_that_sum_to_more_than_one(problem: Problem) -> None:
    claim = optimum(problem)
    certificate = refused(problem, claim.w * 1.003, claim.multipliers)
    assert certificate.max_violation >= 0.0029


def test_a_cap_exceeded_by_a_thousandth_of_a_percent(problem: Problem) -> None:
    claim = optimum(problem)
    full = int(np.argmax(claim.w / problem.mandate.upper))
    other = int(np.argmin(claim.w))
    w = claim.w.copy()
    excess = problem.mandate.upper[full] + 1e-5 - w[full]
    w[full] += excess
    w[other] -= excess
    certificate = refused(problem, w, claim.multipliers)
    assert certificate.max_violation >= 0.99e-5
    assert violations(problem, w)["position cap"] == pytest.approx(1e-5, rel=1e-6)


def test_a_risk_target_exceeded_by_a_ten_thousandth(problem: Problem) -> None:
    claim = optimum(problem)
    assert problem.cap is not None
    certificate = certify(replace(problem, cap=problem.cap / 1.0001), claim)
    assert not certificate.ok
    assert certificate.worst_clause == "risk target"


def test_weights_swapped(problem: Problem) -> None:
    claim = optimum(problem)
    order = np.argsort(claim.w)
    w = claim.w.copy()
    w[order[[0, -1]]] = w[order[[-1, 0]]]
    refused(problem, w, claim.multipliers)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_that_are_no_numbers(problem: Problem, wrong: float) -> None:
    claim = optimum(problem)
    w = claim.w.copy()
    w[3] = wrong
    certificate = refused(problem, w, claim.multipliers)
    assert certificate == Certificate(np.inf, np.inf, "weights", np.inf)


def test_multipliers_negated_scaled_or_missing_prove_nothing(problem: Problem) -> None:
    claim, old = optimum(problem), optimum(problem).multipliers
    refused(problem, claim.w, Multipliers(-old.rows, -old.risk, -old.turnover))
    refused(problem, claim.w, Multipliers(1.1 * old.rows, 1.1 * old.risk, 1.1 * old.turnover))
    refused(problem, claim.w, Multipliers(np.zeros(old.rows.size), 0.0, 0.0))
    nothing = Multipliers(np.full(old.rows.size, np.nan), np.nan, np.nan)
    assert not math.isnan(refused(problem, claim.w, nothing).kkt_residual)


def test_a_step_away_from_the_optimum(problem: Problem, allowed_portfolios) -> None:
    claim = optimum(problem)
    for v in allowed_portfolios(problem, 4, 5):
        w = claim.w + 1e-2 * (v - claim.w)
        left = problem.value(claim.w) - problem.value(w)
        if left > 1e-4:
            assert refused(problem, w, claim.multipliers).gap_bp >= 100.0 * left - 1e-9


def test_a_bound_without_an_end_is_no_proof(stated: Callable[..., Problem]) -> None:
    """Overflow must come out as infinite, not as a comparison with NaN that happens to hold."""
    problem = stated([1.0, 2.0], [1.0, 2.0], PositionCap(0.7), cap=5.0)
    huge = Multipliers(np.array([1e308]), 1e308, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        certificate = certify(problem, Claim(np.array([0.3, 0.7]), huge))
    assert not certificate.ok
    assert certificate.gap_bp > 1e300


def test_limits_that_contradict_each_other_by_a_hair_prove_nothing(stated: Callable[..., Problem]) -> None:
    """With rows 1'w = 1 and 1'w = 1 - 1e-8, huge multipliers push the bound below anything."""
    problem = stated([1.0] * 6, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    mandate = problem.mandate.with_row(np.ones(6), 1.0 - 1e-8, 1.0 - 1e-8, Label("again", WEIGHT))
    worst = Claim(np.eye(6)[0], Multipliers(np.array([-1e10, 1e10]), 0.0, 0.0))
    certificate = certify(replace(problem, mandate=mandate), worst)
    assert certificate.max_violation <= VIOLATION
    assert not certificate.ok
