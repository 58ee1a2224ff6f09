"""The conic and the first-order backend share no solver: where they agree, neither is wrong alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer import Infeasible, Problem, Solved, solve_problem

ROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def figure(problem: Problem, solved: Solved) -> float:
    """What the goal is about, percent a year: the goal itself, or the volatility where that is made small."""
    return problem.risk.value(solved.w) if problem.goal == "min_volatility" else problem.value(solved.w)


def at_the_edge(problem: Problem) -> bool:
    """Whether the cap lies within a millionth of the least risk, where the tolerance of either solver decides."""
    calm = solve_problem(problem.minimising_risk())
    if problem.cap is None or not isinstance(calm, Solved):
        return False
    return abs(problem.risk.value(calm.w) - problem.cap) <= 1e-6 * problem.cap


@given(data=st.data())
@settings(ROUGH, max_examples=40)
def test_random_mandates(data: st.DataObject, recipes, from_recipe) -> None:
    problem: Problem = from_recipe(data.draw(recipes))
    assume(not at_the_edge(problem))
    conic = solve_problem(problem, "conic")
    assert isinstance(conic, Solved | Infeasible), conic
    for backend in ("osqp", "parametric"):
        other = solve_problem(problem, backend)
        assert type(conic) is type(other), (conic, other)
        if isinstance(conic, Solved) and isinstance(other, Solved):
            assert conic.certificate.ok
            assert other.certificate.ok
            assert max(conic.certificate.max_violation, other.certificate.max_violation) <= 1e-9
            assert figure(problem, conic) == pytest.approx(figure(problem, other), rel=0.0, abs=1e-7)


@pytest.mark.parametrize("target", [0.05, 0.6])
@pytest.mark.parametrize("features", [{}, {"turnover": True, "costs": True}, {"tracking": True, "ridge": 0.5}])
def test_two_hundred_funds(make_problem: Callable[..., Problem], target: float, features: dict[str, object]) -> None:
    problem = make_problem(
        seed=11, funds=200, factors=10, groups=3, duration=True, clones=10, target=target, **features
    )
    answers = [solve_problem(problem, backend) for backend in ("conic", "osqp")]
    for answer in answers:
        assert isinstance(answer, Solved), answer
        assert answer.certificate.kkt_residual <= 1e-9
    assert figure(problem, answers[0]) == pytest.approx(figure(problem, answers[1]), rel=0.0, abs=1e-7)
    assert abs(answers[0].w - answers[1].w).max() <= 1e-5


def test_the_order_of_backends_is_that_of_auto(make_problem: Callable[..., Problem]) -> None:
    problem = make_problem(seed=3, funds=12)
    auto, parametric = solve_problem(problem), solve_problem(problem, "parametric")
    assert isinstance(auto, Solved)
    assert isinstance(parametric, Solved)
    assert (auto.backend, auto.fallbacks) == ("parametric", ())
    assert (auto.w == parametric.w).all()


def test_what_the_path_cannot_carry_is_handed_over(make_problem: Callable[..., Problem]) -> None:
    """Risk in thousandths of a percent makes the path's systems singular; the answer says who was asked before."""
    problem = make_problem(seed=5, funds=30, factors=4, groups=2, target=0.3)
    unit = 1e3
    risk = replace(problem.risk, form=problem.risk.form.scaled(unit))
    answer = solve_problem(replace(problem, mu=problem.mu * unit, risk=risk, cap=problem.cap * unit))
    assert isinstance(answer, Solved), answer
    assert answer.backend in ("osqp", "conic")
    assert answer.fallbacks[0].startswith("parametric: the parametric path was lost")


def test_a_goal_of_risk_may_itself_be_capped(make_problem: Callable[..., Problem]) -> None:
    """Utility under a cap has two prices of risk, its own and the cap's; counting one twice is easy."""
    problem = make_problem(seed=8, funds=20, goal="utility", target=0.4)
    free = solve_problem(replace(problem, cap=None))
    for backend in ("parametric", "conic", "osqp"):
        answer = solve_problem(problem, backend)
        assert isinstance(answer, Solved), answer
        assert isinstance(free, Solved)
        assert problem.risk.value(answer.w) == pytest.approx(problem.cap, abs=1e-9)
        assert problem.value(answer.w) < problem.value(free.w)


@pytest.mark.parametrize("seed", [64, 79, 126])
def test_a_cap_that_just_stops_binding(make_problem: Callable[..., Problem], seed: int) -> None:
    """At the risk that utility chooses by itself, whether the cap is slack is decided within rounding."""
    problem = make_problem(seed=seed, funds=15, factors=6, groups=3, costs=True, ridge=0.5, goal="utility", target=1.0)
    conic, first_order = solve_problem(problem, "conic"), solve_problem(problem, "osqp")
    assert isinstance(conic, Solved), conic
    assert isinstance(first_order, Solved), first_order
    assert figure(problem, conic) == pytest.approx(figure(problem, first_order), rel=0.0, abs=1e-7)
