"""Whole shares against enumeration, another formulation, and invariants."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggplus.accounts.integer_program import RoundingProblem, nearest_shares
from aggplus.accounts.risk_cap import RiskCap
from optimizer.risk_measure import RiskMeasure
from riskmodels import FactorForm

PENNY = 1e-4
GAP = 3e-5
"""Of the account: what is left unproven, twice over."""


def random_problem(seed: int, n: int, value: float) -> RoundingProblem:
    """Half of them with a cap, a group row, a least trade; some funds not to be sold."""
    random = np.random.default_rng(seed)
    price = np.round(random.uniform(15.0, 110.0, n), 2)
    held = np.floor(random.dirichlet(np.ones(n)) * random.uniform(0.0, 1.0) * value / price).astype(np.int64)
    held[random.random(n) < 0.4] = 0
    weights = random.dirichlet(np.ones(n))
    group = (random.random(n) < 0.5).astype(float)
    A = np.vstack([group, np.eye(n)])
    most = [
        random.choice([np.inf, float(group @ weights), 0.3]),
        *([random.choice([np.inf, float(weights.max())])] * n),
    ]
    return RoundingProblem(
        price=price,
        held=held,
        target=weights * value,
        value=value,
        keep=random.random(n) < 0.2,
        min_trade=float(random.choice([0.0, 0.08, 0.2])) * value,
        A=A,
        row_lower=np.full(n + 1, -np.inf),
        row_upper=np.array(most),
        row_scale=np.ones(n + 1),
        max_turnover=None,
        max_holdings=None,
        holdings_scale=0.02,
        min_weight=0.0,
        risk=None,
        risk_scale=0.1,
    )


def breach(problem: RoundingProblem, shares: np.ndarray) -> float:
    """In money, by the definition of each clause."""
    money = problem.price * shares
    rows, value = problem.A @ money, problem.value
    over = np.maximum(rows - problem.row_upper * value, 0.0) + np.maximum(problem.row_lower * value - rows, 0.0)
    total = float(problem.row_scale @ over)
    if problem.max_turnover is not None:
        cash = value - float(problem.price @ problem.held)
        traded = 0.5 * (float(np.abs(money - problem.price * problem.held).sum()) + cash)
        total += max(0.0, traded - problem.max_turnover * value)
    if problem.max_holdings is not None:
        total += problem.holdings_scale * value * max(0, int((shares > 0).sum()) - problem.max_holdings)
    if problem.risk is not None:
        total += problem.risk_scale * value * max(0.0, risk(problem.risk.measure, money / value) - problem.risk.cap)
    small = (shares > 0) & (money < problem.min_weight * value)
    return total + float((problem.min_weight * value - money)[small].sum())


def random_measure(seed: int, n: int) -> RiskMeasure:
    """Of volatility for even seeds, else of the distance to a benchmark, part of which nobody can hold."""
    random = np.random.default_rng(seed)
    form = FactorForm(random.normal(0.0, 4.0, (n, 3)), random.uniform(0.5, 3.0, n))
    own = random.uniform(0.0, 1.0, n)
    parts = (np.zeros(3), np.zeros(n), 0.0) if seed % 2 == 0 else (form.loadings.T @ own / n, form.specific * own, 0.3)
    return RiskMeasure(form, *parts)


def risk(measure: RiskMeasure, weights: np.ndarray) -> float:
    """From the covariance matrix of what is held and what is not."""
    lean = measure.form.loadings.T @ weights - measure.factor_target
    own = (measure.form.specific * weights - measure.specific_target) ** 2
    return float(np.sqrt((lean**2).sum() + own.sum() + measure.unhedgeable**2))


def capped(problem: RoundingProblem, seed: int, share: float) -> RoundingProblem:
    """With the risk of the target, times a share, as the cap."""
    measure = random_measure(seed, problem.price.size)
    return replace(problem, risk=RiskCap(measure, share * risk(measure, problem.target / problem.value), False))


def distance(problem: RoundingProblem, shares: np.ndarray) -> float:
    return float(np.abs(problem.price * shares - problem.target).sum())


def allowed(problem: RoundingProblem, shares: np.ndarray) -> bool:
    traded = np.abs(shares - problem.held)
    return bool(
        problem.price @ shares <= problem.value + 1e-6
        and (shares >= 0).all()
        and (shares >= problem.held)[problem.keep].all()
        and (problem.price * traded >= problem.min_trade - 1e-6)[traded > 0].all()
    )


def enumerated(problem: RoundingProblem) -> tuple[float, float]:
    """Least breach, and least distance at it, over every portfolio of whole shares."""
    ranges = [range(max(int(h), int(problem.value / p)) + 1) for h, p in zip(problem.held, problem.price, strict=True)]
    every = [s for s in map(np.array, itertools.product(*ranges)) if allowed(problem, s)]
    breaches = [breach(problem, shares) for shares in every]
    least = min(breaches)
    near = (distance(problem, s) for s, b in zip(every, breaches, strict=True) if b <= least + PENNY)
    return least, min(near)


@pytest.mark.parametrize("seed", range(24))
def test_tiny_accounts_against_enumeration(seed: int) -> None:
    problem = random_problem(seed, 2 + seed % 2, 450.0)
    extras = (
        {},
        {"max_turnover": 0.3},
        {"max_holdings": 1},
        {"min_weight": 0.25},
        {
            "row_lower": np.append(0.6, np.full(problem.price.size, -np.inf)),
            "row_upper": np.append(0.7, problem.row_upper[1:]),
        },
    )
    every = [*(replace(problem, **extra) for extra in extras), *(capped(problem, seed, s) for s in (1.0, 0.9, 0.5))]
    for asked in every:
        shares = nearest_shares(asked).shares
        assert allowed(asked, shares)
        least, near = enumerated(asked)
        assert breach(asked, shares) == pytest.approx(least, abs=PENNY + GAP * asked.value)
        assert distance(asked, shares) == pytest.approx(near, abs=PENNY + GAP * asked.value)


@pytest.mark.parametrize("seed", range(8))
def test_against_another_formulation_in_cvxpy(seed: int) -> None:
    """Shares bought and sold as variables, |.| by cvxpy, every fund with binaries, and no hull of the distance."""
    problem = random_problem(100 + seed, 6, 20_000.0)
    problem = replace(
        problem, row_upper=np.maximum(problem.row_upper, problem.A @ problem.target / problem.value + 0.02)
    )
    p, h, n = problem.price, problem.held, problem.price.size
    bought, sold = cp.Variable(n, integer=True), cp.Variable(n, integer=True)
    buys, sells = cp.Variable(n, boolean=True), cp.Variable(n, boolean=True)
    money = cp.multiply(p, h + bought - sold)
    rules = [bought >= 0, sold >= 0, sold <= h, buys + sells <= 1, cp.sum(money) <= problem.value]
    rules += [cp.multiply(p, bought) <= problem.value * buys, cp.multiply(p, sold) <= problem.value * sells]
    rules += [cp.multiply(p, bought) >= problem.min_trade * buys, cp.multiply(p, sold) >= problem.min_trade * sells]
    if problem.keep.any():
        rules.append(sold[np.flatnonzero(problem.keep)] == 0)
    finite = np.isfinite(problem.row_upper)
    over = cp.Variable(int(finite.sum()), nonneg=True)
    rules.append(problem.A[finite] @ money <= problem.row_upper[finite] * problem.value + over)
    reference = cp.Problem(cp.Minimize(1e3 * cp.sum(over) + cp.norm1(money - problem.target)), rules)
    reference.solve(solver=cp.HIGHS, mip_rel_gap=0.0)
    shares = nearest_shares(problem).shares
    assert allowed(problem, shares)
    assert 1e3 * breach(problem, shares) + distance(problem, shares) == pytest.approx(
        reference.value, abs=0.05 + GAP * problem.value
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_risk_cap_against_a_mixed_integer_cone_program(seed: int) -> None:
    """The cap as a second-order cone, by SCIP, in the place of tangents."""
    n, value = 5, 30_000.0
    problem = capped(random_problem(200 + seed, n, value), seed, 1.0)
    random = np.random.default_rng(seed)
    held = np.floor(random.uniform(0.0, 0.1, n) * value / problem.price).astype(np.int64)
    problem = replace(problem, held=held, keep=np.zeros(n, dtype=bool), min_trade=0.0, row_upper=np.full(n + 1, np.inf))
    assert problem.risk is not None
    measure = problem.risk.measure
    x = cp.Variable(n, integer=True)
    money = cp.multiply(problem.price, x)
    w = money / value
    lean = measure.form.loadings.T @ w - measure.factor_target
    own = cp.multiply(measure.form.specific, w) - measure.specific_target
    within = cp.norm(cp.hstack([lean, own, np.array([measure.unhedgeable])])) <= problem.risk.cap
    reference = cp.Problem(
        cp.Minimize(cp.norm1(money - problem.target) / value), [x >= 0, cp.sum(money) <= value, within]
    )
    reference.solve(solver=cp.SCIP)
    shares = nearest_shares(problem).shares
    assert risk(measure, problem.price * shares / value) <= problem.risk.cap * (1.0 + 1e-6)
    assert distance(problem, shares) / value == pytest.approx(reference.value, abs=GAP)


@given(st.integers(0, 10**6), st.integers(2, 12), st.floats(300.0, 5e6))
@settings(max_examples=60)
def test_rules_hold_and_rounding_down_is_never_nearer(seed: int, n: int, value: float) -> None:
    problem = random_problem(seed, n, value)
    shares = nearest_shares(problem).shares
    assert shares.dtype == np.int64
    assert allowed(problem, shares)
    assert breach(problem, shares) <= breach(problem, problem.held) + PENNY
    down = np.floor(problem.target / problem.price).astype(np.int64)
    if allowed(problem, down) and breach(problem, down) <= breach(problem, shares) + PENNY:
        assert distance(problem, shares) <= distance(problem, down) + PENNY + GAP * value


def test_clauses_come_before_distance() -> None:
    """Kept beyond its cap, a fund is told at its breach; the other one still follows the model."""
    problem = replace(
        random_problem(1, 2, 1000.0),
        price=np.array([10.0, 10.0]),
        held=np.array([60, 0]),
        target=np.array([500.0, 500.0]),
        keep=np.array([True, False]),
        min_trade=0.0,
        A=np.eye(2),
        row_lower=np.full(2, -np.inf),
        row_upper=np.array([0.5, 0.35]),
        row_scale=np.ones(2),
    )
    assert nearest_shares(problem).shares.tolist() == [60, 35]
