"""Few names: against every choice of names, against SCIP, and against what must not matter."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cvxpy as cp
import numpy as np
import pytest

from constraints import FewNames
from constraints.clauses import FundRange, GroupRange, PositionCap
from optimizer import (
    Failed,
    Infeasible,
    OptimizerError,
    Outcome,
    Problem,
    SearchLimits,
    Solved,
    solve_at_exact_risk,
    solve_few_names,
    solve_problem,
    violations,
)
from optimizer.cardinality.bound import node_bound
from optimizer.cardinality.node import IN, OUT, UNDECIDED, decided, first_choice, name_problem, relaxation
from optimizer.cardinality.perspective import too_risky
from optimizer.problem import Claim, Multipliers

LONG = SearchLimits(seconds=60.0)


def roomy(problem: Problem, cap: float = 0.5) -> Problem:
    """With a position cap that leaves a few names a chance."""
    return replace(problem, mandate=replace(problem.mandate, upper=np.full(problem.size, cap)))


def few(problem: Problem, most: int | None, least: float, limits: SearchLimits = LONG) -> Outcome:
    return solve_few_names(problem, FewNames(most, least), limits, solve_problem)


def score(problem: Problem, w: np.ndarray) -> float:
    return -problem.risk.value(w) if problem.goal == "min_volatility" else problem.value(w)


def keeps(problem: Problem, w: np.ndarray, most: int | None, least: float) -> bool:
    held = w[w > 0.0]
    return (
        held.size <= (most or w.size)
        and bool((held >= least - 1e-9).all())
        and max(violations(problem, w).values(), default=0.0) <= 1e-7
    )


def best_of_all(problem: Problem, most: int, least: float) -> float:
    """The best score over every set of names, each a convex problem of its own."""
    best, mandate = -np.inf, problem.mandate
    for size in range(1, most + 1):
        for names in itertools.combinations(range(problem.size), size):
            inside = np.isin(np.arange(problem.size), names)
            if (mandate.lower[~inside] > 0.0).any() or (mandate.upper[inside] < least).any():
                continue
            lower = np.where(inside, np.maximum(least, mandate.lower), 0.0)
            upper = np.where(inside, mandate.upper, 0.0)
            if lower.sum() > 1.0 or upper.sum() < 1.0 - 1e-9:
                continue
            outcome = solve_problem(replace(problem, mandate=replace(mandate, lower=lower, upper=upper)))
            if isinstance(outcome, Solved):
                best = max(best, score(problem, outcome.w))
    return best


def best_by_scip(problem: Problem, most: int, least: float) -> float | None:
    """The best score by mixed-integer programming, stated here anew; None when SCIP finds the problem infeasible."""
    n, mandate, risk = problem.size, problem.mandate, problem.risk
    w, z = cp.Variable(n), cp.Variable(n, boolean=True)
    rules = [w >= cp.multiply(np.maximum(least, mandate.lower), z), w <= cp.multiply(np.minimum(mandate.upper, 1.0), z)]
    rules += [cp.sum(z) <= most, w >= mandate.lower]
    for a, low, high in zip(mandate.A, mandate.row_lower, mandate.row_upper, strict=True):
        if low == high:
            rules.append(a @ w == low)
            continue
        rules += [a @ w <= high] if np.isfinite(high) else []
        rules += [a @ w >= low] if np.isfinite(low) else []
    if mandate.turnover is not None:
        traded = cp.norm1(w - mandate.turnover.held) + mandate.turnover.outside
        rules.append(0.5 * traded <= mandate.turnover.limit)
    root = np.linalg.cholesky(risk.form.matrix + 1e-14 * np.eye(n)).T
    factor = risk.form.loadings @ risk.factor_target
    aim = np.linalg.solve(root.T, factor)
    left = max(0.0, float(risk.factor_target @ risk.factor_target + risk.unhedgeable**2 - aim @ aim))
    size = cp.norm(cp.hstack([root @ w - aim, np.array([np.sqrt(left)])]))
    gain = problem.mu @ w - problem.trade_cost @ cp.abs(w - problem.held)
    if problem.cap is not None:
        rules.append(size <= problem.cap)
    stated = cp.Problem(cp.Minimize(size) if problem.goal == "min_volatility" else cp.Maximize(gain), rules)
    settings = {"limits/gap": 1e-7, "numerics/feastol": 1e-8, "limits/time": 60.0}
    with warnings.catch_warnings():
        # A solution within the gap asked for is "inaccurate" to cvxpy.
        warnings.simplefilter("ignore")
        stated.solve(solver=cp.SCIP, scip_params=settings)
    if stated.value is None or not np.isfinite(stated.value):
        assert stated.status in (cp.INFEASIBLE, "infeasible_or_unbounded"), stated.status
        return None
    return -float(stated.value) if problem.goal == "min_volatility" else float(stated.value)


@pytest.mark.parametrize("goal", ["expected_return", "utility", "min_volatility"])
@pytest.mark.parametrize("seed", range(3))
def test_no_choice_of_names_is_better(make_problem: Callable[..., Problem], seed: int, goal: str) -> None:
    fields = {"factors": 2, "groups": seed % 2, "costs": seed % 2 == 1, "goal": goal, "clones": 1}
    problem = roomy(make_problem(seed=seed, funds=7, **fields))
    most, least = 2 + seed % 3, (0.0, 0.1, 0.22)[seed % 3]
    outcome, best = few(problem, most, least), best_of_all(problem, most, least)
    if best == -np.inf:
        assert isinstance(outcome, Infeasible)
        return
    assert isinstance(outcome, Solved)
    assert keeps(problem, outcome.w, most, least)
    assert score(problem, outcome.w) == pytest.approx(best, abs=1e-4)
    # A plain number, which JSON takes.
    assert type(outcome.certificate.gap_bp) is float
    # The bound is one: nothing that was enumerated lies above it.
    assert score(problem, outcome.w) + outcome.certificate.gap_bp / 100.0 >= best - 1e-9
    assert outcome.certificate.ok


SCIP_CASES = [
    (0, 8, 3, 0.05, {}),
    (1, 12, 4, 0.1, {"groups": 2}),
    (2, 15, 3, 0.0, {"duration": True}),
    (3, 20, 4, 0.08, {"tracking": True}),
    (4, 25, 8, 0.1, {"groups": 1, "clones": 3, "factors": 7, "goal": "min_volatility", "tracking": True}),
    (5, 18, 5, 0.12, {"costs": True}),
    (6, 16, 4, 0.1, {"turnover": True}),
    (7, 22, 4, 0.05, {"goal": "min_volatility"}),
    (8, 25, 6, 0.1, {"target": 0.2, "minimum": True}),
    (9, 14, 2, 0.0, {"groups": 3}),
]


@pytest.mark.parametrize(("seed", "funds", "most", "least", "fields"), SCIP_CASES)
def test_scip_finds_the_same(
    make_problem: Callable[..., Problem], seed: int, funds: int, most: int, least: float, fields: dict[str, object]
) -> None:
    pytest.importorskip("pyscipopt", reason="SCIP checks the search: pip install aggplus[scip]")
    problem = roomy(make_problem(seed=100 + seed, funds=funds, **fields), 0.6 if most < 4 else 0.3)
    outcome, best = few(problem, most, least), best_by_scip(problem, most, least)
    if best is None:
        assert isinstance(outcome, Infeasible)
        return
    assert isinstance(outcome, Solved)
    assert keeps(problem, outcome.w, most, least)
    assert outcome.certificate.ok
    assert score(problem, outcome.w) == pytest.approx(best, abs=2e-4, rel=1e-5)


def test_limits_that_do_not_bind_change_not_a_bit(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=11, funds=30, groups=2)
    free = solve_problem(problem)
    assert isinstance(free, Solved)
    held = free.w[free.w > 0.0]
    outcome = few(problem, held.size, float(held.min()))
    assert isinstance(outcome, Solved)
    assert outcome.w.tobytes() == free.w.tobytes()
    assert outcome.certificate == free.certificate
    assert outcome.remarks == free.remarks


def test_one_name_fewer_is_another_portfolio_and_says_so(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=11, funds=30, groups=2)
    free = solve_problem(problem)
    assert isinstance(free, Solved)
    most = int((free.w > 0.0).sum()) - 1
    outcome = few(problem, most, 0.0)
    assert isinstance(outcome, Solved)
    assert keeps(problem, outcome.w, most, 0.0)
    assert score(problem, outcome.w) < score(problem, free.w)
    lost = 100.0 * (score(problem, free.w) - score(problem, outcome.w))
    assert any(f"{lost:.2f} bp a year" in remark and "best possible" in remark for remark in outcome.remarks)


def permuted(problem: Problem, order: np.ndarray) -> Problem:
    mandate, risk = problem.mandate, problem.risk

    def shuffled(labels: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(labels[i] for i in order)

    return replace(
        problem,
        mandate=replace(
            mandate,
            tickers=shuffled(mandate.tickers),
            A=mandate.A[:, order],
            lower=mandate.lower[order],
            upper=mandate.upper[order],
            lower_labels=shuffled(mandate.lower_labels),
            upper_labels=shuffled(mandate.upper_labels),
        ),
        mu=problem.mu[order],
        risk=replace(
            risk,
            form=replace(risk.form, loadings=risk.form.loadings[order], specific=risk.form.specific[order]),
            specific_target=risk.specific_target[order],
        ),
        trade_cost=problem.trade_cost[order],
        held=problem.held[order],
    )


@pytest.mark.parametrize("seed", range(3))
def test_order_of_the_funds_does_not_matter(make_problem: Callable[..., Problem], seed: int) -> None:
    problem = roomy(make_problem(seed=20 + seed, funds=25, groups=1))
    order = np.random.default_rng(seed).permutation(problem.size)
    one, other = few(problem, 4, 0.05), few(permuted(problem, order), 4, 0.05)
    assert isinstance(one, Solved)
    assert isinstance(other, Solved)
    assert score(problem, one.w) == pytest.approx(score(permuted(problem, order), other.w), abs=1e-4)


def hard(make_problem: Callable[..., Problem]) -> Problem:
    """Least tracking error with a few of forty names: thousands of nodes."""
    return make_problem(seed=3, funds=40, factors=6, goal="min_volatility", tracking=True, groups=0)


def test_a_node_limit_ends_at_the_same_place_with_an_honest_gap(make_problem: Callable[..., Problem]) -> None:
    problem = hard(make_problem)
    limits = SearchLimits(seconds=60.0, nodes=150)
    one, other = few(problem, 8, 0.02, limits), few(problem, 8, 0.02, limits)
    assert isinstance(one, Solved)
    assert isinstance(other, Solved)
    assert one.w.tobytes() == other.w.tobytes()
    assert one.certificate == other.certificate
    assert one.certificate.gap_bp > 0.01
    assert not one.certificate.ok
    assert any("within" in said and "stopped after 150 nodes" in said for said in one.remarks)
    longer = few(problem, 8, 0.02, SearchLimits(seconds=60.0, nodes=1500))
    assert isinstance(longer, Solved)
    better = 100.0 * (score(problem, longer.w) - score(problem, one.w))
    assert -1e-9 <= better <= one.certificate.gap_bp
    assert longer.certificate.gap_bp <= one.certificate.gap_bp + 1e-9


def test_the_clock_ends_a_search(make_problem: Callable[..., Problem]) -> None:
    problem = hard(make_problem)
    few(problem, 8, 0.02, SearchLimits(seconds=60.0, nodes=5))
    outcome = few(problem, 8, 0.02, SearchLimits(seconds=0.3))
    assert isinstance(outcome, Solved)
    assert any("stopped after 0.3 s" in said for said in outcome.remarks)


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_a_search_that_may_do_next_to_nothing_claims_nothing(make_problem: Callable[..., Problem], nodes: int) -> None:
    outcome = few(hard(make_problem), 8, 0.02, SearchLimits(seconds=60.0, nodes=nodes))
    if isinstance(outcome, Solved):
        assert np.isfinite(outcome.certificate.gap_bp)
        assert outcome.certificate.gap_bp > 0.01
    else:
        assert isinstance(outcome, Failed)
        assert "no portfolio was found, and none is proven impossible" in outcome.words[0]


def test_names_that_cannot_reach_a_hundred_percent_are_told_by_arithmetic(stated: Callable[..., Problem]) -> None:
    problem = stated([1.0] * 30, np.arange(30.0), PositionCap(0.04))
    outcome = few(problem, 20, 0.0)
    assert isinstance(outcome, Infeasible)
    assert outcome.findings == ("max_holdings: 20 funds x 4 % = 80 %; 100 % must be invested",)


def test_too_few_names_for_the_rows_is_proven(stated: Callable[..., Problem]) -> None:
    # Three groups of which each must have a little: two funds cannot.
    groups = [GroupRange(f"group {i}", (), (f"F{i}", f"F{i + 3}"), 0.1, None) for i in range(3)]
    problem = stated([1.0] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], *groups)
    outcome = few(problem, 2, 0.0)
    assert isinstance(outcome, Infeasible)
    assert "the other limits alone can be met, but not with at most 2 funds" in outcome.findings[0]
    assert isinstance(few(problem, 3, 0.0), Solved)


def test_too_few_names_for_the_risk_target_says_what_is_possible(stated: Callable[..., Problem]) -> None:
    # Equal and uncorrelated funds: least risk with k names is 10 / sqrt(k).
    problem = stated([10.0] * 12, np.arange(12.0), cap=4.0)
    outcome = few(problem, 4, 0.0)
    assert isinstance(outcome, Infeasible)
    assert outcome.findings[0].startswith("risk target: with at most 4 funds volatility cannot go below 5 %")
    enough = few(problem, 7, 0.0)
    assert isinstance(enough, Solved)
    assert problem.risk.value(enough.w) <= 4.0 * (1.0 + 1e-9)
    by_a_hair = few(replace(problem, cap=5.0 * (1.0 + 1e-6)), 4, 0.0)
    assert isinstance(by_a_hair, Solved)
    assert by_a_hair.w == pytest.approx([0.0] * 8 + [0.25] * 4, abs=1e-2)


@pytest.mark.parametrize("seed", range(4))
def test_a_target_a_hair_above_the_least_risk_of_few_names_is_met(
    make_problem: Callable[..., Problem], seed: int
) -> None:
    problem = roomy(make_problem(seed=60 + seed, funds=12, goal="min_volatility", groups=0, tracking=seed % 2 == 1))
    calm = few(problem, 3, 0.1)
    assert isinstance(calm, Solved)
    least = problem.risk.value(calm.w)
    capped = replace(problem, goal="expected_return", cap=least * 1.0005)
    outcome = few(capped, 3, 0.1)
    assert isinstance(outcome, Solved), outcome
    assert keeps(capped, outcome.w, 3, 0.1)
    below = few(replace(capped, cap=least * 0.9995), 3, 0.1)
    assert isinstance(below, Infeasible), below


def test_equal_funds_are_taken_in_equal_parts(stated: Callable[..., Problem]) -> None:
    # Least risk of k equal, uncorrelated funds: 10 / sqrt(k), with 1 / k of each.
    problem = stated([10.0] * 9, np.zeros(9), goal="min_volatility")
    outcome = few(problem, 4, 0.0, SearchLimits(seconds=60.0, nodes=2000))
    assert isinstance(outcome, Solved)
    assert problem.risk.value(outcome.w) == pytest.approx(5.0)
    assert np.sort(outcome.w)[-4:] == pytest.approx([0.25] * 4)


def test_funds_that_must_be_held_count(stated: Callable[..., Problem]) -> None:
    must = [FundRange(f"F{i}", 0.01, None) for i in range(3)]
    problem = stated([1.0] * 6, [0.0, 0.0, 0.0, 1.0, 2.0, 3.0], *must)
    outcome = few(problem, 2, 0.0)
    assert isinstance(outcome, Infeasible)
    assert outcome.findings == ("3 funds must be held, max_holdings allows 2",)
    with_least = few(problem, 4, 0.05)
    assert isinstance(with_least, Solved)
    assert with_least.w[:3] == pytest.approx([0.05] * 3)
    assert with_least.w[5] == pytest.approx(0.85)


def test_a_fund_whose_cap_is_below_the_least_weight_is_not_held(stated: Callable[..., Problem]) -> None:
    problem = stated([1.0] * 4, [0.0, 1.0, 2.0, 9.0], FundRange("F3", None, 0.03))
    outcome = few(problem, None, 0.05)
    assert isinstance(outcome, Solved)
    assert outcome.w[3] == 0.0
    assert outcome.w[2] == pytest.approx(1.0)
    tight = stated([1.0] * 4, [0.0, 1.0, 2.0, 9.0], PositionCap(0.33), FundRange("F3", None, 0.03))
    assert isinstance(solve_problem(tight), Solved)
    out = few(tight, None, 0.05)
    assert isinstance(out, Infeasible)
    assert out.findings == (
        "min_weight: 1 fund has a cap below 5 %, the others can hold at most 99 % together; 100 % must be invested",
    )


def test_a_target_to_be_met_exactly_is_met_with_the_names_chosen(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=5, funds=15, target=0.6)
    solve = partial(solve_at_exact_risk)
    outcome = solve_few_names(problem, FewNames(4, 0.05), LONG, solve)
    assert isinstance(outcome, Solved)
    assert problem.risk.value(outcome.w) == pytest.approx(problem.cap)
    assert keeps(problem, outcome.w, 4, 0.05)


def test_other_backends_carry_the_nodes_too(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=9, funds=12)
    by_path = few(problem, 3, 0.05)
    by_cone = solve_few_names(problem, FewNames(3, 0.05), LONG, partial(solve_problem, backend="conic"), "conic")
    assert isinstance(by_path, Solved)
    assert isinstance(by_cone, Solved)
    assert score(problem, by_cone.w) == pytest.approx(score(problem, by_path.w), abs=1e-4)
    assert any("conic solved nodes of the search, more slowly" in said for said in by_cone.remarks)


def test_short_positions_are_refused(stated: Callable[..., Problem]) -> None:
    problem = stated([1.0, 1.0], [1.0, 2.0])
    short = replace(problem, mandate=replace(problem.mandate, lower=np.array([-0.1, 0.0])))
    with pytest.raises(OptimizerError, match="the weight of F0 may be negative"):
        few(short, 1, 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_of_a_node_holds_for_any_multipliers(make_problem: Callable[..., Problem], seed: int) -> None:
    """No portfolio of few names lies above the bound, nor above that with or without one more fund."""
    rng = np.random.default_rng(seed)
    goal = ("expected_return", "utility", "min_volatility")[seed % 3]
    drawn = make_problem(seed=40 + seed, funds=9, groups=0, costs=seed % 2 == 0, goal=goal, ridge=0.5, target=1.3)
    problem = replace(roomy(drawn, 0.9), cap=None if drawn.cap is None else 1.5 * drawn.cap)
    names = name_problem(problem, FewNames(4, 0.08))
    choice = first_choice(names)
    undecided = rng.permutation(np.flatnonzero(choice == UNDECIDED))
    choice[undecided[0]], choice[undecided[1]] = IN, OUT
    relaxed = relaxation(names, choice)
    claim = Claim(
        rng.dirichlet(np.ones(9)),
        Multipliers(rng.normal(size=relaxed.mandate.row_upper.size), abs(float(rng.normal())), 0.0),
    )
    bound = node_bound(names, choice, relaxed, claim)
    checked = 0
    for _ in range(400):
        held = rng.choice(undecided[2:], rng.integers(1, 4), replace=False)
        w = np.zeros(9)
        named = np.append(held, undecided[0])
        w[named] = 0.08 + (1.0 - 0.08 * named.size) * rng.dirichlet(np.ones(named.size))
        if max(violations(relaxed, w).values(), default=0.0) > 1e-12:
            continue
        checked += 1
        value = problem.value(w)
        assert value <= bound.value + 1e-9
        assert (value <= bound.with_fund[held] + 1e-9).all()
        assert (value <= bound.without_fund[w == 0.0] + 1e-9).all()
    assert checked > 5


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [2, 4, 7])
def test_bounds_with_and_without_a_fund_are_those_of_the_nodes(
    make_problem: Callable[..., Problem], seed: int, most: int
) -> None:
    problem = roomy(make_problem(seed=80 + seed, funds=9, groups=1, costs=seed % 2 == 0), 0.9)
    names = name_problem(problem, FewNames(most, 0.08))
    choice = first_choice(names)
    choice[np.flatnonzero(choice == UNDECIDED)[:2]] = OUT, IN
    relaxed = relaxation(names, choice)
    rng = np.random.default_rng(seed)
    claim = Claim(
        rng.dirichlet(np.ones(9)), Multipliers(2.0 * rng.normal(size=relaxed.mandate.row_upper.size), 1.0, 0.0)
    )
    bound = node_bound(names, choice, relaxed, claim)
    for fund in np.flatnonzero(choice == UNDECIDED):
        for verdict, told in ((IN, bound.with_fund), (OUT, bound.without_fund)):
            child = decided(names, choice, np.array([fund]), verdict)
            assert told[fund] == pytest.approx(node_bound(names, child, relaxed, claim).value, rel=1e-12)


def test_a_node_is_ruled_out_by_risk_only_where_that_is_so(stated: Callable[..., Problem]) -> None:
    # Equal and uncorrelated funds: the perspective is exact, least risk with four names is 5.
    problem = stated([10.0] * 12, np.arange(12.0), cap=5.01)
    names = name_problem(problem, FewNames(4, 0.0))
    choice = first_choice(names)
    assert not too_risky(names, choice, relaxation(names, choice))
    assert too_risky(names, choice, replace(relaxation(names, choice), cap=4.99))
