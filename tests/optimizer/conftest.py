"""Random and hand-made portfolio problems, handed out as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from constraints import Clause, CompiledMandate, Funds, TurnoverLimit, compile_mandate
from constraints.clauses import FullyInvested, FundRange, GroupRange, LongOnly, PositionCap, Turnover, duration_range
from optimizer import Problem, RiskMeasure, Solved, solve_problem
from riskmodels import FactorForm

Floats = NDArray[np.float64]

SECTORS = ("treasury", "mbs", "high_yield", "tips")


@dataclass(frozen=True)
class Recipe:
    """What a random problem is made of; everything else follows from the seed."""

    seed: int
    funds: int
    factors: int = 3
    clones: int = 0
    groups: int = 1
    duration: bool = False
    minimum: bool = False
    turnover: bool = False
    costs: bool = False
    ridge: float = 0.0
    goal: str = "expected_return"
    tracking: bool = False
    target: float | None = 0.5
    """Where the cap lies between the least risk (0) and that of the highest goal (1); None for no cap."""


def bond_covariance(rng: np.random.Generator, recipe: Recipe) -> FactorForm:
    """Volatilities from 0.1 to 15 % a year, one factor that all share, and near-clones."""
    n, k = recipe.funds, min(recipe.factors, recipe.funds)
    volatility = np.exp(rng.uniform(np.log(0.1), np.log(15.0), n))
    loadings = 0.4 * rng.normal(size=(n, k))
    loadings[:, 0] = np.abs(rng.normal(1.0, 0.25, n)) + 0.05
    common = rng.uniform(0.3, 0.999, n)
    loadings *= (volatility * np.sqrt(common) / np.linalg.norm(loadings, axis=1))[:, None]
    specific = volatility * np.sqrt(1.0 - common)
    for _ in range(min(recipe.clones, n // 3)):
        model, clone = rng.choice(n, 2, replace=False)
        apart = 10.0 ** rng.integers(-4, -1)
        loadings[clone] = loadings[model] * (1.0 + apart * rng.normal())
        specific[clone] = specific[model] * apart
    return FactorForm(loadings, specific)


def random_mandate(rng: np.random.Generator, recipe: Recipe, volatility: Floats, held: Floats) -> CompiledMandate:
    """Limits around a portfolio that meets them, except that turnover may fall short of what it takes."""
    n = recipe.funds
    tickers = tuple(f"F{i:03d}" for i in range(n))
    sector = np.array(SECTORS)[rng.integers(0, len(SECTORS), n)]
    years = np.clip(volatility * rng.uniform(0.6, 1.4, n), 0.1, 20.0)
    cap = min(1.0, float(rng.choice([n, 1.3, 2.5, 5.0])) / n)
    inside = rng.dirichlet(np.full(n, 0.5))
    for _ in range(50):
        inside = np.minimum(inside, cap)
        inside /= inside.sum()
    clauses: list[Clause] = [FullyInvested(), LongOnly(), PositionCap(cap)]
    for g in range(recipe.groups):
        members = rng.choice(SECTORS, rng.integers(1, 3), replace=False)
        weight = float(inside[np.isin(sector, members)].sum())
        low = max(0.0, weight - rng.uniform(0.0, 0.2)) if rng.random() < 0.5 else None
        clauses.append(GroupRange(f"group {g}", tuple(members), (), low, min(1.0, weight + rng.uniform(0.0, 0.2))))
    if recipe.duration:
        mean = float(years @ inside)
        clauses.append(duration_range(mean - rng.uniform(0.0, 2.0), mean + rng.uniform(0.0, 2.0)))
    if recipe.minimum:
        clauses.append(FundRange(tickers[int(rng.integers(n))], min(0.05, cap), None))
    if recipe.turnover:
        way = 0.5 * (float(np.abs(inside - held).sum()) + max(0.0, 1.0 - float(held.sum())))
        clauses.append(Turnover(way + rng.uniform(-0.1, 0.2), dict(zip(tickers, held, strict=True))))
    return compile_mandate(clauses, Funds(tickers, sector, {"effective_duration_years": years}, np.ones(n)))


def random_problem(recipe: Recipe) -> Problem:
    """A problem as a desk might have it; where to put the cap is found by the package, which judges nothing."""
    rng = np.random.default_rng(recipe.seed)
    n = recipe.funds
    form = bond_covariance(rng, recipe)
    volatility = np.sqrt((form.loadings**2).sum(axis=1) + form.specific**2)
    held = np.zeros(n)
    if recipe.turnover or recipe.costs:
        held = np.where(rng.random(n) < 0.4, rng.dirichlet(np.ones(n)), 0.0)
        if rng.random() < 0.5 and held.sum() > 0.0:
            held /= held.sum()
    risk = RiskMeasure(form, np.zeros(form.loadings.shape[1]), np.zeros(n), 0.0)
    if recipe.tracking:
        benchmark = rng.dirichlet(np.ones(n))
        outside = float(np.linalg.norm(form.specific * benchmark))
        risk = RiskMeasure(form, form.loadings.T @ benchmark, np.zeros(n), outside)
    problem = Problem(
        mandate=random_mandate(rng, recipe, volatility, held),
        mu=0.4 * volatility + 2.0 * rng.normal(size=n),
        risk=risk,
        cap=None,
        goal=recipe.goal,
        ridge=recipe.ridge,
        aversion=0.3 if recipe.goal == "utility" else 0.0,
        trade_cost=rng.uniform(0.0, 0.3, n) if recipe.costs else np.zeros(n),
        held=held,
    )
    if recipe.target is None or recipe.goal == "min_volatility":
        return problem
    calm, best = solve_problem(problem.minimising_risk()), solve_problem(problem)
    if not isinstance(calm, Solved) or not isinstance(best, Solved):
        return replace(problem, cap=1.0)
    least, most = risk.value(calm.w), risk.value(best.w)
    return replace(problem, cap=max(1e-3, least + recipe.target * (most - least)))


@pytest.fixture(scope="session")
def recipes() -> st.SearchStrategy[Recipe]:
    """Random problems of 3 to 40 funds, with targets from below the least risk to above that of the best."""
    return st.builds(
        Recipe,
        seed=st.integers(0, 2**32 - 1),
        funds=st.integers(3, 40),
        factors=st.integers(1, 7),
        clones=st.integers(0, 3),
        groups=st.integers(0, 3),
        duration=st.booleans(),
        minimum=st.booleans(),
        turnover=st.booleans(),
        costs=st.booleans(),
        ridge=st.sampled_from([0.0, 0.0, 0.5, 5.0]),
        goal=st.sampled_from(["expected_return", "expected_return", "utility", "min_volatility"]),
        tracking=st.booleans(),
        target=st.one_of(st.none(), st.floats(-0.3, 1.3)),
    )


@pytest.fixture(scope="session")
def make_problem() -> Callable[..., Problem]:
    """A random problem from the fields of a `Recipe`."""

    def make(**fields: Any) -> Problem:
        return random_problem(Recipe(**fields))

    return make


@pytest.fixture(scope="session")
def from_recipe() -> Callable[[Recipe], Problem]:
    return random_problem


@pytest.fixture(scope="session")
def stated() -> Callable[..., Problem]:
    """A problem stated by hand: volatilities, a correlation that all pairs share, expected returns, clauses."""

    def state(
        volatility: Sequence[float],
        mu: Sequence[float],
        *clauses: Clause,
        cap: float | None = None,
        correlation: float = 0.0,
        **fields: Any,
    ) -> Problem:
        own = np.array(volatility, dtype=float)
        n = own.size
        form = FactorForm((own * np.sqrt(correlation))[:, None], own * np.sqrt(1.0 - correlation))
        tickers = tuple(f"F{i}" for i in range(n))
        sector = np.array([SECTORS[i % len(SECTORS)] for i in range(n)])
        funds = Funds(tickers, sector, {"effective_duration_years": own}, np.ones(n))
        limits = clauses if any(isinstance(clause, PositionCap) for clause in clauses) else (PositionCap(1.0), *clauses)
        numbers: dict[str, Any] = {
            "risk": RiskMeasure(form, np.zeros(1), np.zeros(n), 0.0),
            "goal": "expected_return",
            "ridge": 0.0,
            "aversion": 0.0,
            "trade_cost": np.zeros(n),
            "held": np.zeros(n),
        }
        mandate = compile_mandate([FullyInvested(), LongOnly(), *limits], funds)
        return Problem(mandate=mandate, mu=np.array(mu, dtype=float), cap=cap, **(numbers | fields))

    return state


def highest(mandate: CompiledMandate, direction: Floats) -> Floats | None:
    """Allowed weights with the largest direction'w by a linear program of its own, None where nothing is allowed.

    Turnover enters through sizes s_i >= |w_i - w0_i|.
    """
    n = len(mandate.tickers)
    rows, limits = [], []
    for a, low, high in zip(mandate.A, mandate.row_lower, mandate.row_upper, strict=True):
        for sign, limit in ((1.0, high), (-1.0, -low)):
            if np.isfinite(limit):
                rows.append(np.concatenate([sign * a, np.zeros(n)]))
                limits.append(limit)
    turnover = mandate.turnover or TurnoverLimit(np.zeros(n), 0.0, 1e6)
    for i in range(n):
        for sign in (1.0, -1.0):
            row = np.zeros(2 * n)
            row[i], row[n + i] = sign, -1.0
            rows.append(row)
            limits.append(sign * turnover.held[i])
    rows.append(np.concatenate([np.zeros(n), np.full(n, 0.5)]))
    limits.append(turnover.limit - 0.5 * turnover.outside)
    result = linprog(
        np.concatenate([-direction, np.zeros(n)]),
        A_ub=np.array(rows),
        b_ub=np.array(limits),
        bounds=[*zip(mandate.lower, mandate.upper, strict=True), *[(0.0, None)] * n],
        method="highs",
    )
    return np.asarray(result.x[:n]) if result.status == 0 else None


@pytest.fixture(scope="session")
def highest_by_linprog() -> Callable[[CompiledMandate, Floats], Floats | None]:
    return highest


@pytest.fixture(scope="session")
def allowed_portfolios() -> Callable[[Problem, int, int], list[Floats]]:
    """Random allowed portfolios: mixtures of extreme ones, drawn towards the calmest until the cap holds."""

    def sample(problem: Problem, seed: int, count: int) -> list[Floats]:
        rng = np.random.default_rng(seed)
        directions = [
            problem.mu,
            *rng.normal(size=(4, problem.size)),
            *(problem.mu + rng.normal(size=(2, problem.size))),
        ]
        corners = [w for direction in directions if (w := highest(problem.mandate, direction)) is not None]
        calm = solve_problem(problem.minimising_risk())
        if not corners or not isinstance(calm, Solved):
            return []
        if problem.cap is not None and problem.risk.value(calm.w) > problem.cap:
            return []
        portfolios = []
        for _ in range(count):
            w = rng.dirichlet(np.full(len(corners), 0.3)) @ np.array(corners)
            low, high = 0.0, 1.0
            if problem.cap is not None and problem.risk.value(w) > problem.cap:
                for _ in range(50):
                    middle = 0.5 * (low + high)
                    inside = problem.risk.value(calm.w + middle * (w - calm.w)) <= problem.cap
                    low, high = (middle, high) if inside else (low, middle)
                w = calm.w + low * (w - calm.w)
            portfolios.append(w)
        return portfolios

    return sample
