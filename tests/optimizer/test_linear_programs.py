"""The two linear programs over a mandate, against formulations of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from constraints import CompiledMandate
from constraints.clauses import GroupRange, PositionCap, Turnover, duration_range
from optimizer import Problem
from optimizer.linear_program import best_vertex, nearest_miss

Floats = NDArray[np.float64]
State = Callable[..., Problem]


def random_mandate(make_problem: Callable[..., Problem], seed: int) -> CompiledMandate:
    """Rows shifted until about half of the mandates cannot hold."""
    mandate = make_problem(
        seed=seed, funds=12, groups=3, duration=True, minimum=True, turnover=seed % 2 == 0, target=None
    ).mandate
    rng = np.random.default_rng(seed)
    shift = np.where(mandate.row_lower == mandate.row_upper, 0.0, rng.normal(size=mandate.row_upper.size) * 0.15)
    return replace(mandate, row_lower=mandate.row_lower + shift, row_upper=mandate.row_upper + shift)


@pytest.mark.parametrize("seed", range(20))
def test_best_vertex(make_problem, highest_by_linprog, seed: int) -> None:
    mandate = random_mandate(make_problem, seed)
    direction = np.random.default_rng(seed).normal(size=12)
    expected = highest_by_linprog(mandate, direction)
    if expected is None:
        assert nearest_miss(mandate) is not None
        return
    assert nearest_miss(mandate) is None
    w = best_vertex(mandate, direction)
    assert float(direction @ w) == pytest.approx(float(direction @ expected), abs=1e-9)
    assert (mandate.A @ w <= mandate.row_upper + 1e-9).all()
    assert (mandate.A @ w >= mandate.row_lower - 1e-9).all()


def least_total_miss(mandate: CompiledMandate) -> float:
    """Sum of all rows' misses by one slack a row and sizes for turnover, relative to the largest coefficients.

    All money is invested whatever it takes.
    """
    n, m = len(mandate.tickers), mandate.A.shape[0]
    extra = m + 1
    rows, limits = [], []
    for j in range(m):
        for sign, limit in ((1.0, mandate.row_upper[j]), (-1.0, -mandate.row_lower[j])):
            if np.isfinite(limit):
                slack = np.zeros(extra)
                slack[j] = -max(1.0, np.abs(mandate.A[j]).max())
                rows.append(np.concatenate([sign * mandate.A[j], np.zeros(n), slack]))
                limits.append(limit)
    if mandate.turnover is not None:
        for i in range(n):
            for sign in (1.0, -1.0):
                row = np.zeros(2 * n + extra)
                row[i], row[n + i] = sign, -1.0
                rows.append(row)
                limits.append(sign * mandate.turnover.held[i])
        rows.append(np.concatenate([np.zeros(n), np.full(n, 0.5), np.zeros(m), [-1.0]]))
        limits.append(mandate.turnover.limit - 0.5 * mandate.turnover.outside)
    result = linprog(
        np.concatenate([np.zeros(2 * n), np.ones(extra)]),
        A_eq=np.concatenate([np.ones(n), np.zeros(n + extra)])[None, :],
        b_eq=[1.0],
        A_ub=np.array(rows),
        b_ub=np.array(limits),
        bounds=[*zip(mandate.lower, mandate.upper, strict=True), *[(0.0, None)] * (n + extra)],
        method="highs",
    )
    assert result.status == 0
    return float(result.fun)


def can_hold(mandate: CompiledMandate, clauses: tuple[str, ...]) -> bool:
    """Whether anything meets these clauses alone: all other rows, bounds and turnover taken away."""
    n = len(mandate.tickers)
    rows, limits = [], []
    for a, low, high, label in zip(mandate.A, mandate.row_lower, mandate.row_upper, mandate.row_labels, strict=True):
        for sign, limit in ((1.0, high), (-1.0, -low)):
            if np.isfinite(limit) and label.clause in clauses:
                rows.append(np.concatenate([sign * a, np.zeros(n)]))
                limits.append(limit)
    if mandate.turnover is not None and "turnover" in clauses:
        for i in range(n):
            for sign in (1.0, -1.0):
                row = np.zeros(2 * n)
                row[i], row[n + i] = sign, -1.0
                rows.append(row)
                limits.append(sign * mandate.turnover.held[i])
        rows.append(np.concatenate([np.zeros(n), np.full(n, 0.5)]))
        limits.append(mandate.turnover.limit - 0.5 * mandate.turnover.outside)
    bounds = [
        (
            low if low_label is not None and low_label.clause in clauses else None,
            high if high_label is not None and high_label.clause in clauses else None,
        )
        for low, high, low_label, high_label in zip(
            mandate.lower, mandate.upper, mandate.lower_labels, mandate.upper_labels, strict=True
        )
    ]
    if not rows:
        return True
    result = linprog(
        np.zeros(2 * n),
        A_ub=np.array(rows),
        b_ub=np.array(limits),
        bounds=[*bounds, *[(0.0, None)] * n],
        method="highs",
    )
    return bool(result.status == 0)


def test_nearest_miss(make_problem: Callable[..., Problem]) -> None:
    found = 0
    for seed in range(40):
        mandate = random_mandate(make_problem, seed)
        miss, total = nearest_miss(mandate), least_total_miss(mandate)
        if miss is None:
            assert total <= 1e-7
            continue
        found += 1
        scale = {
            label.clause: max(1.0, float(np.abs(a).max()))
            for a, label in zip(mandate.A, mandate.row_labels, strict=True)
        }
        told = sum(size / scale.get(clause, 1.0) for clause, size in miss.missed.items())
        assert told == pytest.approx(total, abs=1e-7)
        assert not can_hold(mandate, miss.clauses), (seed, miss)
        assert set(miss.missed) <= set(miss.clauses)
    assert found >= 10


def test_only_the_clauses_that_clash_are_named(stated: State) -> None:
    innocent = GroupRange("innocent", (), ("F0",), None, 0.9)
    rows = [GroupRange("much", (), ("F0", "F1"), 0.7, None), GroupRange("little", (), ("F0", "F1", "F2"), None, 0.6)]
    miss = nearest_miss(stated([1, 1, 1, 1], [1.0, 1, 1, 1], innocent, *rows).mandate)
    assert miss is not None
    assert {"much", "little"} <= set(miss.clauses) <= {"much", "little", "long only"}
    assert sum(miss.missed.values()) == pytest.approx(0.1, abs=1e-9)


def test_turnover_against_a_position_cap(stated: State) -> None:
    """Half must leave a fund that is over its cap; only a tenth may be traded."""
    problem = stated(
        [1, 1, 1], [1.0, 1, 1], PositionCap(0.5), Turnover(0.1, {"F0": 1.0}), held=np.array([1.0, 0.0, 0.0])
    )
    miss = nearest_miss(problem.mandate)
    assert miss is not None
    assert set(miss.clauses) >= {"turnover", "position cap"}
    assert miss.missed == {"turnover": pytest.approx(0.4, abs=1e-9)} or sum(miss.missed.values()) == pytest.approx(0.4)


def test_a_row_in_years_counts_by_its_largest_duration(stated: State) -> None:
    """One year of duration is not one unit of weight: the miss is relative, and told in years."""
    problem = stated([2.0, 10.0], [1.0, 1.0], PositionCap(0.6), duration_range(None, 4.0))
    miss = nearest_miss(problem.mandate)
    assert miss is not None
    # At most 60 % in the short fund: 0.6 x 2 + 0.4 x 10 = 5.2 years.
    assert miss.missed == {"duration": pytest.approx(1.2, abs=1e-9)}
