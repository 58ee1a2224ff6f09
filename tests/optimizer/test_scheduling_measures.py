"""Distance, gain and breaches against arithmetic done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from constraints import Clause, Funds, compile_mandate
from constraints.clauses import FullyInvested, FundRange, GroupRange, LongOnly, PositionCap, duration_range
from optimizer.scheduling import breaches, horizon_gain_bp, one_way_distance

CLAUSES: list[Clause] = [
    FullyInvested(),
    LongOnly(),
    PositionCap(0.40),
    FundRange("C", 0.10, None),
    GroupRange("credit", ("high_yield",), (), None, 0.65),
    duration_range(4.0, 6.0),
]


@pytest.fixture
def funds() -> Funds:
    return Funds(
        tickers=("A", "B", "C"),
        sector=np.array(["high_yield", "high_yield", "treasury"]),
        figures={"effective_duration_years": np.array([3.0, 5.0, 9.0])},
        beta=np.ones(3),
    )


def test_distance() -> None:
    assert one_way_distance(np.array([0.5, 0.5, 0.0]), np.array([0.3, 0.4, 0.3])) == pytest.approx(0.3)


def test_gain() -> None:
    """A tenth of the portfolio moved from 2 % to 6 % a year: 40 bp a year, 10 bp a quarter."""
    mu, held = np.array([2.0, 6.0]), np.array([0.5, 0.5])
    assert horizon_gain_bp(mu, np.array([0.4, 0.6]), held, 63) == pytest.approx(10.0)


def test_breaches(funds: Funds) -> None:
    mandate = compile_mandate(CLAUSES, funds)
    # The cap is exceeded twice, and the duration, 0.45 x 3 + 0.5 x 5 + 0.05 x 9 = 4.3 years, allowed.
    found = {breach.clause: breach for breach in breaches(mandate, np.array([0.45, 0.50, 0.05]))}
    assert sorted(found) == ["credit", "fund C", "position cap"]
    assert (found["position cap"].value, found["position cap"].limit) == (0.50, 0.40)
    assert (found["fund C"].value, found["fund C"].limit) == (0.05, 0.10)
    assert (found["credit"].value, found["credit"].limit) == (pytest.approx(0.95), 0.65)
    # 0.3 x 3 + 0.2 x 5 + 0.5 x 9 = 6.4 years.
    long = {breach.clause: breach for breach in breaches(mandate, np.array([0.3, 0.2, 0.5]))}
    assert sorted(long) == ["duration", "position cap"]
    assert (long["duration"].value, long["duration"].limit) == (pytest.approx(6.4), 6.0)


def test_allowed_weights_break_nothing(funds: Funds) -> None:
    assert breaches(compile_mandate(CLAUSES, funds), np.array([0.375, 0.25, 0.375])) == ()
