"""A wrong answer is not taken for the certified optimum, and solvers without cones still meet the risk target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.peers.agreement import Agreement, agreement
from benchmarks.peers.instance import Day, Floats, Variant
from benchmarks.peers.optima import Optimum
from benchmarks.peers.problems import problems
from benchmarks.peers.registry import ROUTES, Route
from benchmarks.peers.risk_root import RiskRoot, crossing
from benchmarks.peers.routes import ours_batch
from benchmarks.peers.timing import one_by_one
from optimizer import BACKENDS, Claim
from optimizer.batch import solve_families

Spoil = Callable[[Day, int, Floats, float], Floats]


def test_the_optimum_agrees_with_itself(small: tuple[Day, ...], optima: tuple[Optimum, ...]) -> None:
    found = agreement(small[0], optima, [best.w for best in optima])
    assert found.same
    assert found.checked == 5
    assert (found.off_bp, found.violation, found.overshoot) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


def test_figures_of_agreement_by_hand() -> None:
    variant = Variant(np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.array([0.4, 0.7]), target=1.0)
    A = np.array([[1.0, 1.0], [2.0, 8.0]])
    day = Day(np.zeros((2, 1)), np.array([1.0, 2.0]), np.array([3.0, 5.0]), A, (variant,))
    best = Optimum(np.array([0.4, 0.6]), 0.0, 0.0, 1.0)
    found = agreement(day, [best], [np.array([0.25, 0.75])])
    # Returns 4.2 and 4.5; the second row is 6.5 of 3 in units of 8; variance 0.0625 + 2.25.
    assert found.off_bp == pytest.approx(30.0)
    assert found.violation == pytest.approx(3.5 / 8.0)
    assert found.overshoot == pytest.approx(np.sqrt(2.3125) - 1.0)
    free = replace(day, variants=(replace(variant, row_lower=np.full(2, -np.inf), row_upper=np.full(2, np.inf)),))
    assert agreement(free, [best], [np.array([-0.1, 0.75])]).violation == pytest.approx(0.1)
    assert agreement(free, [best], [np.array([0.0, 0.75])]).violation == pytest.approx(0.05)


def _towards_least_risk(day: Day, v: int, w: Floats, share: float) -> Floats:
    """A step that keeps rows and bounds, so that only the expected return can tell."""
    calm = BACKENDS["conic"](problems(day)[v].minimising_risk())
    assert isinstance(calm, Claim)
    return w + share * (calm.w - w)


def _leveraged(day: Day, v: int, w: Floats, share: float) -> Floats:
    return w * (1.0 + share)


def _held_though_barred(day: Day, v: int, w: Floats, share: float) -> Floats:
    """At no change of the expected return, so that only the broken limits can tell."""
    barred, held = np.argmin(day.variants[v].upper), np.argmax(w)
    step = np.zeros(w.size)
    step[barred], step[held] = share, -share * day.mu[barred] / day.mu[held]
    return w + step


def _not_a_number(day: Day, v: int, w: Floats, share: float) -> Floats:
    return np.where(np.arange(w.size) == 3, np.nan, w)


@pytest.mark.parametrize("spoil", [_towards_least_risk, _leveraged, _held_though_barred, _not_a_number])
def test_one_wrong_portfolio_among_right_ones_is_noticed(
    spoil: Spoil, small: tuple[Day, ...], optima: tuple[Optimum, ...]
) -> None:
    for v in range(len(optima)):
        portfolios = [best.w for best in optima]
        portfolios[v] = spoil(small[0], v, portfolios[v], 0.01)
        assert not agreement(small[0], optima, portfolios).same


def test_an_overshot_target_is_noticed_when_all_else_is_right(
    small: tuple[Day, ...], optima: tuple[Optimum, ...]
) -> None:
    first, *others = small[0].variants
    stricter = replace(small[0], variants=(replace(first, target=first.target * (1.0 - 2e-5)), *others))
    found = agreement(stricter, optima, [best.w for best in optima])
    assert not found.same
    assert found.overshoot == pytest.approx(2e-5, rel=1e-3)
    assert found.off_bp == 0.0


def test_a_hair_is_still_the_same(small: tuple[Day, ...], optima: tuple[Optimum, ...]) -> None:
    close = [_towards_least_risk(small[0], v, best.w, 1e-6) for v, best in enumerate(optima)]
    assert agreement(small[0], optima, close).same


def test_nothing_compared_is_not_the_same() -> None:
    assert not Agreement(0, 0.0, 0.0, 0.0).same


def test_the_aversion_leads_to_the_same_portfolio(small: tuple[Day, ...], optima: tuple[Optimum, ...]) -> None:
    for problem, best in zip(problems(small[0]), optima, strict=True):
        answer = BACKENDS["conic"](replace(problem, goal="utility", aversion=best.aversion, cap=None))
        assert isinstance(answer, Claim)
        assert problem.risk.value(answer.w) == pytest.approx(problem.risk.value(best.w), rel=1e-5)
        assert answer.w == pytest.approx(best.w, abs=1e-4)


# Peers that come with the project itself


@pytest.mark.parametrize(
    "title",
    [
        title
        for title, route in ROUTES.items()
        if isinstance(route, Route) and route.needs in ("cvxpy", "osqp", "optimizer")
    ],
)
def test_peer_reaches_the_certified_optimum_on_every_date(
    title: str, small: tuple[Day, ...], optima: tuple[Optimum, ...]
) -> None:
    route = ROUTES[title]
    assert isinstance(route, Route)
    timing, portfolios = one_by_one(route, iter(small), seconds=60.0)
    found = agreement(small[0], optima, portfolios)
    assert found.same, found
    assert found.checked == 5
    assert len(timing.solve_s) == timing.solves == 10
    assert len(timing.open_s) == 1


def test_the_batch_is_proven_again_and_a_wrong_answer_in_it_is_counted(small: tuple[Day, ...]) -> None:
    answers = solve_families(ours_batch.families(small), workers=1)
    proof = ours_batch.proof(small, answers)
    assert (proof.certified, proof.variants) == (10, 10)
    assert proof.gap_bp < 0.01
    assert proof.violation < 1e-7
    assert proof.kkt_residual < 1e-9
    moved = answers[1].w.copy()
    moved[2] *= 0.999
    spoiled = ours_batch.proof(small, [answers[0], replace(answers[1], w=moved)])
    assert spoiled.certified == 9
    assert spoiled.violation > 1e-4


# The root-find that solvers without cones are given


def _two_funds(target: float) -> Day:
    """Uncorrelated, volatilities 1 and 2, returns 0 and 1, fully invested: w2(t) = (1 + t) / 5."""
    variant = Variant(np.ones(1), np.ones(1), np.ones(2), target)
    return Day(np.zeros((2, 1)), np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.ones((1, 2)), (variant,))


def test_the_root_is_where_the_risk_is() -> None:
    asked: list[float] = []

    def at(t: float) -> Floats:
        asked.append(t)
        return np.array([4.0 - t, 1.0 + t]) / 5.0

    day = _two_funds(1.5)
    w = RiskRoot().meet(day, 0, at)
    assert day.volatility(w) == pytest.approx(1.5, rel=1e-5)
    # (1 - x)^2 + 4 x^2 = 2.25
    assert w[1] == pytest.approx((2.0 + np.sqrt(4.0 + 20.0 * 1.25)) / 10.0, rel=1e-5)
    assert len(asked) <= 4, "the path is a straight line"


def test_the_root_is_found_across_bends() -> None:
    day = _two_funds(1.9)
    w = RiskRoot().meet(
        day, 0, lambda t: np.array([1.0, 0.0]) + np.clip(t / 1e3, 0.0, 1.0) ** 3 * np.array([-1.0, 1.0])
    )
    assert day.volatility(w) == pytest.approx(1.9, rel=1e-5)


def test_a_target_out_of_reach_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="was not met in 60 programs"):
        RiskRoot().meet(_two_funds(3.0), 0, lambda t: np.array([4.0 - min(t, 4.0), 1.0 + min(t, 4.0)]) / 5.0)


def test_crossing_is_the_nearest_root(small: tuple[Day, ...]) -> None:
    day = small[0]
    start, end = np.eye(40)[:2]
    target = 0.5 * (day.volatility(start) + day.volatility(end))
    x = crossing(day, target, start, end)
    assert day.volatility(start + x * (end - start)) == pytest.approx(target)
    assert 0.0 < x < 1.0
