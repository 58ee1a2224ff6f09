"""A small instance, its dates and its certified optima."""

import pytest

from benchmarks.peers.instance import Day, Setup
from benchmarks.peers.optima import Optimum, certified
from benchmarks.peers.problems import problems
from benchmarks.peers.simulation import days


@pytest.fixture(scope="session")
def setup() -> Setup:
    return Setup(funds=40, variants=5, dates=2, covariance="ten factors")


@pytest.fixture(scope="session")
def small(setup: Setup) -> tuple[Day, ...]:
    return tuple(days(setup))


@pytest.fixture(scope="session")
def optima(small: tuple[Day, ...]) -> tuple[Optimum, ...]:
    return tuple(certified(problem) for problem in problems(small[0]))
